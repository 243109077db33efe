"""Pure. The one layout of the ids that the gateway mints: written, recognised and taken apart here."""
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memcpy

cdef enum:
    FORM_MIN = EPOCH_DIGITS + COUNTER_DIGITS + 1   # a number of one digit
    FORM_MAX = EPOCH_DIGITS + COUNTER_DIGITS + 3


cdef void write_minted(int64_t value, Text* text) noexcept nogil:
    """A minted value in decimal digits, without leading zeros."""
    cdef char digits[20]
    cdef int i = 20
    while value > 0:
        i -= 1
        digits[i] = <char>(c"0" + value % 10)
        value //= 10
    text.n = <uint8_t>(20 - i)
    memcpy(text.p, &digits[i], text.n)


cdef bint is_minted_form(const Span* text) noexcept nogil:
    """An id that the gateway, or a later run of it, takes for one of its own: 17 to 19 digits."""
    cdef uint32_t i
    if not FORM_MIN <= text.n <= FORM_MAX:
        return False
    for i in range(text.n):
        if not c"0" <= text.p[i] <= c"9":
            return False
    return True


cdef int64_t value_of(const char* digits, uint32_t n) noexcept nogil:
    cdef int64_t value = 0
    cdef uint32_t i
    for i in range(n):
        value = value * 10 + (digits[i] - c"0")
    return value


cdef bint read_minted(const Span* text, MintedId* minted) noexcept nogil:
    """Number and epoch of a minted id. False: it has not the form of one."""
    cdef uint32_t number_digits = text.n - EPOCH_DIGITS - COUNTER_DIGITS
    if not is_minted_form(text):
        return False
    minted.number = <int32_t>value_of(text.p, number_digits)
    minted.epoch = value_of(text.p + number_digits, EPOCH_DIGITS)
    return True


def minted_by(bytes text not None):
    """(the strategy's number, the epoch) in a minted id; None for an id of another form."""
    cdef MintedId minted
    cdef Span span
    span.p = text
    span.n = <uint32_t>len(text)
    return (minted.number, minted.epoch) if read_minted(&span, &minted) else None
