# The ids that the gateway mints: the strategy's number (1 to 3 digits), 9 digits of epoch, 7 of counter.
# Decimal, below 2^63.
#
# OKX's `fills` channel returns only ids below 2^63 (OKX docs, WS / Fills channel): of numbers up to 919 all ids are.
from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.records cimport Text
from gateway._fast.base.span cimport Span

cpdef enum:
    STRATEGY_NUMBER_MAX = 919
    EPOCH_START_S = 1_577_836_800   # 2020-01-01T00:00:00Z, from which an epoch counts
    EPOCH_DIGITS = 9                # seconds: until 2051
    COUNTER_DIGITS = 7              # ids of one strategy in one epoch, before the epoch moves on

cdef enum:
    EPOCH_LIMIT = 1_000_000_000     # 10 ^ EPOCH_DIGITS
    COUNTER_LIMIT = 10_000_000      # 10 ^ COUNTER_DIGITS

cdef struct MintedId:
    int32_t number   # of the strategy
    int64_t epoch


cdef inline int64_t minted_value(int32_t number, int64_t epoch, int64_t counter) noexcept nogil:
    # A counter that is full moves the epoch on.
    return (number * <int64_t>EPOCH_LIMIT + epoch) * COUNTER_LIMIT + counter


cdef void write_minted(int64_t value, Text* text) noexcept nogil
cdef bint is_minted_form(const Span* text) noexcept nogil
cdef bint read_minted(const Span* text, MintedId* minted) noexcept nogil
