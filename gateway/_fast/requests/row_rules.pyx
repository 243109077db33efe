"""Pure. What each op needs in its rows: which keys, of which JSON type.

Source: OKX docs, Order Book Trading, WS / Place order, Cancel order, Amend order, Mass cancel order.
"""
from libc.string cimport memcmp

from gateway._fast.base.enums cimport *
from gateway._fast.base.span cimport *
from gateway._fast.base.wire_names cimport op_is_algo
from gateway._fast.json.cursor cimport *
from gateway._fast.json.keys cimport FieldNames

# OKX takes these by REST only. Source: OKX docs, Algo Trading, Place algo order.
cdef FieldNames algo_ord_types = FieldNames(
    ["conditional", "oco", "trigger", "move_order_stop", "twap", "chase", "smart_iceberg", "iceberg"])

# Members of `attachAlgoOrds`. Source: OKX docs, Order Book Trading, Place order and Amend order (REST).
cdef FieldNames attached_keys = FieldNames([
    "attachAlgoClOrdId", "attachAlgoId", "tpTriggerPx", "tpTriggerRatio", "tpOrdPx", "tpOrdKind", "slTriggerPx",
    "slTriggerRatio", "slOrdPx",
    "tpTriggerPxType", "slTriggerPxType", "sz", "amendPxOnTriggerType", "callbackRatio", "callbackSpread", "activePx",
    "newTpTriggerPx", "newTpTriggerRatio", "newTpOrdPx", "newTpOrdKind", "newSlTriggerPx", "newSlTriggerRatio",
    "newSlOrdPx",
    "newTpTriggerPxType", "newSlTriggerPxType", "newCallbackRatio", "newCallbackSpread", "newActivePx",
])


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
            return wrong(request, REASON_BAD_REQUEST, b"an object of at most 64 keys", of_key, row)
        if next_member(&cursor, count == 0, &keys[count], &inner, 0) != 1:
            return REASON_NONE
        for i in range(count):
            if keys[i].n == keys[count].n and memcmp(keys[i].p, keys[count].p, keys[i].n) == 0:
                return wrong(request, REASON_DUPLICATE_KEY, b"given once", keys[count], row)
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
    if check_inner(request, value, span_of_cstr(b"gw"), number) != REASON_NONE:
        return request.reason
    if value.kind != JSON_OBJECT:
        return wrong(
            request, REASON_BAD_REQUEST, b"an object {\"id\": request id, \"row\": row number}", span_of_cstr(b"gw"),
            number)
    cursor.p = value.p + 1
    cursor.end = value.p + value.n
    while next_member(&cursor, is_first, &key, &inner, 0) == 1:
        is_first = False
        text = text_of(&inner)
        if span_is(&key, b"id", 2) and inner.kind == JSON_STRING and is_request_id(&text):
            row.gw_id = text
        elif (span_is(&key, b"row", 3) and inner.kind == JSON_NUMBER and span_to_int(&text, &n) == JSON_OK
              and n < ROWS_MAX):
            row.gw_row = <int32_t>n
        else:
            return wrong(
                request, REASON_BAD_REQUEST, b"an object of \"id\" (a request id) and \"row\" (0 to 19) alone",
                span_of_cstr(b"gw"), number)
    if row.gw_id.n == 0:
        return wrong(
            request, REASON_BAD_REQUEST, b"an object with the \"id\" of the request that placed the order",
            span_of_cstr(b"gw"), number)
    return REASON_NONE


cdef int check_attached(ParsedRequest* request, const Value* value, int32_t number) noexcept nogil:
    """`attachAlgoOrds`, passed on as given: objects of texts.
    A key that OKX does not document here may hold anything."""
    cdef Cursor array, object_
    cdef Value element, inner
    cdef Span key, text
    cdef bint is_first = True
    cdef bint is_first_key
    cdef int reason = check_inner(request, value, span_of_cstr(b"attachAlgoOrds"), number)
    if reason != REASON_NONE:
        return reason
    array.p = value.p + 1
    array.end = value.p + value.n
    while value.kind == JSON_ARRAY and next_element(&array, is_first, &element, 0) == 1:
        is_first = False
        if element.kind != JSON_OBJECT:
            is_first = True
            break
        object_.p = element.p + 1
        object_.end = element.p + element.n
        is_first_key = True
        while next_member(&object_, is_first_key, &key, &inner, 0) == 1:
            is_first_key = False
            text = text_of(&inner)
            if (span_is(&key, b"attachAlgoClOrdId", 17) and inner.kind == JSON_STRING and text.n > 0
                    and not is_word(&text, 32)):
                return wrong(
                    request, REASON_BAD_REQUEST, b"1 to 32 letters and digits, inside attachAlgoOrds", key, number)
            if inner.kind != JSON_STRING and attached_keys.find(key.p, key.n) >= 0:
                return wrong(request, REASON_BAD_REQUEST, b"a string, inside attachAlgoOrds", key, number)
    if is_first:
        return wrong(
            request, REASON_BAD_REQUEST, b"an array of at least one object", span_of_cstr(b"attachAlgoOrds"), number)
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
        return check_attached(request, &field.value, number)
    if field.name < 0:
        return check_inner(request, &field.value, field.key, number)
    if field.name == KEY_INST_ID_CODE:
        if not is_plain_number(&field.value):
            return wrong(request, REASON_BAD_REQUEST, b"an integer", field.key, number)
        return REASON_NONE
    if field.name >= KEY_FIRST_FLAG:
        if (field.value.kind == JSON_TRUE or field.value.kind == JSON_FALSE or span_is(&text, b"true", 4)
                or span_is(&text, b"false", 5)):
            return REASON_NONE
        return wrong(request, REASON_BAD_REQUEST, b"true or false", field.key, number)
    if field.value.kind != JSON_STRING and not is_plain_number(&field.value):
        return wrong(request, REASON_BAD_REQUEST, b"a string (or a number without exponent)", field.key, number)
    if ((field.name == KEY_CL_ORD_ID or field.name == KEY_ALGO_CL_ORD_ID or field.name == KEY_REQ_ID) and text.n > 0
            and not is_word(&text, 32)):
        return wrong(request, REASON_BAD_REQUEST, b"1 to 32 letters and digits", field.key, number)
    if (field.name == KEY_ORD_ID or field.name == KEY_ALGO_ID) and text.n > 0 and not is_word(&text, 32):
        return wrong(request, REASON_BAD_REQUEST, b"OKX's order id: digits", field.key, number)
    return REASON_NONE


