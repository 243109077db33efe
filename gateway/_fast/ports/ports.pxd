# What the pipeline needs of the world. The shells implement them; tests record.
from libc.stdint cimport int32_t, int64_t, uint32_t

from gateway._fast.base.span cimport Span

# The socket to OKX. `frame` has FRAME_HEADROOM writable bytes before it, and may be masked in place.
cdef class FrameSink:
    cdef readonly int32_t number    # of the connection: each has its own
    cdef bint is_writable(self) noexcept
    cdef int send(self, char* frame, Py_ssize_t n) noexcept       # 0: handed to the socket; -1: not a byte of it

# OKX's REST for requests of strategies. Whatever is handed over ends in exactly one call of `RestControl`: answered, not sent, or without proof.
cdef class RestSink:
    cdef bint is_writable(self) noexcept
    cdef int send(self, const char* okx_id, const char* op, const char* body, Py_ssize_t n, int64_t exp_time_ms) noexcept   # 0: taken; -1: nothing was done

# The PUB socket.
cdef class EventSink:
    cdef void publish(self, const char* topic, Py_ssize_t topic_n, const char* body, Py_ssize_t body_n) noexcept

# The way back to a strategy's connection.
cdef class ReplySink:
    cdef void reply(self, int32_t session, uint32_t generation, const char* body, Py_ssize_t n) noexcept

# What must survive the process. 0: kept. -1: it could not be kept, and a new order or an amend (`is_order`) must not go; a cancel goes.
cdef class JournalPort:
    cdef int received(self, bint is_order, const Span* strategy, const char* message, Py_ssize_t n, int64_t recv_ns) noexcept
    cdef int intent(self, bint is_order, const Span* strategy, const Span* id, const Span* rows, const char* frame, Py_ssize_t n, int64_t now_ns) noexcept
    cdef int event(self, const char* topic, Py_ssize_t topic_n, const char* body, Py_ssize_t body_n) noexcept
    cdef int64_t segment(self) noexcept     # the file that the newest record stands in; 0: none

cdef enum:
    FRAME_HEADROOM = 14  # picows writes the WebSocket header there: 2 + 8 + 4 bytes at the most
