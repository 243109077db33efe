from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.records cimport RowSlot
from gateway._fast.base.span cimport Span, Value
from gateway._fast.events.reader cimport EventFields
from gateway._fast.orders.trading_state cimport TradingState
from gateway._fast.requests.parsed_request cimport ParsedRequest, ParsedRow

cdef int32_t add_refused(TradingState trading, int32_t owner, const Span* id, int op, const Value* rows) noexcept
cdef bint open_order(TradingState trading, int32_t owner, int32_t slot, int32_t at, const ParsedRow* parsed) noexcept
cdef void take_target(TradingState trading, int32_t owner, int32_t at, const ParsedRow* parsed) noexcept
cdef void take_sent_row(TradingState trading, int32_t at, int32_t place, const ParsedRow* sent, int kind) noexcept
cdef void take_ids(TradingState trading, RowSlot* row, const EventFields* fields) noexcept
cdef void take_result(TradingState trading, int32_t at, const EventFields* fields) noexcept
cdef void may_have_left(TradingState trading, int32_t slot, int64_t exp_time_ms) noexcept
cdef void settle_withdrawn(TradingState trading, int32_t slot) noexcept
cdef void find_rows_instruments(TradingState trading, int32_t slot, const ParsedRequest* request) noexcept
cdef void find_instruments_of(TradingState trading, int list_id) noexcept
cdef void count_anew(TradingState trading) noexcept
