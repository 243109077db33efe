"""Which of the journal's segments what is open still needs."""
from libc.stdint cimport int32_t, int64_t

from gateway._fast.orders.order_table cimport ALGOS_OPEN, ORDERS_OPEN
from gateway._fast.orders.request_table cimport LIST_DONE, LIST_SENT, LIST_UNKNOWN, LIST_WAITING
from gateway._fast.orders.trading_state cimport TradingState


cdef int64_t earlier(int64_t one, int64_t other) noexcept nogil:
    """The lower of two segments, of which 0 is none."""
    return other if one == 0 or 0 < other < one else one


def oldest_segment(TradingState trading not None):
    """The first segment in which something open began: an order, an algo order, or a request without a proven result;
    0: none."""
    cdef int64_t oldest = 0
    cdef int32_t at, list_id
    for list_id in (LIST_WAITING, LIST_SENT, LIST_UNKNOWN):
        at = trading.requests.lists[list_id].head
        while at >= 0:
            oldest = earlier(oldest, trading.requests.requests[at].segment)
            at = trading.requests.requests[at].next
    for list_id in (ORDERS_OPEN, ALGOS_OPEN):
        at = trading.orders.lists[list_id].head
        while at >= 0:
            oldest = earlier(oldest, trading.orders.orders[at].segment)
            at = trading.orders.orders[at].next
    return oldest


def first_to_recover(TradingState trading not None):
    """The first segment of what is known: what is open, and the requests whose results are remembered; 0: nothing
    is."""
    cdef int64_t oldest = oldest_segment(trading)
    cdef int32_t at = trading.requests.lists[LIST_DONE].head
    while at >= 0 and trading.requests.requests[at].segment == 0:  # refused at reading
        at = trading.requests.requests[at].next
    return oldest if at < 0 else earlier(oldest, trading.requests.requests[at].segment)
