"""A checked request into its slots: one for itself, one for each row, one for each new order, with the ids that the
gateway mints."""
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport Text, set_number, set_text, span_of
from gateway._fast.base.span cimport span_is, span_of_cstr
from gateway._fast.base.wire_names cimport op_is_algo, op_kind
from gateway._fast.frames.attached_algos cimport AttachedOrder, attached_orders_of, next_attached
from gateway._fast.json.cursor cimport Cursor
from gateway._fast.order_out.limit_keys cimport assign_keys
from gateway._fast.order_out.wait_queue cimport withdraw_row
from gateway._fast.orders.request_table cimport LIST_SENT, LIST_UNKNOWN, LIST_WAITING, MINTED_REQ_ID_LEN, OKX_ID_LEN
from gateway._fast.requests.parsed_request cimport *
from gateway._fast.results.results cimport set_result

cdef Span NOTHING
NOTHING.p = NULL
NOTHING.n = 0


cdef int open_slots(
        TradingState trading, ParsedRequest* request, RowAddition* additions, int32_t owner, int32_t* opened) noexcept:
    """A slot for the request, one for each row, and one for each new order; with the ids that the gateway mints."""
    cdef int32_t slot = trading.requests.add(owner, &request.id, request.row_count)
    cdef int kind = op_kind(request.op)
    cdef int32_t at, number
    cdef RowSlot* row
    cdef Span given, asked
    if slot < 0:
        return wrong(
            request, REASON_CAPACITY, b"sent when fewer requests are open: the request table is full",
            span_of_cstr(b"id"), -1)
    trading.requests.requests[slot].op = <unsigned char>request.op
    at = trading.requests.requests[slot].first_row
    while at >= 0:
        row = &trading.requests.rows[at]
        number = row.row
        row.instrument = additions[number].instrument
        if kind == KIND_PLACE:
            if open_order(trading, request, additions, owner, slot, at, number) != 0:
                undo_slots(trading, slot)
                return wrong(
                    request, REASON_CAPACITY, b"sent when fewer orders are open: the order table is full",
                    span_of_cstr(b"args"), number)
        elif kind == KIND_MASS_CANCEL:
            asked = field_text(&request.rows[number], KEY_INST_FAMILY)
            set_number(&row.inst_family, &asked)
        else:
            given = field_text(&request.rows[number], KEY_ORD_ID)
            set_text(&row.ord_id, &given)
            given = field_text(&request.rows[number], KEY_CL_ORD_ID)
            set_text(&row.cl_ord_id, &given if additions[number].cl_ord_id.n == 0 else &additions[number].cl_ord_id)
            additions[number].cl_ord_id = span_of(&row.cl_ord_id) if request.rows[number].gw_id.n > 0 else NOTHING
            row.order = additions[number].order
            if row.order >= 0:
                row.order_generation = trading.orders.orders[row.order].generation
        if kind == KIND_AMEND:
            keep_asked(trading, row, &request.rows[number])
            if row.req_id.n == 0:
                mint_req_id(trading, slot, row)
                additions[number].req_id = span_of(&row.req_id)
            else:
                note_req_id(trading, at)
        at = row.next
    assign_keys(trading, slot)
    opened[0] = slot
    return REASON_NONE


cdef int open_order(
        TradingState trading, ParsedRequest* request, RowAddition* additions, int32_t owner, int32_t slot,
        int32_t row_slot, int32_t number) noexcept:
    """The order of a place row: with the strategy's `clOrdId`, or a minted one. -1: no room."""
    cdef RowSlot* row = &trading.requests.rows[row_slot]
    cdef ParsedRow* parsed = &request.rows[number]
    cdef OrderSlot* order
    cdef Span text = field_text(parsed, KEY_CL_ORD_ID)
    cdef int32_t unnamed
    if text.n > 0:
        set_text(&row.cl_ord_id, &text)
    else:
        trading.mint_cl_ord_id(owner, &row.cl_ord_id)
        additions[number].cl_ord_id = span_of(&row.cl_ord_id)
    text = span_of(&row.cl_ord_id)
    order = add_order(trading, owner, slot, row_slot, parsed, &text)
    if order == NULL:
        return -1
    order.instrument = row.instrument
    order.inst_id = trading.instruments.instruments[row.instrument].inst_id
    unnamed = keep_attached(trading, owner, row.order, parsed)
    if unnamed > 0:
        additions[number].attached_id = trading.mint_numbers(owner, unnamed)
    return 0


