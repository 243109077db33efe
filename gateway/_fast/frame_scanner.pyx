"""Pure. OKX's frames into spans of their own bytes; no more is parsed than what is needed to pass them on.

Shapes: OKX docs, Order Book Trading, WS / Place order (answers), WS / Order channel (pushes). Key order is not relied upon, unknown keys
are passed over, and a value of an unexpected type reads as empty.
"""
from libc.stdint cimport uint32_t
from libc.string cimport memcmp, memset

from gateway._fast.enums cimport ROWS_MAX
from gateway._fast.field_names cimport FieldNames
from gateway._fast.json_cursor cimport *

cdef FieldNames order_keys = FieldNames([
    "instId", "ordId", "clOrdId", "state", "accFillSz", "fillSz", "fillPx", "tradeId", "fillTime", "fillFee", "fillFeeCcy",
    "execType", "side", "posSide", "sz", "px", "avgPx", "ordType", "tdMode", "cancelSource", "reqId", "amendResult",
    "uTime", "cTime", "fee", "feeCcy",
])


cdef int32_t channel_kind(const Value* arg) noexcept nogil:
    """The kind of a push, by the `channel` of its `arg`."""
    cdef Cursor cursor
    cdef Span key, channel
    cdef Value value
    cdef bint is_first = True
    cursor.p = arg.p + 1
    cursor.end = arg.p + arg.n
    while next_member(&cursor, is_first, &key, &value, 0) == 1:
        is_first = False
        if not span_is(&key, b"channel", 7):
            continue
        channel = text_of(&value)
        if span_is(&channel, b"orders", 6):
            return FRAME_ORDERS
        if span_is(&channel, b"account", 7):
            return FRAME_ACCOUNT
        if span_is(&channel, b"positions", 9):
            return FRAME_POSITIONS
        if span_is(&channel, b"balance_and_position", 20):
            return FRAME_BALANCE_AND_POSITION
        return FRAME_OTHER
    return FRAME_OTHER


cdef int read_push(Cursor* cursor, OrderPush* push) noexcept:
    """The members of an order row that the gateway reads, from its opening brace. JSON_OK, or a JsonError."""
    cdef Span key
    cdef Value value
    cdef int32_t name
    cdef int found
    cdef bint is_first = True
    memset(push, 0, sizeof(OrderPush))
    push.whole.p = cursor.p
    cursor.p += 1
    while True:
        found = next_member(cursor, is_first, &key, &value, 2)
        if found <= 0:
            push.whole.n = <uint32_t>(cursor.p - push.whole.p)
            return found
        is_first = False
        if value.kind == JSON_STRING:
            name = order_keys.find(key.p, key.n)
            if name >= 0:
                push.text[name] = text_of(&value)


cdef int read_item(Cursor* cursor, AckItem* item) noexcept nogil:
    """One item of an ack's `data`, from its opening brace. JSON_OK, or a JsonError."""
    cdef Span key
    cdef Value value
    cdef int found
    cdef bint is_first = True
    memset(item, 0, sizeof(AckItem))
    item.whole.p = cursor.p
    cursor.p += 1
    while True:
        found = next_member(cursor, is_first, &key, &value, 2)
        if found <= 0:
            item.whole.n = <uint32_t>(cursor.p - item.whole.p)
            return found
        is_first = False
        if span_is(&key, b"result", 6):
            item.has_result = True
            item.result = value.kind == JSON_TRUE
        elif value.kind != JSON_STRING:
            continue
        elif span_is(&key, b"ordId", 5):
            item.ord_id = text_of(&value)
        elif span_is(&key, b"clOrdId", 7):
            item.cl_ord_id = text_of(&value)
        elif span_is(&key, b"sCode", 5):
            item.s_code = text_of(&value)
        elif span_is(&key, b"sMsg", 4):
            item.s_msg = text_of(&value)


cdef int read_rows(VenueFrame* frame, Cursor* cursor, bint are_items) noexcept:
    """An array of rows, from its opening bracket: each into `pushes` or `items`. More than ROWS_MAX, or a row that is no object: row_count stays -1."""
    cdef Value element
    cdef const char* start = cursor.p
    cdef int32_t count = 0
    cdef bint fits = True
    cdef int error
    cursor.p += 1
    while True:
        skip_space(cursor)
        if cursor.p < cursor.end and cursor.p[0] == b"]":
            break
        if count > 0:
            if cursor.p >= cursor.end or cursor.p[0] != b",":
                return JSON_ERR_SYNTAX
            cursor.p += 1
            skip_space(cursor)
        if fits and count < ROWS_MAX and cursor.p < cursor.end and cursor.p[0] == b"{":
            error = read_item(cursor, &frame.items[count]) if are_items else read_push(cursor, &frame.pushes[count])
        else:
            fits = False
            error = scan_value(cursor, &element, 2)
        if error != JSON_OK:
            return error
        count += 1
    cursor.p += 1
    frame.data.kind = JSON_ARRAY
    frame.data.p = start
    frame.data.n = <uint32_t>(cursor.p - start)
    frame.row_count = count if fits else -1
    frame.rows_are_items = are_items
    return JSON_OK


