from libc.stdint cimport int32_t, uint32_t

cdef class FieldNames:
    cdef list names
    cdef int32_t* buckets
    cdef const char** texts
    cdef uint32_t* lengths
    cdef uint32_t mask

    cdef int32_t find(self, const char* p, uint32_t n) noexcept nogil
