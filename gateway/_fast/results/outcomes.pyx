"""Results of rows: how one is set, how a request ends, what `unknown` means and how it is resolved, when tokens come back.

Only proof rejects: without OKX's word a sent row is `unknown`, and stays so until a push, a query or a late ack proves what it was.
"""
from gateway._fast.base.debug_checks cimport FAULT_TIMEOUT_IS_REJECT, assert_that, fault
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport MSG_MAX, OrderSlot, RequestSlot, RowSlot, set_text, span_of
from gateway._fast.base.span cimport span_is, span_of_cstr
from gateway._fast.base.wire_names cimport algo_has_ended, op_is_algo, op_kind, op_name, reason_name
from gateway._fast.frames.scanner cimport PUSH_AMEND_RESULT, PUSH_ORD_ID, PUSH_REQ_ID
from gateway._fast.json.cursor cimport has_escape
from gateway._fast.json.writer cimport Writer, put, put_char, put_int, put_text, writer_reset
from gateway._fast.orders.amends cimport AskedByOthers, amend_succeeded, end_of_amend, note_accepted_amend, note_failed_amend, note_other, note_sent_amend
from gateway._fast.orders.lifecycle cimport *
from gateway._fast.orders.request_table cimport LIST_DONE, LIST_SENT, LIST_UNKNOWN
from gateway._fast.results.event_writer cimport write_ack, write_resolved
from libc.string cimport memcpy, memset

cdef enum:
    REPLY_MAX = 4096       # a refusal: two ids, a reason and a sentence

cdef char reply_buffer[REPLY_MAX]


cdef OrderSlot* order_of(TradingState trading, const RowSlot* row) noexcept:
    """The order of a row, or NULL when its slot has been given away."""
    if row.order < 0 or trading.orders.orders[row.order].generation != row.order_generation:
        return NULL
    return &trading.orders.orders[row.order]


cdef OrderSlot* order_about(TradingState trading, const RowSlot* row) noexcept:
    """The order of a row, also where it was not known yet when the row was read; NULL for none."""
    cdef Span ord_id = span_of(&row.ord_id)
    cdef Span cl_ord_id = span_of(&row.cl_ord_id)
    cdef int32_t number
    if row.order >= 0:
        return order_of(trading, row)
    number = trading.orders.find_algo(&ord_id, &cl_ord_id) if op_is_algo(trading.requests.requests[row.request].op) else trading.orders.find(&ord_id, &cl_ord_id)
    return NULL if number < 0 else &trading.orders.orders[number]


cdef void set_result(TradingState trading, int32_t number, int32_t result, int32_t origin, int32_t reason) noexcept:
    """Sets a row's result, which is also an event in the life of the order that it places."""
    cdef RowSlot* row = &trading.requests.rows[number]
    cdef RequestSlot* request = &trading.requests.requests[row.request]
    cdef bint is_place = op_kind(request.op) == KIND_PLACE
    cdef OrderSlot* order = order_of(trading, row) if is_place else order_about(trading, row)
    row.result = <unsigned char>result
    row.origin = <unsigned char>origin
    row.reason = <unsigned char>reason
    if is_place and order != NULL:
        trading.orders.take_placement(row.order, LIFE_ACK if result == RESULT_ACCEPTED else LIFE_REFUSAL if result == RESULT_REJECTED else LIFE_SILENCE)
    if result == RESULT_UNKNOWN:
        trading.counters.unknown += 1
        return
    request.rows_open -= 1
    assert_that(request.rows_open >= 0, b"no row gets a second result")
    clear_in_flight(trading, row)
    if order != NULL and op_kind(request.op) == KIND_AMEND and result == RESULT_ACCEPTED:
        note_accepted_amend(row, order)
    if order != NULL and row.ord_id.n == 0 and origin == ORIGIN_OKX:
        row.ord_id = order.ord_id  # proven by a push or by REST: OKX's answer did not name it


cdef void mark_in_flight(TradingState trading, int32_t number) noexcept:
    """A row is on its way to OKX: its order is there, or has a cancel or an amend in flight."""
    cdef RowSlot* row = &trading.requests.rows[number]
    cdef OrderSlot* order = order_of(trading, row)
    cdef int kind = op_kind(trading.requests.requests[row.request].op)
    if order == NULL:
        return
    if kind == KIND_PLACE:
        order.unsent = False
        return
    row.is_in_flight = True
    if kind == KIND_AMEND:
        note_sent_amend(order)
    else:
        order.cancels_in_flight += 1


cdef void clear_in_flight(TradingState trading, RowSlot* row) noexcept:
    """A cancel or an amend has its result."""
    cdef OrderSlot* order = order_of(trading, row)
    if not row.is_in_flight:
        return
    row.is_in_flight = False
    if order == NULL:
        return
    if op_kind(trading.requests.requests[row.request].op) == KIND_AMEND:
        order.amends_in_flight -= 1
    else:
        order.cancels_in_flight -= 1


