from libc.stdint cimport int32_t, int64_t

from gateway._fast.orders.trading_state cimport TradingState

cdef void take_tokens(TradingState trading, int32_t request) noexcept
cdef void return_tokens(TradingState trading, int32_t request) noexcept
cdef void settle_tokens(TradingState trading, int32_t request, int64_t counted_by_ns) noexcept
cdef void settle_read_by_okx(
        TradingState trading, int32_t connection, int64_t sent_before_ns, int64_t counted_by_ns) noexcept
