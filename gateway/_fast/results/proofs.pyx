"""What proves of a row without OKX's answer whether it was executed: pushes, REST's rows, the end of its order.

What nothing proves is `unknown`, until one of them does.
"""
from libc.string cimport memset

from gateway._fast.base.debug_checks cimport FAULT_TIMEOUT_IS_REJECT, fault
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport RequestSlot, span_of
from gateway._fast.base.span cimport Span, span_is
from gateway._fast.base.wire_names cimport algo_has_ended, op_kind
from gateway._fast.frames.scanner cimport PUSH_AMEND_RESULT, PUSH_ORD_ID, PUSH_REQ_ID
from gateway._fast.orders.amends cimport amend_succeeded, end_of_amend, note_failed_amend, note_other
from gateway._fast.orders.lifecycle cimport PROVEN_BY_VALUES, proven_by_state
from gateway._fast.orders.request_table cimport LIST_SENT, LIST_UNKNOWN
from gateway._fast.results.ack_events cimport write_ack
from gateway._fast.results.results cimport close_request, order_about, order_of, resolve, set_result


cdef int proven_result(TradingState trading, const RowSlot* row) noexcept:
    """What pushes have already proven of a row without an ack: a RESULT_*, or RESULT_UNKNOWN for nothing."""
    cdef int kind = op_kind(trading.requests.requests[row.request].op)
    cdef OrderSlot* order = order_about(trading, row)
    cdef Span ord_id, req_id
    if order == NULL:
        return RESULT_UNKNOWN
    if kind == KIND_AMEND and row.req_id.n > 0:
        ord_id = span_of(&order.ord_id)
        req_id = span_of(&row.req_id)
        if trading.orders.has_amend(&ord_id, &req_id, True):
            return RESULT_ACCEPTED
        if trading.orders.has_amend(&ord_id, &req_id, False):
            return RESULT_REJECTED
    return proven_by_order(trading, kind, row, order)


cdef int proven_by_algo(int state, int kind) noexcept:
    """What an algo order's state proves: as `proven_by_state`."""
    if kind == KIND_PLACE:
        return RESULT_UNKNOWN if state == ALGO_STATE_PENDING else RESULT_ACCEPTED
    if not algo_has_ended(state):
        return RESULT_UNKNOWN
    return (PROVEN_BY_VALUES if kind == KIND_AMEND else RESULT_ACCEPTED if state == ALGO_STATE_CANCELED
            else RESULT_REJECTED)


cdef AskedByOthers asked_by_others(TradingState trading, const RowSlot* row, const OrderSlot* order) noexcept:
    """By the other amends of the order that have no result."""
    cdef AskedByOthers others
    cdef const RowSlot* other
    cdef int32_t list_id, request, at
    memset(&others, 0, sizeof(others))
    for list_id in (LIST_SENT, LIST_UNKNOWN):
        request = trading.requests.lists[list_id].head
        while request >= 0:
            at = (trading.requests.requests[request].first_row
                  if op_kind(trading.requests.requests[request].op) == KIND_AMEND else -1)
            while at >= 0:
                other = &trading.requests.rows[at]
                if other != row and other.is_in_flight and order_of(trading, other) == order:
                    note_other(&others, row, other, order)
                at = other.next
            request = trading.requests.requests[request].next
    return others


cdef int proven_by_order(TradingState trading, int kind, const RowSlot* row, const OrderSlot* order) noexcept:
    """What the order's state, and the values with which it ended, prove of a row about it."""
    cdef int result = proven_by_algo(order.state, kind) if order.is_algo else proven_by_state(order.state, kind)
    cdef AskedByOthers others
    if result == PROVEN_BY_VALUES and kind == KIND_CANCEL:
        return RESULT_REJECTED if order.ended_by_venue else RESULT_ACCEPTED
    if result != PROVEN_BY_VALUES:
        return result
    others = asked_by_others(trading, row, order)
    return end_of_amend(&trading.requests.requests[row.request], row, order, &others)


cdef void make_unknown(TradingState trading, int32_t slot, int32_t reason) noexcept:
    """No ack: rows without a result become `unknown`, unless pushes have already proven what became of them."""
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef int32_t at = request.first_row
    cdef RowSlot* row
    cdef int result
    while at >= 0:
        row = &trading.requests.rows[at]
        if row.result == RESULT_PENDING and fault(FAULT_TIMEOUT_IS_REJECT):
            set_result(trading, at, RESULT_REJECTED, ORIGIN_OKX, reason)
        elif row.result == RESULT_PENDING:
            row.s_code = -1
            result = proven_result(trading, row)
            set_result(trading, at, result, ORIGIN_OKX, reason if result == RESULT_UNKNOWN else REASON_NONE)
        at = row.next
    write_ack(trading, slot, NULL, NULL, NULL, -1, 0)
    close_request(trading, slot)


