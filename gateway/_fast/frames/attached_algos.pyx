"""Pure. The objects of a new order's `attachAlgoOrds`, each with an id: its own, or one that the gateway mints.

The id becomes the `algoClOrdId` of the algo order that OKX makes once the order is filled.
Nothing else that OKX tells of that one names the order that it was attached to: its `algoId` is not the `attachAlgoId`.

Source: OKX docs, Order Book Trading, Place order, `attachAlgoClOrdId` and `attachAlgoId`; Algo Trading, Place algo
order (trigger).
"""
from gateway._fast.base.span cimport JSON_ARRAY, JSON_OBJECT, JSON_STRING, span_is, text_of
from gateway._fast.json.cursor cimport next_element, next_member
from gateway._fast.json.writer cimport put, put_char, put_int, put_text


cdef Cursor attached_orders_of(const Value* array) noexcept nogil:
    cdef Cursor cursor
    cursor.p = array.p + 1
    cursor.end = array.p + (array.n if array.kind == JSON_ARRAY else 1)
    return cursor


cdef bint next_attached(Cursor* cursor, bint is_first, AttachedOrder* attached) noexcept nogil:
    """The next object of an array that `row_rules` has found well formed."""
    cdef Cursor inside
    cdef Value value
    cdef Span key
    cdef bint is_first_key = True
    if (cursor.p >= cursor.end or next_element(cursor, is_first, &attached.whole, 0) != 1
            or attached.whole.kind != JSON_OBJECT):
        return False
    attached.has_member = False
    attached.id.p = NULL
    attached.id.n = 0
    inside.p = attached.whole.p + 1
    inside.end = attached.whole.p + attached.whole.n
    while next_member(&inside, is_first_key, &key, &value, 0) == 1:
        is_first_key = False
        if span_is(&key, b"attachAlgoClOrdId", 17) and value.kind == JSON_STRING:
            attached.has_member = True
            attached.member = value
            attached.id = text_of(&value)
    return True


cdef bint is_empty_object(const Value* whole) noexcept nogil:
    cdef Cursor inside
    cdef Value value
    cdef Span key
    inside.p = whole.p + 1
    inside.end = whole.p + whole.n
    return next_member(&inside, True, &key, &value, 0) != 1


cdef void put_attached(Writer* w, const Value* array, int64_t next_id) noexcept nogil:
    """The array as given; an object without an id of its own gets `next_id`, the next one the number after that."""
    cdef Cursor cursor = attached_orders_of(array)
    cdef AttachedOrder attached
    cdef const char* done = array.p
    cdef bint is_first = True
    while next_attached(&cursor, is_first, &attached):
        is_first = False
        if attached.id.n > 0:
            continue
        if attached.has_member:  # given empty: the gateway's own takes its place
            put(w, done, attached.member.p - done)
            done = attached.member.p + attached.member.n
        else:
            put(w, done, attached.whole.p + attached.whole.n - 1 - done)
            done = attached.whole.p + attached.whole.n - 1
            if not is_empty_object(&attached.whole):
                put_char(w, c",")
            put_text(w, b'"attachAlgoClOrdId":')
        put_char(w, c'"')
        put_int(w, next_id)
        put_char(w, c'"')
        next_id += 1
    put(w, done, array.p + array.n - done)
