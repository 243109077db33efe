from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.clock cimport Moment
from gateway._fast.base.records cimport Peer
from gateway._fast.base.span cimport Value
from gateway._fast.frames.encoder cimport RowAddition
from gateway._fast.frames.scanner cimport OrderPush, VenueFrame
from gateway._fast.orders.trading_state cimport TradingState
from gateway._fast.ports.ports cimport ControlPort
from gateway._fast.requests.parsed_request cimport ParsedRequest

cdef enum:
    OWNER_AWAITED = -2   # instead of an order's slot: there is none yet, and its row comes back once its owner is known

cdef class OrderPipeline:
    cdef readonly TradingState trading
    cdef readonly ControlPort control
    cdef ParsedRequest* request
    cdef RowAddition* additions
    cdef VenueFrame* frame
    cdef char* frame_buffer

    # order out
    cdef bint on_request(self, Peer peer, const char* p, Py_ssize_t n, Moment now) noexcept
    cdef void go_or_wait(self, int32_t slot, int64_t mono_ns, int64_t deadline_ns) noexcept
    cdef void refuse_unslotted(self, Peer peer, int32_t reason, int64_t real_ns) noexcept

    # event back
    cdef int32_t on_frame(self, int32_t connection, const char* p, Py_ssize_t n, Moment now) noexcept
    cdef void on_ack(self, const VenueFrame* frame, int64_t mono_ns, int64_t real_ns) noexcept
    cdef void on_order_rows(self, const Value* data, int64_t mono_ns, int64_t real_ns) noexcept
    cdef void on_order_push(self, const OrderPush* push, int64_t mono_ns, int64_t real_ns) noexcept
    cdef void on_order_row(self, const OrderPush* push, int32_t source, int64_t real_ns) noexcept
    cdef bint waits_for_owner(self, const OrderPush* push) noexcept
    cdef int32_t owner_of(self, const OrderPush* push) noexcept
    cdef bint take_fill(self, int32_t number, const OrderPush* push, int32_t source, int64_t real_ns) noexcept
    cdef void on_fill_row(self, const OrderPush* push, int64_t real_ns) noexcept
    cdef int32_t order_of_push(self, const OrderPush* push) noexcept
