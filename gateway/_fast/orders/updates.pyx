"""Pure. What of a row of OKX's is new about an order; what follows from it: `lifecycle`.

Source of the rules on repeats: OKX docs, WS / Order channel (keep the first of a tradeId, of a terminal state, of a
reqId).
"""
from libc.stdint cimport uint32_t

from gateway._fast.base.decimals cimport Quantity, add_quantity, is_less, read_quantity, take_quantity
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport set_number, set_text
from gateway._fast.base.span cimport span_is
from gateway._fast.base.wire_names cimport is_terminal, is_users_cancel, state_of
from gateway._fast.frames.scanner cimport *
from gateway._fast.orders.amends cimport note_shown
from gateway._fast.orders.lifecycle cimport *


cdef bint differs(const Span* fields, const Text* known) noexcept nogil:
    """Both are given, and they are not the same."""
    return fields.n > 0 and known.n > 0 and not span_is(fields, known.p, known.n)


cdef bint has_size(const Span* text) noexcept nogil:
    """Not empty and not zero."""
    return compare_sizes(text.p, <int32_t>text.n, b"0", 1) > 0


cdef bint is_malformed(const Span* text) noexcept nogil:
    """It is given, and is no number in plain decimal notation, as OKX writes them."""
    cdef uint32_t at = 1 if text.n > 1 and text.p[0] == c"-" else 0
    cdef int points = 0
    while at < text.n and (c"0" <= text.p[at] <= c"9" or (text.p[at] == c"." and points == 0)):
        points += text.p[at] == c"."
        at += 1
    return text.p != NULL and (text.n == 0 or at < text.n)


cdef bint publishes_fill(const OrderPush* push) noexcept nogil:
    """What a fill cannot be booked without is there.
    Published without it, the complete fill would later pass for a repeat."""
    return has_size(&push.text[PUSH_FILL_SZ]) and not (is_malformed(&push.text[PUSH_FILL_SZ])
                                                       or is_malformed(&push.text[PUSH_FILL_PX])
                                                       or is_malformed(&push.text[PUSH_FILL_FEE])
                                                       or is_malformed(&push.text[PUSH_ACC_FILL_SZ]))


cdef bint has_fill(const OrderPush* push) noexcept nogil:
    """The push reports an execution, or should."""
    return (push.text[PUSH_TRADE_ID].n > 0
            and (has_size(&push.text[PUSH_FILL_SZ]) or is_malformed(&push.text[PUSH_FILL_SZ])))


cdef int published_state(const OrderPush* push, bint with_fill) noexcept nogil:
    """The row's ORD_STATE_*; -1 for one that OKX does not document, and for half a row, of which only the ids are
    taken."""
    if (is_malformed(&push.text[PUSH_ACC_FILL_SZ]) or is_malformed(&push.text[PUSH_SZ])
            or (with_fill and not publishes_fill(push))):
        return -1
    return state_of(push.text[PUSH_STATE].p, push.text[PUSH_STATE].n)


cdef bint is_older(const Span* u_time, const Text* known) noexcept nogil:
    """A row that was read before something newer was published, or a late repeat.
    Source: OKX docs, WS / Order channel, `uTime`."""
    return u_time.n > 0 and known.n > 0 and compare_sizes(u_time.p, <int32_t>u_time.n, known.p, known.n) < 0