cdef void undo_in_flight(TradingState trading, int32_t number) noexcept:
    """Not a byte of the row has left after all."""
    cdef RowSlot* row = &trading.requests.rows[number]
    clear_in_flight(trading, row)


cdef void keep_msg(RowSlot* row, const Span* msg) noexcept:
    """Words for a repeated id, as the inside of a JSON string; long ones are cut, or left out where they have escapes."""
    row.msg.n = 0
    if msg.n <= MSG_MAX or not has_escape(msg):
        row.msg.n = <unsigned char>(msg.n if msg.n <= MSG_MAX else MSG_MAX)
        while row.msg.n < msg.n and row.msg.n > 0 and (<unsigned char>msg.p[row.msg.n] & 0xC0) == 0x80:
            row.msg.n = row.msg.n - 1  # never through a UTF-8 character
        memcpy(row.msg.p, msg.p, row.msg.n)


cdef void set_okx_answer(TradingState trading, int32_t number, int32_t s_code, const Span* s_msg, const Span* ord_id) noexcept:
    """Keeps what OKX said of the row: for a repeated id, and to know the order by its `ordId`."""
    cdef RowSlot* row = &trading.requests.rows[number]
    cdef OrderSlot* order
    row.s_code = s_code
    row.answered = True
    keep_msg(row, s_msg)
    if ord_id.n == 0:
        return
    set_text(&row.ord_id, ord_id)
    order = order_of(trading, row)
    if order != NULL and not order.ord_id_indexed and not trading.orders.knows_id(row.order, ord_id):
        trading.orders.set_ord_id(row.order, ord_id)


cdef bint is_open(TradingState trading, int32_t number) noexcept:
    """A row has no result yet, or holds tokens: OKX is not proven to have counted it."""
    cdef int32_t at = trading.requests.requests[number].first_row
    if trading.requests.requests[number].rows_open > 0:
        return True
    while at >= 0:
        if trading.requests.rows[at].holds_tokens:
            return True
        at = trading.requests.rows[at].next
    return False


cdef void close_request(TradingState trading, int32_t number) noexcept:
    """Files the request by what is still open in it."""
    trading.requests.move(number, LIST_UNKNOWN if is_open(trading, number) else LIST_DONE)


cdef void refuse_request(TradingState trading, int32_t number, int32_t reason, const Span* msg, int64_t retry_after_ms) noexcept:
    """The one exit for requests that the gateway refuses and that have a slot: each open row `rejected`, told on both sockets."""
    cdef RequestSlot* request = &trading.requests.requests[number]
    cdef int32_t at = request.first_row
    cdef Span id = trading.requests.id_of(number)
    cdef Span op = span_of_cstr(op_name(request.op))
    while at >= 0:
        if trading.requests.rows[at].result == RESULT_PENDING:
            set_result(trading, at, RESULT_REJECTED, ORIGIN_GATEWAY, reason)
            trading.requests.rows[at].s_code = -1
            keep_msg(&trading.requests.rows[at], msg)
        at = trading.requests.rows[at].next
    trading.counters.refused += 1
    write_ack(trading, number, NULL, NULL, msg, retry_after_ms, 0)
    close_request(trading, number)
    reply_refusal(trading, request.session, request.session_generation, &id, &op, reason, msg, retry_after_ms)


cdef void reply_refusal(TradingState trading, int32_t session, unsigned int generation, const Span* id, const Span* op, int32_t reason, const Span* msg, int64_t retry_after_ms) noexcept:
    cdef Writer w
    if session < 0:
        return  # made by the gateway itself, for `cancel-all`: its results are told by events
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


cdef int proven_result(TradingState trading, const RowSlot* row) noexcept:
    """What pushes have already proven of a row without an ack: a RESULT_*, or RESULT_UNKNOWN for nothing."""
    cdef int kind = op_kind(trading.requests.requests[row.request].op)
    cdef OrderSlot* order = order_about(trading, row)
    cdef Span ord_id, req_id
    if order == NULL:
        return RESULT_UNKNOWN
    if kind == KIND_AMEND and row.req_id.n > 0:
        ord_id = span_of(&order.ord_id)
        req_id = span_of(&row.req_id)
        if trading.orders.has_amend(&ord_id, &req_id, True):
            return RESULT_ACCEPTED
        if trading.orders.has_amend(&ord_id, &req_id, False):
            return RESULT_REJECTED
    return proven_by_order(trading, kind, row, order)


