"""Pure. OKX's frames into spans of their own bytes; no more is parsed than what is needed to pass them on.

Shapes: OKX docs, Order Book Trading, WS / Place order (answers), WS / Order channel (pushes). Key order is not relied
upon, unknown keys are passed over, and a value of an unexpected type reads as empty. A known key, and a member of an
order row, may be written with escapes: they are looked for only in what has a backslash at all.
"""
from libc.stdint cimport uint32_t
from libc.string cimport memchr, memcmp, memset, strlen

from gateway._fast.base.enums cimport ROWS_MAX
from gateway._fast.base.span cimport *
from gateway._fast.json.cursor cimport *
from gateway._fast.json.keys cimport FieldNames

cdef FieldNames order_keys = FieldNames([
    "instId", "ordId", "clOrdId", "state", "accFillSz", "fillSz", "fillPx", "tradeId", "fillTime", "fillFee",
    "fillFeeCcy",
    "execType", "side", "posSide", "sz", "px", "avgPx", "ordType", "tdMode", "cancelSource", "reqId", "amendResult",
    "uTime", "cTime", "fee", "feeCcy", "algoId", "algoClOrdId",
])


cdef bint has_backslash(const char* p, Py_ssize_t n) noexcept nogil:
    return memchr(p, c"\\", n) != NULL


cdef Span spell_out(Span text, PlainTexts* plain) noexcept nogil:
    """A text written with escapes as it would be without, where `plain` has room for that and it is plain ASCII."""
    cdef int n
    if has_escape(&text):
        n = unescape(&text, &plain.p[plain.n], PLAIN_MAX - plain.n)
        if n >= 0:
            text.p = &plain.p[plain.n]
            text.n = <uint32_t>n
            plain.n += n
    return text


cdef inline bint is_key(Span key, const char* name, bint escapes) noexcept nogil:
    cdef PlainTexts plain
    if escapes:
        plain.n = 0
        key = spell_out(key, &plain)
    return span_is(&key, name, <uint32_t>strlen(name))


cdef int32_t key_number(Span key, bint escapes) noexcept nogil:
    """The PUSH_* number of a key, or -1."""
    cdef PlainTexts plain
    if escapes:
        plain.n = 0
        key = spell_out(key, &plain)
    return order_keys.find(key.p, key.n)


cdef bint is_plain_number(const Value* value) noexcept nogil:
    """A number without exponent: as a text it reads the same."""
    cdef uint32_t i
    for i in range(value.n):
        if value.p[i] == c"e" or value.p[i] == c"E":
            return False
    return value.kind == JSON_NUMBER


cdef int32_t channel_kind(const Value* arg) noexcept nogil:
    """The kind of a push, by the `channel` of its `arg`."""
    cdef Cursor cursor
    cdef Span key, channel
    cdef PlainTexts plain
    cdef bint escapes = has_backslash(arg.p, arg.n)
    cdef Value value
    cdef bint is_first = True
    cursor.p = arg.p + 1
    cursor.end = arg.p + arg.n
    while next_member(&cursor, is_first, &key, &value, JSON_OKX_DEPTH + 2) == 1:
        is_first = False
        if not is_key(key, b"channel", escapes):
            continue
        plain.n = 0
        channel = spell_out(text_of(&value), &plain)
        if span_is(&channel, b"orders", 6):
            return FRAME_ORDERS
        if span_is(&channel, b"account", 7):
            return FRAME_ACCOUNT
        if span_is(&channel, b"positions", 9):
            return FRAME_POSITIONS
        if span_is(&channel, b"balance_and_position", 20):
            return FRAME_BALANCE_AND_POSITION
        if span_is(&channel, b"orders-algo", 11) or span_is(&channel, b"algo-advance", 12):
            return FRAME_ALGOS
        return FRAME_OTHER
    return FRAME_OTHER


cdef void set_member(OrderPush* push, int32_t name, const Value* value, bint escapes) noexcept nogil:
    """A member that the gateway reads. A number where OKX writes texts is taken as written; any other type reads as
    absent."""
    if value.kind == JSON_STRING or is_plain_number(value):
        push.text[name] = spell_out(text_of(value), &push.plain) if escapes else text_of(value)


cdef int read_push(Cursor* cursor, OrderPush* push, bint escapes) noexcept:
    """The members of an order row that the gateway reads, from its opening brace. JSON_OK, or a JsonError."""
    cdef Span key
    cdef Value value
    cdef int32_t name
    cdef int found
    cdef bint is_first = True
    memset(push, 0, <char*>&push.plain.p - <char*>push)
    push.whole.p = cursor.p
    cursor.p += 1
    while True:
        found = next_member(cursor, is_first, &key, &value, JSON_OKX_DEPTH + 3)
        if found <= 0:
            push.whole.n = <uint32_t>(cursor.p - push.whole.p)
            return found
        is_first = False
        if value.kind == JSON_STRING or value.kind == JSON_NUMBER:
            name = key_number(key, escapes)
            if name >= 0:
                set_member(push, name, &value, escapes)


