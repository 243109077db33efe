"""Pure. The orders that the gateway knows: fixed memory, found by `ordId` and by `clOrdId` in O(1), and each fill
counted once.

Algo orders stand in the same slots, found by `algoId` and `algoClOrdId`: ids of their own kind, which may read like an
order's.

Ended orders stay for queries and repeats until their place is needed; after that their `ordId` stands in a set of
fingerprints, so that a very late repeat of a push is still recognised.
"""
from libc.stdint cimport uint64_t
from libc.stdlib cimport free
from libc.string cimport memcpy, memset

from gateway._fast.base.debug_checks cimport FAULT_DROP_FILL_DEDUP, fault
from gateway._fast.base.enums cimport ALGO_STATE_PENDING
from gateway._fast.base.memory cimport take_memory
from gateway._fast.base.records cimport TEXT_MAX, set_text, span_of
from gateway._fast.base.slot_index cimport hash_bytes
from gateway._fast.base.span cimport span_of_cstr
from gateway._fast.base.wire_names cimport is_terminal
from gateway._fast.orders.lifecycle cimport LIFE_MOVE, LIFE_REFUSAL, life_action, next_state
from gateway._fast.orders.request_table cimport MINTED_REQ_ID_LEN

cdef enum:
    FILLS_PER_ORDER = 8   # fills remembered for each order slot: late repeats come within minutes, not days
    AMENDS_PER_ORDER = 8  # amends, and results of amends, remembered for each order slot
    ENDED_PER_ORDER = 4   # ended orders remembered by fingerprint for each order slot


