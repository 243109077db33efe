from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.records cimport OrderSlot, RowSlot
from gateway._fast.frames.scanner cimport OrderPush
from gateway._fast.orders.amends cimport AskedByOthers
from gateway._fast.orders.trading_state cimport TradingState

cdef int proven_result(TradingState trading, const RowSlot* row) noexcept
cdef AskedByOthers asked_by_others(TradingState trading, const RowSlot* row, const OrderSlot* order) noexcept
cdef void make_unknown(TradingState trading, int32_t request, int32_t reason) noexcept
cdef bint note_amend_push(TradingState trading, OrderSlot* order, const OrderPush* push) noexcept
cdef bint resolve_never_existed(TradingState trading, int32_t order) noexcept
cdef void resolve_by_push(
        TradingState trading, int32_t order, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept
