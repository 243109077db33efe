"""Pure. An order's life as tables: what each event does in each state, what each state proves, and how a life is
called.

Sources: OKX docs, WS / Order channel (states; of what is repeated the first counts; `uTime`, `accFillSz`), WS / Place
order (`sCode`). OKX promises no order among acks, pushes and REST rows; so a row is first set against what is known
(`updates.life_event`), and no cell turns an order back. docs/order-lifecycle.md is written from here.
"""
from gateway._fast.base.enums cimport *
from gateway._fast.base.wire_names cimport state_name

cdef enum:
    STATES = ORD_STATE_UNKNOWN + 1
    KEEP = LIFE_KEEP
    NOTE = LIFE_NOTE
    RSLT = LIFE_RESULT
    PUBL = LIFE_PUBLISH
    MOVE = LIFE_MOVE

# Rows: ORD_STATE_*, in their order. Columns: LIFE_*, in theirs.
cdef uint8_t[STATES][LIFE_EVENT_COUNT] ACTIONS = [
    # ack, refusal, silence, fill | live: behind, same, update | partially filled: the same | the three ends
    # pending
    [KEEP, MOVE, MOVE, KEEP,  PUBL, PUBL, PUBL,  PUBL, PUBL, PUBL,  PUBL, PUBL, PUBL],
    # live
    [KEEP, KEEP, KEEP, KEEP,  RSLT, NOTE, PUBL,  RSLT, PUBL, PUBL,  PUBL, PUBL, PUBL],
    # partially_filled
    [KEEP, KEEP, KEEP, KEEP,  RSLT, RSLT, RSLT,  RSLT, NOTE, PUBL,  PUBL, PUBL, PUBL],
    # filled
    [KEEP, KEEP, KEEP, KEEP,  KEEP, KEEP, KEEP,  KEEP, KEEP, KEEP,  KEEP, KEEP, KEEP],
    # canceled
    [KEEP, KEEP, KEEP, KEEP,  KEEP, KEEP, KEEP,  KEEP, KEEP, KEEP,  KEEP, KEEP, KEEP],
    # mmp_canceled
    [KEEP, KEEP, KEEP, KEEP,  KEEP, KEEP, KEEP,  KEEP, KEEP, KEEP,  KEEP, KEEP, KEEP],
    # rejected: OKX shows it all the same
    [KEEP, KEEP, KEEP, KEEP,  PUBL, PUBL, PUBL,  PUBL, PUBL, PUBL,  PUBL, PUBL, PUBL],
    # unknown
    [MOVE, MOVE, KEEP, KEEP,  PUBL, PUBL, PUBL,  PUBL, PUBL, PUBL,  PUBL, PUBL, PUBL],
]

# Where LIFE_PUBLISH and LIFE_MOVE lead. An order that was acked is pending until OKX shows it.
cdef uint8_t[LIFE_EVENT_COUNT] LEADS_TO = [
    ORD_STATE_PENDING, ORD_STATE_REJECTED, ORD_STATE_UNKNOWN, ORD_STATE_PENDING,
    ORD_STATE_LIVE, ORD_STATE_LIVE, ORD_STATE_LIVE,
    ORD_STATE_PARTIALLY_FILLED, ORD_STATE_PARTIALLY_FILLED, ORD_STATE_PARTIALLY_FILLED,
    ORD_STATE_FILLED, ORD_STATE_CANCELED, ORD_STATE_MMP_CANCELED,
]

cdef enum:
    NONE = RESULT_UNKNOWN
    DONE = RESULT_ACCEPTED
    NOT = RESULT_REJECTED
    SEEN = PROVEN_BY_VALUES

# What the state of its order proves of a request without an answer. Rows: ORD_STATE_*.
# Columns: KIND_PLACE, KIND_CANCEL, KIND_AMEND.
cdef uint8_t[STATES][3] PROOFS = [
    [NONE, NONE, NONE],   # pending
    [DONE, NONE, NONE],   # live
    [DONE, NONE, NONE],   # partially_filled
    [DONE, NOT, SEEN],    # filled
    [DONE, SEEN, SEEN],   # canceled
    [DONE, SEEN, SEEN],   # mmp_canceled
    [NOT, NOT, NOT],      # rejected
    [NONE, NONE, NONE],   # unknown
]

cdef const char** EVENT_NAMES = [
    "ack", "refusal", "silence", "fill", "live, behind", "live, same", "live, update",
    "partially_filled, behind", "partially_filled, same", "partially_filled, update", "filled", "canceled",
    "mmp_canceled",
]
cdef const char** ACTION_NAMES = ["keep", "note", "result", "publish", "move"]
cdef const char** PROOF_NAMES = ["", "accepted", "rejected", "", "by its values"]
cdef const char** FLIGHT_NAMES = ["", "amend_in_flight", "cancel_in_flight"]


cdef int life_action(int state, int event) noexcept nogil:
    """The LIFE_* action of an event in a state."""
    return ACTIONS[state][event]


cdef uint8_t next_state(int state, int event) noexcept nogil:
    """The state after an event."""
    cdef int action = ACTIONS[state][event]
    return LEADS_TO[event] if action == LIFE_PUBLISH or action == LIFE_MOVE else <uint8_t>state


cdef const char* life_name(int state, int amends_in_flight, int cancels_in_flight) noexcept nogil:
    """The life of an order in a word. An end, and a placement that is not known, say more than what is on its way."""
    cdef int flight = FLIGHT_CANCEL if cancels_in_flight > 0 else FLIGHT_AMEND if amends_in_flight > 0 else FLIGHT_NONE
    if state == ORD_STATE_UNKNOWN:
        return b"unknown"
    if state > ORD_STATE_PARTIALLY_FILLED or flight == FLIGHT_NONE:
        return state_name(state)
    return FLIGHT_NAMES[flight]


cdef int proven_by_state(int state, int kind) noexcept nogil:
    """A RESULT_*, RESULT_UNKNOWN for nothing, or PROVEN_BY_VALUES."""
    return PROOFS[state][kind]


cdef str name_of(int state):
    return life_name(state, 0, 0).decode("ascii")


def life_table():
    """{(state, event): (action, state after it)}, in words."""
    return {
        (name_of(state), EVENT_NAMES[event].decode("ascii")): (
            ACTION_NAMES[ACTIONS[state][event]].decode("ascii"), name_of(next_state(state, event)))
        for state in range(STATES) for event in range(LIFE_EVENT_COUNT)
    }


def proof_table():
    """{(state, kind of request): what the state proves of it}, in words; "" for nothing."""
    kinds = ("place", "cancel", "amend")
    return {
        (name_of(state), kinds[kind]): PROOF_NAMES[PROOFS[state][kind]].decode("ascii")
        for state in range(STATES) for kind in range(3)
    }


def lifecycle_words():
    """{(state, amends in flight, cancels in flight): the life}, each number 0 or 1."""
    return {
        (name_of(state), amends, cancels): life_name(state, amends, cancels).decode("ascii")
        for state in range(STATES) for amends in range(2) for cancels in range(2)
    }
