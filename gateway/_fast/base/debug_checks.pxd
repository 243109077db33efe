# Assertions and fault switches. In the debug build (GATEWAY_DEBUG=1) a failed assertion ends the process and the
# switches that tests set are asked; in the optimised build both compile to nothing.
from libc.signal cimport SIGKILL
from libc.stdint cimport int32_t
from posix.signal cimport kill
from posix.unistd cimport getpid, usleep

cdef extern from *:
    """
    #include <stdio.h>
    #include <stdlib.h>
    #ifndef GATEWAY_DEBUG
    #define GATEWAY_DEBUG 0
    #endif
    #if GATEWAY_DEBUG
    #define gateway_assert(condition, what) \\
        do { \\
            if (!(condition)) { \\
                fprintf(stderr, "gateway: assertion failed: %s (%s:%d)\\n", what, __FILE__, __LINE__); \\
                abort(); \\
            } \\
        } while (0)
    #define gateway_debug 1
    #else
    #define gateway_assert(condition, what) ((void)sizeof(condition), (void)(what))
    #define gateway_debug 0
    #endif
    """
    void assert_that "gateway_assert"(bint condition, const char* what) nogil
    const bint IS_DEBUG "gateway_debug"

# What a switch makes wrong, once for each time it is armed.
cdef enum:
    FAULT_DROP_FILL_DEDUP = 0    # a fill that was published counts as new
    FAULT_RESEND = 1             # the frame of a request goes out twice
    FAULT_TIMEOUT_IS_REJECT = 2  # no ack in time is published as rejected
    FAULT_FILL_BEFORE_JOURNAL = 3  # a fill is published before the journal has it
    FAULT_SEND_FAILS = 4         # the socket takes nothing
    FAULT_JOURNAL_FULL = 5       # the journal takes no intent
    # The process ends on the spot, as by kill -9:
    FAULT_CRASH_BEFORE_RECEIVED = 6  # a request has been read and checked, and the journal does not have it yet
    FAULT_CRASH_AFTER_RECEIVED = 7   # the journal has it
    FAULT_CRASH_BEFORE_INTENT = 8    # a request is about to go, and the journal does not say so yet
    FAULT_CRASH_AFTER_INTENT = 9     # the journal says so, and not a byte has left
    FAULT_CRASH_AFTER_SEND = 10      # it has left
    FAULT_CRASH_WITHIN_RECORD = 11   # a record has been copied into the map, but for its length
    FAULT_CRASH_BEFORE_SEGMENT_END = 12  # the journal is about to go on in the next file
    FAULT_CRASH_AFTER_SEGMENT_END = 13   # it has said so, and that file has no record yet
    # One for each of the topics TOPIC_ACK, TOPIC_ORDER and TOPIC_FILL:
    FAULT_CRASH_BEFORE_KEPT = 14       # an event is made, and the journal does not have it yet
    FAULT_CRASH_BEFORE_PUBLISHED = 17  # it has
    FAULT_CRASH_AFTER_PUBLISHED = 20
    FAULT_COUNT = 23
    CRASH_DELAY_US = 50000  # what was given to ZeroMQ's thread before leaves first

cdef int32_t armed[FAULT_COUNT]


cdef inline bint fault(int which) noexcept nogil:
    if IS_DEBUG and armed[which] > 0:
        armed[which] -= 1
        return True
    return False


cdef inline void crash_here(int which) noexcept nogil:
    if fault(which):
        usleep(CRASH_DELAY_US)
        kill(getpid(), SIGKILL)
