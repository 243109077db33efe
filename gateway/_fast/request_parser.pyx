"""Pure. A strategy's message into its parts, as spans of its own bytes.

Every rule of form stands here: what keys there are, of which JSON type, and what ids look like. What needs the gateway's
knowledge (instruments, owners, limits) is checked later.
"""
from libc.string cimport memcmp, memset

from gateway._fast.enums cimport *
from gateway._fast.field_names cimport FieldNames
from gateway._fast.json_cursor cimport *

# Keys of an order, cancel or amend row and the JSON type that OKX wants for them.
# Source: OKX docs, Order Book Trading, WS / Place order, Cancel order, Amend order, Mass cancel order.
cdef list ROW_KEYS = [
    "instId", "instIdCode", "gw", "attachAlgoOrds", "tdMode", "side", "ordType", "sz", "px", "pxUsd", "pxVol", "clOrdId",
    "ordId", "reqId", "newSz", "newPx", "newPxUsd", "newPxVol", "instType", "instFamily",
    # other texts
    "ccy", "tag", "posSide", "outcome", "speedBump", "tgtCcy", "pxAmendType", "tradeQuoteCcy", "slippagePct", "stpMode",
    "quickMgnType", "lockInterval",
    # flags (JSON booleans)
    "reduceOnly", "banAmend", "cxlOnFail", "isElpTakerAccess", "rpiTakerAccess", "rpiPxRound",
]
if ROW_KEYS.index("reduceOnly") != KEY_FIRST_FLAG or len(ROW_KEYS) != KEY_LIMIT:
    raise ImportError("ROW_KEYS and the KEY_* numbers disagree")
cdef FieldNames row_keys = FieldNames(ROW_KEYS)

cdef FieldNames op_names = FieldNames([
    "order", "batch-orders", "cancel-order", "batch-cancel-orders", "amend-order", "batch-amend-orders", "mass-cancel",
    "hello", "ping", "status", "snapshot", "get-order", "replay", "cancel-all",
])
cdef FieldNames top_keys = FieldNames(["id", "op", "args", "expTime", "gw"])
cdef FieldNames gw_keys = FieldNames(["maxWaitMs", "sentNs", "receipt"])
# OKX takes these by REST only. Source: OKX docs, Algo Trading, Place algo order.
cdef FieldNames algo_ord_types = FieldNames(["conditional", "oco", "trigger", "move_order_stop", "twap", "chase", "smart_iceberg", "iceberg"])

cdef enum:
    TOP_ID = 0
    TOP_OP
    TOP_ARGS
    TOP_EXP_TIME
    TOP_GW
    GW_MAX_WAIT_MS = 0
    GW_SENT_NS
    GW_RECEIPT


cdef bint is_word(const Span* span, uint32_t longest) noexcept nogil:
    """1 to `longest` letters and digits: OKX's rule for `clOrdId`, `reqId` (32) and `tag` (16)."""
    cdef uint32_t i
    cdef char c
    if span.n == 0 or span.n > longest:
        return False
    for i in range(span.n):
        c = span.p[i]
        if not (c"0" <= c <= c"9" or c"a" <= c <= c"z" or c"A" <= c <= c"Z"):
            return False
    return True


cdef bint is_request_id(const Span* span) noexcept nogil:
    cdef uint32_t i
    cdef char c
    if span.n == 0 or span.n > ID_MAX:
        return False
    for i in range(span.n):
        c = span.p[i]
        if not (c"0" <= c <= c"9" or c"a" <= c <= c"z" or c"A" <= c <= c"Z" or c == c"." or c == c"_" or c == c":" or c == c"-"):
            return False
    return True


cdef int wrong(ParsedRequest* request, int reason, const char* expected, Span key, int32_t row) noexcept nogil:
    """Notes what is wrong and returns the reason."""
    request.reason = reason
    request.expected = expected
    request.bad_key = key
    request.bad_row = row
    return reason


cdef Span field_text(const ParsedRow* row, int32_t name) noexcept nogil:
    """The text of a known key of the row; empty where it is absent."""
    cdef Span span
    span.p = NULL
    span.n = 0
    if row.known[name] >= 0:
        span = text_of(&row.fields[row.known[name]].value)
    return span


