from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.records cimport RowSlot
from gateway._fast.base.span cimport Span, Value
from gateway._fast.events.reader cimport Said
from gateway._fast.orders.trading_state cimport Desk
from gateway._fast.requests.parsed_request cimport ParsedRequest, ParsedRow

cdef int32_t add_refused(Desk desk, int32_t family, const Span* id, int op, const Value* rows) noexcept
cdef bint open_order(Desk desk, int32_t family, int32_t slot, int32_t at, const ParsedRow* parsed) noexcept
cdef void take_target(Desk desk, int32_t family, int32_t at, const ParsedRow* parsed) noexcept
cdef void take_sent_row(Desk desk, int32_t at, int32_t place, const ParsedRow* sent, int kind) noexcept
cdef void take_ids(Desk desk, RowSlot* row, const Said* said) noexcept
cdef void take_result(Desk desk, int32_t at, const Said* said) noexcept
cdef void may_have_left(Desk desk, int32_t slot, int64_t exp_time_ms) noexcept
cdef void settle_withdrawn(Desk desk, int32_t slot) noexcept
cdef void find_rows_instruments(Desk desk, int32_t slot, const ParsedRequest* request) noexcept
cdef void find_instruments_of(Desk desk, int list_id) noexcept
cdef void count_anew(Desk desk) noexcept
