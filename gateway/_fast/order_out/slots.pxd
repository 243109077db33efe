from libc.stdint cimport int32_t

from gateway._fast.base.records cimport OrderSlot, RowSlot
from gateway._fast.base.span cimport Span
from gateway._fast.frames.encoder cimport FrameMap, RowAddition
from gateway._fast.orders.trading_state cimport Desk
from gateway._fast.requests.parsed_request cimport ParsedRequest, ParsedRow

cdef int open_slots(Desk desk, ParsedRequest* request, RowAddition* additions, int32_t family, int32_t* opened) noexcept
cdef void note_given_ids(Desk desk, ParsedRequest* request, int32_t slot) noexcept
cdef void withdraw_targets(Desk desk, int32_t slot) noexcept
cdef void note_places(Desk desk, int32_t slot, const FrameMap* frame_map) noexcept
cdef void drop_withdrawn(Desk desk, ParsedRequest* request, RowAddition* additions, int32_t slot) noexcept
cdef OrderSlot* add_order(Desk desk, int32_t family, int32_t slot, int32_t at, const ParsedRow* parsed, const Span* cl_ord_id) noexcept
cdef int32_t keep_attached(Desk desk, int32_t family, int32_t order, const ParsedRow* parsed) noexcept
cdef void keep_asked(Desk desk, RowSlot* row, const ParsedRow* parsed) noexcept