cdef int json_reason(int error) noexcept nogil:
    return REASON_DUPLICATE_KEY if error == JSON_ERR_KEY_ESCAPE else REASON_NOT_JSON


cdef int not_json(ParsedRequest* request, int error) noexcept nogil:
    cdef const char* expected = b"strict JSON (RFC 8259)"
    if error == JSON_ERR_UTF8:
        expected = b"UTF-8 text without lone surrogates"
    elif error == JSON_ERR_DEPTH:
        expected = b"at most 16 levels of nesting"
    elif error == JSON_ERR_KEY_ESCAPE:
        expected = b"keys written without escapes"
    request.is_broken = True
    return wrong(request, json_reason(error), expected, words(b""), -1)


cdef int check_inner(ParsedRequest* request, const Value* value, Span of_key, int32_t row) noexcept nogil:
    """Inside a value that is passed on as given: no key twice in one object. The value is known to be valid JSON."""
    cdef Cursor cursor
    cdef Span keys[FIELDS_MAX]
    cdef Value inner
    cdef int32_t count = 0
    cdef int32_t i
    cdef int reason
    if value.kind != JSON_OBJECT and value.kind != JSON_ARRAY:
        return REASON_NONE
    cursor.p = value.p + 1
    cursor.end = value.p + value.n
    if value.kind == JSON_ARRAY:
        while next_element(&cursor, count == 0, &inner, 0) == 1:
            count = 1
            reason = check_inner(request, &inner, of_key, row)
            if reason != REASON_NONE:
                return reason
        return REASON_NONE
    while True:
        if count == FIELDS_MAX:
            return wrong(request, REASON_BAD_REQUEST, b"at most 64 keys in an object", of_key, row)
        if next_member(&cursor, count == 0, &keys[count], &inner, 0) != 1:
            return REASON_NONE
        for i in range(count):
            if keys[i].n == keys[count].n and memcmp(keys[i].p, keys[count].p, keys[i].n) == 0:
                return wrong(request, REASON_DUPLICATE_KEY, b"each key once", keys[count], row)
        count += 1
        reason = check_inner(request, &inner, of_key, row)
        if reason != REASON_NONE:
            return reason


cdef int parse_row_gw(ParsedRequest* request, ParsedRow* row, const Value* value, int32_t number) noexcept nogil:
    """`{"id": …, "row": n}`: an order named by the request that placed it."""
    cdef Cursor cursor
    cdef Span key, text
    cdef Value inner
    cdef long long n
    cdef bint is_first = True
    if value.kind != JSON_OBJECT:
        return wrong(request, REASON_BAD_REQUEST, b"an object {\"id\": request id, \"row\": row number}", words(b"gw"), number)
    cursor.p = value.p + 1
    cursor.end = value.p + value.n
    while next_member(&cursor, is_first, &key, &inner, 0) == 1:
        is_first = False
        text = text_of(&inner)
        if span_is(&key, b"id", 2) and inner.kind == JSON_STRING and is_request_id(&text):
            row.gw_id = text
        elif span_is(&key, b"row", 3) and inner.kind == JSON_NUMBER and span_to_int(&text, &n) == JSON_OK and n < ROWS_MAX:
            row.gw_row = <int32_t>n
        else:
            return wrong(request, REASON_BAD_REQUEST, b"only \"id\" (a request id) and \"row\" (0 to 19)", words(b"gw"), number)
    if row.gw_id.n == 0:
        return wrong(request, REASON_BAD_REQUEST, b"an object with the \"id\" of the request that placed the order", words(b"gw"), number)
    return REASON_NONE


cdef bint is_plain_number(const Value* value) noexcept nogil:
    """A JSON number without exponent: as a text it reads the same."""
    cdef uint32_t i
    if value.kind != JSON_NUMBER:
        return False
    for i in range(value.n):
        if value.p[i] == c"e" or value.p[i] == c"E":
            return False
    return True


