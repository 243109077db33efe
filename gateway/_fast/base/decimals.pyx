"""Pure. Sizes in plain decimal notation, added up exactly: what has been published of an order against what OKX reports
as filled."""
from libc.stdint cimport uint32_t

cdef enum:
    DECIMALS = 18
    WHOLE_DIGITS_MAX = 17    # the sum of a hundred such sizes still fits

cdef int64_t ONE = 1_000_000_000_000_000_000


cdef bint read_quantity(const Span* text, Quantity* quantity) noexcept nogil:
    """False for what is no size in plain decimal notation, negative, or too long to be added up. An empty text is 0."""
    cdef uint32_t at = 0
    cdef int64_t place = ONE
    quantity.whole = 0
    quantity.rest = 0
    while at < text.n and text.p[at] != c".":
        if not c"0" <= text.p[at] <= c"9" or at >= WHOLE_DIGITS_MAX:
            return False
        quantity.whole = quantity.whole * 10 + (text.p[at] - c"0")
        at += 1
    at += 1
    while at < text.n:
        place //= 10
        if not c"0" <= text.p[at] <= c"9" or (place == 0 and text.p[at] != c"0"):
            return False
        quantity.rest += (text.p[at] - c"0") * place
        at += 1
    return True


cdef void add_quantity(Quantity* total, const Quantity* more) noexcept nogil:
    total.whole += more.whole
    total.rest += more.rest
    if total.rest >= ONE:
        total.rest -= ONE
        total.whole += 1


cdef void take_quantity(Quantity* total, const Quantity* less) noexcept nogil:
    """Takes off what is less; nothing is left where it is more."""
    if is_less(total, less):
        total.whole = 0
        total.rest = 0
        return
    total.whole -= less.whole
    total.rest -= less.rest
    if total.rest < 0:
        total.rest += ONE
        total.whole -= 1


cdef bint is_less(const Quantity* a, const Quantity* b) noexcept nogil:
    return a.whole < b.whole or (a.whole == b.whole and a.rest < b.rest)


cdef bint read_text(bytes text, Quantity* quantity) noexcept:
    cdef Span span
    span.p = text
    span.n = <uint32_t>len(text)
    return read_quantity(&span, quantity)


def total(list sizes not None):
    """The sum of sizes, for tests; None where one of them cannot be read."""
    cdef Quantity whole
    cdef Quantity one
    whole.whole = whole.rest = 0
    for size in sizes:
        if not read_text(size.encode("ascii"), &one):
            return None
        add_quantity(&whole, &one)
    return f"{whole.whole}.{whole.rest:018d}"


def remainder(str whole not None, str part not None):
    """What is left of a size, for tests; None where one of them cannot be read."""
    cdef Quantity left
    cdef Quantity taken
    if not read_text(whole.encode("ascii"), &left) or not read_text(part.encode("ascii"), &taken):
        return None
    take_quantity(&left, &taken)
    return f"{left.whole}.{left.rest:018d}"
