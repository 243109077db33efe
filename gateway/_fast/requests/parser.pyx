"""Pure. A strategy's message into its parts, as spans of its own bytes.

The message's form stands here: valid JSON, given once, the top level. The rules of its rows stand in `row_rules`.
What needs the gateway's knowledge (instruments, owners, limits) is checked later.
"""
from libc.string cimport memcmp, memset

from gateway._fast.base.enums cimport *
from gateway._fast.base.span cimport *
from gateway._fast.base.wire_names cimport op_is_algo
from gateway._fast.json.cursor cimport *
from gateway._fast.json.keys cimport FieldNames
from gateway._fast.requests.parsed_request cimport *
from gateway._fast.requests.row_rules cimport check_field, check_row, name_algo

# Keys of an order, cancel or amend row and the JSON type that OKX wants for them.
# Sources: OKX docs, Order Book Trading, WS / Place order, Cancel order, Amend order, Mass cancel order; Algo Trading,
# Place algo order, Cancel algo order, Amend algo order.
cdef list ROW_KEYS = [
    "instId", "instIdCode", "gw", "attachAlgoOrds", "tdMode", "side", "ordType", "sz", "px", "pxUsd", "pxVol",
    "clOrdId",
    "ordId", "reqId", "newSz", "newPx", "newPxUsd", "newPxVol", "instType", "instFamily",
    "algoId", "algoClOrdId", "triggerPx", "slTriggerPx", "tpTriggerPx", "orderPx", "callbackRatio", "callbackSpread",
    "closeFraction",
    "newTriggerPx", "newSlTriggerPx",
    # other texts
    "ccy", "tag", "posSide", "outcome", "speedBump", "tgtCcy", "pxAmendType", "tradeQuoteCcy", "slippagePct", "stpMode",
    "quickMgnType", "lockInterval", "triggerPxType", "slTriggerPxType", "tpTriggerPxType", "slOrdPx", "tpOrdPx",
    "tpOrdKind",
    "activePx", "advanceOrdType", "amendPxOnTriggerType", "newTpTriggerPx", "newTpOrdPx", "newSlOrdPx", "newOrdPx",
    "newTpTriggerPxType",
    "newSlTriggerPxType", "newTriggerPxType", "pxVar", "pxSpread", "szLimit", "pxLimit", "timeInterval",
    # flags (JSON booleans)
    "reduceOnly", "banAmend", "cxlOnFail", "isElpTakerAccess", "rpiTakerAccess", "rpiPxRound", "cxlOnClosePos",
]
if ROW_KEYS.index("reduceOnly") != KEY_FIRST_FLAG or len(ROW_KEYS) != KEY_LIMIT:
    raise ImportError("ROW_KEYS and the KEY_* numbers disagree")
cdef FieldNames row_keys = FieldNames(ROW_KEYS)

cdef FieldNames op_names = FieldNames([
    "order", "batch-orders", "cancel-order", "batch-cancel-orders", "amend-order", "batch-amend-orders", "mass-cancel",
    "hello",  # the number of OP_GATEWAY; the others of the gateway's own come last
    "order-algo", "amend-algos", "cancel-algos",
    "ping", "status", "snapshot", "get-order", "replay", "cancel-all", "resume", "reconnect",
])
cdef FieldNames top_keys = FieldNames(["id", "op", "args", "expTime", "gw"])
cdef FieldNames gw_keys = FieldNames(["maxWaitMs", "sentNs", "receipt"])

cdef enum:
    TOP_ID = 0
    TOP_OP
    TOP_ARGS
    TOP_EXP_TIME
    TOP_GW
    GW_MAX_WAIT_MS = 0
    GW_SENT_NS
    GW_RECEIPT


cdef int json_reason(int error) noexcept nogil:
    return REASON_DUPLICATE_KEY if error == JSON_ERR_KEY_ESCAPE else REASON_NOT_JSON


cdef int not_json(ParsedRequest* request, int error) noexcept nogil:
    cdef const char* expected = b"strict JSON (RFC 8259)"
    if error == JSON_ERR_UTF8:
        expected = b"UTF-8 text without lone surrogates"
    elif error == JSON_ERR_DEPTH:
        expected = b"nested at most 16 deep"
    elif error == JSON_ERR_KEY_ESCAPE:
        expected = b"written without escapes in its keys"
    request.is_malformed = True
    return wrong(request, json_reason(error), expected, span_of_cstr(b""), -1)


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
        found = next_key(cursor, row.field_count == 0, &field.key, 2)
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
                first_reason = wrong(request, REASON_DUPLICATE_KEY, b"given once", field.key, number)
            row.known[field.name] = row.field_count
        else:
            for i in range(row.field_count):
                if row.fields[i].key.n == field.key.n and memcmp(row.fields[i].key.p, field.key.p, field.key.n) == 0:
                    first_reason = wrong(request, REASON_DUPLICATE_KEY, b"given once", field.key, number)
        reason = check_field(request, row, field, number)
        if first_reason == REASON_NONE:
            first_reason = reason
        if row.field_count < FIELDS_MAX - 1:
            row.field_count += 1
        elif first_reason == REASON_NONE:
            first_reason = wrong(request, REASON_BAD_REQUEST, b"one of at most 63 keys in its row", field.key, number)


