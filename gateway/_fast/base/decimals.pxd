from libc.stdint cimport int64_t

from gateway._fast.base.span cimport Span

# A size, exactly: OKX writes sizes with at most 18 decimals.
cdef struct Quantity:
    int64_t whole
    int64_t rest             # 10^-18, less than one whole

cdef bint read_quantity(const Span* text, Quantity* quantity) noexcept nogil
cdef void add_quantity(Quantity* total, const Quantity* more) noexcept nogil
cdef void take_quantity(Quantity* total, const Quantity* less) noexcept nogil
cdef bint is_less(const Quantity* a, const Quantity* b) noexcept nogil
