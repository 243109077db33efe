from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.span cimport Span
from gateway._fast.frames.scanner cimport VenueFrame
from gateway._fast.json.writer cimport Writer
from gateway._fast.orders.trading_state cimport TradingState

cdef void write_ack(
        TradingState trading, int32_t request, const VenueFrame* frame, const Span* items, const Span* msg,
        int64_t retry_after_ms, int64_t venue_ns) noexcept
cdef void write_resolved(TradingState trading, int32_t row, int32_t proof, int64_t venue_ns) noexcept
cdef void put_recorded_row(Writer* w, TradingState trading, int32_t row) noexcept
