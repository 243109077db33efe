from libc.stdint cimport int32_t

from gateway._fast.base.enums cimport ROWS_MAX
from gateway._fast.orders.trading_state cimport TradingState

cdef enum:
    KEY_USES_MAX = 2 * ROWS_MAX   # each row's own key, and the sub-account's

cdef struct KeyUse:
    int32_t key
    int32_t weight

cdef void assign_keys(TradingState trading, int32_t request) noexcept
cdef int32_t collect_uses(TradingState trading, int32_t request, KeyUse* uses) noexcept
cdef void count_waiting(TradingState trading, int32_t request, int32_t step) noexcept
