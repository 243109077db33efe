from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.span cimport Span
from gateway._fast.orders.trading_state cimport TradingState

cdef int64_t why_not_now(TradingState trading, int32_t request, int64_t mono_ns, int32_t* reason) noexcept
cdef Span not_ready_message(TradingState trading, int32_t request, const char* otherwise) noexcept
cdef int park(TradingState trading, int32_t request, const char* frame, Py_ssize_t n) noexcept
cdef int wait_again(TradingState trading, int32_t request) noexcept
cdef void withdraw_row(TradingState trading, int32_t row) noexcept
cdef void dispatch_waiting(TradingState trading, int64_t mono_ns) noexcept
