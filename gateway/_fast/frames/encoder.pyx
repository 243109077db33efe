"""Pure. A parsed request into OKX's frame: `{"id":…,"op":…,"expTime":…,"args":[…]}`.

Values are copied byte for byte as the strategy wrote them. For keys that OKX documents the JSON type is put right: a
number for a text is quoted, `"true"` for a flag loses its quotes. `instId` gives way to `instIdCode`, and `gw` stays
here. Objects of `attachAlgoOrds` get an id.

Source: OKX docs, Order Book Trading, WS / Place order, Cancel order, Amend order, Mass cancel order.
"""
from gateway._fast.base.enums cimport *
from gateway._fast.base.span cimport JSON_NUMBER, JSON_STRING, text_of
from gateway._fast.base.wire_names cimport op_is_algo, op_name
from gateway._fast.frames.attached_algos cimport put_attached
from gateway._fast.json.writer cimport put, put_char, put_int, put_text
from gateway._fast.requests.parsed_request cimport *


cdef void write_exp_time(char* at, int64_t exp_time_ms) noexcept nogil:
    """13 digits at `at`: milliseconds until the year 2286."""
    cdef int i
    for i in range(12, -1, -1):
        at[i] = <char>(c"0" + exp_time_ms % 10)
        exp_time_ms //= 10


cdef void put_field(Writer* w, const Field* field) noexcept nogil:
    cdef Span text
    put_char(w, c'"')
    put(w, field.key.p, field.key.n)
    put(w, b'":', 2)
    if field.name >= 0 and field.name < KEY_FIRST_FLAG and field.value.kind == JSON_NUMBER:
        put_char(w, c'"')
        put(w, field.value.p, field.value.n)
        put_char(w, c'"')
    elif field.name >= KEY_FIRST_FLAG and field.value.kind == JSON_STRING:
        text = text_of(&field.value)
        put(w, text.p, text.n)
    else:
        put(w, field.value.p, field.value.n)


cdef void put_id(Writer* w, const char* key, const Span* id) noexcept nogil:
    """`,"key":"id"`; nothing for an empty id."""
    if id.n == 0:
        return
    put_text(w, key)
    put(w, id.p, id.n)
    put_char(w, c'"')


cdef void put_row(Writer* w, const ParsedRow* row, const RowAddition* addition, bint is_algo) noexcept nogil:
    cdef int32_t i
    cdef int32_t name
    cdef bint is_first = True
    cdef Span text
    put_char(w, c"{")
    if addition.inst_id_code != 0:
        put_text(w, b'"instIdCode":')
        put_int(w, addition.inst_id_code)
        is_first = False
    for i in range(row.field_count):
        name = row.fields[i].name
        if name == KEY_GW or (addition.inst_id_code != 0 and (name == KEY_INST_ID or name == KEY_INST_ID_CODE)):
            continue
        if ((name == (KEY_ALGO_CL_ORD_ID if is_algo else KEY_CL_ORD_ID) and addition.cl_ord_id.n > 0)
                or (name == KEY_REQ_ID and addition.req_id.n > 0)):
            continue  # given empty: the gateway's own takes its place
        if name in (KEY_ORD_ID, KEY_CL_ORD_ID, KEY_REQ_ID, KEY_ALGO_ID, KEY_ALGO_CL_ORD_ID):
            text = text_of(&row.fields[i].value)
            if text.n == 0:
                continue
        if not is_first:
            put_char(w, c",")
        is_first = False
        if name == KEY_ATTACH_ALGO_ORDS and addition.attached_id != 0:
            put_text(w, b'"attachAlgoOrds":')
            put_attached(w, &row.fields[i].value, addition.attached_id)
        else:
            put_field(w, &row.fields[i])
    put_id(w, b',"algoClOrdId":"' if is_algo else b',"clOrdId":"', &addition.cl_ord_id)
    put_id(w, b',"reqId":"', &addition.req_id)
    put_char(w, c"}")


cdef int encode_request(
        Writer* w, const ParsedRequest* request, const char* okx_id, const RowAddition* additions, int64_t exp_time_ms,
        FrameMap* frame_map) noexcept nogil:
    """Writes the frame at `w`; 16 characters of `okx_id`; `exp_time_ms` 0 writes none.
    Returns its length, or -1 if it does not fit."""
    cdef int32_t i
    put_text(w, b'{"id":"')
    put(w, okx_id, 16)
    put_text(w, b'","op":"')
    put_text(w, op_name(request.op))
    put_char(w, c'"')
    frame_map.exp_time_at = 0
    if exp_time_ms != 0:
        put_text(w, b',"expTime":"')
        frame_map.exp_time_at = <uint32_t>(w.p - w.start)
        put(w, b"0000000000000", 13)
        if not w.overflow:
            write_exp_time(w.p - 13, exp_time_ms)
        put_char(w, c'"')
    put_text(w, b',"args":[')
    for i in range(request.row_count):
        if i > 0:
            put_char(w, c",")
        frame_map.row_at[i] = <uint32_t>(w.p - w.start)
        put_row(w, &request.rows[i], &additions[i], op_is_algo(request.op))
        frame_map.row_n[i] = <uint32_t>(w.p - w.start) - frame_map.row_at[i]
    put(w, b"]}", 2)
    return -1 if w.overflow else <int>(w.p - w.start)