cdef int require(ParsedRequest* request, int32_t number, int32_t name, const char* key) noexcept nogil:
    """The row has this key, and not empty."""
    if field_text(&request.rows[number], name).n > 0:
        return REASON_NONE
    return wrong(request, REASON_BAD_REQUEST, b"present and not empty", span_of_cstr(key), number)


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
        return wrong(request, REASON_BAD_REQUEST, b"buy or sell", span_of_cstr(b"side"), number)
    ord_type = text_of(&row.fields[row.known[KEY_ORD_TYPE]].value)
    if algo_ord_types.find(ord_type.p, ord_type.n) >= 0:
        return wrong(
            request, REASON_NOT_SUPPORTED, b"an ordType of the order op: OKX takes algo orders by REST only",
            span_of_cstr(b"ordType"), number)
    if row.gw_id.n > 0:
        return wrong(
            request, REASON_BAD_REQUEST, b"absent: a new order has no earlier request", span_of_cstr(b"gw"), number)
    if (span_is(&ord_type, b"limit", 5) or span_is(&ord_type, b"post_only", 9) or span_is(&ord_type, b"fok", 3)
            or span_is(&ord_type, b"ioc", 3)):
        if field_text(row, KEY_PX).n + field_text(row, KEY_PX_USD).n + field_text(row, KEY_PX_VOL).n == 0:
            return wrong(
                request, REASON_BAD_REQUEST, b"present: this ordType needs a price", span_of_cstr(b"px"), number)
    return REASON_NONE


cdef int check_names_order(ParsedRequest* request, int32_t number) noexcept nogil:
    """A cancel or amend row names its order."""
    cdef ParsedRow* row = &request.rows[number]
    if row.gw_id.n > 0:
        if row.known[KEY_ORD_ID] >= 0 or row.known[KEY_CL_ORD_ID] >= 0:
            return wrong(request, REASON_BAD_REQUEST, b"either gw or ordId / clOrdId", span_of_cstr(b"gw"), number)
        return REASON_NONE
    if require(request, number, KEY_ORD_ID, b"ordId") == REASON_NONE:
        return REASON_NONE
    if require(request, number, KEY_CL_ORD_ID, b"clOrdId") == REASON_NONE:
        return REASON_NONE
    return wrong(
        request, REASON_BAD_REQUEST, b"present (or clOrdId, or gw), to name the order", span_of_cstr(b"ordId"), number)


cdef void name_algo(ParsedRow* row) noexcept nogil:
    """A row of an algo op: what names an algo order, and its trigger price, is known as an order's ids and price
    are."""
    row.known[KEY_ORD_ID] = row.known[KEY_ALGO_ID]
    row.known[KEY_CL_ORD_ID] = row.known[KEY_ALGO_CL_ORD_ID]
    row.known[KEY_PX] = row.known[KEY_TRIGGER_PX] if row.known[KEY_TRIGGER_PX] >= 0 else row.known[KEY_SL_TRIGGER_PX]
    row.known[KEY_NEW_PX] = (row.known[KEY_NEW_TRIGGER_PX] if row.known[KEY_NEW_TRIGGER_PX] >= 0
                             else row.known[KEY_NEW_SL_TRIGGER_PX])


