from libc.stdint cimport int32_t

from gateway._fast.base.span cimport Span, Value

# Members of the gateway's own events that are read back.
cdef enum:
    SAID_EVENT = 0
    SAID_ID
    SAID_OP
    SAID_ROW
    SAID_RESULT
    SAID_ORIGIN
    SAID_REASON
    SAID_MSG
    SAID_CL_ORD_ID
    SAID_ORD_ID
    SAID_S_CODE
    SAID_SOURCE
    SAID_DATA
    SAID_INST_ID
    SAID_TRADE_ID
    SAID_ALGO_CL_ORD_ID
    SAID_ALGO_ID
    SAID_FILL_SZ
    SAID_COUNT

cdef struct Said:
    Value member[SAID_COUNT]   # JSON_NONE where absent

cdef void read_said(Said* said, const Value* whole) noexcept
cdef Span text_in(const Said* said, int member) noexcept
cdef int32_t number_in(const Said* said, int member, int32_t default) noexcept
cdef bint object_of_record(const char* p, Py_ssize_t n, Value* whole) noexcept
cdef bint split(const char** p, Py_ssize_t* n, Span* text) noexcept
