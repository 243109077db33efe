from libc.stdint cimport int32_t

from gateway._fast.control.queries cimport QueryControl
from gateway._fast.order_pipeline cimport OrderPipeline

cdef class ReconcileFeed(QueryControl):
    cdef OrderPipeline pipeline

    cdef int each_row(self, bytes rows, bint are_fills) except -1
    cdef int32_t unknown_row(self, int32_t owner, str id, int32_t row) except -2
