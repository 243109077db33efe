from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.records cimport OrderSlot, RowSlot
from gateway._fast.base.span cimport Span
from gateway._fast.orders.trading_state cimport TradingState

cdef OrderSlot* order_of(TradingState trading, const RowSlot* row) noexcept
cdef OrderSlot* order_about(TradingState trading, const RowSlot* row) noexcept
cdef void set_result(TradingState trading, int32_t row, int32_t result, int32_t origin, int32_t reason) noexcept
cdef void mark_in_flight(TradingState trading, int32_t row) noexcept
cdef void undo_in_flight(TradingState trading, int32_t row) noexcept
cdef void keep_msg(RowSlot* row, const Span* msg) noexcept
cdef void set_okx_answer(
        TradingState trading, int32_t row, int32_t s_code, const Span* s_msg, const Span* ord_id) noexcept
cdef void close_request(TradingState trading, int32_t request) noexcept
cdef void resolve(TradingState trading, int32_t row, int32_t result, int32_t proof, int64_t venue_ns) noexcept
