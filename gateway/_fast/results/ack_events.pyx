"""The events about requests: `ack` with the result of each row, and `resolved` for one that was unknown."""
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport RequestSlot, RowSlot
from gateway._fast.base.wire_names cimport op_is_algo, op_name, proof_name, reason_name, result_name
from gateway._fast.json.writer cimport put, put_char, put_int, put_text
from gateway._fast.results.event_fields cimport put_member, put_slot_text, put_stamps, put_word


cdef void put_code(Writer* w, int32_t code) noexcept:
    """`,"sCode":"51008"`; empty for a row that OKX did not answer (-1)."""
    put_text(w, b',"sCode":"')
    if code >= 0:
        put_int(w, code)
    put_char(w, c'"')


cdef void put_row_head(Writer* w, const RowSlot* row) noexcept:
    put_text(w, b'{"row":')
    put_int(w, row.row)
    put_word(w, b"result", result_name(row.result))
    put_word(w, b"origin", b"gateway" if row.origin == ORIGIN_GATEWAY else b"okx")
    put_word(w, b"reason", reason_name(row.reason))


cdef void put_row_ids(Writer* w, const RowSlot* row, bint is_algo) noexcept:
    put_slot_text(w, b"algoClOrdId" if is_algo else b"clOrdId", &row.cl_ord_id)
    put_slot_text(w, b"algoId" if is_algo else b"ordId", &row.ord_id)
    put_code(w, row.s_code)


cdef void put_recorded_row(Writer* w, TradingState trading, int32_t slot) noexcept:
    """A row as it is remembered, for a repeated id."""
    cdef const RowSlot* row = &trading.requests.rows[slot]
    cdef Span msg
    msg.p = row.msg.p
    msg.n = row.msg.n
    put_row_head(w, row)
    put_member(w, b"msg", &msg)
    put_row_ids(w, row, op_is_algo(trading.requests.requests[row.request].op))
    put_char(w, c"}")


cdef void write_ack(
        TradingState trading, int32_t slot, const VenueFrame* frame, const Span* items, const Span* msg,
        int64_t retry_after_ms, int64_t venue_ns) noexcept:
    """The result of every row of a request. `frame` is OKX's answer (NULL: there is none) and `items` its items by row;
    `msg` the gateway's own words.

    `retry_after_ms` says when a token will be free; -1: nothing to say.
    """
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef RowSlot* row
    cdef Writer* w = trading.bus.begin(request.strategy, TOPIC_ACK, b"ack")
    cdef Span id = trading.requests.id_of(slot)
    cdef Span text
    cdef int32_t at = request.first_row
    put_member(w, b"id", &id)
    put_word(w, b"op", op_name(request.op))
    if trading.may_repeat and request.sent_by_own_clock:  # of an earlier run
        put_text(w, b',"mayRepeat":true')
    if frame != NULL:
        put_member(w, b"code", &frame.code)
        put_member(w, b"msg", &frame.msg)
    elif msg != NULL:
        put_text(w, b',"code":"1"')
        put_member(w, b"msg", msg)
    else:
        put_text(w, b',"code":"","msg":""')
    put_text(w, b',"data":[')
    while at >= 0:
        row = &trading.requests.rows[at]
        if row.row > 0:
            put_char(w, c",")
        put_row_head(w, row)
        text.p = row.msg.p
        text.n = row.msg.n
        put_member(w, b"msg", msg if msg != NULL and row.origin == ORIGIN_GATEWAY and not row.withdrawn else &text)
        put_row_ids(w, row, op_is_algo(request.op))
        if items != NULL and items[row.row].n > 0:
            put_text(w, b',"okx":')
            put(w, items[row.row].p, items[row.row].n)
        put_char(w, c"}")
        at = row.next
    put_char(w, c"]")
    if retry_after_ms >= 0:
        put_text(w, b',"retryAfterMs":')
        put_int(w, retry_after_ms)
    if frame != NULL and frame.in_time.n > 0:
        put_member(w, b"inTime", &frame.in_time)
        put_member(w, b"outTime", &frame.out_time)
    put_stamps(w, request, venue_ns)
    trading.bus.commit()
    request.ack_published = True


cdef void write_resolved(TradingState trading, int32_t slot, int32_t proof, int64_t venue_ns) noexcept:
    """The proven result of a row that was `unknown`."""
    cdef RowSlot* row = &trading.requests.rows[slot]
    cdef RequestSlot* request = &trading.requests.requests[row.request]
    cdef Writer* w = trading.bus.begin(request.strategy, TOPIC_ACK, b"resolved")
    cdef Span id = trading.requests.id_of(row.request)
    put_member(w, b"id", &id)
    put_word(w, b"op", op_name(request.op))
    put_text(w, b',"row":')
    put_int(w, row.row)
    put_word(w, b"result", result_name(row.result))
    put_word(w, b"proof", proof_name(proof))
    put_row_ids(w, row, op_is_algo(request.op))
    put_stamps(w, request, venue_ns)
    trading.bus.commit()
