"""The requests of all strategies and their rows: fixed memory, found by (strategy, id) and by the id sent to OKX in
O(1).

A request stands in one list: waiting, sent, unknown or done. Done ones stay, with their results, for repeated ids,
until their place is needed; then their ids go into a larger set of fingerprints, so that a very late repeat is still
refused and never becomes a second order.
"""
from libc.stdlib cimport free
from libc.string cimport memcpy, memset
from os import urandom

from gateway._fast.base.debug_checks cimport assert_that
from gateway._fast.base.memory cimport take_memory
from gateway._fast.base.slot_index cimport hash_bytes

cdef enum:
    FORGOTTEN_PER_REQUEST = 4  # ids remembered as fingerprints (16 bytes each) for each request kept in full


cdef int hex_value(const char* p, uint32_t* number) noexcept nogil:
    """Eight lower-case hex digits."""
    cdef int i
    cdef char c
    number[0] = 0
    for i in range(8):
        c = p[i]
        if c"0" <= c <= c"9":
            number[0] = number[0] * 16 + <uint32_t>(c - c"0")
        elif c"a" <= c <= c"f":
            number[0] = number[0] * 16 + <uint32_t>(c - c"a" + 10)
        else:
            return -1
    return 0


cdef class RequestTable:
    """`capacity` requests and as many rows again as a batch-heavy load needs."""

    def __cinit__(self, int32_t capacity):
        cdef int32_t i
        cdef uint32_t first_generation
        if capacity < 2:
            raise ValueError("request_capacity must be at least 2")
        self.capacity = capacity
        self.row_capacity = capacity * 2
        self.requests = <RequestSlot*>take_memory(capacity, sizeof(RequestSlot))
        self.rows = <RowSlot*>take_memory(self.row_capacity, sizeof(RowSlot))
        if self.requests == NULL or self.rows == NULL:
            raise MemoryError
        # Another run's late acks must not match: each run counts generations from its own random start.
        first_generation = int.from_bytes(urandom(4), "little")
        for i in range(capacity):
            self.requests[i].next = i + 1 if i + 1 < capacity else -1
            self.requests[i].generation = first_generation
            self.requests[i].list_id = LIST_NONE
        for i in range(self.row_capacity):
            self.rows[i].next = i + 1 if i + 1 < self.row_capacity else -1
        self.rows_free = self.row_capacity
        for i in range(LIST_COUNT):
            self.lists[i].head = -1
            self.lists[i].tail = -1
        self.by_key = SlotIndex()
        self.by_key.setup(capacity, self.requests, sizeof(RequestSlot), <Py_ssize_t>&(<RequestSlot*>NULL).key)
        self.forgotten = SeenSet(capacity * FORGOTTEN_PER_REQUEST)

    def __dealloc__(self):
        cdef int32_t i
        if self.requests != NULL:
            for i in range(self.capacity):
                free(self.requests[i].frame)
        free(self.requests)
        free(self.rows)

    cdef Fingerprint fingerprint(self, const char* key, uint32_t n) noexcept:
        cdef Fingerprint print
        print.low = hash_bytes(key, n, 0x9E3779B97F4A7C15ULL)
        print.high = hash_bytes(key, n, 0xD1B54A32D192ED03ULL)
        return print

    cdef int32_t find(self, int32_t strategy, const Span* id) noexcept:
        """The request of this strategy under this id, or -1."""
        cdef char key[66]
        key[0] = <char>(strategy & 0xFF)
        key[1] = <char>(strategy >> 8)
        memcpy(&key[2], id.p, id.n)
        return self.by_key.find(key, id.n + 2)

    cdef bint is_forgotten(self, int32_t strategy, const Span* id) noexcept:
        """The id was used, and its result is no longer kept."""
        cdef char key[66]
        key[0] = <char>(strategy & 0xFF)
        key[1] = <char>(strategy >> 8)
        memcpy(&key[2], id.p, id.n)
        return self.forgotten.has(self.fingerprint(key, id.n + 2))

    cdef int32_t add(self, int32_t strategy, const Span* id, int32_t row_count) noexcept:
        """A new request with its rows, in no list yet. -1 when all are taken by requests that are not done."""
        cdef int32_t slot, row, i
        cdef RequestSlot* request
        cdef uint32_t generation
        while self.free_request < 0 or self.rows_free < row_count:
            slot = self.lists[LIST_DONE].head
            if slot < 0:
                return -1
            self.forgotten.add(self.fingerprint(self.requests[slot].key.p, self.requests[slot].key.n))
            self.drop(slot)
        slot = self.free_request
        request = &self.requests[slot]
        self.free_request = request.next
        generation = request.generation
        memset(request, 0, sizeof(RequestSlot))
        request.generation = generation + 1
        request.list_id = LIST_NONE
        request.key.n = <unsigned char>(id.n + 2)
        request.key.p[0] = <char>(strategy & 0xFF)
        request.key.p[1] = <char>(strategy >> 8)
        memcpy(&request.key.p[2], id.p, id.n)
        request.strategy = strategy
        request.row_count = <unsigned char>row_count
        request.rows_open = row_count
        request.first_row = -1
        for i in range(row_count - 1, -1, -1):
            row = self.free_row
            self.free_row = self.rows[row].next
            memset(&self.rows[row], 0, sizeof(RowSlot))
            self.rows[row].row = <unsigned char>i
            self.rows[row].request = slot
            self.rows[row].order = -1
            self.rows[row].instrument = -1
            self.rows[row].limit_key = -1
            self.rows[row].sub_account_key = -1
            self.rows[row].next = request.first_row
            request.first_row = row
        self.rows_free -= row_count
        self.by_key.insert(slot)
        return slot

    cdef void drop(self, int32_t slot) noexcept:
        """Frees the request and its rows."""
        cdef RequestSlot* request = &self.requests[slot]
        cdef int32_t row, next_row
        self.by_key.remove(slot)
        self.move(slot, LIST_NONE)
        row = request.first_row
        while row >= 0:
            next_row = self.rows[row].next
            self.rows[row].next = self.free_row
            self.free_row = row
            self.rows_free += 1
            row = next_row
        free(request.frame)
        request.frame = NULL
        request.first_row = -1
        request.next = self.free_request
        self.free_request = slot

    cdef void write_okx_id(self, int32_t slot, char* digits) noexcept:
        """The 16 characters that name this request to OKX."""
        cdef const char* HEX = b"0123456789abcdef"
        cdef uint32_t generation = self.requests[slot].generation
        cdef uint32_t number = <uint32_t>slot
        cdef int i
        for i in range(8):
            digits[7 - i] = HEX[generation & 15]
            digits[15 - i] = HEX[number & 15]
            generation >>= 4
            number >>= 4

    cdef int32_t by_okx_id(self, const Span* okx_id) noexcept:
        """The request that was sent under this id, or -1 if it is none of ours (or of an earlier use of the slot)."""
        cdef uint32_t generation, slot
        if okx_id.n != OKX_ID_LEN or hex_value(okx_id.p, &generation) != 0 or hex_value(okx_id.p + 8, &slot) != 0:
            return -1
        if slot >= <uint32_t>self.capacity or self.requests[slot].generation != generation:
            return -1
        if self.requests[slot].list_id == LIST_NONE or self.requests[slot].list_id == LIST_WAITING:
            return -1
        return <int32_t>slot

    cdef void move(self, int32_t slot, int32_t list_id) noexcept:
        """Takes the request out of its list and puts it at the end of another (LIST_NONE: of none)."""
        cdef RequestSlot* request = &self.requests[slot]
        cdef ListEnds* ends
        assert_that(0 <= slot < self.capacity and 0 <= list_id <= LIST_NONE, b"a known request moves to a known list")
        if request.list_id != LIST_NONE:
            ends = &self.lists[request.list_id]
            if request.prev >= 0:
                self.requests[request.prev].next = request.next
            else:
                ends.head = request.next
            if request.next >= 0:
                self.requests[request.next].prev = request.prev
            else:
                ends.tail = request.prev
            ends.count -= 1
            assert_that(ends.count >= 0, b"a list of requests is not shorter than empty")
        request.list_id = list_id
        if list_id == LIST_NONE:
            return
        ends = &self.lists[list_id]
        request.prev = ends.tail
        request.next = -1
        if ends.tail >= 0:
            self.requests[ends.tail].next = slot
        else:
            ends.head = slot
        ends.tail = slot
        ends.count += 1

    cdef int32_t row_of(self, int32_t slot, int32_t row) noexcept:
        """The RowSlot number of a request's n-th row, or -1."""
        cdef int32_t at = self.requests[slot].first_row
        while at >= 0 and self.rows[at].row != row:
            at = self.rows[at].next
        return at

    cdef Span id_of(self, int32_t slot) noexcept:
        """The strategy's own id of the request."""
        cdef Span span
        span.p = &self.requests[slot].key.p[2]
        span.n = <uint32_t>(self.requests[slot].key.n - 2)
        return span