cdef int parse_args(ParsedRequest* request, Cursor* cursor) noexcept nogil:
    """The `args` array. Returns the first thing wrong. The rest is still read, so that bad JSON is reported as such."""
    cdef Value element
    cdef int first_reason = REASON_NONE
    cdef int reason
    cdef bint is_first = True
    skip_space(cursor)
    if cursor.p >= cursor.end or cursor.p[0] != b"[":
        reason = scan_value(cursor, &element, 1)
        if reason != JSON_OK:
            return not_json(request, reason)
        return wrong(request, REASON_BAD_REQUEST, b"an array of objects", span_of_cstr(b"args"), -1)
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
            if request.is_malformed:
                return reason
            request.row_count += 1
        else:
            reason = scan_value(cursor, &element, 2)
            if reason != JSON_OK:
                return not_json(request, reason)
            if element.kind == JSON_OBJECT:
                reason = wrong(request, REASON_TOO_MANY_ROWS, b"at most 20 rows", span_of_cstr(b"args"), ROWS_MAX)
            else:
                reason = wrong(
                    request, REASON_BAD_REQUEST, b"an array of objects", span_of_cstr(b"args"), request.row_count)
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
        return wrong(request, REASON_BAD_REQUEST, b"an object", span_of_cstr(b"gw"), -1)
    cursor.p = value.p + 1
    cursor.end = value.p + value.n
    while next_member(&cursor, is_first, &key, &inner, 0) == 1:
        is_first = False
        name = gw_keys.find(key.p, key.n)
        if name < 0:
            return wrong(request, REASON_BAD_REQUEST, b"one of maxWaitMs, sentNs and receipt", key, -1)
        if seen & (1 << name):
            return wrong(request, REASON_DUPLICATE_KEY, b"given once", key, -1)
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
                if (span_to_int(&text, &n) != JSON_OK or not c"0" <= text.p[18] <= c"9"
                        or n > <long long>900_000_000_000_000_000):
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
        if request.op >= OP_COUNT:
            request.op = OP_GATEWAY
        elif request.op == OP_NONE:
            return wrong(request, REASON_UNKNOWN_OP, b"one of the ops of the protocol", key[0], -1)
    elif name == TOP_EXP_TIME:
        if ((value.kind != JSON_STRING and value.kind != JSON_NUMBER) or text.n != 13
                or span_to_int(&text, &n) != JSON_OK or n == 0):
            return wrong(request, REASON_BAD_REQUEST, b"Unix time in milliseconds: 13 digits", key[0], -1)
        request.exp_time_ms = n
    elif name == TOP_GW:
        return parse_gw(request, value)
    else:
        return wrong(request, REASON_BAD_REQUEST, b"one of id, op, args, expTime and gw", key[0], -1)
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
        found = next_key(cursor, is_first, &key, 1)
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
            reason = wrong(request, REASON_DUPLICATE_KEY, b"given once", key, -1)
            name = -2
        if name == TOP_ARGS:
            reason = parse_args(request, cursor)
            if request.is_malformed:
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


cdef int parse_request(ParsedRequest* request, const char* p, Py_ssize_t n) noexcept:
    """A whole message into `request`, whose spans point into `p`.
    Returns a Reason; then `expected`, `bad_key` and `bad_row` say what was wrong."""
    cdef Cursor cursor
    cdef int reason
    cdef int32_t i
    request.id.n = 0
    request.op_text.n = 0
    request.op = OP_NONE
    request.is_malformed = False
    request.exp_time_ms = 0
    request.max_wait_ms = -1
    request.sent_ns = 0
    request.wants_receipt = False
    request.by_rest_only = False
    request.row_count = 0
    request.reason = REASON_NONE
    cursor.p = p
    cursor.end = p + n
    if open_object(&cursor) != JSON_OK:
        return wrong(request, REASON_NOT_JSON, b"one JSON object", span_of_cstr(b""), -1)
    reason = parse_top(request, &cursor)
    if reason != REASON_NONE:
        return reason
    if request.id.n == 0:
        return wrong(
            request, REASON_BAD_REQUEST, b"present: a string of 1 to 64 letters, digits and . _ : -",
            span_of_cstr(b"id"), -1)
    if request.op == OP_NONE:
        return wrong(request, REASON_BAD_REQUEST, b"present", span_of_cstr(b"op"), -1)
    if (request.exp_time_ms != 0
            and request.op not in (OP_ORDER, OP_BATCH_ORDERS, OP_AMEND_ORDER, OP_BATCH_AMEND_ORDERS)):
        return wrong(
            request, REASON_BAD_REQUEST, b"absent: OKX takes expTime for place and amend only",
            span_of_cstr(b"expTime"), -1)
    if request.op == OP_GATEWAY:
        return REASON_NONE
    if request.row_count == 0:
        return wrong(request, REASON_BAD_REQUEST, b"an array with at least one row", span_of_cstr(b"args"), -1)
    if (request.row_count > 1
            and request.op not in (OP_BATCH_ORDERS, OP_BATCH_CANCEL_ORDERS, OP_BATCH_AMEND_ORDERS, OP_CANCEL_ALGOS)):
        return wrong(
            request, REASON_TOO_MANY_ROWS,
            b"one row: use the batch op for more" if request.op < OP_GATEWAY else b"one row", span_of_cstr(b"args"), 1)
    if request.op == OP_CANCEL_ALGOS and request.row_count > CANCEL_ALGOS_MAX:
        return wrong(request, REASON_TOO_MANY_ROWS, b"at most 10 rows", span_of_cstr(b"args"), CANCEL_ALGOS_MAX)
    if op_is_algo(request.op):
        request.by_rest_only = True
        for i in range(request.row_count):
            name_algo(&request.rows[i])
    for i in range(request.row_count):
        reason = check_row(request, i)
        if reason != REASON_NONE:
            return reason
    return REASON_NONE
