"""Pure. JSON keys to small numbers, for fields that the data plane knows by name."""
from libc.stdlib cimport free, malloc
from libc.string cimport memcmp

from gateway._fast.base.slot_index cimport hash_bytes


cdef class FieldNames:
    """Numbers a fixed list of keys by their place in it: `find` gives the number, or -1 for any other key."""

    def __cinit__(self, list names not None):
        cdef uint32_t n = 16
        cdef uint32_t i, at
        cdef bytes text
        while n < len(names) * 4:
            n *= 2
        self.names = [name.encode("ascii") for name in names]
        self.buckets = <int32_t*>malloc(n * sizeof(int32_t))
        self.texts = <const char**>malloc(len(names) * sizeof(char*))
        self.lengths = <uint32_t*>malloc(len(names) * sizeof(uint32_t))
        if self.buckets == NULL or self.texts == NULL or self.lengths == NULL:
            raise MemoryError
        for i in range(n):
            self.buckets[i] = -1
        self.mask = n - 1
        for i in range(<uint32_t>len(self.names)):
            text = self.names[i]
            self.texts[i] = text
            self.lengths[i] = <uint32_t>len(text)
            at = <uint32_t>hash_bytes(self.texts[i], self.lengths[i], 0) & self.mask
            while self.buckets[at] >= 0:
                at = (at + 1) & self.mask
            self.buckets[at] = <int32_t>i

    def __dealloc__(self):
        free(self.buckets)
        free(self.texts)
        free(self.lengths)

    cdef int32_t find(self, const char* p, uint32_t n) noexcept nogil:
        cdef uint32_t i = <uint32_t>hash_bytes(p, n, 0) & self.mask
        cdef int32_t number
        while self.buckets[i] >= 0:
            number = self.buckets[i]
            if self.lengths[number] == n and memcmp(self.texts[number], p, n) == 0:
                return number
            i = (i + 1) & self.mask
        return -1
