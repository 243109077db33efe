"""The control plane's handle on the pipeline: readiness, clock, timeouts, what REST has found, and what the tables hold.

Nothing here is on the two paths, but for `tick`.
"""
from libc.stdint cimport int32_t, int64_t, uint32_t

from gateway._fast.base.clock cimport moment_at, monotonic_ns, realtime_ns
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport NumberText, OrderSlot, RequestKey, RequestSlot, RowSlot, Text, peer_of
from gateway._fast.base.span cimport JSON_ARRAY, Span, Value
from gateway._fast.base.wire_names cimport op_is_algo, op_kind, op_name, reason_name, result_name, state_name
from gateway._fast.control.connections cimport LATE_DELIVERY_NS, ConnectionControl
from gateway._fast.frames.scanner cimport FRAME_ACCOUNT, FRAME_POSITIONS, OrderPush, PUSH_FEE, PUSH_FEE_CCY, PUSH_FILL_FEE, PUSH_FILL_FEE_CCY, scan_order_push
from gateway._fast.json.cursor cimport JSON_OK, JSON_OKX_DEPTH, Cursor, next_element, scan_value
from gateway._fast.order_out.sending cimport dispatch_waiting
from gateway._fast.order_pipeline cimport OrderPipeline
from gateway._fast.orders.amends cimport AskedByOthers, amend_by_query
from gateway._fast.orders.lifecycle cimport life_name
from gateway._fast.orders.order_table cimport ORDERS_OPEN
from gateway._fast.orders.request_table cimport LIST_SENT, LIST_UNKNOWN, LIST_WAITING
from gateway._fast.ports.ports cimport FrameSink
from gateway._fast.results.event_writer cimport write_pass_on
from gateway._fast.results.outcomes cimport asked_by_others, make_unknown, order_about, resolve, resolve_never_existed


cdef str text_of_slot(const Text* text):
    return text.p[:text.n].decode("ascii", "replace")


cdef str number_of_slot(const NumberText* text):
    return text.p[:text.n].decode("utf-8", "replace")


cdef Span span_over(bytes text) except *:
    cdef Span span
    span.p = text
    span.n = <uint32_t>len(text)
    return span


cdef int32_t placed_order(TradingState trading, int32_t owner, str id, int32_t row, bint is_algo) except -2:
    """The order, or algo order, that a row of this request placed; -1 if there is none."""
    cdef bytes text = id.encode()
    cdef Span span = span_over(text)
    cdef int32_t slot = trading.requests.find(owner, &span) if 0 < len(text) <= ID_MAX else -1
    cdef int32_t at = trading.requests.row_of(slot, row) if slot >= 0 else -1
    cdef const RowSlot* placed
    if at < 0 or op_is_algo(trading.requests.requests[slot].op) != is_algo or op_kind(trading.requests.requests[slot].op) != KIND_PLACE:
        return -1
    placed = &trading.requests.rows[at]
    return placed.order if placed.order >= 0 and trading.orders.orders[placed.order].generation == placed.order_generation else -1


