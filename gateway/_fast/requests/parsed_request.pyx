"""Pure. A message's parts as the parser found them, and what its ids must look like."""
from gateway._fast.base.enums cimport ID_MAX
from gateway._fast.base.span cimport text_of


cdef bint is_word(const Span* span, uint32_t longest) noexcept nogil:
    """1 to `longest` letters and digits: OKX's rule for `clOrdId`, `reqId` (32) and `tag` (16)."""
    cdef uint32_t i
    cdef char c
    if span.n == 0 or span.n > longest:
        return False
    for i in range(span.n):
        c = span.p[i]
        if not (c"0" <= c <= c"9" or c"a" <= c <= c"z" or c"A" <= c <= c"Z"):
            return False
    return True


cdef bint is_request_id(const Span* span) noexcept nogil:
    cdef uint32_t i
    cdef char c
    if span.n == 0 or span.n > ID_MAX:
        return False
    for i in range(span.n):
        c = span.p[i]
        if not (c"0" <= c <= c"9" or c"a" <= c <= c"z" or c"A" <= c <= c"Z" or c == c"." or c == c"_" or c == c":"
                or c == c"-"):
            return False
    return True


cdef int wrong(ParsedRequest* request, int reason, const char* expected, Span key, int32_t row) noexcept nogil:
    """Notes what is wrong and returns the reason."""
    request.reason = reason
    request.expected = expected
    request.bad_key = key
    request.bad_row = row
    return reason


cdef Span field_text(const ParsedRow* row, int32_t name) noexcept nogil:
    """The text of a known key of the row; empty where it is absent."""
    cdef Span span
    span.p = NULL
    span.n = 0
    if row.known[name] >= 0:
        span = text_of(&row.fields[row.known[name]].value)
    return span
