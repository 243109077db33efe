"""The events about orders and algo orders: a new state, an execution, the result of an amend.
OKX's own rows are passed on byte for byte."""
from libc.stdint cimport uint32_t
from libc.string cimport strlen

from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport RequestSlot
from gateway._fast.base.span cimport Span, Value, span_is
from gateway._fast.base.wire_names cimport (
    algo_has_ended, algo_state_name, cancel_reason, is_terminal, source_name, state_name)
from gateway._fast.frames.scanner cimport *
from gateway._fast.json.cursor cimport JSON_OKX_DEPTH, Cursor, next_member
from gateway._fast.json.writer cimport Writer, put, put_char, put_int, put_text
from gateway._fast.results.event_fields cimport put_member, put_slot_number, put_slot_text, put_stamps, put_word


cdef RequestSlot* placed_by(TradingState trading, const OrderSlot* order) noexcept:
    """The request that placed the order, or NULL when its slot has been given away."""
    if (order == NULL or order.request < 0
            or trading.requests.requests[order.request].generation != order.request_generation):
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


cdef void write_fill(
        TradingState trading, int32_t owner, const OrderSlot* order, const OrderPush* push, int32_t source,
        int64_t venue_ns) noexcept:
    """One execution, published to `owner`. `order` is NULL where the table no longer holds it, or never could."""
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


cdef void write_order(
        TradingState trading, int32_t slot, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept:
    """An order's new state."""
    cdef OrderSlot* order = &trading.orders.orders[slot]
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


cdef void write_algo(
        TradingState trading, int32_t slot, const AlgoPush* push, int32_t source, int64_t venue_ns) noexcept:
    """An algo order's new state, or new terms."""
    cdef OrderSlot* algo = &trading.orders.orders[slot]
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


cdef void write_amend_result(
        TradingState trading, int32_t slot, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept:
    """The result of an amend, from a push that is behind what was published of the order: all but the result is as it
    is now."""
    cdef OrderSlot* order = &trading.orders.orders[slot]
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