cdef int proven_by_algo(int state, int kind) noexcept:
    """What an algo order's state proves: as `proven_by_state`."""
    if kind == KIND_PLACE:
        return RESULT_UNKNOWN if state == ALGO_STATE_PENDING else RESULT_ACCEPTED
    if not algo_has_ended(state):
        return RESULT_UNKNOWN
    return PROVEN_BY_VALUES if kind == KIND_AMEND else RESULT_ACCEPTED if state == ALGO_STATE_CANCELED else RESULT_REJECTED


cdef AskedByOthers asked_by_others(TradingState trading, const RowSlot* row, const OrderSlot* order) noexcept:
    """By the other amends of the order that have no result."""
    cdef AskedByOthers others
    cdef const RowSlot* other
    cdef int32_t list_id, request, at
    memset(&others, 0, sizeof(others))
    for list_id in (LIST_SENT, LIST_UNKNOWN):
        request = trading.requests.lists[list_id].head
        while request >= 0:
            at = trading.requests.requests[request].first_row if op_kind(trading.requests.requests[request].op) == KIND_AMEND else -1
            while at >= 0:
                other = &trading.requests.rows[at]
                if other != row and other.is_in_flight and order_of(trading, other) == order:
                    note_other(&others, row, other, order)
                at = other.next
            request = trading.requests.requests[request].next
    return others


cdef int proven_by_order(TradingState trading, int kind, const RowSlot* row, const OrderSlot* order) noexcept:
    """What the order's state, and the values with which it ended, prove of a row about it."""
    cdef int result = proven_by_algo(order.state, kind) if order.is_algo else proven_by_state(order.state, kind)
    cdef AskedByOthers others
    if result == PROVEN_BY_VALUES and kind == KIND_CANCEL:
        return RESULT_REJECTED if order.ended_by_venue else RESULT_ACCEPTED
    if result != PROVEN_BY_VALUES:
        return result
    others = asked_by_others(trading, row, order)
    return end_of_amend(&trading.requests.requests[row.request], row, order, &others)


cdef void make_unknown(TradingState trading, int32_t number, int32_t reason) noexcept:
    """No ack: rows without a result become `unknown`, unless pushes have already proven what became of them."""
    cdef RequestSlot* request = &trading.requests.requests[number]
    cdef int32_t at = request.first_row
    cdef RowSlot* row
    cdef int result
    while at >= 0:
        row = &trading.requests.rows[at]
        if row.result == RESULT_PENDING and fault(FAULT_TIMEOUT_IS_REJECT):
            set_result(trading, at, RESULT_REJECTED, ORIGIN_OKX, reason)
        elif row.result == RESULT_PENDING:
            row.s_code = -1
            result = proven_result(trading, row)
            set_result(trading, at, result, ORIGIN_OKX, reason if result == RESULT_UNKNOWN else REASON_NONE)
        at = row.next
    write_ack(trading, number, NULL, NULL, NULL, -1, 0)
    close_request(trading, number)


cdef void resolve(TradingState trading, int32_t number, int32_t result, int32_t proof, int64_t venue_ns) noexcept:
    """An `unknown` row has its proof: told once."""
    cdef RowSlot* row = &trading.requests.rows[number]
    set_result(trading, number, result, row.origin, REASON_NONE)
    trading.counters.resolved += 1
    write_resolved(trading, number, proof, venue_ns)
    if not is_open(trading, row.request):
        trading.requests.move(row.request, LIST_DONE)


cdef bint note_amend_push(TradingState trading, OrderSlot* order, const OrderPush* push) noexcept:
    """A push of an amend's result. True the first time that it is shown. One that nothing here has asked for changes what values prove."""
    cdef bint is_new
    if push.text[PUSH_AMEND_RESULT].n > 0 and not trading.orders.knows_req_id(order, &push.text[PUSH_REQ_ID]):
        order.amended_elsewhere = True
    if push.text[PUSH_REQ_ID].n == 0:
        return False
    is_new = trading.orders.take_amend(&push.text[PUSH_ORD_ID], &push.text[PUSH_REQ_ID], amend_succeeded(push))
    if is_new and not amend_succeeded(push):
        note_failed_amend(order)
    return is_new


cdef bint is_own_push(const RowSlot* row, const OrderPush* push) noexcept:
    """The push reports on this very amend."""
    return row.req_id.n > 0 and span_is(&push.text[PUSH_REQ_ID], row.req_id.p, row.req_id.n)


cdef int cancel_or_amend_proof(TradingState trading, int32_t kind, const RowSlot* row, const OrderSlot* order, const OrderPush* push) noexcept:
    """What a push on its order proves of an unknown cancel or amend: a RESULT_*, or RESULT_UNKNOWN for nothing."""
    if kind == KIND_AMEND and is_own_push(row, push):
        return RESULT_ACCEPTED if amend_succeeded(push) else RESULT_REJECTED
    return proven_by_order(trading, kind, row, order)


