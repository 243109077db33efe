"""What a well-formed request must also satisfy, by what the gateway knows: time, instruments, ids, owners.

All return a Reason; `request` then says what was wrong.
"""
from gateway._fast.base.enums cimport *
from gateway._fast.base.minted_ids cimport is_minted_form
from gateway._fast.base.records cimport span_of
from gateway._fast.base.span cimport Span, span_is, span_of_cstr, text_of
from gateway._fast.base.wire_names cimport op_is_algo, op_kind
from gateway._fast.frames.attached_algos cimport AttachedOrder, attached_orders_of, next_attached
from gateway._fast.json.cursor cimport JSON_OK, Cursor, span_to_int
from gateway._fast.requests.parsed_request cimport *

cdef Span NOTHING
NOTHING.p = NULL
NOTHING.n = 0


cdef const char* instrument_message(int reason) noexcept nogil:
    if reason == REASON_UNKNOWN_INSTRUMENT:
        return b"an instrument that is loaded (and that agrees with instIdCode)"
    if reason == REASON_AMBIGUOUS_INSTRUMENT:
        return b"clear: SPOT and MARGIN share this instId; give tdMode cash, or the instIdCode"
    return b"an instrument to which OKX has given an instIdCode"


cdef int check_id(TradingState trading, ParsedRequest* request, int32_t owner, int reason) noexcept:
    """The `id` is new, and known to be. `reason` is what else is wrong with the request already; it is returned if the
    `id` is right."""
    if trading.requests.is_forgotten(owner, &request.id):
        return wrong(
            request, REASON_DUPLICATE_ID, b"new: this id was used before, and its result is no longer held",
            span_of_cstr(b"id"), -1)
    if trading.ids_incomplete and (op_kind(request.op) == KIND_PLACE or op_kind(request.op) == KIND_AMEND):
        return wrong(
            request, REASON_JOURNAL,
            b"known to be new: records of the journal are lost, and this id can be in them (gateway.alarm, op resume)",
            span_of_cstr(b"id"), -1)
    return reason


cdef int check_time(
        TradingState trading, ParsedRequest* request, int64_t mono_ns, int64_t real_ns, int64_t* deadline_ns) noexcept:
    """Neither stale, nor expired, nor while stopping. Gives the moment until which the request may wait."""
    cdef int64_t wait_ms = request.max_wait_ms if request.max_wait_ms >= 0 else trading.default_wait_ms
    cdef int64_t age_ns = 0
    if trading.stopping:
        return wrong(request, REASON_STOPPING, b"sent to a gateway that is not shutting down", span_of_cstr(b"op"), -1)
    if wait_ms > trading.wait_cap_ms:
        return wrong(
            request, REASON_BAD_REQUEST, b"no more than the configured max_wait_cap_ms", span_of_cstr(b"maxWaitMs"), -1)
    if request.sent_ns != 0:
        age_ns = real_ns - request.sent_ns
        if age_ns > trading.max_age_ns + wait_ms * 1_000_000:
            return wrong(
                request, REASON_STALE, b"younger than max_age_ms + maxWaitMs on arrival", span_of_cstr(b"sentNs"), -1)
        if age_ns < -trading.max_age_ns:
            return wrong(
                request, REASON_BAD_REQUEST, b"Unix time in nanoseconds, not in the future", span_of_cstr(b"sentNs"),
                -1)
        age_ns = max(age_ns, 0)
    if request.exp_time_ms != 0 and trading.okx_offset_ns != 0 and trading.okx_now_ms(mono_ns) >= request.exp_time_ms:
        return wrong(request, REASON_EXPIRED, b"later than OKX's clock", span_of_cstr(b"expTime"), -1)
    deadline_ns[0] = mono_ns + max(wait_ms * 1_000_000 - age_ns, 0)
    return REASON_NONE


