# The two clocks. Deadlines, windows and timeouts use the monotonic one, so that a stepped wall clock breaks nothing;
# stamps that others compare use the wall clock.
from libc.stdint cimport int64_t
from posix.time cimport CLOCK_MONOTONIC, CLOCK_REALTIME, clock_gettime, timespec

# When a message was read, on both clocks.
cdef struct Moment:
    int64_t mono_ns
    int64_t real_ns


cdef inline int64_t monotonic_ns() noexcept nogil:
    cdef timespec now
    clock_gettime(CLOCK_MONOTONIC, &now)
    return <int64_t>now.tv_sec * 1_000_000_000 + now.tv_nsec


cdef inline int64_t realtime_ns() noexcept nogil:
    cdef timespec now
    clock_gettime(CLOCK_REALTIME, &now)
    return <int64_t>now.tv_sec * 1_000_000_000 + now.tv_nsec


cdef inline Moment moment_at(int64_t mono_ns, int64_t real_ns) noexcept nogil:
    cdef Moment moment
    moment.mono_ns = mono_ns
    moment.real_ns = real_ns
    return moment


cdef inline Moment moment_now() noexcept nogil:
    return moment_at(monotonic_ns(), realtime_ns())
