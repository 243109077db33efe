"""A request that goes by REST: the frame in REST's form, and its body to the port.

The frame is made for the socket, kept (while it waits) and cut (rows withdrawn) as such. When it is to go by REST its
rows name their instrument by `instId`; that form stands in the journal. The body is the row, or for batch ops the array
of rows.

Source: OKX docs, Order Book Trading, POST / Place order, Place multiple orders and the others: `instId`, and a bare
array for batches.
"""
from libc.string cimport memcmp

from gateway._fast.base.records cimport RequestSlot, RowSlot
from gateway._fast.base.wire_names cimport op_is_batch, op_name
from gateway._fast.json.writer cimport Writer, put, put_char, put_text, writer_reset

cdef const char* CODE_KEY = b'{"instIdCode":'   # how the encoder begins the row of an instrument

cdef enum:
    CODE_KEY_LEN = 14


cdef int64_t rest_form(TradingState trading, int32_t slot, const char* frame, Py_ssize_t n, char* form) noexcept:
    """Writes the frame for REST into `form` (REST_FORM_MAX bytes) and returns its length, or -1 if it does not fit."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef Py_ssize_t done = 0
    cdef RowSlot* row
    cdef Writer w
    writer_reset(&w, form, REST_FORM_MAX)
    while at >= 0:
        row = &trading.requests.rows[at]
        if (not row.withdrawn and row.instrument >= 0 and row.frame_n > CODE_KEY_LEN
                and memcmp(frame + row.frame_at, CODE_KEY, CODE_KEY_LEN) == 0):
            put(&w, frame + done, row.frame_at - done)
            done = row.frame_at + CODE_KEY_LEN
            while c"0" <= frame[done] <= c"9":
                done += 1
            put_text(&w, b'{"instId":"')
            put(
                &w, trading.instruments.instruments[row.instrument].inst_id.p,
                trading.instruments.instruments[row.instrument].inst_id.n)
            put_char(&w, c'"')
        at = row.next
    put(&w, frame + done, n - done)
    return -1 if w.overflow else w.p - w.start


cdef int hand_to_rest(TradingState trading, int32_t slot, const char* form, Py_ssize_t n) noexcept:
    """0: the port has it. -1: nothing of it will leave."""
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef const char* rows = b'"args":['
    cdef char okx_id[16]
    cdef Py_ssize_t start = 0
    while memcmp(form + start, rows, 8) != 0:  # written by the encoder, before any value of a strategy's
        start += 1
    start += 7
    trading.requests.write_okx_id(slot, okx_id)
    if op_is_batch(request.op):  # […]
        if trading.rest.send(okx_id, op_name(request.op), form + start, n - 1 - start, request.exp_time_ms) != 0:
            return -1
    # {…}
    elif trading.rest.send(okx_id, op_name(request.op), form + start + 1, n - 3 - start, request.exp_time_ms) != 0:
        return -1
    trading.rest_calls += 1
    return 0
