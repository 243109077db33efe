from libc.stdint cimport int32_t, int64_t, uint32_t

cdef struct SpentEntry:
    int64_t release_ns
    int32_t weight

cdef struct WindowKey:
    int32_t limit          # weight that may be out at once
    int32_t used           # weight taken and not yet returned (held + waiting for its window to pass)
    int32_t held           # part of `used` whose request OKX has not been proven to have counted yet
    uint32_t head          # oldest entry of `spent`
    uint32_t count         # entries in `spent`
    SpentEntry* spent      # ring of `limit` entries, made at the key's first use

cdef class WindowLimiter:
    cdef WindowKey* keys
    cdef readonly int32_t key_count
    cdef readonly int32_t key_capacity
    cdef readonly int64_t window_ns
    cdef readonly int64_t cold_until_ns

    cpdef int32_t add_key(self, int32_t limit) except -1
    cdef int64_t wait_ns(self, int32_t key, int32_t weight, int64_t now_ns) noexcept
    cdef void take(self, int32_t key, int32_t weight) noexcept
    cdef void settle(self, int32_t key, int32_t weight, int64_t counted_by_ns) noexcept
    cdef void give_back(self, int32_t key, int32_t weight) noexcept
    cdef void exhaust(self, int32_t key, int64_t now_ns) noexcept
    cdef int prepare(self, WindowKey* key, int64_t now_ns) noexcept
    cdef void release(self, WindowKey* key, int64_t now_ns) noexcept