cdef int check_rows(TradingState trading, ParsedRequest* request, RowAddition* additions, int32_t owner) noexcept:
    """Each row's instrument, and the order that it is about.
    Leaves instruments and orders in the additions for `open_slots`."""
    cdef int kind = op_kind(request.op)
    cdef ParsedRow* row
    cdef Span inst_id, td_mode, code_text
    cdef long long code
    cdef int32_t number, order
    cdef int reason
    if trading.algos_off and op_is_algo(request.op) and kind != KIND_CANCEL:
        return wrong(
            request, REASON_NOT_SUPPORTED, b"an op that the configuration offers: [rest_orders] algo_orders is false",
            span_of_cstr(b"op"), -1)
    for number in range(request.row_count):
        row = &request.rows[number]
        additions[number].inst_id_code = 0
        additions[number].cl_ord_id = NOTHING
        additions[number].req_id = NOTHING
        additions[number].attached_id = 0
        additions[number].instrument = -1
        additions[number].order = -1
        if kind == KIND_MASS_CANCEL:
            continue
        code = 0
        if row.known[KEY_INST_ID_CODE] >= 0:
            code_text = text_of(&row.fields[row.known[KEY_INST_ID_CODE]].value)
            if span_to_int(&code_text, &code) != JSON_OK or code == 0:
                return wrong(request, REASON_BAD_REQUEST, b"a positive integer", span_of_cstr(b"instIdCode"), number)
        inst_id = field_text(row, KEY_INST_ID)
        if inst_id.n == 0:
            inst_id = trading.instruments.inst_id_of(code)
        td_mode = field_text(row, KEY_TD_MODE)
        reason = trading.instruments.resolve(&inst_id, &td_mode, code, &additions[number].instrument)
        if reason == REASON_AMBIGUOUS_INSTRUMENT and op_is_algo(request.op):  # by REST the instId says it all
            td_mode = span_of_cstr(b"cash")
            reason = trading.instruments.resolve(&inst_id, &td_mode, code, &additions[number].instrument)
        if reason == REASON_NONE and kind == KIND_PLACE:
            reason = check_place_row(trading, request, owner, number)
            if reason == REASON_NONE and row.known[KEY_ATTACH_ALGO_ORDS] >= 0:
                reason = check_attached_ids(trading, request, owner, number)
        elif reason == REASON_NONE or reason == REASON_AMBIGUOUS_INSTRUMENT:
            order = -1
            if find_target(trading, request, additions, owner, number, &order) != REASON_NONE:
                return request.reason
            additions[number].order = order
            if order >= 0 and trading.orders.orders[order].instrument >= 0:
                additions[number].instrument = trading.orders.orders[order].instrument
                reason = REASON_NONE
        if reason != REASON_NONE:
            return (reason if request.reason == reason
                    else wrong(request, reason, instrument_message(reason), span_of_cstr(b"instId"), number))
        additions[number].inst_id_code = trading.instruments.instruments[additions[number].instrument].inst_id_code
    return REASON_NONE


cdef int check_place_row(TradingState trading, ParsedRequest* request, int32_t owner, int32_t number) noexcept:
    """A strategy's own `clOrdId` is new here, and in this request. One whose order was rejected may be used again."""
    cdef Span cl_ord_id = field_text(&request.rows[number], KEY_CL_ORD_ID)
    cdef Span other
    cdef int32_t order, earlier
    if cl_ord_id.n == 0:
        return REASON_NONE
    if is_minted_form(&cl_ord_id):
        return wrong(
            request, REASON_BAD_REQUEST,
            b"other than 17 to 19 digits: that is the form of the ids that the gateway mints", span_of_cstr(b"clOrdId"),
            number)
    order = (trading.orders.find_algo(&NOTHING, &cl_ord_id) if op_is_algo(request.op)
             else trading.orders.find(&NOTHING, &cl_ord_id))
    if order >= 0 and trading.orders.orders[order].state != ORD_STATE_REJECTED:
        return wrong(
            request, REASON_CL_ORD_ID_IN_USE, b"new: the gateway knows an order by this clOrdId",
            span_of_cstr(b"clOrdId"), number)
    if op_is_algo(request.op) and is_another_s(trading, owner, &cl_ord_id):
        return wrong(
            request, REASON_CL_ORD_ID_IN_USE, b"new: another strategy has attached an algo order under this id",
            span_of_cstr(b"algoClOrdId"), number)
    for earlier in range(number):
        other = field_text(&request.rows[earlier], KEY_CL_ORD_ID)
        if span_is(&other, cl_ord_id.p, cl_ord_id.n):
            return wrong(request, REASON_CL_ORD_ID_IN_USE, b"different in each row", span_of_cstr(b"clOrdId"), number)
    return REASON_NONE


