"""The control API on what the tables hold: requests, orders, and how much of a limit is used.

Nothing here is on the two paths.
"""
from libc.stdint cimport int64_t, uint32_t

from gateway._fast.base.clock cimport monotonic_ns
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport OrderSlot, RequestKey, RequestSlot, RowSlot
from gateway._fast.base.wire_names cimport op_is_algo, op_kind, op_name, reason_name, result_name, state_name
from gateway._fast.orders.lifecycle cimport life_name
from gateway._fast.orders.order_table cimport ORDERS_OPEN
from gateway._fast.orders.request_table cimport LIST_SENT, LIST_UNKNOWN, LIST_WAITING


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
    if (at < 0 or op_is_algo(trading.requests.requests[slot].op) != is_algo
            or op_kind(trading.requests.requests[slot].op) != KIND_PLACE):
        return -1
    placed = &trading.requests.rows[at]
    return (placed.order if placed.order >= 0
            and trading.orders.orders[placed.order].generation == placed.order_generation else -1)


cdef class QueryControl(ReadinessControl):
    """Answers are Python objects of their own: they stay as they are when the tables change."""

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
            count += (self.trading.requests.rows[at].result == RESULT_REJECTED
                      and self.trading.requests.rows[at].origin == ORIGIN_GATEWAY)
            at = self.trading.requests.rows[at].next
        return count

    def open_orders(self, owner=None):
        """The orders that have not ended, of one owner or of all, in order of placement: dicts as `get-order` shows
        them, plus `owner`, `unsent`, `expTimeMs`, `publishedFillSz`."""
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

    def find_placed(self, int32_t owner, str id not None, int32_t row):
        """The order that a row of this request placed; None if there is none."""
        cdef int32_t number = placed_order(self.trading, owner, id, row, False)
        return None if number < 0 else self.order_dict(number)

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
            "publishedFillSz": f"{order.published.whole}.{order.published.rest:018d}" if order.counts_fills else None,
        }

    def unknown_rows(self, owner=None):
        """Rows without proof: dicts of `owner`, `id`, `row`, `op`, `instId`, `instFamily`, `clOrdId`, `ordId`,
        `expTimeMs`, `sentMs` (OKX's clock), `ageMs`."""
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
                if (self.trading.requests.rows[row].result == RESULT_UNKNOWN
                        and (owner is None or request.strategy == owner)):
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

    cdef str inst_id_of(self, int32_t instrument):
        return "" if instrument < 0 else number_of_slot(&self.trading.instruments.instruments[instrument].inst_id)

    def usage(self, str scope not None, str op not None):
        """(`used`, `held`, `limit`) of the single-op budget of a limiter scope (an instId, or an option family).
        For tests and status."""
        kinds = {"order": KIND_PLACE, "cancel-order": KIND_CANCEL, "amend-order": KIND_AMEND}
        singles, _, _ = self.trading.instruments.keys_of(scope)
        return self.trading.limiter.usage(singles[kinds[op]], monotonic_ns())
