from gateway._fast.frame_scanner cimport OrderPush
from gateway._fast.slots cimport OrderSlot, RequestSlot, RowSlot

cdef bint amend_succeeded(const OrderPush* push) noexcept nogil
cdef void note_sent_amend(RowSlot* row, OrderSlot* order) noexcept nogil
cdef void note_accepted_amend(const RowSlot* row, OrderSlot* order) noexcept nogil
cdef void note_failed_amend(OrderSlot* order) noexcept nogil
cdef void note_shown(OrderSlot* order) noexcept nogil
cdef int end_of_amend(const RequestSlot* request, const RowSlot* row, const OrderSlot* order) noexcept nogil
cdef int amend_by_query(const RequestSlot* request, const RowSlot* row, const OrderSlot* order) noexcept nogil
