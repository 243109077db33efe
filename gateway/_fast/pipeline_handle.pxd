from libc.stdint cimport int32_t

from gateway._fast.desk cimport Desk
from gateway._fast.json_cursor cimport Span
from gateway._fast.order_pipeline cimport OrderPipeline

cdef enum:
    # After a connection is gone, bytes that we had handed to the kernel may still reach OKX for a moment: its limiter may count
    # them later than we saw the end. The tokens come back one window after this much later.
    LATE_DELIVERY_NS = 2_000_000_000

cdef class PipelineHandle:
    cdef OrderPipeline pipeline
    cdef Desk desk

    cdef int each_row(self, bytes rows, bint are_fills) except -1
    cdef int32_t unknown_row(self, int32_t family, str id, int32_t row) except -2
    cdef dict order_dict(self, int32_t number)
    cdef str inst_id_of(self, int32_t instrument)