cdef int life_event(
        const OrderSlot* order, const OrderPush* push, int state, bint is_new_amend, bint is_repeat) noexcept nogil:
    """What an OKX row that names `state` is to what is known of the order: a LIFE_* event.

    `is_repeat`: what the row is about was published before, so that its price and size may be old; only state and fills
    can be new.
    """
    cdef const Span* acc_fill_sz = &push.text[PUSH_ACC_FILL_SZ]
    cdef int grew
    cdef int behind = LIFE_LIVE_BEHIND if state == ORD_STATE_LIVE else LIFE_PARTIALLY_FILLED_BEHIND
    if is_terminal(state):
        return LIFE_FILLED + state - ORD_STATE_FILLED
    grew = compare_sizes(acc_fill_sz.p, <int32_t>acc_fill_sz.n, order.acc_fill_sz.p, order.acc_fill_sz.n)
    if grew < 0 or (grew == 0 and is_older(&push.text[PUSH_U_TIME], &order.u_time)):
        return behind
    if grew > 0 or is_new_amend or (not is_repeat and is_changed(order, push)):
        return behind + (LIFE_LIVE_UPDATE - LIFE_LIVE_BEHIND)
    return behind + (LIFE_LIVE_SAME - LIFE_LIVE_BEHIND)


cdef bint is_changed(const OrderSlot* order, const OrderPush* push) noexcept nogil:
    """The row has another price, or another size."""
    return (push.text[PUSH_PX].n > 0 and not span_is(&push.text[PUSH_PX], order.px.p, order.px.n)
            or not span_is(&push.text[PUSH_SZ], order.sz.p, order.sz.n))


cdef bint publishes_nothing_new(const OrderPush* push, int state) noexcept nogil:
    """A push about a trade or an amend that was published; or about neither, which is how an order becomes live, and
    repeats of that."""
    return (push.text[PUSH_TRADE_ID].n > 0 or push.text[PUSH_REQ_ID].n > 0
            or (state == ORD_STATE_LIVE and push.text[PUSH_AMEND_RESULT].n == 0))


cdef void note_time(OrderSlot* order, const OrderPush* push) noexcept nogil:
    if push.text[PUSH_U_TIME].n > 0:
        set_text(&order.u_time, &push.text[PUSH_U_TIME])


cdef void take_row(OrderSlot* order, const OrderPush* push, uint8_t state) noexcept nogil:
    """Brings the order up to the row."""
    order.state = state
    set_number(&order.acc_fill_sz, &push.text[PUSH_ACC_FILL_SZ])
    if push.text[PUSH_PX].n > 0:
        set_number(&order.px, &push.text[PUSH_PX])
    set_number(&order.sz, &push.text[PUSH_SZ])
    set_number(&order.avg_px, &push.text[PUSH_AVG_PX])
    set_number(&order.side, &push.text[PUSH_SIDE])
    set_number(&order.ord_type, &push.text[PUSH_ORD_TYPE])
    set_text(&order.c_time, &push.text[PUSH_C_TIME])
    set_text(&order.u_time, &push.text[PUSH_U_TIME])
    order.ended_by_venue = (is_terminal(state)
                            and not is_users_cancel(push.text[PUSH_CANCEL_SOURCE].p, push.text[PUSH_CANCEL_SOURCE].n))
    order.unsent = False
    note_shown(order)


cdef void begin_counting(OrderSlot* order, const OrderPush* push, bint with_fill) noexcept nogil:
    """An order that first appears with this row: what it had filled before is not ours to publish."""
    cdef Quantity fill
    order.counts_fills = read_quantity(&push.text[PUSH_ACC_FILL_SZ], &order.published)
    if with_fill and read_quantity(&push.text[PUSH_FILL_SZ], &fill):
        take_quantity(&order.published, &fill)


cdef void count_fill(OrderSlot* order, const OrderPush* push) noexcept nogil:
    """A fill of the order is being published."""
    cdef Quantity fill
    if read_quantity(&push.text[PUSH_FILL_SZ], &fill):
        add_quantity(&order.published, &fill)
    order.fills_requested = order.fills_requested and lacks_fills(order)


cdef bint lacks_fills(const OrderSlot* order) noexcept nogil:
    """OKX reports more filled than the published fills make up."""
    cdef Quantity filled
    cdef Span text
    text.p = order.acc_fill_sz.p
    text.n = order.acc_fill_sz.n
    return order.counts_fills and read_quantity(&text, &filled) and is_less(&order.published, &filled)
