from libc.stdint cimport int32_t, int64_t

from gateway._fast.orders.trading_state cimport TradingState

cdef bint keep_request(TradingState trading, int32_t request, const char* p, Py_ssize_t n) noexcept
cdef int send_request(TradingState trading, int32_t request, char* frame, Py_ssize_t n, int64_t mono_ns) noexcept
cdef void send_receipt(TradingState trading, int32_t request) noexcept
