# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""What an append to the journal costs the hot thread. Each one is timed, with two readings of the clock in its time."""
from libc.stdint cimport int64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset
from posix.time cimport nanosleep, timespec

from gateway._fast.base.clock cimport monotonic_ns
from gateway._fast.journal.writer cimport Journal


def time_appends(Journal journal not None, int count, int body_bytes, int gap_us):
    """ns of each of `count` events of `body_bytes`, with a pause of `gap_us` before each (0: none)."""
    cdef int64_t* spent = <int64_t*>calloc(count, sizeof(int64_t))
    cdef char* body = <char*>calloc(body_bytes, 1)
    cdef timespec gap
    cdef int64_t began
    cdef int i
    if spent == NULL or body == NULL:
        free(spent)
        free(body)
        raise MemoryError
    memset(body, c"x", body_bytes)
    gap.tv_sec = 0
    gap.tv_nsec = gap_us * 1_000
    for i in range(count):
        if gap_us > 0:
            nanosleep(&gap, NULL)
        began = monotonic_ns()
        journal.event(b"strategy.ack", 12, body, body_bytes)
        spent[i] = monotonic_ns() - began
    times = [spent[i] for i in range(count)]
    free(spent)
    free(body)
    return times


def time_nothing(int count):
    """ns that the two readings of the clock take by themselves."""
    cdef int64_t began
    times = []
    for _ in range(count):
        began = monotonic_ns()
        times.append(monotonic_ns() - began)
    return times