cdef bint resolve_never_existed(TradingState trading, int32_t number) noexcept:
    """OKX never had this order: what is unknown of it, its placement and all that was asked of it since, was not executed.

    False, and nothing done, unless its placement is unknown.
    """
    cdef OrderSlot* order = &trading.orders.orders[number]
    cdef int32_t at = trading.requests.lists[LIST_UNKNOWN].head
    cdef int32_t row, next_request
    if proven_by_order(trading, KIND_PLACE, NULL, order) != RESULT_UNKNOWN or order.request < 0 or trading.requests.requests[order.request].generation != order.request_generation:
        return False
    if trading.requests.rows[trading.requests.row_of(order.request, order.row)].result != RESULT_UNKNOWN:
        return False
    while at >= 0:
        next_request = trading.requests.requests[at].next
        row = trading.requests.requests[at].first_row
        while row >= 0:
            if trading.requests.rows[row].result == RESULT_UNKNOWN and order_of(trading, &trading.requests.rows[row]) == order:
                resolve(trading, row, RESULT_REJECTED, PROOF_NOT_FOUND_AFTER_EXP_TIME, 0)
            row = trading.requests.rows[row].next
        at = next_request
    return True


cdef void resolve_by_push(TradingState trading, int32_t number, const OrderPush* push, int32_t source, int64_t venue_ns) noexcept:
    """What a row of OKX's about an order proves of the unknown requests on it. Cheap while nothing is unknown."""
    cdef OrderSlot* order = &trading.orders.orders[number]
    cdef int32_t at = trading.requests.lists[LIST_UNKNOWN].head
    cdef int32_t row, next_request, next_row
    cdef int kind, result
    while at >= 0:
        next_request = trading.requests.requests[at].next
        kind = op_kind(trading.requests.requests[at].op)
        row = trading.requests.requests[at].first_row
        while row >= 0:
            next_row = trading.requests.rows[row].next
            if trading.requests.rows[row].result == RESULT_UNKNOWN and order_about(trading, &trading.requests.rows[row]) == order:
                if kind == KIND_PLACE:
                    resolve(trading, row, RESULT_ACCEPTED, PROOF_ORDER_PUSH if source == SOURCE_STREAM else PROOF_ORDER_QUERY, venue_ns)
                else:
                    result = cancel_or_amend_proof(trading, kind, &trading.requests.rows[row], order, push)
                    if result != RESULT_UNKNOWN:
                        resolve(trading, row, result, PROOF_TERMINAL if kind == KIND_CANCEL or not is_own_push(&trading.requests.rows[row], push) else PROOF_ORDER_PUSH, venue_ns)
            row = next_row
        at = next_request


cdef void settle_tokens(TradingState trading, int32_t number, int64_t counted_by_ns) noexcept:
    """OKX has counted the request by `counted_by_ns` at the latest. One that was kept only for that is done."""
    cdef RequestSlot* request = &trading.requests.requests[number]
    cdef int32_t at = request.first_row
    cdef RowSlot* row
    while at >= 0:
        row = &trading.requests.rows[at]
        if row.holds_tokens:
            row.holds_tokens = False
            trading.limiter.settle(row.limit_key, 1, counted_by_ns)
            if row.sub_account_key >= 0:
                trading.limiter.settle(row.sub_account_key, 1, counted_by_ns)
        at = row.next
    if request.list_id == LIST_UNKNOWN and request.rows_open == 0:
        trading.requests.move(number, LIST_DONE)


cdef void settle_read_by_okx(TradingState trading, int32_t connection, int64_t sent_before_ns, int64_t counted_by_ns) noexcept:
    """OKX answered something sent at `sent_before_ns` on this connection: all that was sent on it before has been read, acked or not."""
    cdef int32_t at = trading.requests.lists[LIST_UNKNOWN].head
    cdef int32_t next_request
    while at >= 0:
        next_request = trading.requests.requests[at].next
        if trading.requests.requests[at].connection == connection and trading.requests.requests[at].sent_mono_ns < sent_before_ns:
            settle_tokens(trading, at, counted_by_ns)
        at = next_request


cdef void lose_connection(TradingState trading, int32_t connection, int64_t counted_by_ns) noexcept:
    """It is gone: what was sent on it without an ack is unknown, and counted by OKX by `counted_by_ns` at the latest."""
    cdef int32_t at = trading.requests.lists[LIST_SENT].head
    cdef int32_t next_request
    while at >= 0:
        next_request = trading.requests.requests[at].next
        if trading.requests.requests[at].connection == connection:
            make_unknown(trading, at, REASON_CONNECTION_LOST)
        at = next_request
    at = trading.requests.lists[LIST_UNKNOWN].head
    while at >= 0:
        next_request = trading.requests.requests[at].next
        if trading.requests.requests[at].connection == connection:
            settle_tokens(trading, at, counted_by_ns)
        at = next_request