cdef class PipelineControl(ConnectionControl):
    """One per pipeline. Times are nanoseconds, `mono_ns` of the monotonic clock."""

    def __init__(self, OrderPipeline pipeline not None):
        ConnectionControl.__init__(self, pipeline.trading)
        self.pipeline = pipeline

    # ------------------------------------------------------------ time

    def tick(self):
        """Ends requests whose ack is late, and moves those that wait. True while any waits."""
        return self.tick_at(monotonic_ns())

    def tick_at(self, int64_t mono_ns):
        cdef int32_t at
        while True:
            at = self.trading.requests.lists[LIST_SENT].head
            if at < 0 or mono_ns - self.trading.requests.requests[at].sent_mono_ns < self.trading.ack_timeout_ns:
                break
            make_unknown(self.trading, at, REASON_ACK_TIMEOUT)
        if self.trading.requests.lists[LIST_WAITING].count > 0:
            dispatch_waiting(self.trading, mono_ns)
        return self.trading.requests.lists[LIST_WAITING].count > 0

    def set_okx_clock(self, int64_t offset_ns, int64_t error_ns=0):
        """OKX's clock (Unix time, ns) less the monotonic clock, and by how much that may be off."""
        self.trading.okx_offset_ns, self.trading.okx_clock_error_ns = offset_ns, error_ns

    def okx_now_ms(self):
        return self.trading.okx_now_ms(monotonic_ns())

    # ------------------------------------------------------------ readiness

    def set_ready(self, bint ready):
        """Reconciled: new orders and amends may go, unless they are halted."""
        self.trading.set_reconciled(ready)

    def is_ready(self):
        """New orders may go."""
        return bool(self.trading.ready and self.trading.logged_in)

    def set_stopping(self):
        """No new request is taken, and none goes on waiting."""
        self.trading.stopping = True
        dispatch_waiting(self.trading, monotonic_ns())

    # ------------------------------------------------------------ frames and rows from the control plane

    def on_request(self, int32_t session, uint32_t generation, int32_t owner, bint is_req, bytes message not None, mono_ns=None, real_ns=None):
        """A message as if read from the socket: `cancel-all` makes its cancels so, and tests drive the path by it.

        False: it is an op of the gateway's own, and nothing was done.
        """
        return bool(self.pipeline.on_request(
            peer_of(session, generation, owner, is_req), message, len(message),
            moment_at(monotonic_ns() if mono_ns is None else mono_ns, realtime_ns() if real_ns is None else real_ns),
        ))

    def on_frame(self, bytes frame not None, mono_ns=None, real_ns=None, FrameSink socket=None):
        """A frame as if read from OKX, where nothing else is said on the connection by which requests go. Returns its kind."""
        return self.pipeline.on_frame(
            (self.trading.socket if socket is None else socket).number, frame, len(frame),
            moment_at(monotonic_ns() if mono_ns is None else mono_ns, realtime_ns() if real_ns is None else real_ns),
        )

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
        """The pushes of balances and positions that have been told since the last time, in their order."""
        frames, self.trading.account_frames = self.trading.account_frames, []
        return frames

    def publish_account(self, bytes push not None):
        """Balances that REST has shown, in the form of a push of the account channel."""
        write_pass_on(self.trading, FRAME_ACCOUNT, SOURCE_RECONCILE, push, len(push), realtime_ns())

    def publish_positions(self, bytes push not None):
        """Positions that REST has shown, in the form of a push of the positions channel."""
        write_pass_on(self.trading, FRAME_POSITIONS, SOURCE_RECONCILE, push, len(push), realtime_ns())

    def corrections(self):
        """How many fills and states REST has told that the stream had not."""
        return self.trading.counters.corrections

    def not_found(self, str cl_ord_id not None):
        """OKX does not know this order although the `expTime` of its placement has passed with a margin: it never existed.

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
        """What OKX's REST has proven of an unknown row. `is_found`: it shows so; else it does not know the order. True if it was unknown."""
        cdef int32_t at = self.unknown_row(owner, id, row)
        if at >= 0:
            resolve(self.trading, at, RESULT_ACCEPTED if accepted else RESULT_REJECTED, PROOF_ORDER_QUERY if is_found else PROOF_NOT_FOUND, 0)
        return at >= 0

    def take_cancel_token(self, int32_t owner, str id not None, int32_t row):
        """A token for repeating an unknown cancel by REST, spent at once; False while there is none to standby, or nothing to repeat."""
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
        """After REST's row of its order has been fed, read later than the amend's `expTime`: True if that proves what became of it.

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
        """This execution has been told."""
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
        self.on_frame(frame)
        return True

    # ------------------------------------------------------------ what the tables hold

    def status(self):
        """Counts for `status` and for the log."""
        return {
            "inFlight": self.trading.requests.lists[LIST_SENT].count,
            "waiting": self.trading.requests.lists[LIST_WAITING].count,
            "unknown": self.trading.requests.lists[LIST_UNKNOWN].count,
            "orders": self.trading.orders.lists[ORDERS_OPEN].count,
            "counters": self.trading.counters,
        }

    def unknown_count(self):
        """Requests with a row that is unknown, or with tokens that OKX is not proven to have counted."""
        return self.trading.requests.lists[LIST_UNKNOWN].count

    def last_request_id(self, int32_t owner):
        """The strategy's last order request id that was read, or ""."""
        cdef const RequestKey* key = &self.trading.strategies[owner].last_key
        return key.p[2:max(key.n, 2)].decode("ascii")

    cdef dict order_dict(self, int32_t number):
        cdef OrderSlot* order = &self.trading.orders.orders[number]
        cdef RowSlot* row = NULL
        cdef Span id
        cdef str request_id = ""
        cdef int64_t exp_time_ms = 0
        if order.request >= 0 and self.trading.requests.requests[order.request].generation == order.request_generation:
            id = self.trading.requests.id_of(order.request)
            request_id = id.p[:id.n].decode("ascii")
            row = &self.trading.requests.rows[self.trading.requests.row_of(order.request, order.row)]
            exp_time_ms = self.trading.requests.requests[order.request].exp_time_ms
        return {
            "id": request_id,
            "row": order.row,
            "instId": number_of_slot(&order.inst_id),
            "clOrdId": text_of_slot(&order.cl_ord_id),
            "ordId": text_of_slot(&order.ord_id),
            "state": state_name(order.state).decode("ascii"),
            "lifecycle": life_name(order.state, order.amends_in_flight, order.cancels_in_flight).decode("ascii"),
            "side": number_of_slot(&order.side),
            "ordType": number_of_slot(&order.ord_type),
            "tdMode": number_of_slot(&order.td_mode),
            "px": number_of_slot(&order.px),
            "sz": number_of_slot(&order.sz),
            "accFillSz": number_of_slot(&order.acc_fill_sz) or "0",
            "avgPx": number_of_slot(&order.avg_px),
            "cTime": text_of_slot(&order.c_time),
            "uTime": text_of_slot(&order.u_time),
            "result": "" if row == NULL else result_name(row.result).decode("ascii"),
            "reason": "" if row == NULL else reason_name(row.reason).decode("ascii"),
            "owner": order.owner,
            "unsent": bool(order.unsent),
            "expTimeMs": exp_time_ms,
            "publishedFillSz": f"{order.published.whole}.{order.published.rest:018d}" if order.is_counted else None,
        }

    def open_orders(self, owner=None):
        """The orders that have not ended, of one owner or of all, in order of placement: dicts as `get-order` shows them, plus `owner`, `unsent`, `expTimeMs`, `publishedFillSz`."""
        cdef int32_t at = self.trading.orders.lists[ORDERS_OPEN].head
        orders = []
        while at >= 0:
            if owner is None or self.trading.orders.orders[at].owner == owner:
                orders.append(self.order_dict(at))
            at = self.trading.orders.orders[at].next
        return orders

    def find_order(self, str ord_id="", str cl_ord_id=""):
        """One order by `ordId`, else by `clOrdId`; None if it is not known."""
        cdef bytes ord_text = ord_id.encode()
        cdef bytes cl_text = cl_ord_id.encode()
        cdef Span by_ord_id = span_over(ord_text)
        cdef Span by_cl_ord_id = span_over(cl_text)
        cdef int32_t number = self.trading.orders.find(&by_ord_id, &by_cl_ord_id)
        return None if number < 0 else self.order_dict(number)

    def knows_request(self, int32_t owner, str id not None):
        """An order request of this id was read from the strategy before."""
        cdef bytes text = id.encode()
        cdef Span span = span_over(text)
        return self.trading.requests.find(owner, &span) >= 0 or bool(self.trading.requests.is_forgotten(owner, &span))

    def refused_rows(self, int32_t owner, str id not None):
        """How many rows of a request the gateway itself has refused."""
        cdef bytes text = id.encode()
        cdef Span span = span_over(text)
        cdef int32_t slot = self.trading.requests.find(owner, &span)
        cdef int32_t at = self.trading.requests.requests[slot].first_row if slot >= 0 else -1
        cdef int count = 0
        while at >= 0:
            count += self.trading.requests.rows[at].result == RESULT_REJECTED and self.trading.requests.rows[at].origin == ORIGIN_GATEWAY
            at = self.trading.requests.rows[at].next
        return count

    def find_placed(self, int32_t owner, str id not None, int32_t row):
        """The order that a row of this request placed; None if there is none."""
        cdef int32_t number = placed_order(self.trading, owner, id, row, False)
        return None if number < 0 else self.order_dict(number)

    cdef str inst_id_of(self, int32_t instrument):
        return "" if instrument < 0 else number_of_slot(&self.trading.instruments.instruments[instrument].inst_id)

    def unknown_rows(self, owner=None):
        """Rows without proof: dicts of `family`, `id`, `row`, `op`, `instId`, `instFamily`, `clOrdId`, `ordId`, `expTimeMs`, `sentMs` (OKX's clock), `ageMs`."""
        cdef int32_t at = self.trading.requests.lists[LIST_UNKNOWN].head
        cdef int32_t row
        cdef RequestSlot* request
        cdef Span id
        cdef int64_t now_ns = monotonic_ns()
        found = []
        while at >= 0:
            request = &self.trading.requests.requests[at]
            row = request.first_row
            id = self.trading.requests.id_of(at)
            while row >= 0:
                if self.trading.requests.rows[row].result == RESULT_UNKNOWN and (owner is None or request.strategy == owner):
                    found.append({
                        "owner": request.strategy,
                        "id": id.p[:id.n].decode("ascii"),
                        "row": self.trading.requests.rows[row].row,
                        "op": op_name(request.op).decode("ascii"),
                        "instId": self.inst_id_of(self.trading.requests.rows[row].instrument),
                        "instFamily": number_of_slot(&self.trading.requests.rows[row].inst_family),
                        "clOrdId": text_of_slot(&self.trading.requests.rows[row].cl_ord_id),
                        "ordId": text_of_slot(&self.trading.requests.rows[row].ord_id),
                        "expTimeMs": request.exp_time_ms,
                        "sentMs": request.sent_okx_ms,
                        "ageMs": (now_ns - request.sent_mono_ns) // 1_000_000,
                    })
                row = self.trading.requests.rows[row].next
            at = request.next
        return found

    def usage(self, str scope not None, str op not None):
        """(`used`, `held`, `limit`) of the single-op budget of a limiter scope (an instId, or an option family). For tests and status."""
        kinds = {"order": KIND_PLACE, "cancel-order": KIND_CANCEL, "amend-order": KIND_AMEND}
        singles, _, _ = self.trading.instruments.keys_of(scope)
        return self.trading.limiter.usage(singles[kinds[op]], monotonic_ns())
