from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.records cimport OrderSlot
from gateway._fast.frames.algo_scanner cimport AlgoPush
from gateway._fast.frames.scanner cimport OrderPush
from gateway._fast.orders.trading_state cimport TradingState

cdef void write_fill(
        TradingState trading, int32_t owner, const OrderSlot* order, const OrderPush* push, int32_t source,
        int64_t venue_ns) noexcept
cdef void write_order(
        TradingState trading, int32_t order, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept
cdef void write_algo(
        TradingState trading, int32_t algo, const AlgoPush* push, int32_t source, int64_t venue_ns) noexcept
cdef void write_amend_result(
        TradingState trading, int32_t order, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept
