"""The control API on REST order entry: what may go by it, and how each call has ended.

Nothing here is on the two paths.
"""
from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.stdlib cimport free

from gateway._fast.base.clock cimport moment_at, monotonic_ns
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport RequestSlot
from gateway._fast.base.span cimport Span
from gateway._fast.control.connections cimport LATE_DELIVERY_NS
from gateway._fast.control.pipeline cimport PipelineControl
from gateway._fast.order_out.wait_queue cimport wait_again
from gateway._fast.order_pipeline cimport OrderPipeline
from gateway._fast.orders.request_table cimport LIST_SENT
from gateway._fast.orders.trading_state cimport TradingState
from gateway._fast.ports.ports cimport RestSink
from gateway._fast.results.proofs cimport make_unknown
from gateway._fast.results.refusals cimport refuse_request
from gateway._fast.results.results cimport resolve, undo_in_flight
from gateway._fast.results.tokens cimport return_tokens, settle_tokens


cdef class CallingRestSink(RestSink):
    """REST order entry in Python: `submit(okx_id, op, body, exp_time_ms)` begins a call and returns at once,
    `has_room()` returns if it may.

    Neither raises. `exp_time_ms` 0: none.
    """

    cdef object submit
    cdef object has_room

    def __init__(self, submit, has_room):
        self.submit = submit
        self.has_room = has_room

    cdef bint is_writable(self) noexcept:
        return self.has_room()

    cdef int send(
            self, const char* okx_id, const char* op, const char* body, Py_ssize_t n, int64_t exp_time_ms) noexcept:
        if not self.has_room():
            return -1
        self.submit(okx_id[:16], op.decode("ascii"), body[:n], exp_time_ms)
        return 0


cdef class RestControl:
    """One per pipeline. Each call that the port has taken ends by one of `answered`, `not_sent` and `no_proof`,
    once."""

    cdef OrderPipeline pipeline
    cdef TradingState trading

    def __init__(self, PipelineControl api not None):
        self.pipeline = api.pipeline
        self.trading = self.pipeline.trading

    def rest_opened(self, RestSink rest not None, bint cancels):
        """What OKX takes by REST only goes by it; `cancels`: also cancels while no socket is logged in."""
        if self.trading.limiter.cold_until_ns == 0:
            self.trading.limiter.start(monotonic_ns())
        self.trading.rest = rest
        self.trading.cancels_by_rest = cancels

    def rest_closed(self):
        self.trading.rest = RestSink()

    def allow_orders(self, bint allowed):
        """New orders and amends may go by REST while the stream is not complete, unless they are halted."""
        self.trading.orders_by_rest = allowed

    def calls(self):
        """How many have not ended."""
        return self.trading.rest_calls

    cdef int32_t end_call(self, bytes okx_id) except -2:
        """The request of a call that has ended; -1 for one that is done and forgotten."""
        cdef Span id
        id.p = okx_id
        id.n = <uint32_t>len(okx_id)
        self.trading.rest_calls -= 1
        return self.trading.requests.by_okx_id(&id)

    cdef int forget_frame(self, int32_t slot) except -1:
        """Something of it may have left: it is never sent again."""
        free(self.trading.requests.requests[slot].frame)
        self.trading.requests.requests[slot].frame = NULL
        return 0

    def answered(self, bytes okx_id not None, bytes frame not None, int64_t mono_ns, int64_t real_ns):
        """OKX's answer, as the WebSocket would bring it: with `id` and `op`.
        One that does not mention the request proves nothing."""
        cdef int32_t slot = self.end_call(okx_id)
        if slot >= 0:
            self.forget_frame(slot)
        self.pipeline.on_frame(0, frame, len(frame), moment_at(mono_ns, real_ns))
        if slot >= 0:
            self.leave_open(slot, REASON_OKX_UNKNOWN, mono_ns)

    def no_proof(self, bytes okx_id not None, str reason not None, int64_t mono_ns):
        """It may have been executed: `reason` is "ack_timeout", "connection_lost" or "okx_unknown"."""
        cdef int32_t slot = self.end_call(okx_id)
        cdef int32_t number = REASON_OKX_UNKNOWN
        if reason == "ack_timeout":
            number = REASON_ACK_TIMEOUT
        elif reason == "connection_lost":
            number = REASON_CONNECTION_LOST
        if slot >= 0:
            self.forget_frame(slot)
            self.leave_open(slot, number, mono_ns)

    cdef int leave_open(self, int32_t slot, int32_t reason, int64_t mono_ns) except -1:
        """OKX may still read what has left; its limiter has counted it a little later at the latest."""
        if self.trading.requests.requests[slot].list_id == LIST_SENT:
            make_unknown(self.trading, slot, reason)
        settle_tokens(self.trading, slot, mono_ns + LATE_DELIVERY_NS)
        return 0

    def not_sent(self, bytes okx_id not None, bytes msg not None, int64_t mono_ns):
        """Not a byte of it has left: it waits on to its deadline, or is refused.
        `msg` says why, as the inside of a JSON string."""
        cdef int32_t slot = self.end_call(okx_id)
        cdef RequestSlot* request
        cdef Span words
        if slot < 0:
            return
        request = &self.trading.requests.requests[slot]
        return_tokens(self.trading, slot)
        self.undo_rows_in_flight(slot)
        if request.list_id == LIST_SENT and request.wants_receipt:
            request.wants_receipt = False  # its receipt was its answer: what follows is published by events alone
            request.session = -1
        if request.list_id == LIST_SENT and mono_ns < request.deadline_ns and wait_again(self.trading, slot) == 0:
            return
        self.forget_frame(slot)
        if request.list_id == LIST_SENT:
            words.p = msg
            words.n = <uint32_t>len(msg)
            request.sent_ns = 0
            refuse_request(self.trading, slot, REASON_SEND_FAILED, &words, -1)
        else:
            self.resolve_not_sent(slot)
            settle_tokens(self.trading, slot, mono_ns)

    cdef int undo_rows_in_flight(self, int32_t slot) except -1:
        cdef int32_t at = self.trading.requests.requests[slot].first_row
        while at >= 0:
            undo_in_flight(self.trading, at)
            at = self.trading.requests.rows[at].next
        return 0

    cdef int resolve_not_sent(self, int32_t slot) except -1:
        """Given up as unknown before the connection failed."""
        cdef int32_t at = self.trading.requests.requests[slot].first_row
        cdef int32_t next_row
        while at >= 0:
            next_row = self.trading.requests.rows[at].next
            if self.trading.requests.rows[at].result == RESULT_UNKNOWN:
                resolve(self.trading, at, RESULT_REJECTED, PROOF_NOT_SENT, 0)
            at = next_row
        return 0
