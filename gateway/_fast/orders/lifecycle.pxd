from libc.stdint cimport uint8_t

# What happens to an order. A row of OKX's, pushed or from REST, names a state, and is behind what is known, the same,
# or newer.
cdef enum:  # LifeEvent
    LIFE_ACK = 0               # OKX took the placement
    LIFE_REFUSAL = 1           # the placement was refused, or is proven never to have been executed
    LIFE_SILENCE = 2           # no answer to the placement, or one that proves nothing
    LIFE_FILL = 3              # an execution, from a push or from REST's fills
    LIFE_LIVE_BEHIND = 4
    LIFE_LIVE_SAME = 5
    LIFE_LIVE_UPDATE = 6
    LIFE_PARTIALLY_FILLED_BEHIND = 7
    LIFE_PARTIALLY_FILLED_SAME = 8
    LIFE_PARTIALLY_FILLED_UPDATE = 9
    LIFE_FILLED = 10
    LIFE_CANCELED = 11
    LIFE_MMP_CANCELED = 12
    LIFE_EVENT_COUNT = 13

cdef enum:  # LifeAction
    LIFE_KEEP = 0              # nothing of it is new
    LIFE_NOTE = 1              # nothing is published; its time is the order's latest
    LIFE_RESULT = 2  # only the result of an amend is new, if it has one: published with the order as it is now
    LIFE_PUBLISH = 3           # taken and published: state, sizes, price
    LIFE_MOVE = 4              # the state changes; the request's `.ack` shows it

# What of an order is on its way to OKX.
cdef enum:  # Flight
    FLIGHT_NONE = 0
    FLIGHT_AMEND = 1
    FLIGHT_CANCEL = 2          # of both, this one

cdef enum:
    PROVEN_BY_VALUES = 4       # beside the RESULT_*: the values with which the order ended decide

cdef int life_action(int state, int event) noexcept nogil
cdef uint8_t next_state(int state, int event) noexcept nogil
cdef const char* life_name(int state, int amends_in_flight, int cancels_in_flight) noexcept nogil
cdef int proven_by_state(int state, int kind) noexcept nogil
