from libc.stdint cimport uint64_t

from gateway._fast.base.records cimport OrderSlot, RequestSlot, RowSlot
from gateway._fast.frames.scanner cimport OrderPush

# What other amends of the order, which have no result, ask for: the same as the one that is judged, or what stood
# before them all.
cdef struct AskedByOthers:
    bint px
    bint sz
    bint base_px
    bint base_sz

cdef bint amend_succeeded(const OrderPush* push) noexcept nogil
cdef void note_sent_amend(OrderSlot* order) noexcept nogil
cdef void note_accepted_amend(const RowSlot* row, OrderSlot* order) noexcept nogil
cdef void note_failed_amend(OrderSlot* order) noexcept nogil
cdef void note_shown(OrderSlot* order) noexcept nogil
cdef void note_other(
        AskedByOthers* others, const RowSlot* row, const RowSlot* other, const OrderSlot* order) noexcept nogil
cdef int end_of_amend(
        const RequestSlot* request, const RowSlot* row, const OrderSlot* order,
        const AskedByOthers* others) noexcept nogil
cdef int amend_by_query(
        const RequestSlot* request, const RowSlot* row, const OrderSlot* order, const AskedByOthers* others,
        bint is_sure) noexcept nogil
