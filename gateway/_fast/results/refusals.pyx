"""The one exit for requests that the gateway refuses: the result of each row, its `.ack`, and a reply on the strategy's
own connection."""
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport RequestSlot
from gateway._fast.base.span cimport span_of_cstr
from gateway._fast.base.wire_names cimport op_name, reason_name
from gateway._fast.json.writer cimport Writer, put, put_char, put_int, put_text, writer_reset
from gateway._fast.results.ack_events cimport write_ack
from gateway._fast.results.results cimport close_request, keep_msg, set_result

cdef enum:
    REPLY_MAX = 4096       # a refusal: two ids, a reason and a sentence

cdef char reply_buffer[REPLY_MAX]


cdef void refuse_request(
        TradingState trading, int32_t slot, int32_t reason, const Span* msg, int64_t retry_after_ms) noexcept:
    """The one exit for requests that the gateway refuses and that have a slot: each open row `rejected`, shown on both
    sockets."""
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef int32_t at = request.first_row
    cdef Span id = trading.requests.id_of(slot)
    cdef Span op = span_of_cstr(op_name(request.op))
    while at >= 0:
        if trading.requests.rows[at].result == RESULT_PENDING:
            set_result(trading, at, RESULT_REJECTED, ORIGIN_GATEWAY, reason)
            trading.requests.rows[at].s_code = -1
            keep_msg(&trading.requests.rows[at], msg)
        at = trading.requests.rows[at].next
    trading.counters.refused += 1
    write_ack(trading, slot, NULL, NULL, msg, retry_after_ms, 0)
    close_request(trading, slot)
    reply_refusal(trading, request.session, request.session_generation, &id, &op, reason, msg, retry_after_ms)


cdef void reply_refusal(
        TradingState trading, int32_t session, unsigned int generation, const Span* id, const Span* op, int32_t reason,
        const Span* msg, int64_t retry_after_ms) noexcept:
    cdef Writer w
    if session < 0:
        return  # made by the gateway itself, for `cancel-all`: its results are published by events
    writer_reset(&w, reply_buffer, REPLY_MAX)
    put_text(&w, b'{"id":"')
    put(&w, id.p, id.n)
    put_text(&w, b'","op":"')
    put(&w, op.p, op.n)
    put_text(&w, b'","code":"1","reason":"')
    put_text(&w, reason_name(reason))
    put_text(&w, b'","msg":"')
    put(&w, msg.p, msg.n)
    put_char(&w, c'"')
    if retry_after_ms >= 0:
        put_text(&w, b',"retryAfterMs":')
        put_int(&w, retry_after_ms)
    put_text(&w, b',"data":[]}')
    trading.replies.reply(session, generation, reply_buffer, w.p - w.start)
