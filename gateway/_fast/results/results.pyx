"""Results of rows: how one is set, what OKX's answer leaves on its row, and how a request ends.

Only proof rejects: without OKX's word a sent row is `unknown`, and stays so until something proves what became of it
(see `proofs`).
"""
from libc.string cimport memcpy

from gateway._fast.base.debug_checks cimport assert_that
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport MSG_MAX, RequestSlot, set_text, span_of
from gateway._fast.base.wire_names cimport op_is_algo, op_kind
from gateway._fast.json.cursor cimport has_escape
from gateway._fast.orders.amends cimport note_accepted_amend, note_sent_amend
from gateway._fast.orders.lifecycle cimport LIFE_ACK, LIFE_REFUSAL, LIFE_SILENCE
from gateway._fast.orders.request_table cimport LIST_DONE, LIST_UNKNOWN
from gateway._fast.results.ack_events cimport write_resolved


cdef OrderSlot* order_of(TradingState trading, const RowSlot* row) noexcept:
    """The order of a row, or NULL when its slot has been given away."""
    if row.order < 0 or trading.orders.orders[row.order].generation != row.order_generation:
        return NULL
    return &trading.orders.orders[row.order]


cdef OrderSlot* order_about(TradingState trading, const RowSlot* row) noexcept:
    """The order of a row, also where it was not known yet when the row was read; NULL for none."""
    cdef Span ord_id = span_of(&row.ord_id)
    cdef Span cl_ord_id = span_of(&row.cl_ord_id)
    cdef int32_t slot
    if row.order >= 0:
        return order_of(trading, row)
    slot = (trading.orders.find_algo(&ord_id, &cl_ord_id) if op_is_algo(trading.requests.requests[row.request].op)
            else trading.orders.find(&ord_id, &cl_ord_id))
    return NULL if slot < 0 else &trading.orders.orders[slot]


cdef void set_result(TradingState trading, int32_t slot, int32_t result, int32_t origin, int32_t reason) noexcept:
    """Sets a row's result, which is also an event in the life of the order that it places."""
    cdef RowSlot* row = &trading.requests.rows[slot]
    cdef RequestSlot* request = &trading.requests.requests[row.request]
    cdef bint is_place = op_kind(request.op) == KIND_PLACE
    cdef OrderSlot* order = order_of(trading, row) if is_place else order_about(trading, row)
    row.result = <unsigned char>result
    row.origin = <unsigned char>origin
    row.reason = <unsigned char>reason
    if is_place and order != NULL:
        trading.orders.take_placement(
            row.order,
            LIFE_ACK if result == RESULT_ACCEPTED else LIFE_REFUSAL if result == RESULT_REJECTED else LIFE_SILENCE)
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


cdef void mark_in_flight(TradingState trading, int32_t slot) noexcept:
    """A row is on its way to OKX: its order is there, or has a cancel or an amend in flight."""
    cdef RowSlot* row = &trading.requests.rows[slot]
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


cdef void undo_in_flight(TradingState trading, int32_t slot) noexcept:
    """Not a byte of the row has left after all."""
    cdef RowSlot* row = &trading.requests.rows[slot]
    clear_in_flight(trading, row)


cdef void keep_msg(RowSlot* row, const Span* msg) noexcept:
    """Words for a repeated id, as the inside of a JSON string; long ones are cut, or left out where they have
    escapes."""
    row.msg.n = 0
    if msg.n <= MSG_MAX or not has_escape(msg):
        row.msg.n = <unsigned char>(msg.n if msg.n <= MSG_MAX else MSG_MAX)
        while row.msg.n < msg.n and row.msg.n > 0 and (<unsigned char>msg.p[row.msg.n] & 0xC0) == 0x80:
            row.msg.n = row.msg.n - 1  # never through a UTF-8 character
        memcpy(row.msg.p, msg.p, row.msg.n)


cdef void set_okx_answer(
        TradingState trading, int32_t slot, int32_t s_code, const Span* s_msg, const Span* ord_id) noexcept:
    """Keeps OKX's answer on the row: for a repeated id, and to know the order by its `ordId`."""
    cdef RowSlot* row = &trading.requests.rows[slot]
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


cdef bint is_open(TradingState trading, int32_t slot) noexcept:
    """A row has no result yet, or holds tokens: OKX is not proven to have counted it."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    if trading.requests.requests[slot].rows_open > 0:
        return True
    while at >= 0:
        if trading.requests.rows[at].holds_tokens:
            return True
        at = trading.requests.rows[at].next
    return False


cdef void close_request(TradingState trading, int32_t slot) noexcept:
    """Files the request by what is still open in it."""
    trading.requests.move(slot, LIST_UNKNOWN if is_open(trading, slot) else LIST_DONE)


cdef void resolve(TradingState trading, int32_t slot, int32_t result, int32_t proof, int64_t venue_ns) noexcept:
    """An `unknown` row has its proof, which is published once."""
    cdef RowSlot* row = &trading.requests.rows[slot]
    set_result(trading, slot, result, row.origin, REASON_NONE)
    trading.counters.resolved += 1
    write_resolved(trading, slot, proof, venue_ns)
    if not is_open(trading, row.request):
        trading.requests.move(row.request, LIST_DONE)