cdef int check_field(ParsedRequest* request, ParsedRow* row, Field* field, int32_t number) noexcept nogil:
    """The JSON type of a known key; what can be put right is left to the encoder."""
    cdef Span text = text_of(&field.value)
    if field.name == KEY_GW:
        return parse_row_gw(request, row, &field.value, number)
    if field.name == KEY_ATTACH_ALGO_ORDS:
        return wrong(request, REASON_NOT_SUPPORTED, b"no attachAlgoOrds: OKX takes it by REST only, not over the WebSocket", field.key, number)
    if field.name < 0:
        return check_inner(request, &field.value, field.key, number)
    if field.name == KEY_INST_ID_CODE:
        if not is_plain_number(&field.value):
            return wrong(request, REASON_BAD_REQUEST, b"an integer", field.key, number)
        return REASON_NONE
    if field.name >= KEY_FIRST_FLAG:
        if field.value.kind == JSON_TRUE or field.value.kind == JSON_FALSE or span_is(&text, b"true", 4) or span_is(&text, b"false", 5):
            return REASON_NONE
        return wrong(request, REASON_BAD_REQUEST, b"true or false", field.key, number)
    if field.value.kind != JSON_STRING and not is_plain_number(&field.value):
        return wrong(request, REASON_BAD_REQUEST, b"a string (or a number without exponent)", field.key, number)
    if (field.name == KEY_CL_ORD_ID or field.name == KEY_REQ_ID) and text.n > 0 and not is_word(&text, 32):
        return wrong(request, REASON_BAD_REQUEST, b"1 to 32 letters and digits", field.key, number)
    if field.name == KEY_ORD_ID and text.n > 0 and not is_word(&text, 32):
        return wrong(request, REASON_BAD_REQUEST, b"OKX's order id: digits", field.key, number)
    return REASON_NONE


cdef int parse_row(ParsedRequest* request, Cursor* cursor, int32_t number) noexcept nogil:
    """One object of `args`, from its opening brace. Returns a Reason."""
    cdef ParsedRow* row = &request.rows[number]
    cdef Field* field
    cdef int found
    cdef int reason = REASON_NONE
    cdef int first_reason = REASON_NONE
    cdef int32_t i
    memset(row.known, 0xFF, sizeof(row.known))
    row.field_count = 0
    row.gw_id.n = 0
    row.gw_row = 0
    cursor.p += 1
    while True:
        field = &row.fields[row.field_count]
        found = next_key(cursor, row.field_count == 0, &field.key)
        if found == 0:
            return first_reason
        if found == 1:
            found = scan_value(cursor, &field.value, 2)
        if found < 0:
            return not_json(request, found)
        if first_reason != REASON_NONE:
            continue
        field.name = row_keys.find(field.key.p, field.key.n)
        if field.name >= 0:
            if row.known[field.name] >= 0:
                first_reason = wrong(request, REASON_DUPLICATE_KEY, b"each key once", field.key, number)
            row.known[field.name] = row.field_count
        else:
            for i in range(row.field_count):
                if row.fields[i].key.n == field.key.n and memcmp(row.fields[i].key.p, field.key.p, field.key.n) == 0:
                    first_reason = wrong(request, REASON_DUPLICATE_KEY, b"each key once", field.key, number)
        reason = check_field(request, row, field, number)
        if first_reason == REASON_NONE:
            first_reason = reason
        if row.field_count < FIELDS_MAX - 1:
            row.field_count += 1
        elif first_reason == REASON_NONE:
            first_reason = wrong(request, REASON_BAD_REQUEST, b"at most 63 keys in a row", field.key, number)


cdef int parse_args(ParsedRequest* request, Cursor* cursor) noexcept nogil:
    """The `args` array. The first thing wrong is returned; what follows is still read, so that bad JSON is told as such."""
    cdef Value element
    cdef int first_reason = REASON_NONE
    cdef int reason
    cdef bint is_first = True
    request.has_args = True
    skip_space(cursor)
    if cursor.p >= cursor.end or cursor.p[0] != b"[":
        reason = scan_value(cursor, &element, 1)
        if reason != JSON_OK:
            return not_json(request, reason)
        return wrong(request, REASON_BAD_REQUEST, b"an array of objects", words(b"args"), -1)
    cursor.p += 1
    while True:
        skip_space(cursor)
        if cursor.p < cursor.end and cursor.p[0] == b"]":
            cursor.p += 1
            return first_reason
        if not is_first:
            if cursor.p >= cursor.end or cursor.p[0] != b",":
                return not_json(request, JSON_ERR_SYNTAX)
            cursor.p += 1
            skip_space(cursor)
        is_first = False
        if cursor.p < cursor.end and cursor.p[0] == b"{" and request.row_count < ROWS_MAX:
            reason = parse_row(request, cursor, request.row_count)
            if request.is_broken:
                return reason
            request.row_count += 1
        else:
            reason = scan_value(cursor, &element, 2)
            if reason != JSON_OK:
                return not_json(request, reason)
            if element.kind == JSON_OBJECT:
                reason = wrong(request, REASON_TOO_MANY_ROWS, b"at most 20 rows", words(b"args"), ROWS_MAX)
            else:
                reason = wrong(request, REASON_BAD_REQUEST, b"an array of objects", words(b"args"), request.row_count)
        if first_reason == REASON_NONE:
            first_reason = reason


