from libc.stdint cimport int32_t, int64_t

from gateway._fast.orders.trading_state cimport TradingState

cdef void write_pass_on(
        TradingState trading, int32_t kind, int32_t source, const char* frame, Py_ssize_t n, int64_t venue_ns) noexcept
