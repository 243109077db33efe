from libc.stdint cimport int32_t, int64_t, uint32_t

from gateway._fast.base.span cimport Span, Value
from gateway._fast.frames.encoder cimport RowAddition
from gateway._fast.frames.scanner cimport OrderPush, VenueFrame
from gateway._fast.orders.trading_state cimport TradingState
from gateway._fast.requests.parsed_request cimport ParsedRequest

cdef class OrderPipeline:
    cdef readonly TradingState trading
    cdef readonly object control
    cdef ParsedRequest* request
    cdef RowAddition* additions
    cdef VenueFrame* frame
    cdef char* frame_buffer
    cdef object hold_linked   # keeps a row until its order's owner is known: see `AlgoControl.hold_linked_by`; None: nobody does

    # order out
    cdef void on_request(self, int32_t session, uint32_t generation, int32_t owner, bint is_req, const char* p, Py_ssize_t n, int64_t mono_ns, int64_t real_ns) noexcept
    cdef void go_or_wait(self, int32_t slot, int64_t mono_ns, int64_t deadline_ns) noexcept
    cdef void refuse_unslotted(self, int32_t session, uint32_t generation, int32_t owner, bint is_req, int32_t reason, int64_t real_ns) noexcept

    # event back
    cdef int32_t on_frame(self, int32_t connection, const char* p, Py_ssize_t n, int64_t mono_ns, int64_t real_ns) noexcept
    cdef void on_ack(self, const VenueFrame* frame, int64_t mono_ns, int64_t real_ns) noexcept
    cdef void on_order_rows(self, const Value* data, int64_t mono_ns, int64_t real_ns) noexcept
    cdef void on_order_push(self, const OrderPush* push, int64_t mono_ns, int64_t real_ns) noexcept
    cdef void on_order_row(self, const OrderPush* push, int32_t source, int64_t real_ns) noexcept
    cdef bint holds_back(self, const OrderPush* push) noexcept
    cdef int32_t owner_of(self, const OrderPush* push) noexcept
    cdef bint take_fill(self, int32_t number, const OrderPush* push, int32_t source, int64_t real_ns) noexcept
    cdef void on_fill_row(self, const OrderPush* push, int64_t real_ns) noexcept
    cdef int32_t order_of_push(self, const OrderPush* push) noexcept