cdef int parse_gw(ParsedRequest* request, const Value* value) noexcept nogil:
    cdef Cursor cursor
    cdef Span key, text
    cdef Value inner
    cdef long long n
    cdef int32_t name
    cdef int32_t seen = 0
    cdef bint is_first = True
    if value.kind != JSON_OBJECT:
        return wrong(request, REASON_BAD_REQUEST, b"an object", words(b"gw"), -1)
    cursor.p = value.p + 1
    cursor.end = value.p + value.n
    while next_member(&cursor, is_first, &key, &inner, 0) == 1:
        is_first = False
        name = gw_keys.find(key.p, key.n)
        if name < 0:
            return wrong(request, REASON_BAD_REQUEST, b"only maxWaitMs, sentNs and receipt in gw", key, -1)
        if seen & (1 << name):
            return wrong(request, REASON_DUPLICATE_KEY, b"each key once", key, -1)
        seen |= 1 << name
        text = text_of(&inner)
        if name == GW_RECEIPT:
            if inner.kind != JSON_TRUE and inner.kind != JSON_FALSE:
                return wrong(request, REASON_BAD_REQUEST, b"true or false", key, -1)
            request.wants_receipt = inner.kind == JSON_TRUE
        elif name == GW_MAX_WAIT_MS:
            if inner.kind != JSON_NUMBER or span_to_int(&text, &n) != JSON_OK:
                return wrong(request, REASON_BAD_REQUEST, b"a whole number of milliseconds, 0 or more", key, -1)
            request.max_wait_ms = n
        else:
            if (inner.kind != JSON_NUMBER and inner.kind != JSON_STRING) or text.n > 19 or text.n < 1:
                return wrong(request, REASON_BAD_REQUEST, b"Unix time in nanoseconds: 19 digits", key, -1)
            if text.n == 19:  # one more digit than always fits 18; today's times do
                text.n = 18
                if span_to_int(&text, &n) != JSON_OK or not c"0" <= text.p[18] <= c"9" or n > <long long>900_000_000_000_000_000:
                    return wrong(request, REASON_BAD_REQUEST, b"Unix time in nanoseconds: 19 digits", key, -1)
                n = n * 10 + (text.p[18] - c"0")
            elif span_to_int(&text, &n) != JSON_OK:
                return wrong(request, REASON_BAD_REQUEST, b"Unix time in nanoseconds: 19 digits", key, -1)
            request.sent_ns = n
    return REASON_NONE


cdef int take_top(ParsedRequest* request, int32_t name, const Span* key, const Value* value) noexcept nogil:
    """A top-level member other than `args`."""
    cdef Span text = text_of(value)
    cdef long long n
    if name == TOP_ID:
        if value.kind != JSON_STRING or not is_request_id(&text):
            return wrong(request, REASON_BAD_REQUEST, b"a string of 1 to 64 letters, digits and . _ : -", key[0], -1)
        request.id = text
    elif name == TOP_OP:
        if value.kind != JSON_STRING:
            return wrong(request, REASON_BAD_REQUEST, b"a string", key[0], -1)
        request.op_text = text
        request.op = op_names.find(text.p, text.n) + 1
        if request.op > OP_GATEWAY:
            request.op = OP_GATEWAY
        elif request.op == OP_NONE:
            return wrong(request, REASON_UNKNOWN_OP, b"one of the ops of the protocol", key[0], -1)
    elif name == TOP_EXP_TIME:
        if (value.kind != JSON_STRING and value.kind != JSON_NUMBER) or text.n != 13 or span_to_int(&text, &n) != JSON_OK or n == 0:
            return wrong(request, REASON_BAD_REQUEST, b"Unix time in milliseconds: 13 digits", key[0], -1)
        request.exp_time_ms = n
    elif name == TOP_GW:
        return parse_gw(request, value)
    else:
        return wrong(request, REASON_BAD_REQUEST, b"only id, op, args, expTime and gw at the top level", key[0], -1)
    return REASON_NONE