cdef bint note_amend_push(TradingState trading, OrderSlot* order, const OrderPush* push) noexcept:
    """A push of an amend's result. True the first time that it is shown.
    One that nothing here has asked for changes what values prove."""
    cdef bint is_new
    if push.text[PUSH_AMEND_RESULT].n > 0 and not trading.orders.knows_req_id(order, &push.text[PUSH_REQ_ID]):
        order.amended_elsewhere = True
    if push.text[PUSH_REQ_ID].n == 0:
        return False
    is_new = trading.orders.take_amend(&push.text[PUSH_ORD_ID], &push.text[PUSH_REQ_ID], amend_succeeded(push))
    if is_new and not amend_succeeded(push):
        note_failed_amend(order)
    return is_new


cdef bint is_own_push(const RowSlot* row, const OrderPush* push) noexcept:
    """The push reports on this very amend."""
    return row.req_id.n > 0 and span_is(&push.text[PUSH_REQ_ID], row.req_id.p, row.req_id.n)


cdef int cancel_or_amend_proof(
        TradingState trading, int32_t kind, const RowSlot* row, const OrderSlot* order, const OrderPush* push) noexcept:
    """What a push on its order proves of an unknown cancel or amend: a RESULT_*, or RESULT_UNKNOWN for nothing."""
    if kind == KIND_AMEND and is_own_push(row, push):
        return RESULT_ACCEPTED if amend_succeeded(push) else RESULT_REJECTED
    return proven_by_order(trading, kind, row, order)


cdef bint resolve_never_existed(TradingState trading, int32_t slot) noexcept:
    """OKX never had this order: what is unknown of it, its placement and all that was asked of it since, was not
    executed.

    False, and nothing done, unless its placement is unknown.
    """
    cdef OrderSlot* order = &trading.orders.orders[slot]
    cdef int32_t at = trading.requests.lists[LIST_UNKNOWN].head
    cdef int32_t row, next_request
    if (proven_by_order(trading, KIND_PLACE, NULL, order) != RESULT_UNKNOWN or order.request < 0
            or trading.requests.requests[order.request].generation != order.request_generation):
        return False
    if trading.requests.rows[trading.requests.row_of(order.request, order.row)].result != RESULT_UNKNOWN:
        return False
    while at >= 0:
        next_request = trading.requests.requests[at].next
        row = trading.requests.requests[at].first_row
        while row >= 0:
            if (trading.requests.rows[row].result == RESULT_UNKNOWN
                    and order_of(trading, &trading.requests.rows[row]) == order):
                resolve(trading, row, RESULT_REJECTED, PROOF_NOT_FOUND_AFTER_EXP_TIME, 0)
            row = trading.requests.rows[row].next
        at = next_request
    return True


cdef void resolve_by_push(
        TradingState trading, int32_t slot, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept:
    """What a row of OKX's about an order proves of the unknown requests on it. Cheap while nothing is unknown."""
    cdef OrderSlot* order = &trading.orders.orders[slot]
    cdef int32_t at = trading.requests.lists[LIST_UNKNOWN].head
    cdef int32_t row, next_request, next_row
    cdef int kind, result
    while at >= 0:
        next_request = trading.requests.requests[at].next
        kind = op_kind(trading.requests.requests[at].op)
        row = trading.requests.requests[at].first_row
        while row >= 0:
            next_row = trading.requests.rows[row].next
            if (trading.requests.rows[row].result == RESULT_UNKNOWN
                    and order_about(trading, &trading.requests.rows[row]) == order):
                if kind == KIND_PLACE:
                    resolve(
                        trading, row, RESULT_ACCEPTED,
                        PROOF_ORDER_PUSH if source == SOURCE_STREAM else PROOF_ORDER_QUERY, venue_ns)
                else:
                    result = cancel_or_amend_proof(trading, kind, &trading.requests.rows[row], order, push)
                    if result != RESULT_UNKNOWN:
                        resolve(
                            trading, row, result,
                            PROOF_TERMINAL if kind == KIND_CANCEL
                            or not is_own_push(&trading.requests.rows[row], push) else PROOF_ORDER_PUSH,
                            venue_ns)
            row = next_row
        at = next_request
