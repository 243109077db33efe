"""A request's last steps: into the journal, tokens, the intent, bytes to the socket or REST, receipt.

Nothing new leaves that the journal does not have; cancels go without it too, since they can only take risk away.
"""
from libc.stdint cimport uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from gateway._fast.base.clock cimport monotonic_ns, realtime_ns
from gateway._fast.base.debug_checks cimport *
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport OrderSlot, RequestSlot, RowSlot
from gateway._fast.base.span cimport Span, span_of_cstr
from gateway._fast.base.wire_names cimport op_is_algo, op_kind, op_name
from gateway._fast.json.writer cimport Writer, put, put_int, put_text, writer_reset
from gateway._fast.order_out.rest_form cimport REST_FORM_MAX, hand_to_rest, rest_form
from gateway._fast.orders.request_table cimport LIST_SENT
from gateway._fast.ports.ports cimport FRAME_HEADROOM
from gateway._fast.results.refusals cimport refuse_request
from gateway._fast.results.results cimport mark_in_flight, order_of
from gateway._fast.results.tokens cimport return_tokens, take_tokens

cdef enum:
    RECEIPT_MAX = 4096           # 20 rows of some 80 bytes

cdef char receipt_buffer[RECEIPT_MAX]
cdef char rest_buffer[REST_FORM_MAX]


cdef void mark_sent(TradingState trading, int32_t slot) noexcept:
    """Its rows are on their way."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef OrderSlot* order
    while at >= 0:
        order = order_of(trading, &trading.requests.rows[at])
        if not trading.requests.rows[at].withdrawn:
            mark_in_flight(trading, at)
            if order != NULL:
                order.last_request = slot
                order.last_generation = trading.requests.requests[slot].generation
        at = trading.requests.rows[at].next


cdef void send_receipt(TradingState trading, int32_t slot) noexcept:
    """Shows the strategy's connection that the request was sent, and under which `clOrdId`s."""
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef int32_t at = request.first_row
    cdef Span id = trading.requests.id_of(slot)
    cdef RowSlot* row
    cdef Writer w
    writer_reset(&w, receipt_buffer, RECEIPT_MAX)
    put_text(&w, b'{"id":"')
    put(&w, id.p, id.n)
    put_text(&w, b'","op":"')
    put_text(&w, op_name(request.op))
    put_text(&w, b'","code":"0","reason":"","msg":"","data":[')
    while at >= 0:
        row = &trading.requests.rows[at]
        put_text(&w, b'{"row":' if row.row == 0 else b',{"row":')
        put_int(&w, row.row)
        put_text(&w, b',"algoClOrdId":"' if op_is_algo(request.op) else b',"clOrdId":"')
        put(&w, row.cl_ord_id.p, row.cl_ord_id.n)
        put_text(&w, b'"}')
        at = row.next
    put_text(&w, b"]}")
    trading.replies.reply(request.session, request.session_generation, receipt_buffer, w.p - w.start)


cdef void refuse_by_journal(TradingState trading, int32_t slot) noexcept:
    """A new order or an amend that the journal cannot keep: nothing of it was sent. Cancels go without."""
    cdef Span msg = span_of_cstr(
        b"the journal cannot be written (see gateway.alarm): only cancels go until it can; nothing was sent")
    refuse_request(trading, slot, REASON_JOURNAL, &msg, -1)


cdef bint keep_request(TradingState trading, int32_t slot, const char* p, Py_ssize_t n) noexcept:
    """The request into the journal. False: it was refused, since the journal takes no new orders; cancels go on
    without."""
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef int kind = op_kind(request.op)
    cdef bint is_order = kind == KIND_PLACE or kind == KIND_AMEND
    cdef Span strategy = trading.bus.name_of(request.strategy)
    cdef int32_t at = request.first_row
    trading.strategies[request.strategy].last_key = request.key
    if trading.journal.received(is_order, &strategy, p, n, request.recv_ns) != 0 and is_order:
        refuse_by_journal(trading, slot)
        return False
    request.segment = trading.journal.segment()
    while kind == KIND_PLACE and at >= 0:
        trading.orders.orders[trading.requests.rows[at].order].segment = request.segment
        at = trading.requests.rows[at].next
    return True


