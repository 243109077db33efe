from libc.stdint cimport int32_t, uint32_t

from gateway._fast.order_pipeline cimport OrderPipeline
from gateway._fast.ports.libzmq cimport ZmqMessage
from gateway._fast.ports.ports cimport ReplySink
from gateway._fast.sockets.session_table cimport SessionTable

cdef class RequestSocket(ReplySink):
    cdef object socket
    cdef void* api
    cdef readonly SessionTable sessions
    cdef OrderPipeline pipeline
    cdef object control
    cdef readonly long long unsent_replies
    cdef bint reading
    cdef bint check_is_due

    cdef void take_message(self, ZmqMessage* routing_id) noexcept
    cdef bint has_more(self, ZmqMessage* frame) noexcept
    cdef void skip_rest(self) noexcept
