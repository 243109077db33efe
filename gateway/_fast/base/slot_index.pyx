"""Pure. Fixed-memory lookups: slots by a key, and sets of what was seen lately. O(1), no memory taken after setup."""
from libc.stdlib cimport free
from libc.string cimport memcmp, memcpy

from gateway._fast.base.debug_checks cimport assert_that
from gateway._fast.base.memory cimport take_memory


cdef uint64_t hash_bytes(const char* p, uint32_t n, uint64_t seed) noexcept nogil:
    """A 64-bit multiply-and-fold hash (the mixing of MurmurHash64A), 8 bytes at a time."""
    cdef uint64_t m = 0xC6A4A7935BD1E995ULL
    cdef uint64_t h = seed ^ (n * m)
    cdef uint64_t k
    while n >= 8:
        memcpy(&k, p, 8)
        k *= m
        k ^= k >> 47
        h = (h ^ (k * m)) * m
        p += 8
        n -= 8
    if n > 0:
        k = 0
        memcpy(&k, p, n)
        h = (h ^ k) * m
    h ^= h >> 47
    h *= m
    return h ^ (h >> 47)


cdef uint32_t buckets_for(uint32_t capacity) noexcept nogil:
    """A power of two of at least twice the capacity: linear probing stays short."""
    cdef uint32_t n = 16
    while n < capacity * 2:
        n *= 2
    return n


cdef class SlotIndex:
    """Slot numbers by the key inside each slot (a length byte at `key_offset`, then the key; at most 255 bytes)."""

    def __dealloc__(self):
        free(self.buckets)
        free(self.hashes)

    cdef int setup(self, uint32_t capacity, const void* slots, Py_ssize_t stride, Py_ssize_t key_offset) except -1:
        cdef uint32_t n = buckets_for(capacity)
        cdef uint32_t i
        self.buckets = <int32_t*>take_memory(n, sizeof(int32_t))
        self.hashes = <uint32_t*>take_memory(n, sizeof(uint32_t))
        if self.buckets == NULL or self.hashes == NULL:
            raise MemoryError
        for i in range(n):
            self.buckets[i] = -1
        self.mask = n - 1
        self.slots = <const char*>slots
        self.stride = stride
        self.key_offset = key_offset
        return 0

    cdef int32_t find(self, const char* key, uint32_t n) noexcept nogil:
        """The slot with this key, or -1."""
        cdef uint32_t h = <uint32_t>hash_bytes(key, n, 0)
        cdef uint32_t i = h & self.mask
        cdef const char* at
        while self.buckets[i] >= 0:
            if self.hashes[i] == h:
                at = self.slots + self.buckets[i] * self.stride + self.key_offset
                if <unsigned char>at[0] == n and memcmp(at + 1, key, n) == 0:
                    return self.buckets[i]
            i = (i + 1) & self.mask
        return -1

    cdef void insert(self, int32_t slot) noexcept nogil:
        """Adds the slot under the key that it holds; the caller has made sure that the key is new."""
        assert_that(self.count <= self.mask // 2, b"the index is at most half full")
        cdef const char* at = self.slots + slot * self.stride + self.key_offset
        cdef uint32_t h = <uint32_t>hash_bytes(at + 1, <unsigned char>at[0], 0)
        cdef uint32_t i = h & self.mask
        while self.buckets[i] >= 0:
            i = (i + 1) & self.mask
        self.buckets[i] = slot
        self.hashes[i] = h
        self.count = self.count + 1  # `+=` on an attribute does not compile without the GIL in the debug build

    cdef void remove(self, int32_t slot) noexcept nogil:
        """Takes the slot out (its key still in place), closing the gap so that probing needs no tombstones."""
        cdef const char* at = self.slots + slot * self.stride + self.key_offset
        cdef uint32_t h = <uint32_t>hash_bytes(at + 1, <unsigned char>at[0], 0)
        cdef uint32_t i = h & self.mask
        cdef uint32_t hole, home
        while self.buckets[i] != slot:
            assert_that(self.buckets[i] >= 0, b"a removed slot was in the index")
            if self.buckets[i] < 0:
                return
            i = (i + 1) & self.mask
        hole = i
        while True:
            i = (i + 1) & self.mask
            if self.buckets[i] < 0:
                break
            home = self.hashes[i] & self.mask
            if ((i - home) & self.mask) >= ((i - hole) & self.mask):
                self.buckets[hole] = self.buckets[i]
                self.hashes[hole] = self.hashes[i]
                hole = i
        self.buckets[hole] = -1
        self.count = self.count - 1


cdef class SeenSet:
    """The last `capacity` fingerprints shown to `add`; the oldest is forgotten for the newest."""

    def __cinit__(self, uint32_t capacity):
        cdef uint32_t n = buckets_for(capacity)
        cdef uint32_t i
        self.ring = <Fingerprint*>take_memory(capacity, sizeof(Fingerprint))
        self.buckets = <int32_t*>take_memory(n, sizeof(int32_t))
        if self.ring == NULL or self.buckets == NULL:
            raise MemoryError
        for i in range(n):
            self.buckets[i] = -1
        self.mask = n - 1
        self.capacity = capacity

    def __dealloc__(self):
        free(self.ring)
        free(self.buckets)

    cdef bint has(self, Fingerprint print) noexcept nogil:
        cdef uint32_t i = <uint32_t>print.low & self.mask
        while self.buckets[i] >= 0:
            if self.ring[self.buckets[i]].low == print.low and self.ring[self.buckets[i]].high == print.high:
                return True
            i = (i + 1) & self.mask
        return False

    cdef void add(self, Fingerprint print) noexcept nogil:
        cdef uint32_t i
        if self.added >= self.capacity:
            self.forget(self.next)
        self.ring[self.next] = print
        i = <uint32_t>print.low & self.mask
        while self.buckets[i] >= 0:
            i = (i + 1) & self.mask
        self.buckets[i] = <int32_t>self.next
        self.next = (self.next + 1) % self.capacity
        self.added = self.added + 1

    cdef void forget(self, uint32_t index) noexcept nogil:
        cdef uint32_t i = <uint32_t>self.ring[index].low & self.mask
        cdef uint32_t hole, home
        while self.buckets[i] != <int32_t>index:
            i = (i + 1) & self.mask
        hole = i
        while True:
            i = (i + 1) & self.mask
            if self.buckets[i] < 0:
                break
            home = <uint32_t>self.ring[self.buckets[i]].low & self.mask
            if ((i - home) & self.mask) >= ((i - hole) & self.mask):
                self.buckets[hole] = self.buckets[i]
                hole = i
        self.buckets[hole] = -1

    def show(self, bytes key not None):
        """True if `key` was seen before among the last `capacity`; remembers it. For tests."""
        cdef Fingerprint print
        print.low = hash_bytes(key, <uint32_t>len(key), 1)
        print.high = hash_bytes(key, <uint32_t>len(key), 2)
        if self.has(print):
            return True
        self.add(print)
        return False
