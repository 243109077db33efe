from libc.stdint cimport int64_t

from gateway._fast.base.span cimport Span, Value
from gateway._fast.json.cursor cimport Cursor
from gateway._fast.json.writer cimport Writer

# One object of `attachAlgoOrds`: the whole, and its own `attachAlgoClOrdId`, which is empty where it has none.
cdef struct AttachedOrder:
    Value whole
    bint has_member    # the key is there
    Value member       # its value, perhaps an empty text
    Span id

cdef Cursor attached_orders_of(const Value* array) noexcept nogil
cdef bint next_attached(Cursor* cursor, bint is_first, AttachedOrder* attached) noexcept nogil
cdef void put_attached(Writer* w, const Value* array, int64_t next_id) noexcept nogil
