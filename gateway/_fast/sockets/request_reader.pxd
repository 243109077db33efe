from gateway._fast.base.records cimport Peer
from gateway._fast.order_pipeline cimport OrderPipeline
from gateway._fast.ports.libzmq cimport ZmqMessage
from gateway._fast.ports.ports cimport SessionPort
from gateway._fast.sockets.request_socket cimport RequestSocket

cdef class RequestReader:
    cdef RequestSocket socket
    cdef OrderPipeline pipeline
    cdef SessionPort sessions

    cdef void take_message(self, ZmqMessage* routing_id) noexcept
    cdef void hand_on(self, Peer peer, bint too_many, const char* p, Py_ssize_t n) noexcept
    cdef void skip_rest(self) noexcept
