from libc.stdint cimport uint16_t, uint32_t, uint64_t, int64_t

cdef struct RecordHead:
    uint32_t length
    uint32_t crc
    uint16_t kind
    uint16_t version
    uint32_t unused
    uint64_t number
    int64_t wall_ns

# 1: a whole record stands there; 0: nothing does (a length of 0); -1: the bytes end within it; -2: it is no record.
cdef int read_record(const char* p, Py_ssize_t n, RecordHead* head) noexcept nogil
