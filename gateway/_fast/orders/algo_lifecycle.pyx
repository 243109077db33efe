"""Pure. An algo order's life as a table, and what of a row of OKX's is new about one.

Sources: OKX docs, WS / Algo orders channel, `state`; Get algo order list (what is pending); Get algo order history
(what has ended).
"""
from libc.stdint cimport int32_t

from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport OrderSlot, Text, set_number, set_text
from gateway._fast.base.span cimport Span
from gateway._fast.base.wire_names cimport algo_state_name
from gateway._fast.frames.algo_scanner cimport AlgoPush
from gateway._fast.frames.scanner cimport *
from gateway._fast.orders.amends cimport note_shown

cdef enum:
    DROP = 0        # a repeat, or older than what is known
    TAKE = 1
    UNLESS_OLD = 2  # taken if not older than what is known, by `uTime`
    CHANGED = 3     # the same state: published if newer, and with other terms

# By what is known (row) and what a row of OKX's names (column), in the order of `AlgoState`.
# OKX never names `pending` and `rejected`.
cdef int[ALGO_STATE_COUNT][ALGO_STATE_COUNT] TABLE = [
    # pending live        pause       part.eff.   effective  canceled   rejected order_fd.  part.fd.
    [DROP,    TAKE,       TAKE,       TAKE,       TAKE,      TAKE,      DROP,    TAKE,      TAKE],        # pending
    [DROP,    CHANGED,    UNLESS_OLD, TAKE,       TAKE,      TAKE,      DROP,    TAKE,      TAKE],        # live
    [DROP,    UNLESS_OLD, CHANGED,    TAKE,       TAKE,      TAKE,      DROP,    TAKE,      TAKE],        # pause
    # partially_effective
    [DROP,    DROP,       UNLESS_OLD, CHANGED,    TAKE,      TAKE,      DROP,    TAKE,      TAKE],
    [DROP,    DROP,       DROP,       DROP,       DROP,      DROP,      DROP,    DROP,      DROP],        # effective
    [DROP,    DROP,       DROP,       DROP,       DROP,      DROP,      DROP,    DROP,      DROP],        # canceled
    # rejected: and yet it lives
    [DROP,    TAKE,       TAKE,       TAKE,       TAKE,      TAKE,      DROP,    TAKE,      TAKE],
    [DROP,    DROP,       DROP,       DROP,       DROP,      DROP,      DROP,    DROP,      DROP],        # order_failed
    [DROP,    DROP,       DROP,       DROP,       DROP,      DROP,      DROP,    DROP,      DROP],  # partially_failed
]


cdef int compare_times(const Span* published, const Text* known) noexcept nogil:
    """-1, 0 or 1 as the row is older, of the same time, or newer. One without a time is taken as newer."""
    if published.n == 0 or known.n == 0:
        return 1
    return compare_sizes(published.p, <int32_t>published.n, known.p, known.n)


cdef bint take_algo_state(OrderSlot* algo, const AlgoPush* push, int state, bint is_new_amend) noexcept nogil:
    """Brings the algo order up to the row. False when the row is a repeat, or older than what is known."""
    cdef int age = compare_times(&push.row.text[PUSH_U_TIME], &algo.u_time)
    cdef int rule = TABLE[algo.state][state]
    cdef bint is_update = rule == TAKE
    if rule == DROP or (rule != TAKE and age < 0):
        return False
    if rule == UNLESS_OLD:
        is_update = True
    elif rule == CHANGED:
        is_update = is_new_amend or (age > 0 and push.terms != algo.terms)
    algo.state = <unsigned char>state
    algo.terms = push.terms
    algo.unsent = False
    set_number(&algo.px, &push.row.text[PUSH_PX])
    set_number(&algo.avg_px, &push.row.text[PUSH_AVG_PX])
    set_number(&algo.sz, &push.row.text[PUSH_SZ])
    set_number(&algo.side, &push.row.text[PUSH_SIDE])
    set_number(&algo.ord_type, &push.row.text[PUSH_ORD_TYPE])
    set_number(&algo.td_mode, &push.row.text[PUSH_TD_MODE])
    set_text(&algo.c_time, &push.row.text[PUSH_C_TIME])
    set_text(&algo.u_time, &push.row.text[PUSH_U_TIME])
    note_shown(algo)
    return is_update


def transitions():
    """The table by the names of what is known and what a row names, for tests."""
    rules = ["drop", "take", "unless_old", "changed"]
    cdef int known, published
    return {
        (
            algo_state_name(known).decode("ascii"),
            algo_state_name(published).decode("ascii")): rules[TABLE[known][published]]
        for known in range(ALGO_STATE_COUNT)
        for published in range(ALGO_STATE_COUNT)
    }
