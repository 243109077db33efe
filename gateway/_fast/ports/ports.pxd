# What the pipeline needs of the world. The shells implement them; tests record.
from libc.stdint cimport int32_t, int64_t, uint32_t

from gateway._fast.base.clock cimport Moment
from gateway._fast.base.records cimport Peer, RowSlot
from gateway._fast.base.span cimport Span

# The socket to OKX. `frame` has FRAME_HEADROOM writable bytes before it, and may be masked in place.
cdef class FrameSink:
    cdef readonly int32_t number    # of the connection: each has its own
    cdef bint is_writable(self) noexcept
    cdef int send(self, char* frame, Py_ssize_t n) noexcept       # 0: handed to the socket; -1: not a byte of it

# OKX's REST for requests of strategies. Whatever is handed over ends in exactly one call of `RestControl`: answered,
# not sent, or without proof.
cdef class RestSink:
    cdef bint is_writable(self) noexcept
    # 0: taken; -1: nothing was done
    cdef int send(
            self, const char* okx_id, const char* op, const char* body, Py_ssize_t n, int64_t exp_time_ms) noexcept

# The PUB socket.
cdef class EventSink:
    cdef void publish(self, const char* topic, Py_ssize_t topic_n, const char* body, Py_ssize_t body_n) noexcept

# The way back to a strategy's connection.
cdef class ReplySink:
    cdef void reply(self, int32_t session, uint32_t generation, const char* body, Py_ssize_t n) noexcept

# What must survive the process. 0: kept. -1: it could not be kept, and a new order or an amend (`is_order`) must not
# go; a cancel goes.
cdef class JournalPort:
    cdef int received(
            self, bint is_order, const Span* strategy, const char* message, Py_ssize_t n, int64_t recv_ns) noexcept
    cdef int intent(
            self, bint is_order, const Span* strategy, const Span* id, const Span* rows, const char* frame,
            Py_ssize_t n, int64_t now_ns) noexcept
    cdef int event(self, const char* topic, Py_ssize_t topic_n, const char* body, Py_ssize_t body_n) noexcept
    cdef int64_t segment(self) noexcept     # the file that the newest record stands in; 0: none

# The control plane, as the two paths call it. Texts are valid only during the call.
cdef class ControlPort:
    # Before the instruments are loaded: keeps a whole request, to be read again, until the monotonic `deadline_ns`.
    # A cancel may wait longer: for what its strategy sent before it. False: it is to be refused now.
    cdef bint queue_request(
            self, bint is_cancel, int64_t deadline_ns, Peer peer, const char* p, Py_ssize_t n, Moment read) noexcept
    # The `msg` of a refused request, as the inside of a JSON string, valid until the next call: `reason` is a REASON_*,
    # `expected` what should stand at `key` of row `row` (-1: of the request itself), `op` the request's own.
    cdef Span refusal_message(
            self, int32_t reason, const char* expected, const Span* key, int32_t row, const Span* op) noexcept
    # OKX sent something that has no place on the paths. `kind` names the counter.
    cdef void on_unrecognised_frame(self, const char* kind, const Span* excerpt) noexcept
    # OKX's code on a row asks for more than the row's result: see `gateway.okx.error_codes.Effect`.
    cdef void on_okx_code(self, int32_t code, int64_t mono_ns, const RowSlot* row) noexcept
    # A state was published with more filled than the published fills are. Called once for an order.
    cdef void on_fills_missing(self, const Span* ord_id) noexcept
    # A row of the orders channel whose owner only the algo order `algo_id` can tell, which is not known yet.
    # True: it is kept and comes back once the owner is known. False: it is published as nobody's.
    cdef bint keep_linked_order(self, const Span* algo_id, const Span* row) noexcept

# The control plane, as the request socket calls it: messages that are no requests for orders.
# Texts are valid only during the call.
cdef class SessionPort:
    # hello, ping, status, ...: valid JSON
    cdef void on_gateway_op(self, Peer peer, const char* p, Py_ssize_t n) noexcept
    # nothing is granted to its connection
    cdef void on_unauthenticated(self, Peer peer, const char* p, Py_ssize_t n) noexcept
    cdef void on_bad_frames(self, Peer peer) noexcept  # a message of more frames than it may have
    cdef void on_too_large(self, Peer peer, Py_ssize_t n) noexcept  # of more bytes than MESSAGE_MAX

cdef enum:
    FRAME_HEADROOM = 14  # picows writes the WebSocket header there: 2 + 8 + 4 bytes at the most
