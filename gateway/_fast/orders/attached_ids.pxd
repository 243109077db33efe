from libc.stdint cimport int32_t, uint32_t

from gateway._fast.base.records cimport Text
from gateway._fast.base.slot_index cimport SlotIndex
from gateway._fast.base.span cimport Span
from gateway._fast.orders.order_table cimport OrderTable

cdef struct AttachedId:
    Text id
    int32_t owner
    int32_t order          # that it was attached to
    uint32_t generation
    bint is_repeated  # it was used for more than one order: that this one was rejected proves nothing of the others

cdef class AttachedIds:
    cdef OrderTable orders
    cdef AttachedId* ids
    cdef SlotIndex index
    cdef int32_t capacity
    cdef int32_t used
    cdef int32_t next

    cdef int32_t owner_of(self, const Span* id) noexcept
    cdef void add(self, int32_t owner, int32_t order, const Span* id) noexcept
    cdef bint is_open(self, const AttachedId* attached) noexcept
    cdef int32_t place_for_one(self) noexcept