cdef class OrderTable:
    """`capacity` orders, of which only ended ones make room for new ones."""

    def __cinit__(self, int32_t capacity):
        cdef int32_t i
        if capacity < 2:
            raise ValueError("order_capacity must be at least 2")
        self.capacity = capacity
        self.orders = <OrderSlot*>take_memory(capacity, sizeof(OrderSlot))
        if self.orders == NULL:
            raise MemoryError
        for i in range(capacity):
            self.orders[i].next = i + 1 if i + 1 < capacity else -1
            self.orders[i].list_id = ORDERS_NONE
        for i in range(ORDERS_LIST_COUNT):
            self.lists[i].head = -1
            self.lists[i].tail = -1
        self.by_cl_ord_id = SlotIndex()
        self.by_cl_ord_id.setup(capacity, self.orders, sizeof(OrderSlot), <Py_ssize_t>&(<OrderSlot*>NULL).cl_ord_id)
        self.by_ord_id = SlotIndex()
        self.by_ord_id.setup(capacity, self.orders, sizeof(OrderSlot), <Py_ssize_t>&(<OrderSlot*>NULL).ord_id)
        self.by_algo_cl_ord_id = SlotIndex()
        self.by_algo_cl_ord_id.setup(
            capacity, self.orders, sizeof(OrderSlot), <Py_ssize_t>&(<OrderSlot*>NULL).cl_ord_id)
        self.by_algo_id = SlotIndex()
        self.by_algo_id.setup(capacity, self.orders, sizeof(OrderSlot), <Py_ssize_t>&(<OrderSlot*>NULL).ord_id)
        self.fills = SeenSet(capacity * FILLS_PER_ORDER)
        self.amends = SeenSet(capacity * AMENDS_PER_ORDER)
        self.ended = SeenSet(capacity * ENDED_PER_ORDER)

    def __dealloc__(self):
        free(self.orders)

    cdef int32_t find(self, const Span* ord_id, const Span* cl_ord_id) noexcept:
        """By `ordId`, else by `clOrdId`; -1 if neither is known.
        An order found by `clOrdId` that bears another `ordId` is another order."""
        cdef int32_t order = -1
        if ord_id.n > 0:
            order = self.by_ord_id.find(ord_id.p, ord_id.n)
        if order < 0 and cl_ord_id.n > 0:
            order = self.by_cl_ord_id.find(cl_ord_id.p, cl_ord_id.n)
            if order >= 0 and ord_id.n > 0 and self.orders[order].ord_id.n > 0:
                return -1
        return order

    cdef int32_t find_algo(self, const Span* algo_id, const Span* algo_cl_ord_id) noexcept:
        """The same of an algo order."""
        cdef int32_t algo = -1
        if algo_id.n > 0:
            algo = self.by_algo_id.find(algo_id.p, algo_id.n)
        if algo < 0 and algo_cl_ord_id.n > 0:
            algo = self.by_algo_cl_ord_id.find(algo_cl_ord_id.p, algo_cl_ord_id.n)
            if algo >= 0 and algo_id.n > 0 and self.orders[algo].ord_id.n > 0:
                return -1
        return algo

    cdef int32_t add(self, int32_t owner, const Span* cl_ord_id) noexcept:
        """A new open order; -1 when no slot is free and no order has ended.
        A `clOrdId` in use passes to the new one."""
        return self.take_slot(owner, False, cl_ord_id)

    cdef int32_t add_algo(self, int32_t owner, const Span* algo_cl_ord_id) noexcept:
        """The same for an algo order."""
        return self.take_slot(owner, True, algo_cl_ord_id)

    cdef int32_t take_slot(self, int32_t owner, bint is_algo, const Span* cl_ord_id) noexcept:
        cdef int32_t slot
        cdef OrderSlot* order
        cdef uint32_t generation
        if self.free_order < 0:
            slot = self.lists[ORDERS_ENDED].head
            if slot < 0:
                slot = self.lists[ALGOS_ENDED].head
            if slot < 0:
                return -1
            self.drop(slot)
        slot = self.free_order
        order = &self.orders[slot]
        self.free_order = order.next
        generation = order.generation
        memset(order, 0, sizeof(OrderSlot))
        order.generation = generation + 1
        order.in_use = True
        order.is_algo = is_algo
        order.owner = owner
        order.instrument = -1
        order.request = -1
        order.list_id = ORDERS_NONE
        self.reopen(slot)
        self.set_cl_ord_id(slot, cl_ord_id)
        return slot

    cdef void set_cl_ord_id(self, int32_t slot, const Span* cl_ord_id) noexcept:
        """The order's `clOrdId` is known. One in use passes to this order."""
        cdef OrderSlot* order = &self.orders[slot]
        cdef SlotIndex index = self.by_algo_cl_ord_id if order.is_algo else self.by_cl_ord_id
        cdef int32_t old
        if order.cl_ord_id_indexed or not 0 < cl_ord_id.n <= TEXT_MAX:
            return
        old = index.find(cl_ord_id.p, cl_ord_id.n)
        if old >= 0:
            index.remove(old)
            self.orders[old].cl_ord_id_indexed = False
        set_text(&order.cl_ord_id, cl_ord_id)
        index.insert(slot)
        order.cl_ord_id_indexed = True

    cdef void set_ord_id(self, int32_t slot, const Span* ord_id) noexcept:
        """OKX's id of the order has become known."""
        cdef OrderSlot* order = &self.orders[slot]
        if order.ord_id_indexed or ord_id.n == 0 or ord_id.n > TEXT_MAX:
            return
        set_text(&order.ord_id, ord_id)
        (self.by_algo_id if order.is_algo else self.by_ord_id).insert(slot)
        order.ord_id_indexed = True

    cdef bint knows_id(self, int32_t slot, const Span* ord_id) noexcept:
        """OKX's id of this kind of order (or algo order) is known already."""
        return (self.by_algo_id if self.orders[slot].is_algo else self.by_ord_id).find(ord_id.p, ord_id.n) >= 0

    cdef void drop(self, int32_t slot) noexcept:
        cdef OrderSlot* order = &self.orders[slot]
        cdef Span ord_id = span_of(&order.ord_id)
        if order.cl_ord_id_indexed:
            (self.by_algo_cl_ord_id if order.is_algo else self.by_cl_ord_id).remove(slot)
        if order.ord_id_indexed:
            (self.by_algo_id if order.is_algo else self.by_ord_id).remove(slot)
            self.ended.add(self.ended_print(&ord_id, order.is_algo))
        self.move(slot, ORDERS_NONE)
        order.in_use = False
        order.next = self.free_order
        self.free_order = slot

    cdef void end(self, int32_t slot) noexcept:
        """The order has ended: it keeps its slot until that is needed."""
        self.move(slot, ALGOS_ENDED if self.orders[slot].is_algo else ORDERS_ENDED)

    cdef void reopen(self, int32_t slot) noexcept:
        """The order is open (again: counted as never placed, and yet alive)."""
        self.move(slot, ALGOS_OPEN if self.orders[slot].is_algo else ORDERS_OPEN)

    cdef void take_placement(self, int32_t slot, int event) noexcept:
        """What became of its placement, in the order's life.
        An algo order has other states: only a refusal moves it."""
        cdef OrderSlot* order = &self.orders[slot]
        if (order.is_algo and (event != LIFE_REFUSAL or order.state != ALGO_STATE_PENDING)
                or life_action(order.state, event) != LIFE_MOVE):
            return
        order.state = next_state(order.state, event)
        if event == LIFE_REFUSAL:
            order.unsent = False
        self.file(slot)

    cdef void file(self, int32_t slot) noexcept:
        """The order's state is new: one that has ended keeps its slot until that is needed; one counted as never placed
        may be alive after all."""
        cdef bint has_ended = is_terminal(self.orders[slot].state)
        if has_ended != (self.orders[slot].list_id == ORDERS_ENDED or self.orders[slot].list_id == ALGOS_ENDED):
            if has_ended:
                self.end(slot)
            else:
                self.reopen(slot)

    cdef void move(self, int32_t slot, int32_t list_id) noexcept:
        cdef OrderSlot* order = &self.orders[slot]
        cdef ListEnds* ends
        if order.list_id != ORDERS_NONE:
            ends = &self.lists[order.list_id]
            if order.prev >= 0:
                self.orders[order.prev].next = order.next
            else:
                ends.head = order.next
            if order.next >= 0:
                self.orders[order.next].prev = order.prev
            else:
                ends.tail = order.prev
            ends.count -= 1
        order.list_id = list_id
        if list_id == ORDERS_NONE:
            return
        ends = &self.lists[list_id]
        order.prev = ends.tail
        order.next = -1
        if ends.tail >= 0:
            self.orders[ends.tail].next = slot
        else:
            ends.head = slot
        ends.tail = slot
        ends.count += 1

    cdef Fingerprint print_of(self, const Span* text) noexcept:
        cdef Fingerprint print
        print.low = hash_bytes(text.p, text.n, 0x9E3779B97F4A7C15ULL)
        print.high = hash_bytes(text.p, text.n, 0xD1B54A32D192ED03ULL)
        return print

    cdef bint has_ended(self, const Span* ord_id) noexcept:
        """An order of this `ordId` ended so long ago that its slot has been given away."""
        return self.ended.has(self.ended_print(ord_id, False))

    cdef bint algo_has_ended(self, const Span* algo_id) noexcept:
        """The same of an algo order."""
        return self.ended.has(self.ended_print(algo_id, True))

    cdef Fingerprint ended_print(self, const Span* id, bint is_algo) noexcept:
        cdef Fingerprint print = self.print_of(id)
        print.low ^= <uint64_t>is_algo
        return print

    cdef bint join(self, const Span* first, const Span* second, const Span* third, Fingerprint* print) noexcept:
        """The fingerprint of three texts together; False where they are too long to be OKX's."""
        cdef char key[128]
        cdef Span joined
        if first.n + second.n + third.n + 2 > sizeof(key):
            return False
        memcpy(key, first.p, first.n)
        key[first.n] = 0
        memcpy(&key[first.n + 1], second.p, second.n)
        key[first.n + second.n + 1] = 0
        memcpy(&key[first.n + second.n + 2], third.p, third.n)
        joined.p = key
        joined.n = first.n + second.n + third.n + 2
        print[0] = self.print_of(&joined)
        return True

    cdef bint take_fill(self, const Span* inst_id, const Span* ord_id, const Span* trade_id) noexcept:
        """True the first time that this (instId, ordId, tradeId) is shown.

        Source: OKX docs, WS / Order channel, on repeated pushes: keep the first of a tradeId.
        """
        cdef Fingerprint print
        if not self.join(inst_id, ord_id, trade_id, &print):
            return True
        if self.fills.has(print):
            return fault(FAULT_DROP_FILL_DEDUP)
        self.fills.add(print)
        return True

    cdef bint knows_fill(self, const Span* inst_id, const Span* ord_id, const Span* trade_id) noexcept:
        """This execution has been shown to `take_fill`."""
        cdef Fingerprint print
        return self.join(inst_id, ord_id, trade_id, &print) and self.fills.has(print)

    cdef Fingerprint amend_print(self, const Span* ord_id, const Span* req_id, bint succeeded) noexcept:
        cdef Span result = span_of_cstr(b"1" if succeeded else b"0")
        cdef Fingerprint print
        print.low = 0
        print.high = 0
        self.join(ord_id, req_id, &result, &print)
        return print

    cdef bint take_req_id(self, const Span* order, const Span* req_id) noexcept:
        """True the first time that an amend of this order (named by any of its ids) is sent under this `reqId`."""
        cdef Span sent = span_of_cstr(b"sent")
        cdef Fingerprint print
        if not self.join(order, req_id, &sent, &print) or self.amends.has(print):
            return False
        self.amends.add(print)
        return True

    cdef bint knows_req_id(self, const OrderSlot* order, const Span* req_id) noexcept:
        """An amend of this order was sent under this `reqId`: a strategy's own, or one of the form of those that the
        gateway mints."""
        cdef Span sent = span_of_cstr(b"sent")
        cdef Span name = span_of(&order.cl_ord_id if order.cl_ord_id.n > 0 else &order.ord_id)
        cdef Fingerprint print
        return req_id.n == MINTED_REQ_ID_LEN or (self.join(&name, req_id, &sent, &print) and self.amends.has(print))

    cdef bint take_amend(self, const Span* ord_id, const Span* req_id, bint succeeded) noexcept:
        """True the first time that a result of this amend is shown.

        Source: OKX docs, WS / Order channel, on repeated pushes: keep the first of a reqId.
        """
        if self.has_amend(ord_id, req_id, True) or self.has_amend(ord_id, req_id, False):
            return False
        self.amends.add(self.amend_print(ord_id, req_id, succeeded))
        return True

    cdef bint has_amend(self, const Span* ord_id, const Span* req_id, bint succeeded) noexcept:
        """A push has shown that this amend succeeded, or that it failed."""
        return self.amends.has(self.amend_print(ord_id, req_id, succeeded))
