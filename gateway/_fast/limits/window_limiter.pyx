"""Pure. A counter that keeps any window at OKX, fixed or sliding, within its limit.

OKX counts a request at a moment that we cannot see: after we sent it, before its ack reached us. So a token that was
taken comes back one window after the *latest* moment at which OKX can have counted it (`settle`), and until that is
known it stays out. Then, of any moments that OKX can have counted within one window, no more than `limit` exist. The
most that can be had is limit / (window + round trip).

A cold start counts as one window fully spent: who ran before us may have spent it. Times are `now_ns`, monotonic.

Source of the limits: OKX docs, Order Book Trading, "Rate limit" of each operation; Overview, "Rate limits".
"""
from libc.stdlib cimport calloc, free, malloc

from gateway._fast.base.debug_checks cimport assert_that

cdef enum:
    WAIT_NO_MEMORY_NS = 1_000_000_000  # no memory for a ring: asked again later, refused at its deadline


cdef class WindowLimiter:
    """Window counters by key. `add_key` at start; then `wait_ns`, `take`, `settle`, all O(1), no memory taken but a
    key's ring at its first use."""

    def __cinit__(self, int32_t key_capacity, int64_t window_ns):
        if key_capacity < 1 or window_ns < 1:
            raise ValueError("key_capacity and window_ns must be positive")
        self.keys = <WindowKey*>calloc(key_capacity, sizeof(WindowKey))
        if self.keys == NULL:
            raise MemoryError
        self.key_capacity = key_capacity
        self.window_ns = window_ns

    def __dealloc__(self):
        cdef int32_t i
        if self.keys != NULL:
            for i in range(self.key_count):
                free(self.keys[i].spent)
            free(self.keys)

    def start(self, int64_t now_ns):
        """From here on requests may go out: what was sent before `now_ns` is taken as one window fully spent."""
        self.cold_until_ns = now_ns + self.window_ns

    cpdef int32_t add_key(self, int32_t limit) except -1:
        """A new key of `limit` per window; returns its number. Raises OverflowError when `key_capacity` is reached."""
        if limit < 1:
            raise ValueError("a limit must be at least 1")
        if self.key_count == self.key_capacity:
            raise OverflowError(f"the limiter holds {self.key_capacity} keys and no more")
        self.keys[self.key_count].limit = limit
        self.key_count += 1
        return self.key_count - 1

    cdef int prepare(self, WindowKey* key, int64_t now_ns) noexcept:
        """The key's ring, made at its first use; a key first used within the cold window starts fully spent."""
        key.spent = <SpentEntry*>malloc(key.limit * sizeof(SpentEntry))
        if key.spent == NULL:
            return -1
        if now_ns < self.cold_until_ns:
            key.used = key.limit
            key.count = 1
            key.spent[0].release_ns = self.cold_until_ns
            key.spent[0].weight = key.limit
        return 0

    cdef void release(self, WindowKey* key, int64_t now_ns) noexcept:
        while key.count > 0 and key.spent[key.head].release_ns <= now_ns:
            key.used -= key.spent[key.head].weight
            key.head = (key.head + 1) % <uint32_t>key.limit
            key.count -= 1

    cdef int64_t wait_ns(self, int32_t key_number, int32_t weight, int64_t now_ns) noexcept:
        """0 when `weight` can be taken now, else how long (ns) until it can be at the earliest.
        A weight over the limit never can: INT64_MAX."""
        cdef WindowKey* key = &self.keys[key_number]
        cdef int32_t freed = 0
        cdef uint32_t i
        cdef SpentEntry* entry
        if weight > key.limit:
            return 0x7FFFFFFFFFFFFFFF
        if key.spent == NULL and self.prepare(key, now_ns) != 0:
            return WAIT_NO_MEMORY_NS
        self.release(key, now_ns)
        if key.used + weight <= key.limit:
            return 0
        for i in range(key.count):
            entry = &key.spent[(key.head + i) % <uint32_t>key.limit]
            freed += entry.weight
            if key.used - freed + weight <= key.limit:
                return entry.release_ns - now_ns
        return self.window_ns

    cdef void take(self, int32_t key_number, int32_t weight) noexcept:
        """Takes what `wait_ns` has just said can be taken."""
        cdef WindowKey* key = &self.keys[key_number]
        key.used += weight
        key.held += weight
        assert_that(key.used <= key.limit, b"no more is out than the limit")

    cdef void settle(self, int32_t key_number, int32_t weight, int64_t counted_by_ns) noexcept:
        """OKX has counted `weight` of this key by `counted_by_ns` at the latest: it comes back one window later.
        Calls come in time's order."""
        cdef WindowKey* key = &self.keys[key_number]
        cdef SpentEntry* last
        cdef int64_t release_ns = counted_by_ns + self.window_ns
        assert_that(
            weight > 0 and key.held >= weight and key.count < <uint32_t>key.limit + 1, b"settled weight was held")
        key.held -= weight
        if key.count > 0:
            last = &key.spent[(key.head + key.count - 1) % <uint32_t>key.limit]
            if last.release_ns >= release_ns:
                last.weight += weight
                return
        last = &key.spent[(key.head + key.count) % <uint32_t>key.limit]
        last.release_ns = release_ns
        last.weight = weight
        key.count += 1

    cdef void give_back(self, int32_t key_number, int32_t weight) noexcept:
        """What was taken was never sent."""
        assert_that(self.keys[key_number].held >= weight, b"given back weight was held")
        self.keys[key_number].used -= weight
        self.keys[key_number].held -= weight

    cdef void exhaust(self, int32_t key_number, int64_t now_ns) noexcept:
        """OKX has refused by this limit, whoever spent it: nothing more of it for one window from `now_ns`."""
        cdef WindowKey* key = &self.keys[key_number]
        cdef SpentEntry* entry
        cdef uint32_t i
        if key.spent == NULL and self.prepare(key, now_ns) != 0:
            return
        for i in range(key.count):
            entry = &key.spent[(key.head + i) % <uint32_t>key.limit]
            entry.release_ns = max(entry.release_ns, now_ns + self.window_ns)
        if key.used < key.limit:
            key.held += key.limit - key.used
            i = key.limit - key.used
            key.used = key.limit
            self.settle(key_number, <int32_t>i, now_ns)

    def ask(self, int32_t key, int32_t weight, int64_t now_ns):
        """For tests and cold callers: 0 and taken, or the wait in ns and nothing taken."""
        cdef int64_t wait = self.wait_ns(key, weight, now_ns)
        if wait == 0:
            self.take(key, weight)
        return wait

    def note_counted(self, int32_t key, int32_t weight, int64_t counted_by_ns):
        """For tests and cold callers: `settle`."""
        self.settle(key, weight, counted_by_ns)

    def note_refused(self, int32_t key, int64_t now_ns):
        """For cold callers: `exhaust`."""
        self.exhaust(key, now_ns)

    def usage(self, int32_t key, int64_t now_ns):
        """(`used`, `held`, `limit`) of a key."""
        if self.keys[key].spent != NULL:
            self.release(&self.keys[key], now_ns)
        return self.keys[key].used, self.keys[key].held, self.keys[key].limit