cdef OrderSlot* add_order(
        TradingState trading, int32_t owner, int32_t slot, int32_t at, const ParsedRow* parsed,
        const Span* cl_ord_id) noexcept:
    """The order that a place row asks for, not sent yet. NULL: no room."""
    cdef RowSlot* row = &trading.requests.rows[at]
    cdef OrderSlot* order
    cdef Span text
    if op_is_algo(trading.requests.requests[slot].op):
        row.order = trading.orders.add_algo(owner, cl_ord_id)
    else:
        row.order = trading.orders.add(owner, cl_ord_id)
    if row.order < 0:
        return NULL
    order = &trading.orders.orders[row.order]
    row.order_generation = order.generation
    order.request = slot
    order.request_generation = trading.requests.requests[slot].generation
    order.row = row.row
    order.unsent = True
    order.counts_fills = True
    text = field_text(parsed, KEY_SIDE)
    set_number(&order.side, &text)
    text = field_text(parsed, KEY_ORD_TYPE)
    set_number(&order.ord_type, &text)
    text = field_text(parsed, KEY_TD_MODE)
    set_number(&order.td_mode, &text)
    text = field_text(parsed, KEY_PX)
    set_number(&order.px, &text)
    text = field_text(parsed, KEY_SZ)
    set_number(&order.sz, &text)
    return order


cdef int32_t keep_attached(TradingState trading, int32_t owner, int32_t order, const ParsedRow* parsed) noexcept:
    """The ids under which the row attaches algo orders are its strategy's. Returns how many have none."""
    cdef Cursor cursor
    cdef AttachedOrder attached
    cdef int32_t unnamed = 0
    cdef bint is_first = True
    if parsed.known[KEY_ATTACH_ALGO_ORDS] < 0:
        return 0
    trading.attaches = True
    cursor = attached_orders_of(&parsed.fields[parsed.known[KEY_ATTACH_ALGO_ORDS]].value)
    while next_attached(&cursor, is_first, &attached):
        is_first = False
        if attached.id.n > 0:
            trading.attached_ids.add(owner, order, &attached.id)
        else:
            unnamed += 1
    return unnamed


cdef void keep_asked(TradingState trading, RowSlot* row, const ParsedRow* parsed) noexcept:
    """What an amend row asks of its order."""
    cdef Span text = field_text(parsed, KEY_REQ_ID)
    set_text(&row.req_id, &text)
    text = field_text(parsed, KEY_NEW_PX)
    set_number(&row.new_px, &text)
    text = field_text(parsed, KEY_NEW_SZ)
    set_number(&row.new_sz, &text)
    trading.attaches = trading.attaches or parsed.known[KEY_ATTACH_ALGO_ORDS] >= 0


cdef void mint_req_id(TradingState trading, int32_t slot, RowSlot* row) noexcept:
    """The id under which OKX gets the request, and the row: unique per amend (OKX docs, Amend order, `reqId`)."""
    trading.requests.write_okx_id(slot, row.req_id.p)
    row.req_id.p[OKX_ID_LEN] = <char>(c"a" + row.row)
    row.req_id.n = MINTED_REQ_ID_LEN


