"""A request of an earlier run, into the slots of this one: its rows and orders, what was sent of it, its results."""
from libc.stdint cimport uint8_t

from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport OrderSlot, RowSlot, set_number, set_text
from gateway._fast.base.span cimport Span, Value, span_is
from gateway._fast.base.wire_names cimport op_is_algo, op_kind, reason_of, result_of
from gateway._fast.events.reader cimport *
from gateway._fast.json.cursor cimport JSON_OK, JSON_OKX_DEPTH, Cursor, next_element, span_to_int
from gateway._fast.order_out.slots cimport add_order, keep_asked, keep_attached
from gateway._fast.requests.parsed_request cimport *
from gateway._fast.results.results cimport keep_msg, mark_in_flight, set_result


cdef int32_t add_refused(TradingState trading, int32_t owner, const Span* id, int op, const Value* rows) noexcept:
    """A request that was refused at reading, known by its `.ack` alone. -1: no room."""
    cdef Cursor cursor
    cdef Value element
    cdef int32_t slot, count = 0
    cursor.p = rows.p + 1
    cursor.end = rows.p + rows.n
    while next_element(&cursor, count == 0, &element, JSON_OKX_DEPTH) == 1:
        count += 1
    if op <= OP_NONE or not 0 < count <= ROWS_MAX:
        return -1
    slot = trading.requests.add(owner, id, count)
    if slot >= 0:
        trading.requests.requests[slot].op = <unsigned char>op
        trading.requests.requests[slot].session = -1
        trading.strategies[owner].last_key = trading.requests.requests[slot].key
    return slot


cdef bint open_order(TradingState trading, int32_t owner, int32_t slot, int32_t at, const ParsedRow* parsed) noexcept:
    """The order of a place row. A minted `clOrdId` comes with the intent. False: no room."""
    cdef RowSlot* row = &trading.requests.rows[at]
    cdef OrderSlot* order
    cdef Span text = field_text(parsed, KEY_CL_ORD_ID)
    set_text(&row.cl_ord_id, &text)
    order = add_order(trading, owner, slot, at, parsed, &text)
    if order == NULL:
        return False
    order.segment = trading.requests.requests[slot].segment
    keep_attached(trading, owner, row.order, parsed)
    text = field_text(parsed, KEY_INST_ID)
    set_number(&order.inst_id, &text)
    return True


cdef void take_target(TradingState trading, int32_t owner, int32_t at, const ParsedRow* parsed) noexcept:
    """What a cancel or amend row asked for, and the order that it is about."""
    cdef RowSlot* row = &trading.requests.rows[at]
    cdef Span text = field_text(parsed, KEY_ORD_ID)
    cdef Span cl_ord_id = field_text(parsed, KEY_CL_ORD_ID)
    cdef int32_t slot
    set_text(&row.ord_id, &text)
    set_text(&row.cl_ord_id, &cl_ord_id)
    row.order = (trading.orders.find_algo(&text, &cl_ord_id) if op_is_algo(trading.requests.requests[row.request].op)
                 else trading.orders.find(&text, &cl_ord_id))
    if parsed.gw_id.n > 0:
        slot = trading.requests.find(owner, &parsed.gw_id)
        slot = trading.requests.row_of(slot, parsed.gw_row) if slot >= 0 else -1
        row.order = trading.requests.rows[slot].order if slot >= 0 else -1
    if row.order >= 0:
        row.order_generation = trading.orders.orders[row.order].generation
        if row.cl_ord_id.n == 0 and row.ord_id.n == 0:
            row.cl_ord_id = trading.orders.orders[row.order].cl_ord_id
    text = field_text(parsed, KEY_INST_FAMILY)
    set_number(&row.inst_family, &text)
    keep_asked(trading, row, parsed)


cdef void take_sent_row(TradingState trading, int32_t at, int32_t place, const ParsedRow* sent, int kind) noexcept:
    cdef RowSlot* row = &trading.requests.rows[at]
    cdef Span text
    row.withdrawn = False
    row.sent_row = <uint8_t>place
    if kind == KIND_PLACE:
        text = field_text(sent, KEY_CL_ORD_ID)
        set_text(&row.cl_ord_id, &text)
        if row.order >= 0 and trading.orders.orders[row.order].generation == row.order_generation:
            trading.orders.set_cl_ord_id(row.order, &text)
    elif row.cl_ord_id.n == 0 and row.ord_id.n == 0:
        # named by a request of which the journal knows nothing: one that was refused while the journal had no room
        text = field_text(sent, KEY_ORD_ID)
        set_text(&row.ord_id, &text)
        text = field_text(sent, KEY_CL_ORD_ID)
        set_text(&row.cl_ord_id, &text)
    if kind == KIND_AMEND:
        text = field_text(sent, KEY_REQ_ID)
        set_text(&row.req_id, &text)
    mark_in_flight(trading, at)


