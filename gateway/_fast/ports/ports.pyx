"""The ports of the data plane, each with a default that does nothing or refuses."""
from gateway._fast.base.span cimport span_of_cstr


cdef int32_t connections_made = 0


cdef class FrameSink:
    """A connection that is not there."""

    def __cinit__(self):
        global connections_made
        connections_made += 1
        self.number = connections_made

    cdef bint is_writable(self) noexcept:
        return False

    cdef int send(self, char* frame, Py_ssize_t n) noexcept:
        return -1


cdef class RestSink:
    """No way to OKX's REST."""

    cdef bint is_writable(self) noexcept:
        return False

    cdef int send(
            self, const char* okx_id, const char* op, const char* body, Py_ssize_t n, int64_t exp_time_ms) noexcept:
        return -1


cdef class EventSink:
    """Publishes nowhere."""

    cdef void publish(self, const char* topic, Py_ssize_t topic_n, const char* body, Py_ssize_t body_n) noexcept:
        pass


cdef class ReplySink:
    """Answers nobody."""

    cdef void reply(self, int32_t session, uint32_t generation, const char* body, Py_ssize_t n) noexcept:
        pass


cdef class JournalPort:
    """Keeps nothing: what happened is known as long as the process lives."""

    cdef int received(
            self, bint is_order, const Span* strategy, const char* message, Py_ssize_t n, int64_t recv_ns) noexcept:
        return 0

    cdef int intent(
            self, bint is_order, const Span* strategy, const Span* id, const Span* rows, const char* frame,
            Py_ssize_t n, int64_t now_ns) noexcept:
        return 0

    cdef int event(self, const char* topic, Py_ssize_t topic_n, const char* body, Py_ssize_t body_n) noexcept:
        return 0

    cdef int64_t segment(self) noexcept:
        return 0


cdef class ControlPort:
    """No control plane: nothing waits for the start, refusals say nothing, and what asks for more is forgotten."""

    cdef bint queue_request(
            self, bint is_cancel, int64_t deadline_ns, Peer peer, const char* p, Py_ssize_t n, Moment read) noexcept:
        return False

    cdef Span refusal_message(
            self, int32_t reason, const char* expected, const Span* key, int32_t row, const Span* op) noexcept:
        return span_of_cstr("the request is refused")

    cdef void on_unrecognised_frame(self, const char* kind, const Span* excerpt) noexcept:
        pass

    cdef void on_okx_code(self, int32_t code, int64_t mono_ns, const RowSlot* row) noexcept:
        pass

    cdef void on_fills_missing(self, const Span* ord_id) noexcept:
        pass

    cdef bint keep_linked_order(self, const Span* algo_id, const Span* row) noexcept:
        return False


cdef class SessionPort:
    """Nobody answers."""

    cdef void on_gateway_op(self, Peer peer, const char* p, Py_ssize_t n) noexcept:
        pass

    cdef void on_unauthenticated(self, Peer peer, const char* p, Py_ssize_t n) noexcept:
        pass

    cdef void on_bad_frames(self, Peer peer) noexcept:
        pass

    cdef void on_too_large(self, Peer peer, Py_ssize_t n) noexcept:
        pass
