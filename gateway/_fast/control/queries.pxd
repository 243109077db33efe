from libc.stdint cimport int32_t

from gateway._fast.base.records cimport NumberText, Text
from gateway._fast.base.span cimport Span
from gateway._fast.control.readiness cimport ReadinessControl
from gateway._fast.orders.trading_state cimport TradingState

cdef class QueryControl(ReadinessControl):
    cdef dict order_dict(self, int32_t number)
    cdef str inst_id_of(self, int32_t instrument)

cdef str text_of_slot(const Text* text)
cdef str number_of_slot(const NumberText* text)
cdef Span span_over(bytes text) except *
cdef int32_t placed_order(TradingState trading, int32_t owner, str id, int32_t row, bint is_algo) except -2