cdef void note_req_id(TradingState trading, int32_t at) noexcept:
    """A strategy's own `reqId`: where it has been used for this order before, what a push says of it proves nothing of
    either amend."""
    cdef RowSlot* row = &trading.requests.rows[at]
    cdef Span order = span_of(&row.ord_id)
    cdef Text own = row.req_id
    cdef Span req_id = span_of(&own)
    cdef int32_t list_id, other
    if row.order >= 0:
        order = span_of(&trading.orders.orders[row.order].cl_ord_id)
        if order.n == 0:
            order = span_of(&trading.orders.orders[row.order].ord_id)
    elif order.n == 0:
        order = span_of(&row.cl_ord_id)
    if trading.orders.take_req_id(&order, &req_id):
        return
    for list_id in (LIST_WAITING, LIST_SENT, LIST_UNKNOWN):
        other = trading.requests.lists[list_id].head
        while other >= 0:
            forget_req_id(trading, other, req_id)
            other = trading.requests.requests[other].next
    forget_req_id(trading, row.request, req_id)


cdef void forget_req_id(TradingState trading, int32_t slot, Span req_id) noexcept:
    cdef int32_t at = trading.requests.requests[slot].first_row
    while at >= 0:
        if span_is(&req_id, trading.requests.rows[at].req_id.p, trading.requests.rows[at].req_id.n):
            trading.requests.rows[at].req_id.n = 0
        at = trading.requests.rows[at].next


cdef void undo_slots(TradingState trading, int32_t slot) noexcept:
    """The request could not get all its orders: none of it stays."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    while at >= 0:
        if trading.requests.rows[at].order >= 0:
            trading.orders.drop(trading.requests.rows[at].order)
        at = trading.requests.rows[at].next
    trading.requests.drop(slot)


cdef void note_given_ids(TradingState trading, ParsedRequest* request, int32_t slot) noexcept:
    """A refused request's own ids, for its `.ack`."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef RowSlot* row
    cdef Span text
    while at >= 0:
        row = &trading.requests.rows[at]
        if row.row < request.row_count:
            text = field_text(&request.rows[row.row], KEY_CL_ORD_ID)
            if is_word(&text, 32):
                set_text(&row.cl_ord_id, &text)
            text = field_text(&request.rows[row.row], KEY_ORD_ID)
            if is_word(&text, 32):
                set_text(&row.ord_id, &text)
        at = row.next


cdef void withdraw_targets(TradingState trading, int32_t slot) noexcept:
    """Rows that cancel an order still waiting in here: it is withdrawn, and that cancel is done."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef RowSlot* row
    cdef OrderSlot* order
    cdef int32_t target
    while at >= 0:
        row = &trading.requests.rows[at]
        if row.order >= 0 and trading.orders.orders[row.order].unsent:
            order = &trading.orders.orders[row.order]
            target = trading.requests.row_of(order.request, order.row)
            if (trading.requests.requests[order.request].list_id == LIST_WAITING
                    and trading.requests.rows[target].result == RESULT_PENDING):
                withdraw_row(trading, target)
                row.withdrawn = True
                row.s_code = -1
                set_result(trading, at, RESULT_ACCEPTED, ORIGIN_GATEWAY, REASON_CANCELLED_BEFORE_SEND)
        at = row.next
    assign_keys(trading, slot)


cdef void drop_withdrawn(TradingState trading, ParsedRequest* request, RowAddition* additions, int32_t slot) noexcept:
    """Rows that are already done do not go to OKX: the others move up."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef int32_t kept = 0
    cdef RowSlot* row
    while at >= 0:
        row = &trading.requests.rows[at]
        if not row.withdrawn:
            row.sent_row = <unsigned char>kept
            if kept != row.row:
                request.rows[kept] = request.rows[row.row]
                additions[kept] = additions[row.row]
            kept += 1
        at = row.next
    request.row_count = kept


cdef void note_places(TradingState trading, int32_t slot, const FrameMap* frame_map) noexcept:
    """Where each row stands in the frame."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    while at >= 0:
        if not trading.requests.rows[at].withdrawn:
            trading.requests.rows[at].frame_at = frame_map.row_at[trading.requests.rows[at].sent_row]
            trading.requests.rows[at].frame_n = frame_map.row_n[trading.requests.rows[at].sent_row]
        at = trading.requests.rows[at].next
