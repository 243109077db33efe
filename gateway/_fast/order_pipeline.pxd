from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.clock cimport Moment
from gateway._fast.base.records cimport Peer
from gateway._fast.base.span cimport Span, Value
from gateway._fast.frames.encoder cimport FrameMap, RowAddition
from gateway._fast.frames.scanner cimport OrderPush, VenueFrame
from gateway._fast.orders.trading_state cimport TradingState
from gateway._fast.ports.ports cimport ControlPort
from gateway._fast.requests.parsed_request cimport ParsedRequest

cdef class OrderPipeline:
    cdef readonly TradingState trading
    cdef readonly ControlPort control
    cdef ParsedRequest* parsed
    cdef RowAddition* additions
    cdef VenueFrame* frame
    cdef char* frame_buffer

    # order out
    cdef bint on_request(self, Peer peer, const char* p, Py_ssize_t n, Moment now) noexcept
    cdef bint queue_until_loaded(self, Peer peer, const char* p, Py_ssize_t n, Moment now, int64_t deadline_ns) noexcept
    cdef void note_peer(self, int32_t slot, Peer peer, int64_t real_ns, int64_t deadline_ns) noexcept
    cdef void go_or_wait(self, int32_t slot, int64_t mono_ns) noexcept
    cdef bint ends_inside(self, int32_t slot) noexcept
    cdef int encode(self, int32_t slot, int64_t mono_ns, char* frame, FrameMap* frame_map) noexcept
    cdef void refuse_unslotted(self, Peer peer, int32_t reason, int64_t real_ns) noexcept

    # event back
    cdef int32_t on_frame(self, int32_t connection, const char* p, Py_ssize_t n, Moment now) noexcept
    cdef void on_ack(self, const VenueFrame* frame, Moment now) noexcept
    cdef void on_order_rows(self, const Value* data, Moment now) noexcept
    cdef void on_order_push(self, const OrderPush* push, Moment now) noexcept
    cdef void on_order_row(self, const OrderPush* push, int32_t source, int64_t real_ns) noexcept
    cdef void on_fill_row(self, const OrderPush* push, int64_t real_ns) noexcept
    cdef void count_unrecognised(self, const Span* row) noexcept
