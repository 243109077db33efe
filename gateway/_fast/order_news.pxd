from libc.stdint cimport int32_t

from gateway._fast.frame_scanner cimport OrderPush
from gateway._fast.json_cursor cimport Span
from gateway._fast.slots cimport OrderSlot, Text

cdef bint differs(const Span* said, const Text* known) noexcept nogil
cdef bint has_size(const Span* text) noexcept nogil
cdef bint tells_fill(const OrderPush* push) noexcept nogil
cdef bint has_fill(const OrderPush* push) noexcept nogil
cdef int told_state(const OrderPush* push, bint with_fill) noexcept nogil
cdef bint take_state(OrderSlot* order, const OrderPush* push, int state, int32_t source, bint is_new_amend, bint is_repeat) noexcept nogil
