"""Recorders of the ports, for tests and benchmarks."""
from libc.stdint cimport int32_t, int64_t, uint32_t

from gateway._fast.base.clock cimport Moment
from gateway._fast.base.records cimport Peer, RowSlot
from gateway._fast.base.span cimport Span
from gateway._fast.ports.ports cimport ControlPort, EventSink, FrameSink, JournalPort, ReplySink, RestSink


cdef class RecordingFrameSink(FrameSink):
    """Keeps the frames in `sent`. `writable` and `failing` play a closed or a failing socket."""

    cdef public list sent
    cdef public bint writable
    cdef public bint failing

    def __cinit__(self):
        self.sent = []
        self.writable = True

    cdef bint is_writable(self) noexcept:
        return self.writable

    cdef int send(self, char* frame, Py_ssize_t n) noexcept:
        if self.failing:
            return -1
        self.sent.append(frame[:n])
        return 0


cdef class RecordingRestSink(RestSink):
    """Keeps (okx_id, op, body, exp_time_ms) in `sent`.
    `writable` and `failing` play REST order entry that is full or closed."""

    cdef public list sent
    cdef public bint writable
    cdef public bint failing

    def __cinit__(self):
        self.sent = []
        self.writable = True

    cdef bint is_writable(self) noexcept:
        return self.writable

    cdef int send(
            self, const char* okx_id, const char* op, const char* body, Py_ssize_t n, int64_t exp_time_ms) noexcept:
        if self.failing:
            return -1
        self.sent.append((okx_id[:16], op.decode("ascii"), body[:n], exp_time_ms))
        return 0


cdef class RecordingEventSink(EventSink):
    """Keeps (topic, body) in `events`."""

    cdef public list events

    def __cinit__(self):
        self.events = []

    cdef void publish(self, const char* topic, Py_ssize_t topic_n, const char* body, Py_ssize_t body_n) noexcept:
        self.events.append((topic[:topic_n], body[:body_n]))


cdef class RecordingReplySink(ReplySink):
    """Keeps (session, body) in `replies`."""

    cdef public list replies

    def __cinit__(self):
        self.replies = []

    cdef void reply(self, int32_t session, uint32_t generation, const char* body, Py_ssize_t n) noexcept:
        self.replies.append((session, body[:n]))


cdef class RecordingJournal(JournalPort):
    """Keeps (kind, bytes) in `records`; while `full` it keeps nothing and says so."""

    cdef public list records
    cdef public bint full

    def __cinit__(self):
        self.records = []

    cdef int received(
            self, bint is_order, const Span* strategy, const char* message, Py_ssize_t n, int64_t recv_ns) noexcept:
        return self.keep("received", message[:n])

    cdef int intent(
            self, bint is_order, const Span* strategy, const Span* id, const Span* rows, const char* frame,
            Py_ssize_t n, int64_t now_ns) noexcept:
        return self.keep("intent", frame[:n])

    cdef int event(self, const char* topic, Py_ssize_t topic_n, const char* body, Py_ssize_t body_n) noexcept:
        return self.keep("event", body[:body_n])

    cdef int keep(self, str kind, bytes record) noexcept:
        if self.full:
            return -1
        self.records.append((kind, record))
        return 0


cdef class RecordingControl(ControlPort):
    """Keeps each call as a tuple, its name first, in `calls`.
    `queues` and `keeps` are what the calls that decide return."""

    cdef public list calls
    cdef public bint queues
    cdef public bint keeps
    cdef public bytes message

    def __cinit__(self):
        self.calls = []
        self.message = b"refused"

    cdef bint queue_request(
            self, bint is_cancel, int64_t deadline_ns, Peer peer, const char* p, Py_ssize_t n, Moment read) noexcept:
        self.calls.append((
            "queue_request", bool(is_cancel), deadline_ns, peer.session, peer.generation, peer.owner, bool(peer.is_req),
            p[:n], read.mono_ns, read.real_ns))
        return self.queues

    cdef Span refusal_message(
            self, int32_t reason, const char* expected, const Span* key, int32_t row, const Span* op) noexcept:
        cdef Span text
        self.calls.append(("refusal_message", reason, <bytes>expected, key.p[:key.n], row, op.p[:op.n]))
        text.p = self.message
        text.n = <uint32_t>len(self.message)
        return text

    cdef void on_unrecognised_frame(self, const char* kind, const Span* excerpt) noexcept:
        self.calls.append(("on_unrecognised_frame", kind.decode("ascii"), excerpt.p[:excerpt.n]))

    cdef void on_okx_code(self, int32_t code, int64_t mono_ns, const RowSlot* row) noexcept:
        self.calls.append((
            "on_okx_code", code, mono_ns, row.limit_key, row.ord_id.p[:row.ord_id.n], row.cl_ord_id.p[:row.cl_ord_id.n],
            row.msg.p[:row.msg.n]))

    cdef void on_fills_missing(self, const Span* ord_id) noexcept:
        self.calls.append(("on_fills_missing", ord_id.p[:ord_id.n]))

    cdef bint keep_linked_order(self, const Span* algo_id, const Span* row) noexcept:
        self.calls.append(("keep_linked_order", algo_id.p[:algo_id.n], row.p[:row.n]))
        return self.keeps
