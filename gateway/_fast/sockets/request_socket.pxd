from libc.stdint cimport int32_t, uint32_t

from gateway._fast.ports.ports cimport ReplySink
from gateway._fast.sockets.session_table cimport SessionTable

cdef class RequestSocket(ReplySink):
    cdef object socket
    cdef void* api               # NULL: closed
    cdef readonly SessionTable sessions
    cdef readonly long long unsent_replies
    cdef object wake             # asks for a turn of reading
    cdef bint is_reading         # a turn is under way: it reads to the end by itself
    cdef bint is_wake_due        # `wake` was called since the last turn
