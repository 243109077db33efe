from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.records cimport OrderSlot
from gateway._fast.base.span cimport Span, Value
from gateway._fast.frames.algo_scanner cimport AlgoPush
from gateway._fast.frames.scanner cimport OrderPush, VenueFrame
from gateway._fast.json.writer cimport Writer
from gateway._fast.orders.trading_state cimport TradingState

cdef void write_ack(TradingState trading, int32_t request, const VenueFrame* frame, const Span* items, const Span* msg, int64_t retry_after_ms, int64_t venue_ns) noexcept
cdef void write_resolved(TradingState trading, int32_t row, int32_t proof, int64_t venue_ns) noexcept
cdef void write_fill(TradingState trading, int32_t owner, const OrderSlot* order, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept
cdef void write_order(TradingState trading, int32_t order, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept
cdef void write_algo(TradingState trading, int32_t algo, const AlgoPush* push, int32_t source, int64_t venue_ns) noexcept
cdef void write_amend_result(TradingState trading, int32_t order, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept
cdef void write_pass_on(TradingState trading, int32_t kind, int32_t source, const char* frame, Py_ssize_t n, int64_t venue_ns) noexcept
cdef void put_recorded_row(Writer* w, TradingState trading, int32_t row) noexcept
