# A checked cursor over JSON bytes that need no terminator. It copies nothing: a value is a pair of pointer and length
# into the caller's bytes, valid as long as those are.
from libc.stdint cimport uint32_t

from gateway._fast.base.span cimport JsonKind, Span, Value

cdef enum JsonError:
    JSON_OK = 0
    JSON_ERR_SYNTAX = -1      # not RFC 8259
    JSON_ERR_UTF8 = -2        # bytes of a string are not UTF-8
    JSON_ERR_DEPTH = -3       # nested deeper than JSON_DEPTH_MAX
    JSON_ERR_KEY_ESCAPE = -4  # an escape in a key, at a depth of 0 or more: two spellings of one key would be possible

cdef enum:
    JSON_DEPTH_MAX = 16  # an order row needs 3; a limit keeps the recursion's stack bounded
    # Where the reading of a frame of OKX's begins: below 0 any JSON is taken, to a bounded depth still.
    JSON_OKX_DEPTH = -512

cdef struct Cursor:
    const char* p
    const char* end

cdef void skip_space(Cursor* cursor) noexcept nogil
cdef int scan_string(Cursor* cursor, Value* value, bint is_plain_key) noexcept nogil
cdef int scan_value(Cursor* cursor, Value* value, int depth) noexcept nogil
cdef int open_object(Cursor* cursor) noexcept nogil
cdef int next_key(Cursor* cursor, bint is_first, Span* key, int depth) noexcept nogil
cdef int next_member(Cursor* cursor, bint is_first, Span* key, Value* value, int depth) noexcept nogil
cdef int next_element(Cursor* cursor, bint is_first, Value* value, int depth) noexcept nogil
cdef int at_end(Cursor* cursor) noexcept nogil
cdef bint has_escape(const Span* span) noexcept nogil
cdef int unescape(const Span* span, char* plain, int room) noexcept nogil
cdef int span_to_int(const Span* span, long long* number) noexcept nogil
