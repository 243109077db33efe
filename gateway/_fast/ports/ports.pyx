"""The pipeline's ports, and recorders of them for tests and benchmarks. A journal port that keeps nothing is the default."""


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

    cdef int send(self, const char* okx_id, const char* op, const char* body, Py_ssize_t n, int64_t exp_time_ms) noexcept:
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

    cdef int received(self, bint is_order, const Span* strategy, const char* message, Py_ssize_t n, int64_t recv_ns) noexcept:
        return 0

    cdef int intent(self, bint is_order, const Span* strategy, const Span* id, const Span* rows, const char* frame, Py_ssize_t n, int64_t now_ns) noexcept:
        return 0

    cdef int event(self, const char* topic, Py_ssize_t topic_n, const char* body, Py_ssize_t body_n) noexcept:
        return 0

    cdef int64_t segment(self) noexcept:
        return 0


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
    """Keeps (okx_id, op, body, exp_time_ms) in `sent`. `writable` and `failing` play a lane that is full or closed."""

    cdef public list sent
    cdef public bint writable
    cdef public bint failing

    def __cinit__(self):
        self.sent = []
        self.writable = True

    cdef bint is_writable(self) noexcept:
        return self.writable

    cdef int send(self, const char* okx_id, const char* op, const char* body, Py_ssize_t n, int64_t exp_time_ms) noexcept:
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

    cdef int received(self, bint is_order, const Span* strategy, const char* message, Py_ssize_t n, int64_t recv_ns) noexcept:
        return self.keep("received", message[:n])

    cdef int intent(self, bint is_order, const Span* strategy, const Span* id, const Span* rows, const char* frame, Py_ssize_t n, int64_t now_ns) noexcept:
        return self.keep("intent", frame[:n])

    cdef int event(self, const char* topic, Py_ssize_t topic_n, const char* body, Py_ssize_t body_n) noexcept:
        return self.keep("event", body[:body_n])

    cdef int keep(self, str kind, bytes record) noexcept:
        if self.full:
            return -1
        self.records.append((kind, record))
        return 0
