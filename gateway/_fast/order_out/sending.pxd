from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.span cimport Span
from gateway._fast.orders.trading_state cimport Desk

cdef bint choose_connection(Desk desk, int32_t number) noexcept
cdef int64_t why_not_now(Desk desk, int32_t request, int64_t mono_ns, int32_t* reason) noexcept
cdef Span words_of_not_ready(Desk desk, int32_t request, const char* otherwise) noexcept
cdef void assign_keys(Desk desk, int32_t request) noexcept
cdef int park(Desk desk, int32_t request, const char* frame, Py_ssize_t n) noexcept
cdef int wait_again(Desk desk, int32_t request) noexcept
cdef void withdraw_row(Desk desk, int32_t row) noexcept
cdef void dispatch_waiting(Desk desk, int64_t mono_ns) noexcept
