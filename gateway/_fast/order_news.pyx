"""Pure. What a push tells that is new about an order.

Source of the rules on repeats: OKX docs, WS / Order channel (keep the first of a tradeId, of a terminal state, of a reqId).
"""
from gateway._fast.enums cimport *
from gateway._fast.frame_scanner cimport *
from gateway._fast.json_cursor cimport span_is
from gateway._fast.names cimport is_terminal
from gateway._fast.slots cimport set_number, set_text


cdef bint differs(const Span* said, const Text* known) noexcept nogil:
    """Both are given, and they are not the same."""
    return said.n > 0 and known.n > 0 and not span_is(said, known.p, known.n)


cdef bint has_size(const Span* text) noexcept nogil:
    """Not empty and not zero."""
    return compare_sizes(text.p, <int32_t>text.n, b"0", 1) > 0


cdef bint is_older(const Span* u_time, const Text* known) noexcept nogil:
    """A row that was read before something newer was told, or a late repeat. Source: OKX docs, WS / Order channel, `uTime`."""
    return u_time.n > 0 and known.n > 0 and compare_sizes(u_time.p, <int32_t>u_time.n, known.p, known.n) < 0


cdef bint take_state(OrderSlot* order, const OrderPush* push, int state, int32_t source, bint is_new_amend, bint is_repeat) noexcept nogil:
    """Brings the order up to the push. False when the push is a repeat, or older than what is known.

    `is_repeat`: its trade or amend has been told before, so that its price and size may be old; only state and fills can be news.
    """
    cdef const Span* acc_fill_sz = &push.text[PUSH_ACC_FILL_SZ]
    cdef int grew = compare_sizes(acc_fill_sz.p, <int32_t>acc_fill_sz.n, order.acc_fill_sz.p, order.acc_fill_sz.n)
    cdef bint changed
    if is_terminal(order.state) and order.state != ORD_STATE_REJECTED:
        return False
    if not is_terminal(state) and grew <= 0 and is_older(&push.text[PUSH_U_TIME], &order.u_time):
        return is_new_amend
    if not is_terminal(state) and (grew < 0 or (state == ORD_STATE_LIVE and order.state == ORD_STATE_PARTIALLY_FILLED)):
        return False
    changed = state != order.state or grew != 0 or is_new_amend
    if not is_repeat and (not span_is(&push.text[PUSH_PX], order.px.p, order.px.n) or not span_is(&push.text[PUSH_SZ], order.sz.p, order.sz.n)):
        changed = True
    if not changed:
        if push.text[PUSH_U_TIME].n > 0 and not is_older(&push.text[PUSH_U_TIME], &order.u_time):
            set_text(&order.u_time, &push.text[PUSH_U_TIME])
        return False
    order.state = <unsigned char>state
    set_number(&order.acc_fill_sz, acc_fill_sz)
    set_number(&order.px, &push.text[PUSH_PX])
    set_number(&order.sz, &push.text[PUSH_SZ])
    set_number(&order.avg_px, &push.text[PUSH_AVG_PX])
    set_number(&order.side, &push.text[PUSH_SIDE])
    set_number(&order.ord_type, &push.text[PUSH_ORD_TYPE])
    set_text(&order.c_time, &push.text[PUSH_C_TIME])
    set_text(&order.u_time, &push.text[PUSH_U_TIME])
    order.unsent = False
    return True
