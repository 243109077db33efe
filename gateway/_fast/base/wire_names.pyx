"""Pure. The words on the wire for the numbers in `enums.pxd`."""
from libc.string cimport memcmp, strlen

from gateway._fast.base.enums cimport *

cdef const char** OPS = [
    "", "order", "batch-orders", "cancel-order", "batch-cancel-orders", "amend-order", "batch-amend-orders",
    "mass-cancel", "",
    "order-algo", "amend-algos", "cancel-algos",
]
cdef const char** RESULTS = ["pending", "accepted", "rejected", "unknown"]
cdef const char** REASONS = [
    "", "not_json", "too_large", "bad_frames", "hello_required", "not_allowed", "bad_request", "duplicate_key",
    "unknown_op",
    "too_many_rows", "unknown_instrument", "ambiguous_instrument", "instrument_has_no_code", "not_supported",
    "cl_ord_id_in_use", "unknown_order", "not_owner", "duplicate_id", "rate_limited", "stale", "expired", "not_ready",
    "cancelled_before_send", "send_failed", "capacity", "stopping", "gone", "ack_timeout", "connection_lost",
    "okx_unknown", "journal",
]
# An order of unknown fate is shown as pending: that it is unknown is a matter of its request's result, and of its
# `lifecycle`.
cdef const char** STATES = [
    "pending", "live", "partially_filled", "filled", "canceled", "mmp_canceled", "rejected", "pending"]
cdef const char** ALGO_STATES = [
    "pending", "live", "pause", "partially_effective", "effective", "canceled", "rejected", "order_failed",
    "partially_failed",
]
cdef const char** PROOFS = [
    "", "order_push", "order_query", "not_found_after_exp_time", "late_ack", "terminal", "not_found", "not_sent",
    "cancel_repeated"]
cdef const char** TOPICS = [
    "ack", "order", "fill", "heartbeat", "account", "positions", "balance_and_position", "state", "alarm", "algo"]

# `cancelSource` of the orders channel, in a word. OKX docs, Order Book Trading, WS / Order channel.
cdef const char** CANCEL_REASONS = [
    "system", "user", "margin_short", "margin_short", "borrow_cap", "canceled", "adl", "futures_expiry", "canceled",
    "funding_fee", "option_expiry", "canceled", "canceled", "fok_not_filled", "ioc_remainder", "price_limit",
    "canceled",
    "position_closed", "canceled", "canceled", "cancel_all_after", "tp_sl_of_closed_position", "reduce_only",
    "reduce_only", "canceled", "canceled", "canceled", "slippage", "canceled", "canceled", "canceled",
    "post_only_would_take", "self_trade",
    "too_many_makers", "canceled", "canceled", "linked_stop_triggered", "linked_stop_canceled", "mmp_canceled_by_user",
    "mmp", "canceled", "canceled",
    "chase_distance", "pre_quote_end", "auto_conversion", "rpi_price", "delta_reduction",
]
cdef enum:
    CANCEL_REASON_COUNT = 47


cdef const char* op_name(int op) noexcept nogil:
    return OPS[op]


cdef int op_kind(int op) noexcept nogil:
    """What the op does to orders: an `OpKind`."""
    if op == OP_ORDER or op == OP_BATCH_ORDERS or op == OP_ORDER_ALGO:
        return KIND_PLACE
    if op == OP_CANCEL_ORDER or op == OP_BATCH_CANCEL_ORDERS or op == OP_CANCEL_ALGOS:
        return KIND_CANCEL
    if op == OP_AMEND_ORDER or op == OP_BATCH_AMEND_ORDERS or op == OP_AMEND_ALGOS:
        return KIND_AMEND
    return KIND_MASS_CANCEL


cdef bint op_is_batch(int op) noexcept nogil:
    """OKX takes an array of rows."""
    return op == OP_BATCH_ORDERS or op == OP_BATCH_CANCEL_ORDERS or op == OP_BATCH_AMEND_ORDERS or op == OP_CANCEL_ALGOS


cdef bint op_is_algo(int op) noexcept nogil:
    return op >= OP_ORDER_ALGO


cdef const char* result_name(int result) noexcept nogil:
    return RESULTS[result]


cdef const char* reason_name(int reason) noexcept nogil:
    return REASONS[reason]


cdef const char* state_name(int state) noexcept nogil:
    return STATES[state]


