"""Pure. The strategies' own `attachAlgoClOrdId`s: whose the algo orders are that will bear them. Fixed memory.

Minted ones need no place here: the strategy's number stands in them.
"""
from libc.stdlib cimport free

from gateway._fast.base.enums cimport ORD_STATE_REJECTED
from gateway._fast.base.memory cimport take_memory
from gateway._fast.base.records cimport TEXT_MAX, set_text
from gateway._fast.orders.order_table cimport ORDERS_OPEN

cdef enum:
    PASSED_OVER_MAX = 64  # ids of open orders that are kept longer than younger ones, at each that is added


cdef class AttachedIds:
    """The last ids, as many as `orders` has slots.
    The oldest makes room for the newest, unless its order is still open."""

    def __cinit__(self, OrderTable orders not None):
        self.orders = orders
        self.capacity = orders.capacity
        self.ids = <AttachedId*>take_memory(self.capacity, sizeof(AttachedId))
        if self.ids == NULL:
            raise MemoryError
        self.index = SlotIndex()
        self.index.setup(self.capacity, self.ids, sizeof(AttachedId), <Py_ssize_t>&(<AttachedId*>NULL).id)

    def __dealloc__(self):
        free(self.ids)

    cdef int32_t owner_of(self, const Span* id) noexcept:
        """The owner that has used this id; -1 if none has, or its order was rejected: then it attached nothing."""
        cdef int32_t at = self.index.find(id.p, id.n) if 0 < id.n <= TEXT_MAX else -1
        cdef const AttachedId* attached
        if at < 0:
            return -1
        attached = &self.ids[at]
        if (not attached.is_repeated and self.orders.orders[attached.order].generation == attached.generation
                and self.orders.orders[attached.order].state == ORD_STATE_REJECTED):
            return -1
        return attached.owner

    cdef void add(self, int32_t owner, int32_t order, const Span* id) noexcept:
        """An order (or algo order) with this id attached is about to be sent, or was.
        The caller has seen to it that it is no other owner's."""
        cdef int32_t at
        if not 0 < id.n <= TEXT_MAX:
            return
        at = self.index.find(id.p, id.n)
        if at < 0:
            at = self.place_for_one()
            self.ids[at].is_repeated = False
            set_text(&self.ids[at].id, id)
            self.index.insert(at)
        elif self.ids[at].owner == owner:
            self.ids[at].is_repeated = True
        self.ids[at].owner = owner
        self.ids[at].order = order
        self.ids[at].generation = self.orders.orders[order].generation

    cdef bint is_open(self, const AttachedId* attached) noexcept:
        return (self.orders.orders[attached.order].generation == attached.generation
                and self.orders.orders[attached.order].list_id == ORDERS_OPEN)

    cdef int32_t place_for_one(self) noexcept:
        cdef int32_t at
        cdef int32_t tries = 0
        if self.used < self.capacity:
            self.used += 1
            return self.used - 1
        while tries < PASSED_OVER_MAX and self.is_open(&self.ids[self.next]):
            self.next = (self.next + 1) % self.capacity
            tries += 1
        at = self.next
        self.next = (at + 1) % self.capacity
        self.index.remove(at)
        return at
