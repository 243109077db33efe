from libc.stdint cimport int32_t

from gateway._fast.base.enums cimport ROWS_MAX
from gateway._fast.base.span cimport Span, Value

cdef enum:
    FRAME_MALFORMED = 0     # not JSON
    FRAME_PONG           # the text `pong`
    FRAME_PING           # the text `ping`: OKX does not send it today
    FRAME_ACK            # the answer to an op
    FRAME_ORDERS
    FRAME_ACCOUNT
    FRAME_POSITIONS
    FRAME_BALANCE_AND_POSITION
    FRAME_OTHER          # for the control plane: events, other channels, whatever is new
    FRAME_ALGOS          # orders-algo, algo-advance

# Members of a row of the orders channel (and of REST's order rows), by place in `ORDER_KEYS`.
cdef enum:
    PUSH_INST_ID = 0
    PUSH_ORD_ID
    PUSH_CL_ORD_ID
    PUSH_STATE
    PUSH_ACC_FILL_SZ
    PUSH_FILL_SZ
    PUSH_FILL_PX
    PUSH_TRADE_ID
    PUSH_FILL_TIME
    PUSH_FILL_FEE
    PUSH_FILL_FEE_CCY
    PUSH_EXEC_TYPE
    PUSH_SIDE
    PUSH_POS_SIDE
    PUSH_SZ
    PUSH_PX
    PUSH_AVG_PX
    PUSH_ORD_TYPE
    PUSH_TD_MODE
    PUSH_CANCEL_SOURCE
    PUSH_REQ_ID
    PUSH_AMEND_RESULT
    PUSH_U_TIME
    PUSH_C_TIME
    PUSH_FEE          # REST fills only
    PUSH_FEE_CCY      # REST fills only
    PUSH_ALGO_ID      # of an order that an algo order has placed
    PUSH_ALGO_CL_ORD_ID
    PUSH_COUNT

cdef enum:
    PLAIN_MAX = 256   # bytes of the members of one object that are written with escapes

# Where they stand without them.
cdef struct PlainTexts:
    int32_t n
    char p[PLAIN_MAX]

cdef struct OrderPush:
    Span text[PUSH_COUNT]
    Span whole
    PlainTexts plain

cdef struct AckItem:
    Span ord_id
    Span cl_ord_id
    Span s_code
    Span s_msg
    Span whole
    bint has_result      # mass-cancel's `result`
    bint result
    PlainTexts plain

cdef struct VenueFrame:
    int32_t kind
    Span id
    Span op
    Span code
    Span msg             # escapes as written
    Span in_time
    Span out_time
    Value data
    # The rows of `data`, read in the same pass; `row_count` -1: not read (see `read_rows`)
    int32_t row_count
    bint rows_are_items
    bint has_escapes     # anywhere in the frame
    PlainTexts plain
    OrderPush pushes[ROWS_MAX]
    AckItem items[ROWS_MAX]

cdef void scan_frame(VenueFrame* frame, const char* p, Py_ssize_t n) noexcept
cdef Span spell_out(Span text, PlainTexts* plain) noexcept nogil
cdef bint has_backslash(const char* p, Py_ssize_t n) noexcept nogil
cdef int scan_order_push(OrderPush* push, const Value* row) noexcept
cdef int compare_sizes(const char* a, int32_t a_n, const char* b, int32_t b_n) noexcept nogil