cdef int read_members(VenueFrame* frame, Cursor* cursor, int32_t* push_kind, bint* has_event) noexcept:
    """The top-level members. The rows of `data` are read on the way when `op` or `arg` stands before them, as OKX writes it."""
    cdef Span key
    cdef Value value
    cdef int found
    cdef bint is_first = True
    while True:
        found = next_key(cursor, is_first, &key)
        if found <= 0:
            return found
        is_first = False
        skip_space(cursor)
        if span_is(&key, b"data", 4) and cursor.p < cursor.end and cursor.p[0] == b"[" and (frame.op.n > 0 or push_kind[0] == FRAME_ORDERS):
            found = read_rows(frame, cursor, frame.op.n > 0)
            if found != JSON_OK:
                return found
            continue
        found = scan_value(cursor, &value, 1)
        if found != JSON_OK:
            return found
        if span_is(&key, b"data", 4):
            frame.data = value
        elif span_is(&key, b"arg", 3) and value.kind == JSON_OBJECT:
            push_kind[0] = channel_kind(&value)
        elif span_is(&key, b"event", 5):
            has_event[0] = True
        elif value.kind != JSON_STRING:
            continue
        elif span_is(&key, b"id", 2):
            frame.id = text_of(&value)
        elif span_is(&key, b"op", 2):
            frame.op = text_of(&value)
        elif span_is(&key, b"code", 4):
            frame.code = text_of(&value)
        elif span_is(&key, b"msg", 3):
            frame.msg = text_of(&value)
        elif span_is(&key, b"inTime", 6):
            frame.in_time = text_of(&value)
        elif span_is(&key, b"outTime", 7):
            frame.out_time = text_of(&value)


cdef void scan_frame(VenueFrame* frame, const char* p, Py_ssize_t n) noexcept:
    """What kind of frame it is, its top-level members, and the rows of an ack or an order push. A push without a `data` array is FRAME_OTHER."""
    cdef Cursor cursor
    cdef int32_t push_kind = FRAME_OTHER
    cdef bint has_event = False
    memset(frame, 0, <char*>&frame.pushes - <char*>frame)
    frame.row_count = -1
    if n == 4 and memcmp(p, b"pong", 4) == 0:
        frame.kind = FRAME_PONG
        return
    if n == 4 and memcmp(p, b"ping", 4) == 0:
        frame.kind = FRAME_PING
        return
    cursor.p = p
    cursor.end = p + n
    if open_object(&cursor) != JSON_OK or read_members(frame, &cursor, &push_kind, &has_event) != 0 or at_end(&cursor) != JSON_OK:
        return
    if has_event:
        frame.kind = FRAME_OTHER
    elif frame.op.n > 0 and frame.id.n > 0:
        frame.kind = FRAME_ACK
    else:
        frame.kind = push_kind if frame.data.kind == JSON_ARRAY else FRAME_OTHER
    if frame.rows_are_items != (frame.kind == FRAME_ACK):
        frame.row_count = -1  # read as what the frame turned out not to be
    if frame.row_count < 0 and frame.data.kind == JSON_ARRAY and frame.kind == FRAME_ACK:
        cursor.p = frame.data.p
        cursor.end = frame.data.p + frame.data.n
        read_rows(frame, &cursor, True)


cdef int scan_order_push(OrderPush* push, const Value* row) noexcept:
    """The members of an order row that the gateway reads. 0, or -1 if it is no object."""
    cdef Cursor cursor
    if row.kind != JSON_OBJECT:
        return -1
    cursor.p = row.p
    cursor.end = row.p + row.n
    return read_push(&cursor, push)


cdef int32_t integer_digits(const char* p, int32_t n) noexcept nogil:
    cdef int32_t i = 0
    while i < n and p[i] != c".":
        i += 1
    return i


cdef char digit_at(const char* p, int32_t n, int32_t i) noexcept nogil:
    return p[i] if i < n else c"0"


cdef int compare_sizes(const char* a, int32_t a_n, const char* b, int32_t b_n) noexcept nogil:
    """-1, 0 or 1: two sizes in plain decimal notation, not negative, as numbers. An empty text is 0."""
    cdef int32_t a_int, b_int, i
    cdef char x, y
    while a_n > 0 and a[0] == c"0":
        a += 1
        a_n -= 1
    while b_n > 0 and b[0] == c"0":
        b += 1
        b_n -= 1
    a_int = integer_digits(a, a_n)
    b_int = integer_digits(b, b_n)
    if a_int != b_int:
        return 1 if a_int > b_int else -1
    for i in range(a_int):
        if a[i] != b[i]:
            return 1 if a[i] > b[i] else -1
    i = a_int + 1
    while i < a_n or i < b_n:
        x = digit_at(a, a_n, i)
        y = digit_at(b, b_n, i)
        if x != y:
            return 1 if x > y else -1
        i += 1
    return 0


def compare(str a not None, str b not None):
    """`compare_sizes` for tests."""
    cdef bytes x = a.encode("ascii")
    cdef bytes y = b.encode("ascii")
    return compare_sizes(x, <int32_t>len(x), y, <int32_t>len(y))


def kind_of(bytes frame not None):
    """The FRAME_* kind of a frame, for tests."""
    cdef VenueFrame found
    scan_frame(&found, frame, len(frame))
    return found.kind
