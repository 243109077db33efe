"""Pure. The gateway's own events and the journal's records about them, read back into their parts."""
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memset

from gateway._fast.base.span cimport *
from gateway._fast.json.cursor cimport *

cdef const char** FIELD_KEYS = [
    "event", "id", "op", "row", "result", "origin", "reason", "msg", "clOrdId", "ordId", "sCode", "source", "data",
    "instId", "tradeId",
    "algoClOrdId", "algoId", "fillSz",
]
cdef uint32_t[FIELD_COUNT] KEY_LENGTHS
cdef int _i
for _i in range(FIELD_COUNT):
    KEY_LENGTHS[_i] = <uint32_t>len(FIELD_KEYS[_i])


cdef void read_event_fields(EventFields* fields, const Value* whole) noexcept:
    """The members of an object that the gateway wrote, or of a frame for OKX."""
    cdef Cursor cursor
    cdef Span key
    cdef Value value
    cdef int i
    cdef bint is_first = True
    memset(fields, 0, sizeof(EventFields))
    cursor.p = whole.p + 1
    cursor.end = whole.p + whole.n
    while next_member(&cursor, is_first, &key, &value, JSON_OKX_DEPTH) == 1:
        is_first = False
        for i in range(FIELD_COUNT):
            if span_is(&key, FIELD_KEYS[i], KEY_LENGTHS[i]):
                fields.member[i] = value
                break


cdef Span text_in(const EventFields* fields, int member) noexcept:
    cdef Span nothing
    nothing.p = NULL
    nothing.n = 0
    return nothing if fields.member[member].kind == JSON_NONE else text_of(&fields.member[member])


cdef int32_t number_in(const EventFields* fields, int member, int32_t default) noexcept:
    cdef Span text = text_in(fields, member)
    cdef long long number
    if text.n == 0 or span_to_int(&text, &number) != JSON_OK:
        return default
    return <int32_t>number


cdef bint object_of_record(const char* p, Py_ssize_t n, Value* whole) noexcept:
    """The JSON object that these bytes are, by their ends alone: the record's check sum has vouched for the rest, and
    who reads on checks it."""
    whole.kind = JSON_OBJECT
    whole.p = p
    whole.n = <uint32_t>n
    return n >= 2 and p[0] == c"{" and p[n - 1] == c"}"


cdef bint split(const char** p, Py_ssize_t* n, Span* text) noexcept:
    """Takes a text behind its byte of length off the front."""
    if n[0] < 1 or n[0] < 1 + <uint8_t>p[0][0]:
        return False
    text.n = <uint8_t>p[0][0]
    text.p = p[0] + 1
    p[0] += 1 + text.n
    n[0] -= 1 + text.n
    return True
