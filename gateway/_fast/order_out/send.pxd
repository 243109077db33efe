from libc.stdint cimport int32_t, int64_t

from gateway._fast.orders.trading_state cimport Desk

cdef bint keep_request(Desk desk, int32_t request, const char* p, Py_ssize_t n) noexcept
cdef int send_request(Desk desk, int32_t request, char* frame, Py_ssize_t n, int64_t mono_ns) noexcept
cdef void return_tokens(Desk desk, int32_t request) noexcept
cdef void send_receipt(Desk desk, int32_t request) noexcept
