from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.records cimport OrderSlot
from gateway._fast.base.span cimport Span, Value
from gateway._fast.frames.algo_scanner cimport AlgoPush
from gateway._fast.frames.scanner cimport OrderPush, VenueFrame
from gateway._fast.json.writer cimport Writer
from gateway._fast.orders.trading_state cimport Desk

cdef void write_ack(Desk desk, int32_t request, const VenueFrame* frame, const Span* items, const Span* msg, int64_t retry_after_ms, int64_t venue_ns) noexcept
cdef void write_resolved(Desk desk, int32_t row, int32_t proof, int64_t venue_ns) noexcept
cdef void write_fill(Desk desk, int32_t family, const OrderSlot* order, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept
cdef void write_order(Desk desk, int32_t order, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept
cdef void write_algo(Desk desk, int32_t algo, const AlgoPush* push, int32_t source, int64_t venue_ns) noexcept
cdef void write_amend_result(Desk desk, int32_t order, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept
cdef void write_pass_on(Desk desk, int32_t kind, int32_t source, const char* frame, Py_ssize_t n, int64_t venue_ns) noexcept
cdef void put_recorded_row(Writer* w, Desk desk, int32_t row) noexcept
