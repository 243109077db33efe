"""OKX's rows about orders, from the orders channel or from REST: which order each is about, whose it is, and what of it
is new."""
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport OrderSlot, set_number
from gateway._fast.base.span cimport Span
from gateway._fast.event_back.algo_pushes cimport owner_of_algo
from gateway._fast.frames.algo_scanner cimport linked_algo_of
from gateway._fast.frames.scanner cimport *
from gateway._fast.orders.lifecycle cimport LIFE_NOTE, LIFE_PUBLISH, LIFE_RESULT, life_action, next_state
from gateway._fast.orders.updates cimport (
    count_fill, lacks_fills, life_event, note_time, publishes_nothing_new, take_row)
from gateway._fast.results.order_events cimport write_amend_result, write_fill, write_order

cdef Span NOTHING
NOTHING.p = NULL
NOTHING.n = 0


cdef int32_t order_of_row(TradingState trading, ControlPort control, const OrderPush* row) noexcept:
    """The order that a row is about; one that nobody here placed gets a slot of its own.
    -1: ended long ago, or no room; OWNER_AWAITED."""
    cdef int32_t slot = trading.orders.find(&row.text[PUSH_ORD_ID], &row.text[PUSH_CL_ORD_ID])
    cdef int32_t owner
    cdef OrderSlot* order
    if slot >= 0:
        return slot
    if trading.orders.has_ended(&row.text[PUSH_ORD_ID]):
        trading.counters.pushes_repeated += 1
        return -1
    owner = owner_of_row(trading, row)
    if owner == OWNER_ACCOUNT and waits_for_owner(trading, control, row):
        return OWNER_AWAITED
    slot = trading.orders.add(owner, &row.text[PUSH_CL_ORD_ID])
    if slot < 0:
        control.on_unrecognised_frame("order_table_full", &row.whole)
        return -1
    order = &trading.orders.orders[slot]
    set_number(&order.inst_id, &row.text[PUSH_INST_ID])
    set_number(&order.td_mode, &row.text[PUSH_TD_MODE])
    order.segment = trading.journal.segment()
    trading.instruments.resolve(&row.text[PUSH_INST_ID], &row.text[PUSH_TD_MODE], 0, &order.instrument)
    return slot


cdef bint waits_for_owner(TradingState trading, ControlPort control, const OrderPush* row) noexcept:
    """The algo order that it is linked to would tell its owner, and is not known yet: the control plane keeps the row
    until it is."""
    cdef Span linked = linked_algo_of(&row.whole)
    if linked.n == 0 or trading.orders.find_algo(&linked, &NOTHING) >= 0:
        return False
    return control.keep_linked_order(&linked, &row.whole)


cdef int32_t owner_of_row(TradingState trading, const OrderPush* row) noexcept:
    """The owner of an order that is not known: by its `clOrdId`, else by the algo order that has placed it, or that it
    is linked to."""
    cdef Span linked
    cdef int32_t owner = trading.owner_of_minted(&row.text[PUSH_CL_ORD_ID])
    if owner == OWNER_ACCOUNT and (row.text[PUSH_ALGO_ID].n > 0 or row.text[PUSH_ALGO_CL_ORD_ID].n > 0):
        owner = owner_of_algo(trading, &row.text[PUSH_ALGO_ID], &row.text[PUSH_ALGO_CL_ORD_ID])
    linked = linked_algo_of(&row.whole)
    return owner_of_algo(trading, &linked, &NOTHING) if owner == OWNER_ACCOUNT and linked.n > 0 else owner


cdef bint take_fill(TradingState trading, int32_t slot, const OrderPush* row, int32_t source, int64_t real_ns) noexcept:
    """Publishes an execution that has not been published; False for a repeat.
    `slot` -1: its order has none (any more)."""
    if not trading.orders.take_fill(&row.text[PUSH_INST_ID], &row.text[PUSH_ORD_ID], &row.text[PUSH_TRADE_ID]):
        return False
    if slot >= 0:
        count_fill(&trading.orders.orders[slot], row)
        write_fill(trading, trading.orders.orders[slot].owner, &trading.orders.orders[slot], row, source, real_ns)
    else:
        write_fill(trading, owner_of_row(trading, row), NULL, row, source, real_ns)
    return True


cdef void take_state(
        TradingState trading, int32_t slot, const OrderPush* row, int state, bint is_new_fill, bint is_new_amend,
        int32_t source, int64_t real_ns) noexcept:
    """What `lifecycle` makes of a row that names `state`: a new state is taken and published, or an amend's result
    alone, or its time is noted."""
    cdef OrderSlot* order = &trading.orders.orders[slot]
    cdef bint is_repeat = (source == SOURCE_STREAM and not is_new_fill and not is_new_amend
                           and publishes_nothing_new(row, state))
    cdef int event = life_event(order, row, state, is_new_amend, is_repeat)
    cdef int action = life_action(order.state, event)
    if action == LIFE_PUBLISH:
        take_row(order, row, next_state(order.state, event))
        write_order(trading, slot, row, source, real_ns)
        trading.orders.file(slot)
    elif action == LIFE_RESULT and is_new_amend:
        write_amend_result(trading, slot, row, source, real_ns)
    elif not is_new_fill:
        trading.counters.pushes_repeated += 1
    if action == LIFE_NOTE and not is_repeat:
        note_time(order, row)


cdef void ask_for_fills(TradingState trading, ControlPort control, int32_t slot, const OrderPush* row) noexcept:
    """OKX reports more filled than was published: the control plane asks REST for the fills, once."""
    cdef OrderSlot* order = &trading.orders.orders[slot]
    if not order.fills_requested and lacks_fills(order):
        order.fills_requested = True
        control.on_fills_missing(&row.text[PUSH_ORD_ID])