cdef const char* algo_state_name(int state) noexcept nogil:
    return ALGO_STATES[state]


cdef const char* proof_name(int proof) noexcept nogil:
    return PROOFS[proof]


cdef const char* topic_name(int topic) noexcept nogil:
    return TOPICS[topic]


cdef const char* source_name(int source) noexcept nogil:
    if source == SOURCE_RECONCILE:
        return b"reconcile"
    return b"stream"


cdef const char* cancel_reason(const char* cancel_source, unsigned int n) noexcept nogil:
    """A word for OKX's `cancelSource`; `canceled` for one that we do not know, empty for an empty one."""
    cdef int number
    if n == 0:
        return b""
    if n == 1 and c"0" <= cancel_source[0] <= c"9":
        number = cancel_source[0] - c"0"
    elif n == 2 and c"0" <= cancel_source[0] <= c"9" and c"0" <= cancel_source[1] <= c"9":
        number = (cancel_source[0] - c"0") * 10 + (cancel_source[1] - c"0")
    else:
        return b"canceled"
    if number >= CANCEL_REASON_COUNT:
        return b"canceled"
    return CANCEL_REASONS[number]


cdef bint is_users_cancel(const char* cancel_source, unsigned int n) noexcept nogil:
    """A cancel request ended the order (1; 38 for those of market maker protection), or OKX does not name a source."""
    return (n == 0 or (n == 1 and cancel_source[0] == c"1")
            or (n == 2 and cancel_source[0] == c"3" and cancel_source[1] == c"8"))


cdef bint is_terminal(int state) noexcept nogil:
    return ORD_STATE_FILLED <= state <= ORD_STATE_REJECTED


cdef int state_of(const char* p, unsigned int n) noexcept nogil:
    """The `OrdState` that OKX names so, or -1."""
    cdef int state
    for state in range(ORD_STATE_LIVE, ORD_STATE_MMP_CANCELED + 1):
        if strlen(STATES[state]) == n and memcmp(STATES[state], p, n) == 0:
            return state
    return -1


cdef bint algo_has_ended(int state) noexcept nogil:
    """Source: OKX docs, Get algo order list: `live`, `pause` and `partially_effective` are what is pending."""
    return state >= ALGO_STATE_EFFECTIVE


cdef int number_of_word(const char** names, int count, const char* p, unsigned int n) noexcept nogil:
    cdef int number
    for number in range(count):
        if strlen(names[number]) == n and memcmp(names[number], p, n) == 0:
            return number
    return -1


cdef int algo_state_of(const char* p, unsigned int n) noexcept nogil:
    """The `AlgoState` that OKX names so, or -1."""
    cdef int state = number_of_word(ALGO_STATES, ALGO_STATE_COUNT, p, n)
    return -1 if state == ALGO_STATE_PENDING or state == ALGO_STATE_REJECTED else state


cdef int op_of(const char* p, unsigned int n) noexcept nogil:
    """The `Op` of this name, or -1."""
    return number_of_word(OPS, OP_COUNT, p, n)


cdef int result_of(const char* p, unsigned int n) noexcept nogil:
    """The `Result` of this name, or -1."""
    return number_of_word(RESULTS, RESULT_UNKNOWN + 1, p, n)


cdef int reason_of(const char* p, unsigned int n) noexcept nogil:
    """The `Reason` of this name, or -1."""
    return number_of_word(REASONS, REASON_COUNT, p, n)


def reason_text(int reason):
    """The stable word of a `Reason`."""
    return REASONS[reason].decode("ascii")


def all_reasons():
    """Every stable word that the gateway can give as a reason."""
    return [REASONS[i].decode("ascii") for i in range(REASON_NONE + 1, REASON_COUNT)]


# For the control plane: what `is_terminal`, `algo_has_ended` and `is_users_cancel` decide, by OKX's words.
ENDED_STATES = frozenset(STATES[i].decode("ascii") for i in range(ORD_STATE_REJECTED + 1) if is_terminal(i))
ENDED_ALGO_STATES = frozenset(ALGO_STATES[i].decode("ascii") for i in range(ALGO_STATE_COUNT) if algo_has_ended(i))
USERS_CANCEL_SOURCES = frozenset(
    ["", *(str(i) for i in range(CANCEL_REASON_COUNT) if is_users_cancel(str(i).encode(), len(str(i))))])
