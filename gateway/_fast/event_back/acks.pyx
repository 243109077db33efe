"""OKX's answer to a request: which row each item is about, what its code proves of it, and which codes ask for more
than that."""
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport RowSlot
from gateway._fast.base.span cimport span_is
from gateway._fast.base.wire_names cimport op_kind
from gateway._fast.json.cursor cimport JSON_OK, span_to_int
from gateway._fast.orders.updates cimport differs
from gateway._fast.results.proofs cimport proven_result
from gateway._fast.results.results cimport resolve, set_okx_answer, set_result

cdef Span NOTHING
NOTHING.p = NULL
NOTHING.n = 0


cdef int32_t code_of(const Span* text) noexcept nogil:
    """OKX's code as a number; -1 for what is none of at most nine digits (OKX's have five)."""
    cdef long long code
    if text.n > 9 or span_to_int(text, &code) != JSON_OK:
        return -1
    return <int32_t>code


cdef int32_t row_of_item(TradingState trading, int32_t slot, const AckItem* item, int32_t position) noexcept:
    """The open row that an item answers: by `clOrdId`, by `ordId`, else by its place (OKX keeps the order but does not
    promise it)."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef int32_t by_place = -1
    cdef RowSlot* row
    while at >= 0:
        row = &trading.requests.rows[at]
        if not row.withdrawn and (row.result == RESULT_PENDING or row.result == RESULT_UNKNOWN):
            if item.cl_ord_id.n > 0 and span_is(&item.cl_ord_id, row.cl_ord_id.p, row.cl_ord_id.n):
                return at
            if item.ord_id.n > 0 and span_is(&item.ord_id, row.ord_id.p, row.ord_id.n):
                return at
            if (row.sent_row == position and not differs(&item.cl_ord_id, &row.cl_ord_id)
                    and not differs(&item.ord_id, &row.ord_id)):
                by_place = at
        at = row.next
    return by_place


cdef void take_item(
        TradingState trading, ControlPort control, int32_t row, const AckItem* item, const VenueFrame* frame,
        Moment now) noexcept:
    """One item of OKX's answer to one row: sCode 0 accepted, a code that proves nothing unknown, any other rejected."""
    cdef int32_t code = code_of(&frame.code if item.has_result else &item.s_code)
    set_okx_answer(trading, row, code, &item.s_msg, &item.ord_id)
    take_answer(trading, row, item.result if item.has_result else code == 0, code, now.real_ns)
    if trading.asks_for_more(code):
        control.on_okx_code(code, now.mono_ns, &trading.requests.rows[row])


cdef bint names_no_order(TradingState trading, const RowSlot* row) noexcept:
    """A placement that OKX calls done without saying which order it made: a push or REST has to show it."""
    return row.ord_id.n == 0 and op_kind(trading.requests.requests[row.request].op) == KIND_PLACE


cdef void take_answer(TradingState trading, int32_t row, bint ok, int32_t code, int64_t real_ns) noexcept:
    cdef int32_t result = RESULT_ACCEPTED if ok else RESULT_REJECTED
    cdef bint was_unknown = trading.requests.rows[row].result == RESULT_UNKNOWN
    if trading.proves_nothing(code) if not ok else names_no_order(trading, &trading.requests.rows[row]):
        if not was_unknown:
            result = proven_result(trading, &trading.requests.rows[row])
            set_result(
                trading, row, result, ORIGIN_OKX, REASON_OKX_UNKNOWN if result == RESULT_UNKNOWN else REASON_NONE)
    elif was_unknown:
        resolve(trading, row, result, PROOF_LATE_ACK, real_ns)
    else:
        set_result(trading, row, result, ORIGIN_OKX, REASON_NONE)


cdef void take_frame_code(
        TradingState trading, ControlPort control, int32_t slot, const VenueFrame* frame, Moment now) noexcept:
    """Rows that no item answered. A frame that failed as a whole (60013, 50011, …) comes with an empty `data`; a silent
    row of any other is unknown."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef int32_t next_row
    cdef int32_t code = code_of(&frame.code)
    if code <= 2:
        code = -1  # 0, 1 and 2 only sum up the items
    while at >= 0:
        next_row = trading.requests.rows[at].next
        if trading.requests.rows[at].result == RESULT_PENDING or (trading.requests.rows[at].result == RESULT_UNKNOWN
                                                                  and code > 0
                                                                  and not trading.requests.rows[at].answered):
            set_okx_answer(trading, at, code, &frame.msg, &NOTHING)
            take_answer(trading, at, False, code, now.real_ns)
            if trading.asks_for_more(code):
                control.on_okx_code(code, now.mono_ns, &trading.requests.rows[at])
        at = next_row
