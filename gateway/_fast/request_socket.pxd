from libc.stdint cimport int32_t, uint32_t

from gateway._fast.order_pipeline cimport OrderPipeline
from gateway._fast.ports cimport ReplySink
from gateway._fast.session_table cimport SessionTable
from gateway._fast.zmq_calls cimport ZmqMessage

cdef class RequestSocket(ReplySink):
    cdef object socket
    cdef void* handle
    cdef readonly SessionTable sessions
    cdef OrderPipeline pipeline
    cdef object control
    cdef readonly long long unsent_replies
    cdef bint reading
    cdef bint check_is_due

    cdef void take_message(self, ZmqMessage* routing_id) noexcept
    cdef bint has_more(self, ZmqMessage* frame) noexcept
    cdef void skip_rest(self) noexcept