cdef int32_t sent_rows(TradingState trading, int32_t slot, char* rows) noexcept:
    """The numbers of the rows that go out, in the order of the frame; how many there are."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef int32_t count = 0
    while at >= 0:
        if not trading.requests.rows[at].withdrawn:
            rows[count] = <char>trading.requests.rows[at].row
            count += 1
        at = trading.requests.rows[at].next
    return count


cdef void keep_frame(RequestSlot* request, const char* frame, Py_ssize_t n) noexcept:
    """For the case that nothing of a REST call will have left. Without memory it is refused then."""
    request.frame = <char*>malloc(n + FRAME_HEADROOM)
    if request.frame != NULL:
        memcpy(request.frame + FRAME_HEADROOM, frame, n)
        request.frame_n = <uint32_t>n


cdef inline int hand_over(TradingState trading, int32_t slot, char* frame, Py_ssize_t n) noexcept:
    if trading.requests.requests[slot].route == ROUTE_SOCKET:
        return trading.socket_of(trading.requests.requests[slot].connection).send(frame, n)
    return hand_to_rest(trading, slot, frame, n)


cdef void send_twice(TradingState trading, int32_t slot, char* frame, Py_ssize_t n) noexcept:
    """A deliberate bug of the debug build. The socket masks what it sends in place, so that a copy goes first."""
    cdef char* copy = <char*>malloc(FRAME_HEADROOM + n)
    memcpy(copy + FRAME_HEADROOM, frame, n)
    hand_over(trading, slot, copy + FRAME_HEADROOM, n)
    free(copy)


cdef int send_request(TradingState trading, int32_t slot, char* frame, Py_ssize_t n, int64_t mono_ns) noexcept:
    """Tokens, intent, socket, receipt, in this order. A refusal on the way gives the tokens back and ends the request.
    Returns 0 if it left."""
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef Span msg
    cdef int kind = op_kind(request.op)
    cdef bint is_order = kind == KIND_PLACE or kind == KIND_AMEND
    cdef Span strategy = trading.bus.name_of(request.strategy)
    cdef Span id = trading.requests.id_of(slot)
    cdef const char* given = frame
    cdef Py_ssize_t given_n = n
    cdef char row_numbers[ROWS_MAX]
    cdef Span rows
    rows.p = row_numbers
    rows.n = <uint32_t>sent_rows(trading, slot, row_numbers)
    if request.route == ROUTE_REST:
        n = rest_form(trading, slot, frame, n, rest_buffer)
        frame = rest_buffer
        if n < 0:
            msg = span_of_cstr(b"the message is too large once written for OKX's REST")
            refuse_request(trading, slot, REASON_TOO_LARGE, &msg, -1)
            return -1
    take_tokens(trading, slot)
    request.sent_ns = realtime_ns()
    crash_here(FAULT_CRASH_BEFORE_INTENT)
    if (fault(FAULT_JOURNAL_FULL)
            or trading.journal.intent(is_order, &strategy, &id, &rows, frame, n, request.sent_ns) != 0) and is_order:
        return_tokens(trading, slot)
        request.sent_ns = 0
        refuse_by_journal(trading, slot)
        return -1
    crash_here(FAULT_CRASH_AFTER_INTENT)
    request.sent_mono_ns = monotonic_ns()
    request.sent_okx_ms = trading.okx_now_ms(request.sent_mono_ns)
    trading.requests.move(slot, LIST_SENT)
    if fault(FAULT_RESEND):
        send_twice(trading, slot, frame, n)
    if fault(FAULT_SEND_FAILS) or hand_over(trading, slot, frame, n) != 0:
        return_tokens(trading, slot)
        request.sent_ns = 0
        msg = span_of_cstr(b"the connection to OKX closed before the first byte was handed over")
        refuse_request(trading, slot, REASON_SEND_FAILED, &msg, -1)
        return -1
    crash_here(FAULT_CRASH_AFTER_SEND)
    trading.counters.sent += 1
    mark_sent(trading, slot)
    if request.route == ROUTE_REST:
        keep_frame(request, given, given_n)
    if request.wants_receipt:
        send_receipt(trading, slot)
    return 0
