"""OKX's rows about algo orders, from the business stream or from REST: to their owner, what is new of them once.

The order that it places when it triggers is an ordinary one and comes on the orders channel.
"""
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport OrderSlot, set_number
from gateway._fast.base.span cimport text_of
from gateway._fast.base.wire_names cimport algo_has_ended, algo_state_of
from gateway._fast.frames.algo_scanner cimport AlgoPush, scan_algo_push
from gateway._fast.frames.scanner cimport *
from gateway._fast.json.cursor cimport JSON_OKX_DEPTH, Cursor, next_element
from gateway._fast.orders.algo_lifecycle cimport take_algo_state
from gateway._fast.orders.order_table cimport ALGOS_ENDED
from gateway._fast.orders.request_table cimport LIST_UNKNOWN
from gateway._fast.results.order_events cimport write_algo
from gateway._fast.results.proofs cimport note_amend_push, resolve_by_push


cdef int on_algo_rows(
        TradingState trading, ControlPort control, const Value* data, int32_t source, int64_t venue_ns) noexcept:
    """An array of rows, in their order. Returns how many there were."""
    cdef Cursor cursor
    cdef Value element
    cdef AlgoPush push
    cdef Span whole
    cdef int count = 0
    cursor.p = data.p + 1
    cursor.end = data.p + data.n
    while next_element(&cursor, count == 0, &element, JSON_OKX_DEPTH + 2) == 1:
        count += 1
        if scan_algo_push(&push, &element) == 0:
            on_algo_row(trading, control, &push, source, venue_ns)
        else:
            trading.counters.pushes_unrecognised += 1
            whole.p, whole.n = element.p, element.n
            control.on_unrecognised_frame("pushes_unrecognised", &whole)
    return count


cdef void on_algo_row(
        TradingState trading, ControlPort control, const AlgoPush* push, int32_t source, int64_t venue_ns) noexcept:
    cdef const OrderPush* row = &push.row
    cdef int state = algo_state_of(row.text[PUSH_STATE].p, row.text[PUSH_STATE].n)
    cdef bint is_new_amend = False
    cdef int32_t slot
    cdef OrderSlot* algo
    trading.counters.algo_pushes += 1
    if state < 0 or row.text[PUSH_ORD_ID].n == 0 or row.text[PUSH_INST_ID].n == 0:
        trading.counters.pushes_unrecognised += 1
        control.on_unrecognised_frame("pushes_unrecognised", &row.whole)
    if row.text[PUSH_ORD_ID].n == 0 or row.text[PUSH_INST_ID].n == 0:
        return
    slot = algo_of_row(trading, control, row)
    if slot < 0:
        return
    algo = &trading.orders.orders[slot]
    trading.orders.set_ord_id(slot, &row.text[PUSH_ORD_ID])
    if push.ord_ids.n > 0:
        adopt_orders(trading, algo, &push.ord_ids)
    if push.linked_ord_id.n > 0:
        adopt_order(trading, algo, &push.linked_ord_id)
    if state < 0:
        return  # one that OKX does not document: a human is asked
    if source == SOURCE_STREAM:
        is_new_amend = note_amend_push(trading, algo, row)
    if take_algo_state(algo, push, state, is_new_amend):
        write_algo(trading, slot, push, source, venue_ns)
        if algo_has_ended(state):
            trading.orders.end(slot)
        elif algo.list_id == ALGOS_ENDED:  # counted as never placed, and yet alive
            trading.orders.reopen(slot)
    else:
        trading.counters.pushes_repeated += 1
    if trading.requests.lists[LIST_UNKNOWN].count > 0:
        resolve_by_push(trading, slot, row, source, venue_ns)


cdef void adopt_orders(TradingState trading, const OrderSlot* algo, const Span* ord_ids) noexcept:
    """`ordIdList`: the orders that an algo order has placed."""
    cdef Cursor cursor
    cdef Value element
    cdef Span ord_id
    cdef bint is_first = True
    cursor.p = ord_ids.p + 1
    cursor.end = ord_ids.p + ord_ids.n
    while next_element(&cursor, is_first, &element, JSON_OKX_DEPTH + 3) == 1:
        is_first = False
        ord_id = text_of(&element)
        adopt_order(trading, algo, &ord_id)


cdef void adopt_order(TradingState trading, const OrderSlot* algo, const Span* ord_id) noexcept:
    """An order of an algo order is its owner's, also where its fills arrive before its own rows. It is asked about."""
    cdef Span nothing
    cdef int32_t slot
    nothing.p = NULL
    nothing.n = 0
    if ord_id.n == 0 or trading.orders.find(ord_id, &nothing) >= 0 or trading.orders.has_ended(ord_id):
        return
    slot = trading.orders.add(algo.owner, &nothing)
    if slot < 0:
        return
    trading.orders.set_ord_id(slot, ord_id)
    trading.orders.orders[slot].inst_id = algo.inst_id
    trading.orders.orders[slot].td_mode = algo.td_mode
    trading.orders.orders[slot].instrument = algo.instrument
    trading.orders.orders[slot].segment = trading.journal.segment()


cdef int32_t algo_of_row(TradingState trading, ControlPort control, const OrderPush* row) noexcept:
    """The algo order that a row is about; one that nobody here placed gets a slot of its own.
    -1: ended long ago, or no room."""
    cdef int32_t slot = trading.orders.find_algo(&row.text[PUSH_ORD_ID], &row.text[PUSH_CL_ORD_ID])
    cdef OrderSlot* algo
    if slot >= 0:
        return slot
    if trading.orders.algo_has_ended(&row.text[PUSH_ORD_ID]):
        trading.counters.pushes_repeated += 1
        return -1
    slot = trading.orders.add_algo(
        owner_of_algo(trading, &row.text[PUSH_ORD_ID], &row.text[PUSH_CL_ORD_ID]), &row.text[PUSH_CL_ORD_ID])
    if slot < 0:
        control.on_unrecognised_frame("order_table_full", &row.whole)
        return -1
    algo = &trading.orders.orders[slot]
    set_number(&algo.inst_id, &row.text[PUSH_INST_ID])
    set_number(&algo.td_mode, &row.text[PUSH_TD_MODE])
    algo.segment = trading.journal.segment()
    trading.instruments.resolve(&row.text[PUSH_INST_ID], &row.text[PUSH_TD_MODE], 0, &algo.instrument)
    return slot


cdef int32_t owner_of_algo(TradingState trading, const Span* algo_id, const Span* algo_cl_ord_id) noexcept:
    """The owner of an algo order: of one that is known, or was attached under this id to an order, or by the number
    that a minted `algoClOrdId` begins with."""
    cdef int32_t slot = trading.orders.find_algo(algo_id, algo_cl_ord_id)
    if slot >= 0:
        return trading.orders.orders[slot].owner
    slot = trading.attached_ids.owner_of(algo_cl_ord_id)
    return slot if slot >= 0 else trading.owner_of_minted(algo_cl_ord_id)
