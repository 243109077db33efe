from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.span cimport Span, Value
from gateway._fast.frames.scanner cimport OrderPush
from gateway._fast.orders.trading_state cimport TradingState
from gateway._fast.ports.ports cimport ControlPort

cdef int on_algo_rows(
        TradingState trading, ControlPort control, const Value* data, int32_t source, int64_t venue_ns) noexcept
cdef int32_t owner_of_algo(TradingState trading, const Span* algo_id, const Span* algo_cl_ord_id) noexcept