cdef int parse_top(ParsedRequest* request, Cursor* cursor) noexcept nogil:
    cdef Span key
    cdef Value value
    cdef int32_t name
    cdef int32_t seen = 0
    cdef int found
    cdef int reason
    cdef int first_reason = REASON_NONE
    cdef bint is_first = True
    while True:
        found = next_key(cursor, is_first, &key)
        is_first = False
        if found < 0:
            return not_json(request, found)
        if found == 0:
            if at_end(cursor) != JSON_OK:
                return not_json(request, JSON_ERR_SYNTAX)
            return first_reason
        name = top_keys.find(key.p, key.n)
        reason = REASON_NONE
        if name >= 0 and seen & (1 << name):
            reason = wrong(request, REASON_DUPLICATE_KEY, b"each key once", key, -1)
            name = -2
        if name == TOP_ARGS:
            reason = parse_args(request, cursor)
            if request.is_broken:
                return reason
        else:
            found = scan_value(cursor, &value, 1)
            if found != JSON_OK:
                return not_json(request, found)
            if reason == REASON_NONE:
                reason = take_top(request, name, &key, &value)
        if name >= 0:
            seen |= 1 << name
        if first_reason == REASON_NONE:
            first_reason = reason


cdef int require(ParsedRequest* request, int32_t number, int32_t name, const char* key) noexcept nogil:
    """The row has this key, and not empty."""
    if field_text(&request.rows[number], name).n > 0:
        return REASON_NONE
    return wrong(request, REASON_BAD_REQUEST, b"present and not empty", words(key), number)


cdef int check_place(ParsedRequest* request, int32_t number) noexcept nogil:
    cdef ParsedRow* row = &request.rows[number]
    cdef Span side, ord_type
    cdef int reason = require(request, number, KEY_TD_MODE, b"tdMode")
    if reason == REASON_NONE:
        reason = require(request, number, KEY_SIDE, b"side")
    if reason == REASON_NONE:
        reason = require(request, number, KEY_ORD_TYPE, b"ordType")
    if reason == REASON_NONE:
        reason = require(request, number, KEY_SZ, b"sz")
    if reason != REASON_NONE:
        return reason
    side = text_of(&row.fields[row.known[KEY_SIDE]].value)
    if not span_is(&side, b"buy", 3) and not span_is(&side, b"sell", 4):
        return wrong(request, REASON_BAD_REQUEST, b"buy or sell", words(b"side"), number)
    ord_type = text_of(&row.fields[row.known[KEY_ORD_TYPE]].value)
    if algo_ord_types.find(ord_type.p, ord_type.n) >= 0:
        return wrong(request, REASON_NOT_SUPPORTED, b"an ordType of the order op: OKX takes algo orders by REST only", words(b"ordType"), number)
    if row.gw_id.n > 0:
        return wrong(request, REASON_BAD_REQUEST, b"absent: a new order has no earlier request", words(b"gw"), number)
    if span_is(&ord_type, b"limit", 5) or span_is(&ord_type, b"post_only", 9) or span_is(&ord_type, b"fok", 3) or span_is(&ord_type, b"ioc", 3):
        if row.known[KEY_PX] < 0 and row.known[KEY_PX_USD] < 0 and row.known[KEY_PX_VOL] < 0:
            return wrong(request, REASON_BAD_REQUEST, b"present: this ordType needs a price", words(b"px"), number)
    return REASON_NONE