cdef void take_ids(TradingState trading, RowSlot* row, const EventFields* fields) noexcept:
    cdef bint is_algo = op_is_algo(trading.requests.requests[row.request].op)
    cdef Span cl_ord_id = text_in(fields, FIELD_ALGO_CL_ORD_ID if is_algo else FIELD_CL_ORD_ID)
    cdef Span ord_id = text_in(fields, FIELD_ALGO_ID if is_algo else FIELD_ORD_ID)
    if cl_ord_id.n > 0:
        set_text(&row.cl_ord_id, &cl_ord_id)
    if ord_id.n == 0:
        return
    set_text(&row.ord_id, &ord_id)
    if (row.order >= 0 and trading.orders.orders[row.order].generation == row.order_generation
            and not trading.orders.knows_id(row.order, &ord_id)):
        trading.orders.set_ord_id(row.order, &ord_id)


cdef void take_result(TradingState trading, int32_t at, const EventFields* fields) noexcept:
    """A row's result, with the `msg` that was published."""
    cdef RowSlot* row = &trading.requests.rows[at]
    cdef Span text = text_in(fields, FIELD_RESULT)
    cdef int result = result_of(text.p, text.n)
    cdef int reason
    if result <= RESULT_PENDING:
        return
    text = text_in(fields, FIELD_REASON)
    reason = reason_of(text.p, text.n)
    text = text_in(fields, FIELD_MSG)
    keep_msg(row, &text)
    row.s_code = number_in(fields, FIELD_S_CODE, -1)
    row.answered = row.s_code >= 0
    take_ids(trading, row, fields)
    text = text_in(fields, FIELD_ORIGIN)
    set_result(
        trading, at, result, ORIGIN_GATEWAY if span_is(&text, b"gateway", 7) else ORIGIN_OKX, max(reason, REASON_NONE))


cdef void may_have_left(TradingState trading, int32_t slot, int64_t exp_time_ms) noexcept:
    """A request whose intent may be lost, and with it what was sent: it has been executed by `exp_time_ms`, or
    never."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef int kind = op_kind(trading.requests.requests[slot].op)
    trading.requests.requests[slot].exp_time_ms = exp_time_ms
    while at >= 0:
        if kind == KIND_PLACE or kind == KIND_AMEND:
            mark_in_flight(trading, at)
        at = trading.requests.rows[at].next


cdef void settle_withdrawn(TradingState trading, int32_t slot) noexcept:
    """Rows that were taken out before the rest was sent."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef bint is_place = op_kind(trading.requests.requests[slot].op) == KIND_PLACE
    while at >= 0:
        if (trading.requests.rows[at].withdrawn and trading.requests.rows[at].result == RESULT_PENDING
                and trading.requests.requests[slot].sent_ns != 0):
            trading.requests.rows[at].s_code = -1
            set_result(
                trading, at, RESULT_REJECTED if is_place else RESULT_ACCEPTED, ORIGIN_GATEWAY,
                REASON_CANCELLED_BEFORE_SEND)
        at = trading.requests.rows[at].next


cdef void find_rows_instruments(TradingState trading, int32_t slot, const ParsedRequest* request) noexcept:
    """Of the rows of a request, whose message has been read again."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef RowSlot* row
    cdef const ParsedRow* parsed
    cdef Span inst_id, td_mode, code_text
    cdef long long code
    while at >= 0:
        row = &trading.requests.rows[at]
        parsed = &request.rows[row.row]
        code = 0
        code_text = field_text(parsed, KEY_INST_ID_CODE)
        if code_text.n > 0 and span_to_int(&code_text, &code) != JSON_OK:
            code = 0
        inst_id = field_text(parsed, KEY_INST_ID)
        if inst_id.n == 0 and code != 0:
            inst_id = trading.instruments.inst_id_of(code)
        td_mode = field_text(parsed, KEY_TD_MODE)
        trading.instruments.resolve(&inst_id, &td_mode, code, &row.instrument)
        if (row.order >= 0 and trading.orders.orders[row.order].generation == row.order_generation
                and trading.orders.orders[row.order].inst_id.n == 0):
            set_number(&trading.orders.orders[row.order].inst_id, &inst_id)
        at = row.next


cdef void find_instruments_of(TradingState trading, int list_id) noexcept:
    """Of the orders in a list that have none."""
    cdef int32_t at = trading.orders.lists[list_id].head
    cdef OrderSlot* order
    cdef Span inst_id, td_mode
    while at >= 0:
        order = &trading.orders.orders[at]
        if order.instrument < 0:
            inst_id.p, inst_id.n = order.inst_id.p, order.inst_id.n
            td_mode.p, td_mode.n = order.td_mode.p, order.td_mode.n
            trading.instruments.resolve(&inst_id, &td_mode, 0, &order.instrument)
        at = order.next


cdef void count_anew(TradingState trading) noexcept:
    """Fills that the journal does not have can have been published: they are not missing."""
    cdef int32_t at
    for at in range(trading.orders.capacity):
        trading.orders.orders[at].counts_fills = False
