"""The control API on the algo orders: what REST has found of them, and what the tables hold.

Nothing here is on the two paths.
"""
from libc.stdint cimport int32_t, int64_t, uint32_t

from gateway._fast.base.clock cimport realtime_ns
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport OrderSlot, RowSlot
from gateway._fast.base.span cimport JSON_ARRAY, Span, Value
from gateway._fast.base.wire_names cimport algo_state_name, reason_name, result_name
from gateway._fast.control.queries cimport number_of_slot, placed_order, span_over, text_of_slot
from gateway._fast.event_back.algo_pushes cimport on_algo_rows
from gateway._fast.frames.scanner cimport OrderPush, scan_order_push
from gateway._fast.json.cursor cimport JSON_OK, JSON_OKX_DEPTH, Cursor, scan_value
from gateway._fast.order_pipeline cimport OrderPipeline
from gateway._fast.orders.order_table cimport ALGOS_OPEN
from gateway._fast.orders.trading_state cimport TradingState
from gateway._fast.results.proofs cimport resolve_never_existed


# OKX docs, Overview, REST authentication: a request is refused this long after the timestamp that it was signed with
# (50102).
SIGNED_FOR_MS = 30_000


cdef class AlgoControl:
    """One per pipeline."""

    cdef OrderPipeline pipeline
    cdef TradingState trading

    def __init__(self, OrderPipeline pipeline not None):
        self.pipeline = pipeline
        self.trading = pipeline.trading

    def reconcile(self, bytes rows not None):
        """REST's rows of algo orders (a JSON array): they enter where pushes do. Returns how many there were."""
        cdef Cursor cursor
        cdef Value whole
        cursor.p = rows
        cursor.end = cursor.p + len(rows)
        if scan_value(&cursor, &whole, JSON_OKX_DEPTH) != JSON_OK or whole.kind != JSON_ARRAY:
            raise ValueError("the rows are not a JSON array")
        return on_algo_rows(self.trading, self.pipeline.control, &whole, SOURCE_RECONCILE, realtime_ns())

    def publish_linked_orders(self, list rows not None):
        """Rows of the orders channel that `ControlPort.keep_linked_order` has kept until the owner of their order is
        known."""
        cdef OrderPush push
        cdef Value whole
        cdef Cursor cursor
        cdef bytes row
        for row in rows:
            cursor.p = row
            cursor.end = cursor.p + len(row)
            if scan_value(&cursor, &whole, JSON_OKX_DEPTH) == JSON_OK and scan_order_push(&push, &whole) == 0:
                self.pipeline.on_order_row(&push, SOURCE_STREAM, realtime_ns())

    def set_ready(self, bint ready):
        """The business stream is complete and reconciled: new algo orders and their amends may go."""
        self.trading.algos_ready = ready

    def switch_off(self):
        """New algo orders and their amends are refused from now on."""
        self.trading.algos_off = True

    def is_ready(self):
        return bool(self.trading.algos_ready)

    def attaches(self):
        """Orders of this run, or that it has taken over, have had algo orders attached."""
        return bool(self.trading.attaches)

    def corrections(self):
        """How many states REST has shown that the stream had not."""
        return self.trading.counters.algo_corrections

    def not_found(self, str algo_cl_ord_id not None):
        """OKX does not know this algo order although a request for it can reach OKX no longer: it never existed.

        True if that resolved an unknown placement. The caller has asked OKX after that time.
        """
        cdef bytes text = algo_cl_ord_id.encode("ascii")
        cdef int32_t number = self.trading.orders.by_algo_cl_ord_id.find(text, <uint32_t>len(text))
        return number >= 0 and bool(resolve_never_existed(self.trading, number))

    def open_count(self):
        """Algo orders that have not ended."""
        return self.trading.orders.lists[ALGOS_OPEN].count

    def open_algos(self, owner=None):
        """The algo orders that have not ended, of one owner or of all, in order of placement: dicts as `find` gives
        them."""
        cdef int32_t at = self.trading.orders.lists[ALGOS_OPEN].head
        algos = []
        while at >= 0:
            if owner is None or self.trading.orders.orders[at].owner == owner:
                algos.append(self.algo_dict(at))
            at = self.trading.orders.orders[at].next
        return algos

    def find(self, str algo_id="", str algo_cl_ord_id=""):
        """One algo order by `algoId`, else by `algoClOrdId`, as `get-order` shows it, plus `owner`, `unsent`, `lastMs`
        (when its placement can have reached OKX last); None if it is not known."""
        cdef bytes id_text = algo_id.encode()
        cdef bytes cl_text = algo_cl_ord_id.encode()
        cdef Span by_id = span_over(id_text)
        cdef Span by_cl_ord_id = span_over(cl_text)
        cdef int32_t number = self.trading.orders.find_algo(&by_id, &by_cl_ord_id)
        return None if number < 0 else self.algo_dict(number)

    def find_placed(self, int32_t owner, str id not None, int32_t row):
        """The algo order that a row of this request placed; None if there is none."""
        cdef int32_t number = placed_order(self.trading, owner, id, row, True)
        return None if number < 0 else self.algo_dict(number)

    cdef dict algo_dict(self, int32_t number):
        cdef OrderSlot* algo = &self.trading.orders.orders[number]
        cdef RowSlot* row = NULL
        cdef Span id
        cdef str request_id = ""
        cdef int64_t last_ms = 0
        if algo.request >= 0 and self.trading.requests.requests[algo.request].generation == algo.request_generation:
            id = self.trading.requests.id_of(algo.request)
            request_id = id.p[:id.n].decode("ascii")
            row = &self.trading.requests.rows[self.trading.requests.row_of(algo.request, algo.row)]
            last_ms = self.trading.requests.requests[algo.request].sent_okx_ms + <int64_t>SIGNED_FOR_MS
        return {
            "id": request_id,
            "row": algo.row,
            "instId": number_of_slot(&algo.inst_id),
            "algoClOrdId": text_of_slot(&algo.cl_ord_id),
            "algoId": text_of_slot(&algo.ord_id),
            "state": algo_state_name(algo.state).decode("ascii"),
            "side": number_of_slot(&algo.side),
            "ordType": number_of_slot(&algo.ord_type),
            "tdMode": number_of_slot(&algo.td_mode),
            "sz": number_of_slot(&algo.sz),
            "cTime": text_of_slot(&algo.c_time),
            "uTime": text_of_slot(&algo.u_time),
            "result": "" if row == NULL else result_name(row.result).decode("ascii"),
            "reason": "" if row == NULL else reason_name(row.reason).decode("ascii"),
            "owner": algo.owner,
            "unsent": bool(algo.unsent),
            "lastMs": last_ms,
        }