cdef int check_names_order(ParsedRequest* request, int32_t number) noexcept nogil:
    """A cancel or amend row names its order."""
    cdef ParsedRow* row = &request.rows[number]
    if row.gw_id.n > 0:
        if row.known[KEY_ORD_ID] >= 0 or row.known[KEY_CL_ORD_ID] >= 0:
            return wrong(request, REASON_BAD_REQUEST, b"either gw or ordId / clOrdId", words(b"gw"), number)
        return REASON_NONE
    if require(request, number, KEY_ORD_ID, b"ordId") == REASON_NONE:
        return REASON_NONE
    if require(request, number, KEY_CL_ORD_ID, b"clOrdId") == REASON_NONE:
        return REASON_NONE
    return wrong(request, REASON_BAD_REQUEST, b"present (or clOrdId, or gw), to name the order", words(b"ordId"), number)


cdef int check_row(ParsedRequest* request, int32_t number) noexcept nogil:
    """What each op needs in its rows."""
    cdef ParsedRow* row = &request.rows[number]
    cdef int reason
    if request.op == OP_MASS_CANCEL:
        reason = require(request, number, KEY_INST_TYPE, b"instType")
        return reason if reason != REASON_NONE else require(request, number, KEY_INST_FAMILY, b"instFamily")
    if row.known[KEY_INST_ID_CODE] < 0:
        reason = require(request, number, KEY_INST_ID, b"instId")
        if reason != REASON_NONE:
            return reason
    if request.op == OP_ORDER or request.op == OP_BATCH_ORDERS:
        return check_place(request, number)
    reason = check_names_order(request, number)
    if reason != REASON_NONE or request.op == OP_CANCEL_ORDER or request.op == OP_BATCH_CANCEL_ORDERS:
        return reason
    if row.known[KEY_NEW_SZ] < 0 and row.known[KEY_NEW_PX] < 0 and row.known[KEY_NEW_PX_USD] < 0 and row.known[KEY_NEW_PX_VOL] < 0:
        return wrong(request, REASON_BAD_REQUEST, b"present (or newPx, newPxUsd, newPxVol): an amend changes something", words(b"newSz"), number)
    return REASON_NONE


cdef int parse_request(ParsedRequest* request, const char* p, Py_ssize_t n) noexcept:
    """A whole message into `request`, whose spans point into `p`. Returns a Reason; then `expected`, `bad_key` and `bad_row` say what was wrong."""
    cdef Cursor cursor
    cdef int reason
    cdef int32_t i
    request.id.n = 0
    request.op_text.n = 0
    request.op = OP_NONE
    request.has_args = False
    request.is_broken = False
    request.exp_time_ms = 0
    request.max_wait_ms = -1
    request.sent_ns = 0
    request.wants_receipt = False
    request.row_count = 0
    request.reason = REASON_NONE
    cursor.p = p
    cursor.end = p + n
    if open_object(&cursor) != JSON_OK:
        return wrong(request, REASON_NOT_JSON, b"one JSON object", words(b""), -1)
    reason = parse_top(request, &cursor)
    if reason != REASON_NONE:
        return reason
    if request.id.n == 0:
        return wrong(request, REASON_BAD_REQUEST, b"present: a string of 1 to 64 letters, digits and . _ : -", words(b"id"), -1)
    if request.op == OP_NONE:
        return wrong(request, REASON_BAD_REQUEST, b"present", words(b"op"), -1)
    if request.exp_time_ms != 0 and request.op not in (OP_ORDER, OP_BATCH_ORDERS, OP_AMEND_ORDER, OP_BATCH_AMEND_ORDERS):
        return wrong(request, REASON_BAD_REQUEST, b"absent: OKX takes expTime for place and amend only", words(b"expTime"), -1)
    if request.op == OP_GATEWAY:
        return REASON_NONE
    if request.row_count == 0:
        return wrong(request, REASON_BAD_REQUEST, b"an array with at least one row", words(b"args"), -1)
    if request.row_count > 1 and request.op not in (OP_BATCH_ORDERS, OP_BATCH_CANCEL_ORDERS, OP_BATCH_AMEND_ORDERS):
        return wrong(request, REASON_TOO_MANY_ROWS, b"one row: use the batch op for more", words(b"args"), 1)
    for i in range(request.row_count):
        reason = check_row(request, i)
        if reason != REASON_NONE:
            return reason
    return REASON_NONE
