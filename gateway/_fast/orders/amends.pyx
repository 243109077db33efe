"""Pure. Amends of an order: which of them may have overtaken each other, and what proves of one without an answer that
it was executed."""
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport NumberText, span_of
from gateway._fast.base.slot_index cimport hash_bytes
from gateway._fast.base.span cimport Span, span_is
from gateway._fast.base.wire_names cimport algo_has_ended, is_terminal
from gateway._fast.frames.scanner cimport PUSH_AMEND_RESULT, compare_sizes
from gateway._fast.json.cursor cimport JSON_OK, span_to_int
from libc.stdint cimport int32_t, uint32_t
from libc.string cimport memchr

cdef enum:
    CLOCK_ERROR_MS = 1000  # by how much OKX's clock, as measured, may at most be off

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


cdef bint would_change_base(const RowSlot* row, const OrderSlot* order) noexcept nogil:
    """The order did not stand as the amend asks when it was sent."""
    return differs_from(&row.new_px, &order.base_px) or differs_from(&row.new_sz, &order.base_sz)


cdef void note_other(
        AskedByOthers* others, const RowSlot* row, const RowSlot* other, const OrderSlot* order) noexcept nogil:
    """What another amend of the order, without a result too, asks for."""
    others.px |= other.new_px.n > 0 and not differs_from(&other.new_px, &row.new_px)
    others.sz |= other.new_sz.n > 0 and not differs_from(&other.new_sz, &row.new_sz)
    others.base_px |= other.new_px.n > 0 and not differs_from(&other.new_px, &order.base_px)
    others.base_sz |= other.new_sz.n > 0 and not differs_from(&other.new_sz, &order.base_sz)


cdef uint64_t bit_of(const NumberText* number) noexcept nogil:
    """One of 64 bits, the same for all ways to write a number in plain decimals."""
    cdef int32_t start = 0
    cdef int32_t end = number.n
    while start < end and number.p[start] == c"0":
        start += 1
    if memchr(number.p, c".", number.n) != NULL:
        while end > start and number.p[end - 1] == c"0":
            end -= 1
        end -= end > start and number.p[end - 1] == c"."
    return <uint64_t>1 << (hash_bytes(number.p + start, <uint32_t>(end - start), 1) & 63)


# ---------------------------------------------------------------- what has become of them

cdef void note_sent_amend(OrderSlot* order) noexcept nogil:
    if order.amends_in_flight == 0:
        order.base_px = order.awaited_px if order.awaited_px.n > 0 else order.px
        order.base_sz = order.awaited_sz if order.awaited_sz.n > 0 else order.sz
        order.accepted_px = order.accepted_sz = 0
        order.amended_elsewhere = False
    order.amends_in_flight += 1


cdef void note_accepted_amend(const RowSlot* row, OrderSlot* order) noexcept nogil:
    order.awaited_px = row.new_px if differs_from(&row.new_px, &order.px) else NO_NUMBER
    order.awaited_sz = row.new_sz if differs_from(&row.new_sz, &order.sz) else NO_NUMBER
    order.accepted_px |= bit_of(&row.new_px) if row.new_px.n > 0 else 0
    order.accepted_sz |= bit_of(&row.new_sz) if row.new_sz.n > 0 else 0


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

cdef bint was_untouched(const RequestSlot* request, const OrderSlot* order) noexcept nogil:
    """OKX last changed the order before the amend was sent: it has not executed it."""
    cdef long long u_time
    cdef Span text = span_of(&order.u_time)
    return (not request.sent_by_own_clock and span_to_int(&text, &u_time) == JSON_OK
            and u_time < request.sent_okx_ms - CLOCK_ERROR_MS)


cdef int verdict_of(
        const NumberText* asked, const NumberText* now, const NumberText* base, uint64_t accepted, bint others_ask_it,
        bint others_ask_base) noexcept nogil:
    """What one value of the order proves of the amend that asked for it: 1 executed, -1 not executed, 0 nothing.

    Only what was asked for last is seen. So the value proves the one amend that asked for it; and the one from before
    them all, that none was executed.
    """
    if base.n == 0 or not differs_from(asked, base):
        return 0
    if not differs_from(base, now):
        return -1 if accepted == 0 and not others_ask_base else 0
    if not differs_from(asked, now):
        return 1 if not accepted & bit_of(asked) and not others_ask_it else 0
    return 0


cdef int by_values(const RowSlot* row, const OrderSlot* order, const AskedByOthers* others) noexcept nogil:
    """By the order's price and size, unless somebody or something else has amended it too.
    RESULT_UNKNOWN: they prove nothing."""
    cdef int px = verdict_of(&row.new_px, &order.px, &order.base_px, order.accepted_px, others.px, others.base_px)
    cdef int sz = verdict_of(&row.new_sz, &order.sz, &order.base_sz, order.accepted_sz, others.sz, others.base_sz)
    if not row.is_in_flight or order.amended_elsewhere or px * sz < 0 or px + sz == 0:
        return RESULT_UNKNOWN
    return RESULT_ACCEPTED if px + sz > 0 else RESULT_REJECTED


cdef int end_of_amend(
        const RequestSlot* request, const RowSlot* row, const OrderSlot* order,
        const AskedByOthers* others) noexcept nogil:
    """What the end of its order proves of an unknown amend.
    One of an order that had ended when it was sent was not executed.

    One that asked for what was, or that came by `newPxUsd` or `newPxVol`, stays unknown.
    """
    return RESULT_REJECTED if was_untouched(request, order) else by_values(row, order, others)


cdef int amend_by_query(
        const RequestSlot* request, const RowSlot* row, const OrderSlot* order, const AskedByOthers* others,
        bint is_sure) noexcept nogil:
    """What REST's row of a live order, read after the amend's `expTime`, proves of it; RESULT_UNKNOWN for nothing.

    An order that OKX has not touched since the amend was sent has not been amended. For the rest see `by_values`; that
    one was not executed, only where `is_sure`: REST has shown the same before, and may lag no more.
    """
    cdef bint is_as_it_began
    cdef int result
    if ((algo_has_ended(order.state) if order.is_algo else is_terminal(order.state))
            or not would_change_base(row, order)):
        return RESULT_UNKNOWN
    is_as_it_began = (order.u_time.n > 0 and order.c_time.n > 0
                      and compare_sizes(order.u_time.p, order.u_time.n, order.c_time.p, order.c_time.n) == 0)
    if is_as_it_began or was_untouched(request, order):
        return RESULT_REJECTED if would_change(row, order) else RESULT_UNKNOWN
    result = by_values(row, order, others)
    return RESULT_UNKNOWN if result == RESULT_REJECTED and not is_sure else result
