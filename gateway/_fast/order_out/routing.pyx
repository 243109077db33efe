"""By which way a request goes to OKX, socket or REST, and by which connection; what it must not overtake.

One order, one route: what is about an order follows its placement, and an amend follows an earlier amend.
"""
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport OrderSlot, RequestSlot, RowSlot
from gateway._fast.base.wire_names cimport op_is_algo, op_kind
from gateway._fast.orders.request_table cimport LIST_SENT


cdef bint shares_order(TradingState trading, int32_t slot, int32_t other) noexcept:
    """Both have a row about the same order, which is not known to be at OKX yet if `other` places it."""
    cdef int32_t a = trading.requests.requests[slot].first_row
    cdef int32_t b
    cdef bint is_placement = op_kind(trading.requests.requests[other].op) == KIND_PLACE
    cdef const RowSlot* row
    cdef const OrderSlot* order
    while a >= 0:
        row = &trading.requests.rows[a]
        if row.order >= 0 and not row.withdrawn:
            order = &trading.orders.orders[row.order]
            b = trading.requests.requests[other].first_row
            while (b >= 0 and order.generation == row.order_generation
                   and not (is_placement and order.state != ORD_STATE_PENDING)):
                if (trading.requests.rows[b].order == row.order
                        and trading.requests.rows[b].order_generation == row.order_generation):
                    return True
                b = trading.requests.rows[b].next
        a = row.next
    return False


cdef bint would_overtake(TradingState trading, int32_t slot) noexcept:
    """One order, one route: what must come first for one of its orders is on its way, and not before it on the socket.

    That is the order's placement, and for an amend another amend. REST requests keep no order among themselves.
    """
    cdef const RequestSlot* request = &trading.requests.requests[slot]
    cdef const RequestSlot* other
    cdef bint is_amend = op_kind(request.op) == KIND_AMEND
    cdef int32_t at = trading.requests.lists[LIST_SENT].head
    cdef int kind
    while at >= 0:
        other = &trading.requests.requests[at]
        kind = op_kind(other.op)
        if ((request.route == ROUTE_REST or other.route == ROUTE_REST)
                and (kind == KIND_PLACE or (is_amend and kind == KIND_AMEND))):
            if shares_order(trading, slot, at):
                return True
        at = other.next
    return False


cdef bint waits_for_its_order(TradingState trading, int32_t slot) noexcept:
    """A row is about an order that has not been sent itself, or for which something on another route must come
    first."""
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef int32_t at = request.first_row
    cdef RowSlot* row
    cdef OrderSlot* order
    if op_kind(request.op) == KIND_PLACE:
        return False
    while at >= 0:
        row = &trading.requests.rows[at]
        if row.order >= 0 and not row.withdrawn:
            order = &trading.orders.orders[row.order]
            if order.generation == row.order_generation and order.unsent:
                return True
        at = row.next
    return (trading.rest_calls > 0 or request.route == ROUTE_REST) and would_overtake(trading, slot)


cdef int32_t in_flight_elsewhere(TradingState trading, const RowSlot* row) noexcept:
    """The number of an older connection by which a request about the row's order is on its way; 0 for none (REST: see
    `rest_form`)."""
    cdef const OrderSlot* order
    cdef const RequestSlot* last
    if row.order < 0 or row.withdrawn:
        return 0
    order = &trading.orders.orders[row.order]
    last = &trading.requests.requests[order.last_request]
    if (order.generation != row.order_generation or last.generation != order.last_generation
            or last.list_id != LIST_SENT):
        return 0
    return (last.connection if last.connection not in (0, trading.socket.number)
            and trading.socket_of(last.connection).is_writable() else 0)


cdef bint choose_connection(TradingState trading, int32_t slot) noexcept:
    """One order, one route: a request goes by the connection on which another about its order is on its way, else by
    the newest.

    False while its orders stand on different ones: it waits for their acks.
    """
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef int32_t at = request.first_row
    cdef int32_t found
    cdef bint is_first = True
    request.connection = trading.socket.number
    if trading.old_count == 0 or op_kind(request.op) == KIND_PLACE:
        return True
    while at >= 0:
        found = in_flight_elsewhere(trading, &trading.requests.rows[at])
        if found == 0:
            found = trading.socket.number
        if not is_first and found != request.connection:
            return False
        request.connection = found
        is_first = False
        at = trading.requests.rows[at].next
    return True


cdef bint choose_route(TradingState trading, int32_t slot, int kind) noexcept:
    """By which route the request may go as things stand; False: by none yet.

    New orders and amends go when all that OKX did is known, by the stream or, while that is lost, by REST.
    Cancels go while there is any way.
    """
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef bint is_order = kind == KIND_PLACE or kind == KIND_AMEND
    cdef bint by_stream = trading.logged_in and (trading.ready or not is_order)
    if op_is_algo(request.op):
        request.route = ROUTE_REST
        return (not is_order or (trading.ready and trading.algos_ready)) and trading.rest.is_writable()
    if by_stream and not request.by_rest_only:
        request.route = ROUTE_SOCKET
        return choose_connection(trading, slot) and trading.socket_of(request.connection).is_writable()
    request.route = ROUTE_REST
    request.connection = 0
    if (not by_stream
            and not (trading.orders_by_rest and trading.halted is None if is_order else trading.cancels_by_rest)):
        return False
    return trading.rest.is_writable()


cdef bint is_about_no_order(TradingState trading, int32_t slot) noexcept:
    """A row is about an order that was refused inside the gateway and so never existed."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef RowSlot* row
    if op_kind(trading.requests.requests[slot].op) == KIND_PLACE:
        return False
    while at >= 0:
        row = &trading.requests.rows[at]
        if row.order >= 0 and not row.withdrawn and trading.orders.orders[row.order].generation == row.order_generation:
            if trading.orders.orders[row.order].state == ORD_STATE_REJECTED:
                return True
        at = row.next
    return False
