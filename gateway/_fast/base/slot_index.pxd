from libc.stdint cimport int32_t, uint32_t, uint64_t

# Finds slots of a fixed table by a key of bytes that stands inside each slot: one byte of length, then the key.
cdef class SlotIndex:
    cdef int32_t* buckets      # slot number, or -1
    cdef uint32_t* hashes
    cdef uint32_t mask
    cdef const char* slots     # first slot; owned by the table
    cdef Py_ssize_t stride
    cdef Py_ssize_t key_offset
    cdef readonly uint32_t count

    cdef int setup(self, uint32_t capacity, const void* slots, Py_ssize_t stride, Py_ssize_t key_offset) except -1
    cdef int32_t find(self, const char* key, uint32_t n) noexcept nogil
    cdef void insert(self, int32_t slot) noexcept nogil
    cdef void remove(self, int32_t slot) noexcept nogil

cdef uint64_t hash_bytes(const char* p, uint32_t n, uint64_t seed) noexcept nogil


# Remembers the last `capacity` fingerprints (128 bits) that it was shown, in fixed memory.
cdef struct Fingerprint:
    uint64_t low
    uint64_t high

cdef class SeenSet:
    cdef Fingerprint* ring
    cdef int32_t* buckets      # index into ring, or -1
    cdef uint32_t mask
    cdef uint32_t capacity
    cdef uint32_t next
    cdef readonly uint64_t added

    cdef bint has(self, Fingerprint print) noexcept nogil
    cdef void add(self, Fingerprint print) noexcept nogil
    cdef void forget(self, uint32_t index) noexcept nogil