cdef bint is_another_s(TradingState trading, int32_t owner, const Span* algo_cl_ord_id) noexcept:
    """An algo order of another strategy bears this id, or will."""
    cdef int32_t number = trading.orders.find_algo(&NOTHING, algo_cl_ord_id)
    cdef int32_t order_owner = trading.attached_ids.owner_of(algo_cl_ord_id)
    if (number >= 0 and trading.orders.orders[number].state != ORD_STATE_REJECTED
            and trading.orders.orders[number].owner != owner):
        return True
    return order_owner >= 0 and order_owner != owner


cdef int check_attached_ids(TradingState trading, ParsedRequest* request, int32_t owner, int32_t number) noexcept:
    """A strategy's own `attachAlgoClOrdId`s are no other's. Whether it has used them itself is OKX's to judge."""
    cdef ParsedRow* row = &request.rows[number]
    cdef Cursor cursor = attached_orders_of(&row.fields[row.known[KEY_ATTACH_ALGO_ORDS]].value)
    cdef AttachedOrder attached
    cdef bint is_first = True
    while next_attached(&cursor, is_first, &attached):
        is_first = False
        if attached.id.n == 0:
            continue
        if is_minted_form(&attached.id):
            return wrong(
                request, REASON_BAD_REQUEST,
                b"other than 17 to 19 digits: that is the form of the ids that the gateway mints",
                span_of_cstr(b"attachAlgoClOrdId"), number)
        if is_another_s(trading, owner, &attached.id):
            return wrong(
                request, REASON_CL_ORD_ID_IN_USE, b"new: another strategy has used this id",
                span_of_cstr(b"attachAlgoClOrdId"), number)
    return REASON_NONE


cdef int find_target(
        TradingState trading, ParsedRequest* request, RowAddition* additions, int32_t owner, int32_t number,
        int32_t* order) noexcept:
    """The order that a cancel or amend row names, and whether this strategy may touch it.
    One that is not known here is OKX's to judge."""
    cdef ParsedRow* row = &request.rows[number]
    cdef Span ord_id = field_text(row, KEY_ORD_ID)
    cdef Span cl_ord_id = field_text(row, KEY_CL_ORD_ID)
    cdef int32_t placed, placed_row, order_owner
    request.reason = REASON_NONE
    if row.gw_id.n > 0:
        placed = trading.requests.find(owner, &row.gw_id)
        placed_row = trading.requests.row_of(placed, row.gw_row) if placed >= 0 else -1
        if (placed_row < 0 or op_is_algo(trading.requests.requests[placed].op) != op_is_algo(request.op)
                or op_kind(trading.requests.requests[placed].op) != KIND_PLACE
                or trading.requests.rows[placed_row].cl_ord_id.n == 0):
            return wrong(
                request, REASON_UNKNOWN_ORDER, b"the id (and row) of a request that placed an order",
                span_of_cstr(b"gw"), number)
        additions[number].named = trading.requests.rows[placed_row].cl_ord_id
        additions[number].cl_ord_id = span_of(&additions[number].named)
        cl_ord_id = additions[number].cl_ord_id
    if ord_id.n > 0:
        cl_ord_id = NOTHING  # OKX docs, Cancel order: ordId wins where both are given
    order[0] = (trading.orders.find_algo(&ord_id, &cl_ord_id) if op_is_algo(request.op)
                else trading.orders.find(&ord_id, &cl_ord_id))
    if order[0] < 0:
        return REASON_NONE
    order_owner = trading.orders.orders[order[0]].owner
    if order_owner != owner and (order_owner != OWNER_ACCOUNT or op_kind(request.op) != KIND_CANCEL):
        return wrong(
            request, REASON_NOT_OWNER, b"an order of this strategy",
            span_of_cstr(b"ordId" if ord_id.n > 0 else b"clOrdId"), number)
    return REASON_NONE
