"""The limiter tokens of a request: taken before it is sent, given back if nothing of it left, settled once OKX has
counted it."""
from gateway._fast.base.records cimport RequestSlot, RowSlot
from gateway._fast.orders.request_table cimport LIST_DONE, LIST_UNKNOWN


cdef void take_tokens(TradingState trading, int32_t slot) noexcept:
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef RowSlot* row
    while at >= 0:
        row = &trading.requests.rows[at]
        if not row.withdrawn:
            trading.limiter.take(row.limit_key, 1)
            if row.sub_account_key >= 0:
                trading.limiter.take(row.sub_account_key, 1)
            row.holds_tokens = True
        at = row.next


cdef void return_tokens(TradingState trading, int32_t slot) noexcept:
    """Not a byte was sent."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef RowSlot* row
    while at >= 0:
        row = &trading.requests.rows[at]
        if row.holds_tokens:
            row.holds_tokens = False
            trading.limiter.give_back(row.limit_key, 1)
            if row.sub_account_key >= 0:
                trading.limiter.give_back(row.sub_account_key, 1)
        at = row.next


cdef void settle_tokens(TradingState trading, int32_t slot, int64_t counted_by_ns) noexcept:
    """OKX has counted the request by `counted_by_ns` at the latest. One that was kept only for that is done."""
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef int32_t at = request.first_row
    cdef RowSlot* row
    while at >= 0:
        row = &trading.requests.rows[at]
        if row.holds_tokens:
            row.holds_tokens = False
            trading.limiter.settle(row.limit_key, 1, counted_by_ns)
            if row.sub_account_key >= 0:
                trading.limiter.settle(row.sub_account_key, 1, counted_by_ns)
        at = row.next
    if request.list_id == LIST_UNKNOWN and request.rows_open == 0:
        trading.requests.move(slot, LIST_DONE)


cdef void settle_read_by_okx(
        TradingState trading, int32_t connection, int64_t sent_before_ns, int64_t counted_by_ns) noexcept:
    """OKX answered something sent at `sent_before_ns` on this connection: all that was sent on it before has been read,
    acked or not."""
    cdef int32_t at = trading.requests.lists[LIST_UNKNOWN].head
    cdef int32_t next_request
    while at >= 0:
        next_request = trading.requests.requests[at].next
        if (trading.requests.requests[at].connection == connection
                and trading.requests.requests[at].sent_mono_ns < sent_before_ns):
            settle_tokens(trading, at, counted_by_ns)
        at = next_request
