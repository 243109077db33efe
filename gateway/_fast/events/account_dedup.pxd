from libc.stdint cimport int32_t, int64_t, uint8_t

from gateway._fast.base.slot_index cimport Fingerprint

cdef struct ReceivedPush:
    Fingerprint print
    uint8_t seen             # bits of the connections that have brought it
    bint published
    int32_t kind
    int32_t buffer           # which holds it, while it is not published; -1: none
    int32_t n
    int64_t received_ns         # monotonic

cdef class AccountPushes:
    cdef ReceivedPush* received
    cdef char* buffers
    cdef int32_t* owners     # by buffer: the entry that it is for; -1: none
    cdef int32_t* members    # by bit: the number of a connection; 0: none
    cdef int32_t next_entry
    cdef int32_t next_buffer
    cdef readonly int32_t leader

    cdef void join(self, int32_t connection) noexcept
    cdef void leave(self, int32_t connection) noexcept
    cdef int32_t bit_of(self, int32_t connection) noexcept
    cdef bint take(self, int32_t connection, int32_t kind, const char* frame, Py_ssize_t n, int64_t mono_ns) noexcept
    cdef ReceivedPush* add(self, const Fingerprint* print, uint8_t bit, int32_t kind, int64_t mono_ns) noexcept
    cdef void keep(self, ReceivedPush* entry, const char* frame, Py_ssize_t n) noexcept
    cdef void lead(self, int32_t connection) noexcept
    cdef ReceivedPush* next_unpublished(self, int64_t mono_ns) noexcept
    cdef const char* frame_of(self, const ReceivedPush* entry) noexcept
