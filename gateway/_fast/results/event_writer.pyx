"""The events that the data plane publishes, as `docs/protocol.md` shows them. OKX's own rows are passed on byte for byte."""
from libc.stdint cimport uint32_t
from libc.string cimport strlen

from gateway._fast.base.clock cimport realtime_ns
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport NumberText, OrderSlot, RequestSlot, RowSlot, Text, span_of
from gateway._fast.base.span cimport span_is
from gateway._fast.base.wire_names cimport algo_has_ended, algo_state_name, cancel_reason, is_terminal, op_is_algo, op_name, proof_name, reason_name, result_name, source_name, state_name, topic_name
from gateway._fast.frames.scanner cimport *
from gateway._fast.json.cursor cimport JSON_OKX_DEPTH, Cursor, next_member
from gateway._fast.json.writer cimport put, put_char, put_int, put_text


cdef enum:
    ACCOUNT_FRAMES_MAX = 1_024  # told since the control plane last looked, some hundredths of a second ago; more are compared with REST only


cdef void put_member(Writer* w, const char* key, const Span* text) noexcept:
    """`,"key":"text"`; the text is passed on with its escapes as they were."""
    put(w, b',"', 2)
    put_text(w, key)
    put(w, b'":"', 3)
    put(w, text.p, text.n)
    put_char(w, c'"')


cdef void put_word(Writer* w, const char* key, const char* word) noexcept:
    put(w, b',"', 2)
    put_text(w, key)
    put(w, b'":"', 3)
    put_text(w, word)
    put_char(w, c'"')


cdef void put_slot_text(Writer* w, const char* key, const Text* text) noexcept:
    cdef Span span = span_of(text)
    put_member(w, key, &span)


cdef void put_stamp(Writer* w, const char* key, int64_t ns, bint is_first) noexcept:
    if not is_first:
        put_char(w, c",")
    put_char(w, c'"')
    put_text(w, key)
    put(w, b'":"', 3)
    put_int(w, ns)
    put_char(w, c'"')


cdef void put_stamps(Writer* w, const RequestSlot* request, int64_t venue_ns) noexcept:
    """`,"gw":{…}`: of the stamps, those that apply."""
    put_text(w, b',"gw":{')
    if request != NULL:
        put_stamp(w, b"recvNs", request.recv_ns, True)
        if request.sent_ns != 0:
            put_stamp(w, b"sentNs", request.sent_ns, False)
            if request.route == ROUTE_REST:
                put_word(w, b"route", b"rest")
    if venue_ns != 0:
        put_stamp(w, b"venueNs", venue_ns, request == NULL)
    put_stamp(w, b"pubNs", realtime_ns(), request == NULL and venue_ns == 0)
    put_char(w, c"}")


cdef void put_code(Writer* w, int32_t code) noexcept:
    """`,"sCode":"51008"`; empty for a row that OKX did not answer (-1)."""
    put_text(w, b',"sCode":"')
    if code >= 0:
        put_int(w, code)
    put_char(w, c'"')


cdef void put_row_head(Writer* w, const RowSlot* row) noexcept:
    put_text(w, b'{"row":')
    put_int(w, row.row)
    put_word(w, b"result", result_name(row.result))
    put_word(w, b"origin", b"gateway" if row.origin == ORIGIN_GATEWAY else b"okx")
    put_word(w, b"reason", reason_name(row.reason))


cdef void put_row_ids(Writer* w, const RowSlot* row, bint is_algo) noexcept:
    put_slot_text(w, b"algoClOrdId" if is_algo else b"clOrdId", &row.cl_ord_id)
    put_slot_text(w, b"algoId" if is_algo else b"ordId", &row.ord_id)
    put_code(w, row.s_code)


cdef void put_recorded_row(Writer* w, TradingState trading, int32_t number) noexcept:
    """A row as it is remembered, for a repeated id."""
    cdef const RowSlot* row = &trading.requests.rows[number]
    cdef Span msg
    msg.p = row.msg.p
    msg.n = row.msg.n
    put_row_head(w, row)
    put_member(w, b"msg", &msg)
    put_row_ids(w, row, op_is_algo(trading.requests.requests[row.request].op))
    put_char(w, c"}")


