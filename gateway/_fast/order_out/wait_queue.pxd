from libc.stdint cimport int32_t, int64_t

from gateway._fast.orders.trading_state cimport TradingState

cdef int64_t why_not_now(TradingState trading, int32_t request, int64_t mono_ns, int32_t* reason) noexcept
cdef void wait_or_refuse(
        TradingState trading, int32_t request, const char* frame, Py_ssize_t n, int64_t mono_ns, int64_t wait,
        int32_t reason) noexcept
cdef int wait_again(TradingState trading, int32_t request) noexcept
cdef void withdraw_row(TradingState trading, int32_t row) noexcept
cdef void dispatch_waiting(TradingState trading, int64_t mono_ns) noexcept
