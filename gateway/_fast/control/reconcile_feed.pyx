"""The control API on what REST has found: rows that enter where pushes do, and answers that prove what became of an
unknown row.

Nothing here is on the two paths.
"""
from libc.stdint cimport int64_t, uint32_t

from gateway._fast.base.clock cimport moment_now, monotonic_ns, realtime_ns
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport OrderSlot, RowSlot
from gateway._fast.base.span cimport JSON_ARRAY, Span, Value
from gateway._fast.control.connections cimport LATE_DELIVERY_NS
from gateway._fast.control.queries cimport span_over
from gateway._fast.frames.scanner cimport (
    FRAME_ACCOUNT, FRAME_POSITIONS, PUSH_FEE, PUSH_FEE_CCY, PUSH_FILL_FEE, PUSH_FILL_FEE_CCY, OrderPush,
    scan_order_push)
from gateway._fast.json.cursor cimport JSON_OK, JSON_OKX_DEPTH, Cursor, next_element, scan_value
from gateway._fast.orders.amends cimport AskedByOthers, amend_by_query
from gateway._fast.results.account_events cimport write_pass_on
from gateway._fast.results.proofs cimport asked_by_others, resolve_never_existed
from gateway._fast.results.results cimport order_about, resolve


cdef class ReconcileFeed(QueryControl):
    """A row is named by its strategy's owner number, its request's id and its place in the request."""

    def __init__(self, OrderPipeline pipeline not None):
        QueryControl.__init__(self, pipeline.trading)
        self.pipeline = pipeline

    def reconcile_orders(self, bytes rows not None):
        """REST's order rows (a JSON array): they enter where pushes do. Returns how many there were."""
        return self.each_row(rows, False)

    def reconcile_fills(self, bytes rows not None):
        """REST's fill rows (a JSON array), oldest first. Returns how many there were."""
        return self.each_row(rows, True)

    cdef int each_row(self, bytes rows, bint are_fills) except -1:
        cdef Cursor cursor
        cdef Value whole, element
        cdef OrderPush push
        cdef int count = 0
        cursor.p = rows
        cursor.end = cursor.p + len(rows)
        if scan_value(&cursor, &whole, JSON_OKX_DEPTH) != JSON_OK or whole.kind != JSON_ARRAY:
            raise ValueError("the rows are not a JSON array")
        cursor.p = whole.p + 1
        while next_element(&cursor, count == 0, &element, JSON_OKX_DEPTH + 1) == 1:
            count += 1
            if scan_order_push(&push, &element) != 0:
                continue
            if are_fills:
                push.text[<int>PUSH_FILL_FEE] = push.text[<int>PUSH_FEE]
                push.text[<int>PUSH_FILL_FEE_CCY] = push.text[<int>PUSH_FEE_CCY]
                self.pipeline.on_fill_row(&push, realtime_ns())
            else:
                self.pipeline.on_order_row(&push, SOURCE_RECONCILE, realtime_ns())
        return count

    def take_account_frames(self):
        """The pushes of balances and positions that were published since the last time, in their order."""
        frames, self.trading.account_frames = self.trading.account_frames, []
        return frames

    def publish_account(self, bytes push not None):
        """Balances that REST has shown, in the form of a push of the account channel."""
        write_pass_on(self.trading, FRAME_ACCOUNT, SOURCE_RECONCILE, push, len(push), realtime_ns())

    def publish_positions(self, bytes push not None):
        """Positions that REST has shown, in the form of a push of the positions channel."""
        write_pass_on(self.trading, FRAME_POSITIONS, SOURCE_RECONCILE, push, len(push), realtime_ns())

    def corrections(self):
        """How many fills and states REST has shown that the stream had not."""
        return self.trading.counters.corrections

    def not_found(self, str cl_ord_id not None):
        """OKX does not know this order although the `expTime` of its placement has passed with a margin: it never
        existed.

        True if that resolved an unknown placement. The caller has asked OKX after that time.
        """
        cdef bytes text = cl_ord_id.encode("ascii")
        cdef int32_t number = self.trading.orders.by_cl_ord_id.find(text, <uint32_t>len(text))
        return number >= 0 and bool(resolve_never_existed(self.trading, number))

    cdef int32_t unknown_row(self, int32_t owner, str id, int32_t row) except -2:
        """The number of a row that is unknown, or -1."""
        cdef bytes text = id.encode("ascii")
        cdef Span span = span_over(text)
        cdef int32_t slot = self.trading.requests.find(owner, &span)
        cdef int32_t at = self.trading.requests.row_of(slot, row) if slot >= 0 else -1
        return at if at >= 0 and self.trading.requests.rows[at].result == RESULT_UNKNOWN else -1

    def resolve_unknown(self, int32_t owner, str id not None, int32_t row, bint accepted, bint is_found):
        """What OKX's REST has proven of an unknown row. `is_found`: it shows so; else it does not know the order.
        True if it was unknown."""
        cdef int32_t at = self.unknown_row(owner, id, row)
        if at >= 0:
            resolve(
                self.trading, at, RESULT_ACCEPTED if accepted else RESULT_REJECTED,
                PROOF_ORDER_QUERY if is_found else PROOF_NOT_FOUND, 0)
        return at >= 0

    def take_cancel_token(self, int32_t owner, str id not None, int32_t row):
        """A token for repeating an unknown cancel by REST, spent at once; False while none is to spare, or nothing to
        repeat."""
        cdef int32_t at = self.unknown_row(owner, id, row)
        cdef int64_t now_ns = monotonic_ns()
        cdef int32_t key
        if at < 0 or self.trading.requests.rows[at].instrument < 0:
            return False
        key = self.trading.instruments.instruments[self.trading.requests.rows[at].instrument].single_keys[KIND_CANCEL]
        if self.trading.waiting_on[key] > 0 or self.trading.limiter.wait_ns(key, 1, now_ns) > 0:
            return False
        self.trading.limiter.take(key, 1)
        self.trading.limiter.settle(key, 1, now_ns + LATE_DELIVERY_NS)
        return True

    def cancel_repeated(self, int32_t owner, str id not None, int32_t row):
        """OKX has taken the same cancel when it was sent again. True if it was unknown."""
        cdef int32_t at = self.unknown_row(owner, id, row)
        if at >= 0:
            resolve(self.trading, at, RESULT_ACCEPTED, PROOF_CANCEL_REPEATED, 0)
        return at >= 0

    def resolve_amend(self, int32_t owner, str id not None, int32_t row, bint is_sure=False):
        """After REST's row of its order has been fed, read later than the amend's `expTime`: True if that proves what
        became of it.

        `is_sure`: it was read and fed before, so long ago that REST may lag no more.
        """
        cdef AskedByOthers others
        cdef int32_t at = self.unknown_row(owner, id, row)
        cdef const RowSlot* amend = &self.trading.requests.rows[max(at, 0)]
        cdef const OrderSlot* order = NULL if at < 0 else order_about(self.trading, amend)
        cdef int result = RESULT_UNKNOWN
        if order != NULL:
            others = asked_by_others(self.trading, amend, order)
            result = amend_by_query(&self.trading.requests.requests[amend.request], amend, order, &others, is_sure)
        if result != RESULT_UNKNOWN:
            resolve(self.trading, at, result, PROOF_ORDER_QUERY, 0)
        return result != RESULT_UNKNOWN

    def knows_fill(self, str inst_id not None, str ord_id not None, str trade_id not None):
        """This execution was published."""
        cdef bytes inst_text = inst_id.encode()
        cdef bytes ord_text = ord_id.encode()
        cdef bytes trade_text = trade_id.encode()
        cdef Span first = span_over(inst_text)
        cdef Span second = span_over(ord_text)
        cdef Span third = span_over(trade_text)
        return bool(self.trading.orders.knows_fill(&first, &second, &third))

    def refused_as_unreadable(self, bytes okx_id not None, int32_t code, bytes msg not None):
        """OKX echoed a whole request as unreadable (60012): none of it was executed. True if it was one of ours."""
        cdef bytes frame = b'{"id":"%s","op":"-","code":"%d","msg":"%s","data":[]}' % (okx_id, code, msg)
        cdef Span id = span_over(okx_id)
        if self.trading.requests.by_okx_id(&id) < 0:
            return False
        self.pipeline.on_frame(self.trading.socket.number, frame, len(frame), moment_now())
        return True