cdef void write_ack(TradingState trading, int32_t number, const VenueFrame* frame, const Span* items, const Span* msg, int64_t retry_after_ms, int64_t venue_ns) noexcept:
    """The result of every row of a request. `frame` is OKX's answer (NULL: there is none) and `items` its items by row; `msg` the gateway's own words.

    `retry_after_ms` says when a token will be free; -1: nothing to say.
    """
    cdef RequestSlot* request = &trading.requests.requests[number]
    cdef RowSlot* row
    cdef Writer* w = trading.bus.begin(request.strategy, TOPIC_ACK, b"ack")
    cdef Span id = trading.requests.id_of(number)
    cdef Span text
    cdef int32_t at = request.first_row
    put_member(w, b"id", &id)
    put_word(w, b"op", op_name(request.op))
    if trading.may_repeat and request.sent_by_own_clock:  # of an earlier run
        put_text(w, b',"mayRepeat":true')
    if frame != NULL:
        put_member(w, b"code", &frame.code)
        put_member(w, b"msg", &frame.msg)
    elif msg != NULL:
        put_text(w, b',"code":"1"')
        put_member(w, b"msg", msg)
    else:
        put_text(w, b',"code":"","msg":""')
    put_text(w, b',"data":[')
    while at >= 0:
        row = &trading.requests.rows[at]
        if row.row > 0:
            put_char(w, c",")
        put_row_head(w, row)
        text.p = row.msg.p
        text.n = row.msg.n
        put_member(w, b"msg", msg if msg != NULL and row.origin == ORIGIN_GATEWAY and not row.withdrawn else &text)
        put_row_ids(w, row, op_is_algo(request.op))
        if items != NULL and items[row.row].n > 0:
            put_text(w, b',"okx":')
            put(w, items[row.row].p, items[row.row].n)
        put_char(w, c"}")
        at = row.next
    put_char(w, c"]")
    if retry_after_ms >= 0:
        put_text(w, b',"retryAfterMs":')
        put_int(w, retry_after_ms)
    if frame != NULL and frame.in_time.n > 0:
        put_member(w, b"inTime", &frame.in_time)
        put_member(w, b"outTime", &frame.out_time)
    put_stamps(w, request, venue_ns)
    trading.bus.commit()
    request.ack_published = True


cdef void write_resolved(TradingState trading, int32_t number, int32_t proof, int64_t venue_ns) noexcept:
    """The proven result of a row that was `unknown`."""
    cdef RowSlot* row = &trading.requests.rows[number]
    cdef RequestSlot* request = &trading.requests.requests[row.request]
    cdef Writer* w = trading.bus.begin(request.strategy, TOPIC_ACK, b"resolved")
    cdef Span id = trading.requests.id_of(row.request)
    put_member(w, b"id", &id)
    put_word(w, b"op", op_name(request.op))
    put_text(w, b',"row":')
    put_int(w, row.row)
    put_word(w, b"result", result_name(row.result))
    put_word(w, b"proof", proof_name(proof))
    put_row_ids(w, row, op_is_algo(request.op))
    put_stamps(w, request, venue_ns)
    trading.bus.commit()


cdef RequestSlot* placed_by(TradingState trading, const OrderSlot* order) noexcept:
    """The request that placed the order, or NULL when it is not held (any more)."""
    if order == NULL or order.request < 0 or trading.requests.requests[order.request].generation != order.request_generation:
        return NULL
    return &trading.requests.requests[order.request]


cdef void put_placement(Writer* w, TradingState trading, const OrderSlot* order, int32_t source) noexcept:
    """source, and the id and row of the request that placed the order; `order` NULL: its slot has been given away."""
    cdef Span id
    id.p = NULL
    id.n = 0
    put_word(w, b"source", source_name(source))
    if trading.may_repeat and source == SOURCE_RECONCILE:
        put_text(w, b',"mayRepeat":true')
    if placed_by(trading, order) != NULL:
        id = trading.requests.id_of(order.request)
    put_member(w, b"id", &id)
    put_text(w, b',"row":')
    put_int(w, 0 if order == NULL else order.row)


