from libc.stdint cimport int32_t, int64_t, uint32_t

from gateway._fast.base.enums cimport FIELDS_MAX, ROWS_MAX
from gateway._fast.base.span cimport Span, Value

# Known keys of a row, by what the gateway does with them. The order is that of `ROW_KEYS` in `parser.pyx`.
cdef enum:
    KEY_INST_ID = 0
    KEY_INST_ID_CODE
    KEY_GW
    KEY_ATTACH_ALGO_ORDS
    KEY_TD_MODE
    KEY_SIDE
    KEY_ORD_TYPE
    KEY_SZ
    KEY_PX
    KEY_PX_USD
    KEY_PX_VOL
    KEY_CL_ORD_ID
    KEY_ORD_ID
    KEY_REQ_ID
    KEY_NEW_SZ
    KEY_NEW_PX
    KEY_NEW_PX_USD
    KEY_NEW_PX_VOL
    KEY_INST_TYPE
    KEY_INST_FAMILY
    KEY_ALGO_ID
    KEY_ALGO_CL_ORD_ID
    KEY_TRIGGER_PX
    KEY_SL_TRIGGER_PX
    KEY_TP_TRIGGER_PX
    KEY_ORDER_PX
    KEY_CALLBACK_RATIO
    KEY_CALLBACK_SPREAD
    KEY_CLOSE_FRACTION
    KEY_NEW_TRIGGER_PX
    KEY_NEW_SL_TRIGGER_PX
    KEY_FIRST_FLAG = 64
    KEY_LIMIT = 71

cdef struct Field:
    Span key
    Value value
    int32_t name        # a KEY_*, or -1

cdef struct ParsedRow:
    Field fields[FIELDS_MAX]
    int32_t field_count
    int32_t known[KEY_LIMIT]   # index into fields, or -1
    Span gw_id                 # the row's `gw`: names an order by the request that placed it
    int32_t gw_row

cdef struct ParsedRequest:
    Span id
    Span op_text
    int32_t op
    bint is_malformed             # the reading stopped: what follows is not known to be JSON
    int64_t exp_time_ms        # 0: absent
    int64_t max_wait_ms        # -1: absent
    int64_t sent_ns            # 0: absent
    bint wants_receipt
    bint by_rest_only          # OKX takes it by REST alone
    int32_t row_count
    ParsedRow rows[ROWS_MAX]
    int32_t reason
    # Of the first thing that is wrong: what is expected, of which key, in which row.
    const char* expected
    Span bad_key
    int32_t bad_row

cdef int wrong(ParsedRequest* request, int reason, const char* expected, Span key, int32_t row) noexcept nogil
cdef Span field_text(const ParsedRow* row, int32_t name) noexcept nogil
cdef bint is_word(const Span* span, uint32_t longest) noexcept nogil
cdef bint is_request_id(const Span* span) noexcept nogil
