# Runs of bytes inside somebody else's buffer. They copy nothing, need no terminator, and are valid as long as the
# buffer is.
from libc.stdint cimport uint32_t
from libc.string cimport memcmp, strlen

cdef enum JsonKind:
    JSON_NONE = 0
    JSON_STRING
    JSON_NUMBER
    JSON_OBJECT
    JSON_ARRAY
    JSON_TRUE
    JSON_FALSE
    JSON_NULL

# kind and the whole token; a string's token includes its quotes.
cdef struct Value:
    JsonKind kind
    const char* p
    uint32_t n

# bytes between the quotes of a string, or any run of bytes.
cdef struct Span:
    const char* p
    uint32_t n


cdef inline Span span_of_cstr(const char* text) noexcept nogil:
    # Over a terminated text.
    cdef Span span
    span.p = text
    span.n = <uint32_t>strlen(text)
    return span


cdef inline Span text_of(const Value* value) noexcept nogil:
    # A string's bytes between its quotes (escapes as written); any other token complete.
    cdef Span span
    if value.kind == JSON_STRING:
        span.p = value.p + 1
        span.n = value.n - 2
    else:
        span.p = value.p
        span.n = value.n
    return span


cdef inline bint span_is(const Span* span, const char* text, uint32_t n) noexcept nogil:
    return span.n == n and memcmp(span.p, text, n) == 0
