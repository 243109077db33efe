from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.clock cimport Moment
from gateway._fast.base.span cimport Span
from gateway._fast.frames.scanner cimport AckItem, VenueFrame
from gateway._fast.orders.trading_state cimport TradingState
from gateway._fast.ports.ports cimport ControlPort

cdef int32_t row_of_item(TradingState trading, int32_t request, const AckItem* item, int32_t position) noexcept
cdef void take_item(
        TradingState trading, ControlPort control, int32_t row, const AckItem* item, const VenueFrame* frame,
        Moment now) noexcept
cdef void take_answer(TradingState trading, int32_t row, bint ok, int32_t code, int64_t real_ns) noexcept
cdef void take_frame_code(
        TradingState trading, ControlPort control, int32_t request, const VenueFrame* frame, Moment now) noexcept