cdef void put_algo_ids(Writer* w, const OrderPush* push) noexcept:
    """Of an order that an algo order has placed."""
    if push.text[PUSH_ALGO_ID].n > 0 or push.text[PUSH_ALGO_CL_ORD_ID].n > 0:
        put_member(w, b"algoId", &push.text[PUSH_ALGO_ID])
        put_member(w, b"algoClOrdId", &push.text[PUSH_ALGO_CL_ORD_ID])


cdef void write_fill(TradingState trading, int32_t owner, const OrderSlot* order, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept:
    """One execution, told to `owner`. `order` is NULL where the table no longer holds it, or never could."""
    cdef Writer* w = trading.bus.begin(owner, TOPIC_FILL, b"fill")
    put_placement(w, trading, order, source)
    put_member(w, b"instId", &push.text[PUSH_INST_ID])
    put_member(w, b"ordId", &push.text[PUSH_ORD_ID])
    put_member(w, b"clOrdId", &push.text[PUSH_CL_ORD_ID])
    put_algo_ids(w, push)
    put_member(w, b"tradeId", &push.text[PUSH_TRADE_ID])
    put_member(w, b"side", &push.text[PUSH_SIDE])
    put_member(w, b"posSide", &push.text[PUSH_POS_SIDE])
    put_member(w, b"fillPx", &push.text[PUSH_FILL_PX])
    put_member(w, b"fillSz", &push.text[PUSH_FILL_SZ])
    put_member(w, b"fillTime", &push.text[PUSH_FILL_TIME])
    put_member(w, b"fillFee", &push.text[PUSH_FILL_FEE])
    put_member(w, b"fillFeeCcy", &push.text[PUSH_FILL_FEE_CCY])
    put_member(w, b"execType", &push.text[PUSH_EXEC_TYPE])
    put_member(w, b"accFillSz", &push.text[PUSH_ACC_FILL_SZ])
    put_stamps(w, placed_by(trading, order), venue_ns)
    trading.bus.commit()
    trading.counters.fills += 1
    trading.counters.corrections += source == SOURCE_RECONCILE


cdef void write_order(TradingState trading, int32_t number, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept:
    """An order's new state."""
    cdef OrderSlot* order = &trading.orders.orders[number]
    cdef Writer* w = trading.bus.begin(order.owner, TOPIC_ORDER, b"order")
    cdef bint ended = is_terminal(order.state)
    cdef const char* why = b""
    if ended:
        why = cancel_reason(push.text[PUSH_CANCEL_SOURCE].p, push.text[PUSH_CANCEL_SOURCE].n)
    put_placement(w, trading, order, source)
    put_member(w, b"instId", &push.text[PUSH_INST_ID])
    put_member(w, b"ordId", &push.text[PUSH_ORD_ID])
    put_member(w, b"clOrdId", &push.text[PUSH_CL_ORD_ID])
    put_algo_ids(w, push)
    put_word(w, b"state", state_name(order.state))
    put_member(w, b"accFillSz", &push.text[PUSH_ACC_FILL_SZ])
    put_text(w, b',"terminal":true' if ended else b',"terminal":false')
    put_word(w, b"reason", why)
    put_text(w, b',"data":')
    put(w, push.whole.p, push.whole.n)
    put_stamps(w, placed_by(trading, order), venue_ns)
    trading.bus.commit()
    trading.counters.corrections += source == SOURCE_RECONCILE


cdef void write_algo(TradingState trading, int32_t number, const AlgoPush* push, int32_t source, int64_t venue_ns) noexcept:
    """An algo order's new state, or new terms."""
    cdef OrderSlot* algo = &trading.orders.orders[number]
    cdef Writer* w = trading.bus.begin(algo.owner, TOPIC_ALGO, b"algo")
    put_placement(w, trading, algo, source)
    put_member(w, b"instId", &push.row.text[PUSH_INST_ID])
    put_member(w, b"algoId", &push.row.text[PUSH_ORD_ID])
    put_slot_text(w, b"algoClOrdId", &algo.cl_ord_id)
    put_member(w, b"ordType", &push.row.text[PUSH_ORD_TYPE])
    put_word(w, b"state", algo_state_name(algo.state))
    put_text(w, b',"ordIdList":')
    if push.ord_ids.n > 0:
        put(w, push.ord_ids.p, push.ord_ids.n)
    else:
        put_text(w, b"[]")
    put_text(w, b',"terminal":true' if algo_has_ended(algo.state) else b',"terminal":false')
    put_member(w, b"failCode", &push.row.text[PUSH_CANCEL_SOURCE])
    put_text(w, b',"data":')
    put(w, push.row.whole.p, push.row.whole.n)
    put_stamps(w, placed_by(trading, algo), venue_ns)
    trading.bus.commit()
    trading.counters.algo_corrections += source == SOURCE_RECONCILE


cdef void put_okx_member(Writer* w, const char* key, const OrderPush* push) noexcept:
    """A member of OKX's row as it was written; none where it is absent."""
    cdef Cursor cursor
    cdef Span name
    cdef Value value
    cdef bint is_first = True
    cursor.p = push.whole.p + 1
    cursor.end = push.whole.p + push.whole.n
    while next_member(&cursor, is_first, &name, &value, JSON_OKX_DEPTH) == 1:
        is_first = False
        if span_is(&name, key, <uint32_t>strlen(key)):
            put(w, b',"', 2)
            put_text(w, key)
            put(w, b'":', 2)
            put(w, value.p, value.n)
            return


cdef void put_slot_number(Writer* w, const char* key, const NumberText* text) noexcept:
    cdef Span span
    span.p = text.p
    span.n = text.n
    put_member(w, key, &span)


cdef void write_amend_result(TradingState trading, int32_t number, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept:
    """The result of an amend, from a push that is behind what has been told of the order: all but the result is as it is now."""
    cdef OrderSlot* order = &trading.orders.orders[number]
    cdef Writer* w = trading.bus.begin(order.owner, TOPIC_ORDER, b"order")
    cdef Span filled
    filled.p = order.acc_fill_sz.p
    filled.n = order.acc_fill_sz.n
    put_placement(w, trading, order, source)
    put_slot_number(w, b"instId", &order.inst_id)
    put_slot_text(w, b"ordId", &order.ord_id)
    put_slot_text(w, b"clOrdId", &order.cl_ord_id)
    put_word(w, b"state", state_name(order.state))
    put_member(w, b"accFillSz", &filled)
    put_text(w, b',"terminal":false,"reason":"","data":{"state":"')
    put_text(w, state_name(order.state))
    put_char(w, c'"')
    put_slot_number(w, b"instId", &order.inst_id)
    put_slot_text(w, b"ordId", &order.ord_id)
    put_slot_text(w, b"clOrdId", &order.cl_ord_id)
    put_slot_number(w, b"side", &order.side)
    put_slot_number(w, b"ordType", &order.ord_type)
    put_slot_number(w, b"px", &order.px)
    put_slot_number(w, b"sz", &order.sz)
    put_member(w, b"accFillSz", &filled)
    put_slot_number(w, b"avgPx", &order.avg_px)
    put_slot_text(w, b"uTime", &order.u_time)
    put_slot_text(w, b"cTime", &order.c_time)
    put_okx_member(w, b"reqId", push)
    put_okx_member(w, b"amendResult", push)
    put_okx_member(w, b"amendSource", push)
    put_okx_member(w, b"code", push)
    put_okx_member(w, b"msg", push)
    put_char(w, c"}")
    put_stamps(w, placed_by(trading, order), venue_ns)
    trading.bus.commit()


cdef void write_pass_on(TradingState trading, int32_t kind, int32_t source, const char* frame, Py_ssize_t n, int64_t venue_ns) noexcept:
    """A push about the account (FRAME_ACCOUNT, FRAME_POSITIONS or FRAME_BALANCE_AND_POSITION), as it came, or as REST's rows would have come."""
    cdef int32_t topic = TOPIC_BALANCE_AND_POSITION
    cdef Writer* w
    if kind == FRAME_ACCOUNT:
        topic = TOPIC_ACCOUNT
    elif kind == FRAME_POSITIONS:
        topic = TOPIC_POSITIONS
    w = trading.bus.begin(OWNER_ACCOUNT, topic, topic_name(topic))
    put_word(w, b"source", source_name(source))
    put_text(w, b',"data":')
    put(w, frame, n)
    put_stamps(w, NULL, venue_ns)
    trading.bus.commit()
    if kind != FRAME_BALANCE_AND_POSITION and len(trading.account_frames) < ACCOUNT_FRAMES_MAX:
        trading.account_frames.append(frame[:n])