cdef int read_item(Cursor* cursor, AckItem* item, bint escapes) noexcept nogil:
    """One item of an ack's `data`, from its opening brace. JSON_OK, or a JsonError."""
    cdef Span key, text
    cdef Value value
    cdef int found
    cdef bint is_first = True
    memset(item, 0, <char*>&item.plain.p - <char*>item)
    item.whole.p = cursor.p
    cursor.p += 1
    while True:
        found = next_member(cursor, is_first, &key, &value, JSON_OKX_DEPTH + 3)
        if found <= 0:
            item.whole.n = <uint32_t>(cursor.p - item.whole.p)
            return found
        is_first = False
        text = spell_out(text_of(&value), &item.plain) if escapes else text_of(&value)
        if is_key(key, b"result", escapes):
            item.has_result = True
            item.result = value.kind == JSON_TRUE
        elif value.kind != JSON_STRING:
            continue
        elif is_key(key, b"ordId", escapes):
            item.ord_id = text
        elif is_key(key, b"clOrdId", escapes):
            item.cl_ord_id = text if text.n > 0 else item.cl_ord_id
        elif is_key(key, b"sCode", escapes):
            item.s_code = text
        elif is_key(key, b"sMsg", escapes):
            item.s_msg = text_of(&value)
        elif is_key(key, b"algoId", escapes):
            item.ord_id = text
        elif is_key(key, b"algoClOrdId", escapes):
            item.cl_ord_id = text


cdef int read_rows(VenueFrame* frame, Cursor* cursor, bint are_items) noexcept:
    """An array of rows, from its opening bracket: each into `pushes` or `items`.
    More than ROWS_MAX, or a row that is no object: row_count stays -1."""
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
            if are_items:
                error = read_item(cursor, &frame.items[count], frame.has_escapes)
            else:
                error = read_push(cursor, &frame.pushes[count], frame.has_escapes)
        else:
            fits = False
            error = scan_value(cursor, &element, JSON_OKX_DEPTH + 2)
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
    """The top-level members. The rows of `data` are read on the way when `op` or `arg` stands before them, as OKX
    writes it."""
    cdef Span key, text
    cdef Value value
    cdef bint escapes = frame.has_escapes
    cdef int found
    cdef bint is_first = True
    while True:
        found = next_key(cursor, is_first, &key, JSON_OKX_DEPTH + 1)
        if found <= 0:
            return found
        is_first = False
        skip_space(cursor)
        if (is_key(key, b"data", escapes) and cursor.p < cursor.end and cursor.p[0] == b"["
                and (frame.op.n > 0 or push_kind[0] == FRAME_ORDERS)):
            found = read_rows(frame, cursor, frame.op.n > 0)
            if found != JSON_OK:
                return found
            continue
        found = scan_value(cursor, &value, JSON_OKX_DEPTH + 1)
        if found != JSON_OK:
            return found
        text = spell_out(text_of(&value), &frame.plain) if escapes else text_of(&value)
        if is_key(key, b"data", escapes):
            frame.data = value
        elif is_key(key, b"arg", escapes) and value.kind == JSON_OBJECT:
            push_kind[0] = channel_kind(&value)
        elif is_key(key, b"event", escapes):
            has_event[0] = True
        elif value.kind != JSON_STRING:
            continue
        elif is_key(key, b"id", escapes):
            frame.id = text
        elif is_key(key, b"op", escapes):
            frame.op = text
        elif is_key(key, b"code", escapes):
            frame.code = text
        elif is_key(key, b"msg", escapes):
            frame.msg = text_of(&value)
        elif is_key(key, b"inTime", escapes):
            frame.in_time = text
        elif is_key(key, b"outTime", escapes):
            frame.out_time = text


cdef void scan_frame(VenueFrame* frame, const char* p, Py_ssize_t n) noexcept:
    """What kind of frame it is, its top-level members, and the rows of an ack or an order push.
    A push without a `data` array is FRAME_OTHER."""
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
    frame.has_escapes = has_backslash(p, n)
    cursor.p = p
    cursor.end = p + n
    if (open_object(&cursor) != JSON_OK or read_members(frame, &cursor, &push_kind, &has_event) != 0
            or at_end(&cursor) != JSON_OK):
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
    return read_push(&cursor, push, has_backslash(row.p, row.n))


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
