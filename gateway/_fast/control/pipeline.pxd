from libc.stdint cimport int32_t

from gateway._fast.base.span cimport Span
from gateway._fast.control.connections cimport ConnectionControl
from gateway._fast.order_pipeline cimport OrderPipeline
from gateway._fast.orders.trading_state cimport TradingState

cdef class PipelineControl(ConnectionControl):
    cdef OrderPipeline pipeline

    cdef int each_row(self, bytes rows, bint are_fills) except -1
    cdef int32_t unknown_row(self, int32_t owner, str id, int32_t row) except -2
    cdef dict order_dict(self, int32_t number)
    cdef str inst_id_of(self, int32_t instrument)

cdef int32_t placed_order(TradingState trading, int32_t owner, str id, int32_t row, bint is_algo) except -2
