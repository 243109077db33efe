"""The answer to a request whose `id` was read before: its recorded result, and never a second order."""
from gateway._fast.base.records cimport RequestSlot
from gateway._fast.base.span cimport Span
from gateway._fast.base.wire_names cimport op_name
from gateway._fast.json.writer cimport Writer, put, put_char, put_text, writer_reset
from gateway._fast.results.ack_events cimport put_recorded_row

cdef enum:
    ANSWER_MAX = 17_408   # 20 recorded rows, id and op


cdef void reply_recorded(TradingState trading, Peer peer, int32_t slot) noexcept:
    """Answers on the orders socket with `duplicate` and the rows of the request in `slot`, which has been read
    before."""
    cdef Writer w
    cdef char buffer[ANSWER_MAX]
    cdef const RequestSlot* request = &trading.requests.requests[slot]
    cdef Span id = trading.requests.id_of(slot)
    cdef int32_t at = request.first_row
    writer_reset(&w, buffer, ANSWER_MAX)
    put_text(&w, b'{"id":"')
    put(&w, id.p, id.n)
    put_text(&w, b'","op":"')
    put_text(&w, op_name(request.op))
    put_text(&w, b'","code":"0","reason":"","msg":"","duplicate":true,"data":[')
    while at >= 0:
        if trading.requests.rows[at].row > 0:
            put_char(&w, c",")
        put_recorded_row(&w, trading, at)
        at = trading.requests.rows[at].next
    put_text(&w, b"]}")
    trading.replies.reply(peer.session, peer.generation, buffer, w.p - w.start)
