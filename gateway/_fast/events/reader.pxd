from libc.stdint cimport int32_t

from gateway._fast.base.span cimport Span, Value

# Members of the gateway's own events that are read back.
cdef enum:
    FIELD_EVENT = 0
    FIELD_ID
    FIELD_OP
    FIELD_ROW
    FIELD_RESULT
    FIELD_ORIGIN
    FIELD_REASON
    FIELD_MSG
    FIELD_CL_ORD_ID
    FIELD_ORD_ID
    FIELD_S_CODE
    FIELD_SOURCE
    FIELD_DATA
    FIELD_INST_ID
    FIELD_TRADE_ID
    FIELD_ALGO_CL_ORD_ID
    FIELD_ALGO_ID
    FIELD_FILL_SZ
    FIELD_COUNT

cdef struct EventFields:
    Value member[FIELD_COUNT]   # JSON_NONE where absent

cdef void read_event_fields(EventFields* fields, const Value* whole) noexcept
cdef Span text_in(const EventFields* fields, int member) noexcept
cdef int32_t number_in(const EventFields* fields, int member, int32_t default) noexcept
cdef bint object_of_record(const char* p, Py_ssize_t n, Value* whole) noexcept
cdef bint split(const char** p, Py_ssize_t* n, Span* text) noexcept
