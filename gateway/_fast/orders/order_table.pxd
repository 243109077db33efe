from libc.stdint cimport int32_t, uint32_t

from gateway._fast.base.records cimport OrderSlot
from gateway._fast.base.slot_index cimport Fingerprint, SeenSet, SlotIndex
from gateway._fast.base.span cimport Span
from gateway._fast.orders.request_table cimport ListEnds

cdef enum:
    ORDERS_OPEN = 0
    ORDERS_ENDED = 1
    ALGOS_OPEN = 2
    ALGOS_ENDED = 3
    ORDERS_LIST_COUNT = 4
    ORDERS_NONE = 5

cdef class OrderTable:
    cdef OrderSlot* orders
    cdef readonly int32_t capacity
    cdef int32_t free_order
    cdef ListEnds lists[ORDERS_LIST_COUNT]
    cdef SlotIndex by_cl_ord_id
    cdef SlotIndex by_ord_id
    cdef SlotIndex by_algo_cl_ord_id
    cdef SlotIndex by_algo_id
    cdef SeenSet fills
    cdef SeenSet amends
    cdef SeenSet ended

    cdef int32_t find(self, const Span* ord_id, const Span* cl_ord_id) noexcept
    cdef int32_t find_algo(self, const Span* algo_id, const Span* algo_cl_ord_id) noexcept
    cdef int32_t add(self, int32_t owner, const Span* cl_ord_id) noexcept
    cdef int32_t add_algo(self, int32_t owner, const Span* algo_cl_ord_id) noexcept
    cdef int32_t take_slot(self, int32_t owner, bint is_algo, const Span* cl_ord_id) noexcept
    cdef void set_cl_ord_id(self, int32_t slot, const Span* cl_ord_id) noexcept
    cdef void set_ord_id(self, int32_t order, const Span* ord_id) noexcept
    cdef bint knows_id(self, int32_t slot, const Span* ord_id) noexcept
    cdef void drop(self, int32_t order) noexcept
    cdef void end(self, int32_t order) noexcept
    cdef void reopen(self, int32_t order) noexcept
    cdef void take_placement(self, int32_t order, int event) noexcept
    cdef void file(self, int32_t order) noexcept
    cdef void move(self, int32_t order, int32_t list_id) noexcept
    cdef bint take_fill(self, const Span* inst_id, const Span* ord_id, const Span* trade_id) noexcept
    cdef bint take_req_id(self, const Span* order, const Span* req_id) noexcept
    cdef bint knows_fill(self, const Span* inst_id, const Span* ord_id, const Span* trade_id) noexcept
    cdef bint knows_req_id(self, const OrderSlot* order, const Span* req_id) noexcept
    cdef bint take_amend(self, const Span* ord_id, const Span* req_id, bint succeeded) noexcept
    cdef bint has_amend(self, const Span* ord_id, const Span* req_id, bint succeeded) noexcept
    cdef bint has_ended(self, const Span* ord_id) noexcept
    cdef bint algo_has_ended(self, const Span* algo_id) noexcept
    cdef Fingerprint ended_print(self, const Span* id, bint is_algo) noexcept
    cdef Fingerprint print_of(self, const Span* text) noexcept
    cdef bint join(self, const Span* first, const Span* second, const Span* third, Fingerprint* print) noexcept
    cdef Fingerprint amend_print(self, const Span* ord_id, const Span* req_id, bint succeeded) noexcept
