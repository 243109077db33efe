from libc.stdint cimport int32_t

from gateway._fast.orders.trading_state cimport TradingState

cdef bint choose_route(TradingState trading, int32_t request, int kind) noexcept
cdef bint choose_connection(TradingState trading, int32_t request) noexcept
cdef bint waits_for_its_order(TradingState trading, int32_t request) noexcept
cdef bint is_about_no_order(TradingState trading, int32_t request) noexcept
