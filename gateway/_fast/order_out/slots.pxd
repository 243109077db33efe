from libc.stdint cimport int32_t

from gateway._fast.base.records cimport OrderSlot, RowSlot
from gateway._fast.base.span cimport Span
from gateway._fast.frames.encoder cimport FrameMap, RowAddition
from gateway._fast.orders.trading_state cimport TradingState
from gateway._fast.requests.parsed_request cimport ParsedRequest, ParsedRow

cdef int open_slots(
        TradingState trading, ParsedRequest* request, RowAddition* additions, int32_t owner, int32_t* opened) noexcept
cdef void note_given_ids(TradingState trading, ParsedRequest* request, int32_t slot) noexcept
cdef void withdraw_targets(TradingState trading, int32_t slot) noexcept
cdef void note_places(TradingState trading, int32_t slot, const FrameMap* frame_map) noexcept
cdef void drop_withdrawn(TradingState trading, ParsedRequest* request, RowAddition* additions, int32_t slot) noexcept
cdef OrderSlot* add_order(
        TradingState trading, int32_t owner, int32_t slot, int32_t at, const ParsedRow* parsed,
        const Span* cl_ord_id) noexcept
cdef int32_t keep_attached(TradingState trading, int32_t owner, int32_t order, const ParsedRow* parsed) noexcept
cdef void keep_asked(TradingState trading, RowSlot* row, const ParsedRow* parsed) noexcept