cdef int check_place_algo(ParsedRequest* request, int32_t number) noexcept nogil:
    """Source: OKX docs, Algo Trading, Place algo order: what each `ordType` needs.
    Types and fields that are not named here are OKX's to judge."""
    cdef ParsedRow* row = &request.rows[number]
    cdef Span side, ord_type
    cdef int reason = require(request, number, KEY_TD_MODE, b"tdMode")
    if reason == REASON_NONE:
        reason = require(request, number, KEY_SIDE, b"side")
    if reason == REASON_NONE:
        reason = require(request, number, KEY_ORD_TYPE, b"ordType")
    if reason != REASON_NONE:
        return reason
    if row.gw_id.n > 0:
        return wrong(
            request, REASON_BAD_REQUEST, b"absent: a new algo order has no earlier request", span_of_cstr(b"gw"),
            number)
    side = field_text(row, KEY_SIDE)
    if not span_is(&side, b"buy", 3) and not span_is(&side, b"sell", 4):
        return wrong(request, REASON_BAD_REQUEST, b"buy or sell", span_of_cstr(b"side"), number)
    if field_text(row, KEY_SZ).n + field_text(row, KEY_CLOSE_FRACTION).n == 0:
        return wrong(request, REASON_BAD_REQUEST, b"present (or closeFraction)", span_of_cstr(b"sz"), number)
    ord_type = field_text(row, KEY_ORD_TYPE)
    if algo_ord_types.find(ord_type.p, ord_type.n) < 0:
        return wrong(
            request, REASON_BAD_REQUEST, b"conditional, oco, trigger, move_order_stop or another type of algo order",
            span_of_cstr(b"ordType"), number)
    if (span_is(&ord_type, b"conditional", 11)
            and field_text(row, KEY_SL_TRIGGER_PX).n + field_text(row, KEY_TP_TRIGGER_PX).n == 0):
        return wrong(
            request, REASON_BAD_REQUEST, b"present (or tpTriggerPx): a conditional order has one of them",
            span_of_cstr(b"slTriggerPx"), number)
    if span_is(&ord_type, b"oco", 3):
        reason = require(request, number, KEY_SL_TRIGGER_PX, b"slTriggerPx")
        return reason if reason != REASON_NONE else require(request, number, KEY_TP_TRIGGER_PX, b"tpTriggerPx")
    if span_is(&ord_type, b"trigger", 7):
        reason = require(request, number, KEY_TRIGGER_PX, b"triggerPx")
        return reason if reason != REASON_NONE else require(request, number, KEY_ORDER_PX, b"orderPx")
    if (span_is(&ord_type, b"move_order_stop", 15)
            and (field_text(row, KEY_CALLBACK_RATIO).n > 0) == (field_text(row, KEY_CALLBACK_SPREAD).n > 0)):
        return wrong(
            request, REASON_BAD_REQUEST, b"present, or else callbackSpread: a trailing stop has one of them",
            span_of_cstr(b"callbackRatio"), number)
    return REASON_NONE


cdef int check_algo(ParsedRequest* request, int32_t number) noexcept nogil:
    if request.op == OP_ORDER_ALGO:
        return check_place_algo(request, number)
    if check_names_order(request, number) == REASON_NONE:
        return REASON_NONE
    if request.rows[number].gw_id.n > 0:
        return wrong(request, REASON_BAD_REQUEST, b"either gw or algoId / algoClOrdId", span_of_cstr(b"gw"), number)
    return wrong(
        request, REASON_BAD_REQUEST, b"present (or algoClOrdId, or gw), to name the algo order",
        span_of_cstr(b"algoId"), number)


cdef int check_row(ParsedRequest* request, int32_t number) noexcept nogil:
    """What each op needs in its rows."""
    cdef ParsedRow* row = &request.rows[number]
    cdef int reason
    cdef bint has_attached = row.known[KEY_ATTACH_ALGO_ORDS] >= 0
    if has_attached:
        if request.op in (OP_MASS_CANCEL, OP_CANCEL_ORDER, OP_BATCH_CANCEL_ORDERS):
            return wrong(
                request, REASON_BAD_REQUEST, b"absent: OKX takes it for orders and amends",
                span_of_cstr(b"attachAlgoOrds"), number)
        request.by_rest_only = True
    if request.op == OP_MASS_CANCEL:
        reason = require(request, number, KEY_INST_TYPE, b"instType")
        return reason if reason != REASON_NONE else require(request, number, KEY_INST_FAMILY, b"instFamily")
    if row.known[KEY_INST_ID_CODE] < 0:
        reason = require(request, number, KEY_INST_ID, b"instId")
        if reason != REASON_NONE:
            return reason
    if request.op == OP_ORDER or request.op == OP_BATCH_ORDERS:
        return check_place(request, number)
    if op_is_algo(request.op):
        return check_algo(request, number)
    reason = check_names_order(request, number)
    if reason != REASON_NONE or request.op == OP_CANCEL_ORDER or request.op == OP_BATCH_CANCEL_ORDERS:
        return reason
    if (not has_attached and field_text(row, KEY_NEW_SZ).n + field_text(row, KEY_NEW_PX).n == 0
            and field_text(row, KEY_NEW_PX_USD).n + field_text(row, KEY_NEW_PX_VOL).n == 0):
        return wrong(
            request, REASON_BAD_REQUEST, b"present (or newPx, newPxUsd, newPxVol): an amend changes something",
            span_of_cstr(b"newSz"), number)
    return REASON_NONE
