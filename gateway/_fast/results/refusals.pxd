from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.span cimport Span
from gateway._fast.orders.trading_state cimport TradingState

cdef void refuse_request(
        TradingState trading, int32_t request, int32_t reason, const Span* msg, int64_t retry_after_ms) noexcept
cdef void reply_refusal(
        TradingState trading, int32_t session, unsigned int generation, const Span* id, const Span* op, int32_t reason,
        const Span* msg, int64_t retry_after_ms) noexcept
