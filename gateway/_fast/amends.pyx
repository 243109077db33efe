"""Pure. Amends of an order: which of them may have overtaken each other, and what proves of one without an answer that it was executed."""
from gateway._fast.enums cimport *
from gateway._fast.frame_scanner cimport PUSH_AMEND_RESULT, compare_sizes
from gateway._fast.json_cursor cimport JSON_OK, Span, span_is, span_to_int
from gateway._fast.names cimport algo_has_ended, is_terminal
from gateway._fast.slots cimport NumberText, span_of

cdef enum:
    CLOCK_DOUBT_MS = 1000  # by how much OKX's clock, as measured, may at most be off

cdef NumberText NO_NUMBER
NO_NUMBER.n = 0


cdef bint amend_succeeded(const OrderPush* push) noexcept nogil:
    """Source: OKX docs, WS / Order channel, `amendResult`: 0 is success, -1 and 1 are failures."""
    return span_is(&push.text[PUSH_AMEND_RESULT], b"0", 1)


cdef bint differs_from(const NumberText* asked, const NumberText* got) noexcept nogil:
    return asked.n > 0 and compare_sizes(asked.p, asked.n, got.p, got.n) != 0


cdef bint would_change(const RowSlot* row, const OrderSlot* order) noexcept nogil:
    """The order does not stand as the amend asks."""
    return differs_from(&row.new_px, &order.px) or differs_from(&row.new_sz, &order.sz)


# ---------------------------------------------------------------- what has become of them

cdef void note_sent_amend(RowSlot* row, OrderSlot* order) noexcept nogil:
    row.is_alone = order.amends_in_flight == 0 and order.awaited_px.n == 0 and order.awaited_sz.n == 0
    row.asks_change = would_change(row, order)
    order.amends += 1
    row.amend_number = order.amends
    order.amends_in_flight += 1


cdef void note_accepted_amend(const RowSlot* row, OrderSlot* order) noexcept nogil:
    order.awaited_px = row.new_px if differs_from(&row.new_px, &order.px) else NO_NUMBER
    order.awaited_sz = row.new_sz if differs_from(&row.new_sz, &order.sz) else NO_NUMBER


cdef void note_failed_amend(OrderSlot* order) noexcept nogil:
    """Accepted, and not executed after all (OKX docs, WS / Order channel, `amendResult` -1): no row will show it."""
    order.awaited_px = NO_NUMBER
    order.awaited_sz = NO_NUMBER


cdef void note_shown(OrderSlot* order) noexcept nogil:
    """The order has been brought up to a row, which may show what its newest accepted amend has asked for."""
    if not differs_from(&order.awaited_px, &order.px):
        order.awaited_px.n = 0
    if not differs_from(&order.awaited_sz, &order.sz):
        order.awaited_sz.n = 0


# ---------------------------------------------------------------- what proves of one

cdef bint is_lone(const RowSlot* row, const OrderSlot* order) noexcept nogil:
    """No other amend of the order can have been executed at the same time as this one, or later."""
    return row.is_alone and row.amend_number == order.amends


cdef bint was_untouched(const RequestSlot* request, const OrderSlot* order) noexcept nogil:
    """OKX last changed the order before the amend was sent: it has not executed it."""
    cdef long long u_time
    cdef Span text = span_of(&order.u_time)
    return not request.sent_by_own_clock and span_to_int(&text, &u_time) == JSON_OK and u_time < request.sent_okx_ms - CLOCK_DOUBT_MS


cdef int end_of_amend(const RequestSlot* request, const RowSlot* row, const OrderSlot* order) noexcept nogil:
    """What the end of its order says of an unknown amend: it was taken if it asked for a change and the order ended as it would have it.

    One of an order that had ended when it was sent was not taken. Of one that was not alone, that asked for what was, or that came
    by `newPxUsd` or `newPxVol`, it cannot be told: it stays unknown.
    """
    if was_untouched(request, order):
        return RESULT_REJECTED
    if not is_lone(row, order) or not row.asks_change:
        return RESULT_UNKNOWN
    return RESULT_REJECTED if would_change(row, order) else RESULT_ACCEPTED


cdef int amend_by_query(const RequestSlot* request, const RowSlot* row, const OrderSlot* order) noexcept nogil:
    """What REST's row of a live order, read after the amend's `expTime`, proves of it; RESULT_UNKNOWN for nothing.

    An order that OKX has not touched since the amend was sent has not been amended. One that has been, and stands as asked, has. Of an
    amend that was not alone, or where something else has changed the order meanwhile, it cannot be told.
    """
    cdef bint is_as_it_began
    if not row.asks_change or (algo_has_ended(order.state) if order.is_algo else is_terminal(order.state)):
        return RESULT_UNKNOWN
    is_as_it_began = order.u_time.n > 0 and order.c_time.n > 0 and compare_sizes(order.u_time.p, order.u_time.n, order.c_time.p, order.c_time.n) == 0
    if is_as_it_began or was_untouched(request, order):
        return RESULT_REJECTED if would_change(row, order) else RESULT_UNKNOWN
    return RESULT_UNKNOWN if not is_lone(row, order) or would_change(row, order) else RESULT_ACCEPTED
