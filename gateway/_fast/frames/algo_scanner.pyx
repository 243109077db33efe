"""Pure. A row of OKX's algo channels into spans of its own bytes.

Shapes: OKX docs, Algo Trading, WS / Algo orders channel, WS / Advance algo orders channel, GET / Algo order details.
"""
from libc.stdint cimport int32_t, uint32_t
from libc.string cimport memset

from gateway._fast.base.slot_index cimport hash_bytes
from gateway._fast.base.span cimport *
from gateway._fast.frames.scanner cimport *
from gateway._fast.json.cursor cimport *
from gateway._fast.json.keys cimport FieldNames

# Each key's place in an order row, or -1. From the third line on they are terms: what an amend can change, and the
# orders placed.
cdef list ALGO_KEYS = [
    "instId", "algoId", "algoClOrdId", "state", "side", "posSide", "ordType", "tdMode",
    "reqId", "amendResult", "uTime", "cTime", "failCode",
    "sz", "triggerPx", "slTriggerPx", "tpTriggerPx",
    "ordPx", "slOrdPx", "tpOrdPx", "triggerPxType", "slTriggerPxType", "tpTriggerPxType", "callbackRatio",
    "callbackSpread",
    "activePx", "closeFraction", "ordIdList", "linkedOrd",
]
cdef int32_t[17] PLACES = [
    PUSH_INST_ID, PUSH_ORD_ID, PUSH_CL_ORD_ID, PUSH_STATE, PUSH_SIDE, PUSH_POS_SIDE, PUSH_ORD_TYPE, PUSH_TD_MODE,
    PUSH_REQ_ID, PUSH_AMEND_RESULT, PUSH_U_TIME, PUSH_C_TIME, PUSH_CANCEL_SOURCE,
    PUSH_SZ, PUSH_PX, PUSH_PX, PUSH_AVG_PX,
]
cdef enum:
    FIRST_TERM = 13
    PLACE_COUNT = 17
    ORD_ID_LIST = 27
    LINKED_ORD = 28
if ALGO_KEYS[ORD_ID_LIST] != "ordIdList" or ALGO_KEYS[LINKED_ORD] != "linkedOrd" or ALGO_KEYS[FIRST_TERM] != "sz":
    raise ImportError("ALGO_KEYS and their numbers disagree")
cdef FieldNames algo_keys = FieldNames(ALGO_KEYS)


cdef void take_ord_ids(AlgoPush* push, const Value* value) noexcept nogil:
    """`ordIdList`, where it is an array of plain texts."""
    cdef Cursor cursor
    cdef Value element
    cdef Span text
    cdef bint is_first = True
    cursor.p = value.p + 1
    cursor.end = value.p + value.n
    while next_element(&cursor, is_first, &element, JSON_OKX_DEPTH + 3) == 1:
        is_first = False
        text = text_of(&element)
        if element.kind != JSON_STRING or has_escape(&text):
            return
        push.terms += hash_bytes(text.p, text.n, ORD_ID_LIST + 1)
    push.ord_ids.p = value.p
    push.ord_ids.n = value.n


cdef Span text_member(const char* p, Py_ssize_t n, const char* name, uint32_t name_n) noexcept nogil:
    """The plain text that a member of the object `p` has; empty for none."""
    cdef Cursor cursor
    cdef Value value
    cdef Span key, text
    cdef bint is_first = True
    cursor.p = p + 1
    cursor.end = p + n
    while next_member(&cursor, is_first, &key, &value, JSON_OKX_DEPTH + 4) == 1:
        is_first = False
        text = text_of(&value)
        if value.kind == JSON_STRING and span_is(&key, name, name_n) and not has_escape(&text):
            return text
    text.p = NULL
    text.n = 0
    return text


cdef Span linked_algo_of(const Span* row) noexcept:
    """`linkedAlgoOrd.algoId` of an order row: the stop-loss of a take-profit that rests as a limit order; empty for
    none."""
    cdef Cursor cursor
    cdef Value value
    cdef Span key, nothing
    cdef bint is_first = True
    nothing.p = NULL
    nothing.n = 0
    cursor.p = row.p + 1
    cursor.end = row.p + row.n
    while row.n > 0 and next_member(&cursor, is_first, &key, &value, JSON_OKX_DEPTH + 3) == 1:
        is_first = False
        if value.kind == JSON_OBJECT and span_is(&key, b"linkedAlgoOrd", 13):
            return text_member(value.p, value.n, b"algoId", 6)
    return nothing


cdef void take_member(AlgoPush* push, int32_t name, const Value* value, bint escapes) noexcept nogil:
    cdef Span text
    if name == ORD_ID_LIST:
        if value.kind == JSON_ARRAY:
            take_ord_ids(push, value)
        return
    if name == LINKED_ORD:
        if value.kind == JSON_OBJECT:
            push.linked_ord_id = text_member(value.p, value.n, b"ordId", 5)
        return
    if value.kind != JSON_STRING and value.kind != JSON_NUMBER:
        return
    text = spell_out(text_of(value), &push.row.plain) if escapes else text_of(value)
    if text.n == 0:
        return
    if name < PLACE_COUNT:
        push.row.text[PLACES[name]] = text
    if name >= FIRST_TERM:
        push.terms += hash_bytes(text.p, text.n, <uint32_t>name + 1)


cdef int scan_algo_push(AlgoPush* push, const Value* row) noexcept:
    """The members of an algo row that the gateway reads. 0, or -1 if it is no object."""
    cdef Cursor cursor
    cdef Span key
    cdef Value value
    cdef PlainTexts plain
    cdef bint escapes = has_backslash(row.p, row.n)
    cdef bint is_first = True
    cdef int32_t name
    if row.kind != JSON_OBJECT:
        return -1
    memset(&push.row, 0, <char*>&push.row.plain.p - <char*>&push.row)
    push.ord_ids.p = NULL
    push.ord_ids.n = 0
    push.linked_ord_id.p = NULL
    push.linked_ord_id.n = 0
    push.terms = 0
    push.row.whole.p = row.p
    push.row.whole.n = row.n
    cursor.p = row.p + 1
    cursor.end = row.p + row.n
    while next_member(&cursor, is_first, &key, &value, JSON_OKX_DEPTH + 3) == 1:
        is_first = False
        if escapes:
            plain.n = 0
            key = spell_out(key, &plain)
        name = algo_keys.find(key.p, key.n)
        if name >= 0:
            take_member(push, name, &value, escapes)
    return 0
