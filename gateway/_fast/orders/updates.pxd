from libc.stdint cimport int32_t, uint8_t

from gateway._fast.base.records cimport OrderSlot, Text
from gateway._fast.base.span cimport Span
from gateway._fast.frames.scanner cimport OrderPush

cdef bint differs(const Span* fields, const Text* known) noexcept nogil
cdef bint has_size(const Span* text) noexcept nogil
cdef bint publishes_fill(const OrderPush* push) noexcept nogil
cdef bint has_fill(const OrderPush* push) noexcept nogil
cdef int published_state(const OrderPush* push, bint with_fill) noexcept nogil
cdef int life_event(
        const OrderSlot* order, const OrderPush* push, int state, bint is_new_amend, bint is_repeat) noexcept nogil
cdef bint publishes_nothing_new(const OrderPush* push, int state) noexcept nogil
cdef void note_time(OrderSlot* order, const OrderPush* push) noexcept nogil
cdef void take_row(OrderSlot* order, const OrderPush* push, uint8_t state) noexcept nogil
cdef void begin_counting(OrderSlot* order, const OrderPush* push, bint with_fill) noexcept nogil
cdef void count_fill(OrderSlot* order, const OrderPush* push) noexcept nogil
cdef bint lacks_fills(const OrderSlot* order) noexcept nogil
