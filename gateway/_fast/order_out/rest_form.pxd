from libc.stdint cimport int32_t, int64_t

from gateway._fast.orders.trading_state cimport TradingState

cdef int64_t rest_form(TradingState trading, int32_t request, const char* frame, Py_ssize_t n, char* form) noexcept
cdef int hand_to_rest(TradingState trading, int32_t request, const char* form, Py_ssize_t n) noexcept

cdef enum:
    REST_FORM_MAX = 80_000     # the longest frame for the socket, and an `instId` in place of each `instIdCode`
