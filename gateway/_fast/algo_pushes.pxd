from libc.stdint cimport int32_t, int64_t

from gateway._fast.desk cimport Desk
from gateway._fast.frame_scanner cimport OrderPush
from gateway._fast.json_cursor cimport Span, Value

cdef int on_algo_rows(Desk desk, object control, const Value* data, int32_t source, int64_t venue_ns) noexcept
cdef int32_t owner_of_algo(Desk desk, object control, const Span* algo_id, const Span* algo_cl_ord_id) noexcept
