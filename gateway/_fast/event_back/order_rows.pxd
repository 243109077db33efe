from libc.stdint cimport int32_t, int64_t

from gateway._fast.frames.scanner cimport OrderPush
from gateway._fast.orders.trading_state cimport TradingState
from gateway._fast.ports.ports cimport ControlPort

cdef enum:
    OWNER_AWAITED = -2   # instead of an order's slot: there is none yet, and its row comes back once its owner is known

cdef int32_t order_of_row(TradingState trading, ControlPort control, const OrderPush* row) noexcept
cdef bint take_fill(TradingState trading, int32_t order, const OrderPush* row, int32_t source, int64_t real_ns) noexcept
cdef void take_state(
        TradingState trading, int32_t order, const OrderPush* row, int state, bint is_new_fill, bint is_new_amend,
        int32_t source, int64_t real_ns) noexcept
cdef void ask_for_fills(TradingState trading, ControlPort control, int32_t order, const OrderPush* row) noexcept
