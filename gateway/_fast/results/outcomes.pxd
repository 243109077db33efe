from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.records cimport OrderSlot, RowSlot
from gateway._fast.base.span cimport Span
from gateway._fast.frames.scanner cimport OrderPush, VenueFrame
from gateway._fast.orders.amends cimport AskedByOthers
from gateway._fast.orders.trading_state cimport TradingState

cdef void set_result(TradingState trading, int32_t row, int32_t result, int32_t origin, int32_t reason) noexcept
cdef OrderSlot* order_of(TradingState trading, const RowSlot* row) noexcept
cdef void mark_in_flight(TradingState trading, int32_t row) noexcept
cdef void undo_in_flight(TradingState trading, int32_t row) noexcept
cdef void keep_msg(RowSlot* row, const Span* msg) noexcept
cdef void set_okx_answer(TradingState trading, int32_t row, int32_t s_code, const Span* s_msg, const Span* ord_id) noexcept
cdef int proven_result(TradingState trading, const RowSlot* row) noexcept
cdef void close_request(TradingState trading, int32_t request) noexcept
cdef void refuse_request(TradingState trading, int32_t request, int32_t reason, const Span* msg, int64_t retry_after_ms) noexcept
cdef void make_unknown(TradingState trading, int32_t request, int32_t reason) noexcept
cdef void resolve(TradingState trading, int32_t row, int32_t result, int32_t proof, int64_t venue_ns) noexcept
cdef bint note_amend_push(TradingState trading, OrderSlot* order, const OrderPush* push) noexcept
cdef AskedByOthers asked_by_others(TradingState trading, const RowSlot* row, const OrderSlot* order) noexcept
cdef OrderSlot* order_about(TradingState trading, const RowSlot* row) noexcept
cdef bint resolve_never_existed(TradingState trading, int32_t order) noexcept
cdef void resolve_by_push(TradingState trading, int32_t order, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept
cdef void settle_tokens(TradingState trading, int32_t request, int64_t counted_by_ns) noexcept
cdef void lose_connection(TradingState trading, int32_t connection, int64_t counted_by_ns) noexcept
cdef void settle_read_by_okx(TradingState trading, int32_t connection, int64_t sent_before_ns, int64_t counted_by_ns) noexcept
cdef void reply_refusal(TradingState trading, int32_t session, unsigned int generation, const Span* id, const Span* op, int32_t reason, const Span* msg, int64_t retry_after_ms) noexcept
