"""A request that goes by REST: the frame in REST's words, its body to the lane, and what it must not overtake.

The frame is made for the socket, kept (while it waits) and cut (rows withdrawn) as such. When it is to go by REST its rows name their
instrument by `instId`; that form stands in the journal. The body is the row, or for batch ops the array of rows.

Source: OKX docs, Order Book Trading, POST / Place order, Place multiple orders and the others: `instId`, and a bare array for batches.
"""
from libc.string cimport memcmp

from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport OrderSlot, RequestSlot, RowSlot
from gateway._fast.base.wire_names cimport op_is_batch, op_kind, op_name
from gateway._fast.json.writer cimport Writer, put, put_char, put_text, writer_reset
from gateway._fast.orders.request_table cimport LIST_SENT

cdef const char* CODE_KEY = b'{"instIdCode":'   # how the encoder begins the row of an instrument

cdef enum:
    CODE_KEY_LEN = 14


cdef int64_t rest_form(TradingState trading, int32_t number, const char* frame, Py_ssize_t n, char* form) noexcept:
    """Writes the frame for REST into `form` (REST_FORM_MAX bytes) and returns its length, or -1 if it does not fit."""
    cdef int32_t at = trading.requests.requests[number].first_row
    cdef Py_ssize_t done = 0
    cdef RowSlot* row
    cdef Writer w
    writer_reset(&w, form, REST_FORM_MAX)
    while at >= 0:
        row = &trading.requests.rows[at]
        if not row.withdrawn and row.instrument >= 0 and row.frame_n > CODE_KEY_LEN and memcmp(frame + row.frame_at, CODE_KEY, CODE_KEY_LEN) == 0:
            put(&w, frame + done, row.frame_at - done)
            done = row.frame_at + CODE_KEY_LEN
            while c"0" <= frame[done] <= c"9":
                done += 1
            put_text(&w, b'{"instId":"')
            put(&w, trading.instruments.instruments[row.instrument].inst_id.p, trading.instruments.instruments[row.instrument].inst_id.n)
            put_char(&w, c'"')
        at = row.next
    put(&w, frame + done, n - done)
    return -1 if w.overflow else w.p - w.start


cdef int hand_to_rest(TradingState trading, int32_t number, const char* form, Py_ssize_t n) noexcept:
    """0: the lane has it. -1: nothing of it will leave."""
    cdef RequestSlot* request = &trading.requests.requests[number]
    cdef const char* rows = b'"args":['
    cdef char okx_id[16]
    cdef Py_ssize_t start = 0
    while memcmp(form + start, rows, 8) != 0:  # written by the encoder, before any value of a strategy's
        start += 1
    start += 7
    trading.requests.write_okx_id(number, okx_id)
    if op_is_batch(request.op):  # […]
        if trading.rest.send(okx_id, op_name(request.op), form + start, n - 1 - start, request.exp_time_ms) != 0:
            return -1
    elif trading.rest.send(okx_id, op_name(request.op), form + start + 1, n - 3 - start, request.exp_time_ms) != 0:  # {…}
        return -1
    trading.rest_calls += 1
    return 0


cdef bint shares_order(TradingState trading, int32_t number, int32_t other) noexcept:
    """Both have a row about the same order, which is not known to be at OKX yet if `other` places it."""
    cdef int32_t a = trading.requests.requests[number].first_row
    cdef int32_t b
    cdef bint is_placement = op_kind(trading.requests.requests[other].op) == KIND_PLACE
    cdef const RowSlot* row
    cdef const OrderSlot* order
    while a >= 0:
        row = &trading.requests.rows[a]
        if row.order >= 0 and not row.withdrawn:
            order = &trading.orders.orders[row.order]
            b = trading.requests.requests[other].first_row
            while b >= 0 and order.generation == row.order_generation and not (is_placement and order.state != ORD_STATE_PENDING):
                if trading.requests.rows[b].order == row.order and trading.requests.rows[b].order_generation == row.order_generation:
                    return True
                b = trading.requests.rows[b].next
        a = row.next
    return False


cdef bint would_overtake(TradingState trading, int32_t number) noexcept:
    """One order, one route: what must come first for one of its orders is on its way, and not before it on the socket.

    That is the order's placement, and for an amend another amend. REST requests keep no order among themselves.
    """
    cdef const RequestSlot* request = &trading.requests.requests[number]
    cdef const RequestSlot* other
    cdef bint is_amend = op_kind(request.op) == KIND_AMEND
    cdef int32_t at = trading.requests.lists[LIST_SENT].head
    cdef int kind
    while at >= 0:
        other = &trading.requests.requests[at]
        kind = op_kind(other.op)
        if (request.route == ROUTE_REST or other.route == ROUTE_REST) and (kind == KIND_PLACE or (is_amend and kind == KIND_AMEND)):
            if shares_order(trading, number, at):
                return True
        at = other.next
    return False
