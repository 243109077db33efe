"""A strict JSON scanner that copies nothing (RFC 8259; UTF-8 checked; no recursion beyond JSON_DEPTH_MAX).

`depth` is how many containers stand around what is read.
From 0 on, a strategy's message, keys have no escapes; below 0, OKX's frames, they may, and are given as written.

All functions return JSON_OK or a negative `JsonError`, and leave the cursor behind what they read.
"""
from libc.string cimport memchr, memcmp

from gateway._fast.base.span cimport (
    JSON_ARRAY, JSON_FALSE, JSON_NULL, JSON_NUMBER, JSON_OBJECT, JSON_STRING, JSON_TRUE, text_of)


cdef extern from *:
    """
    #if defined(__SSE2__)
    #include <emmintrin.h>
    /* How many of the next bytes are plain ASCII of a string: not a quote, not a backslash, not a control character.
       Looks at 16 at a time, and only where 16 are there. */
    static inline Py_ssize_t gateway_plain_run(const char* p, const char* end) {
        const char* start = p;
        const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\\\'), space = _mm_set1_epi8(0x20);
        while (end - p >= 16) {
            __m128i chunk = _mm_loadu_si128((const __m128i*)p);
            /* signed: bytes of 0x80 and more are negative, and so below 0x20 */
            __m128i stop = _mm_or_si128(_mm_cmplt_epi8(chunk, space),
                                        _mm_or_si128(_mm_cmpeq_epi8(chunk, quote), _mm_cmpeq_epi8(chunk, backslash)));
            int mask = _mm_movemask_epi8(stop);
            if (mask != 0)
                return p - start + __builtin_ctz(mask);
            p += 16;
        }
        return p - start;
    }
    #else
    static inline Py_ssize_t gateway_plain_run(const char* p, const char* end) { return 0; }
    #endif
    """
    Py_ssize_t plain_run "gateway_plain_run"(const char* p, const char* end) nogil


cdef void skip_space(Cursor* cursor) noexcept nogil:
    while (cursor.p < cursor.end
           and (cursor.p[0] == b" " or cursor.p[0] == b"\n" or cursor.p[0] == b"\r" or cursor.p[0] == b"\t")):
        cursor.p += 1


cdef inline bint is_digit(char c) noexcept nogil:
    return b"0" <= c <= b"9"


cdef int hex_digits(const char* p, unsigned int* code) noexcept nogil:
    """Four hex digits at `p` into `code`; the caller has checked that four bytes are there."""
    cdef int i
    cdef char c
    code[0] = 0
    for i in range(4):
        c = p[i]
        if is_digit(c):
            code[0] = code[0] * 16 + (c - c'0')
        elif b"a" <= c <= b"f":
            code[0] = code[0] * 16 + (c - c'a' + 10)
        elif b"A" <= c <= b"F":
            code[0] = code[0] * 16 + (c - c'A' + 10)
        else:
            return JSON_ERR_SYNTAX
    return JSON_OK


cdef int scan_escape(Cursor* cursor) noexcept nogil:
    """The escape at the cursor's backslash. A lone surrogate is refused: it is no character."""
    cdef unsigned int code
    cdef char c
    if cursor.end - cursor.p < 2:
        return JSON_ERR_SYNTAX
    c = cursor.p[1]
    if c == b'"' or c == b"\\" or c == b"/" or c == b"b" or c == b"f" or c == b"n" or c == b"r" or c == b"t":
        cursor.p += 2
        return JSON_OK
    if c != b"u" or cursor.end - cursor.p < 6 or hex_digits(cursor.p + 2, &code) != JSON_OK:
        return JSON_ERR_SYNTAX
    cursor.p += 6
    if 0xDC00 <= code <= 0xDFFF:
        return JSON_ERR_UTF8
    if 0xD800 <= code <= 0xDBFF:
        if cursor.end - cursor.p < 6 or cursor.p[0] != b"\\" or cursor.p[1] != b"u":
            return JSON_ERR_UTF8
        if hex_digits(cursor.p + 2, &code) != JSON_OK or not 0xDC00 <= code <= 0xDFFF:
            return JSON_ERR_UTF8
        cursor.p += 6
    return JSON_OK


cdef int scan_utf8(Cursor* cursor) noexcept nogil:
    """One character of two to four bytes, by the table of well-formed sequences (Unicode 15, table 3-7)."""
    cdef unsigned char first = <unsigned char>cursor.p[0]
    cdef unsigned char low = 0x80
    cdef unsigned char high = 0xBF
    cdef int n, i
    cdef unsigned char c
    if 0xC2 <= first <= 0xDF:
        n = 2
    elif 0xE0 <= first <= 0xEF:
        n = 3
        if first == 0xE0:
            low = 0xA0
        elif first == 0xED:
            high = 0x9F
    elif 0xF0 <= first <= 0xF4:
        n = 4
        if first == 0xF0:
            low = 0x90
        elif first == 0xF4:
            high = 0x8F
    else:
        return JSON_ERR_UTF8
    if cursor.end - cursor.p < n:
        return JSON_ERR_UTF8
    for i in range(1, n):
        c = <unsigned char>cursor.p[i]
        if c < low or c > high:
            return JSON_ERR_UTF8
        low = 0x80
        high = 0xBF
    cursor.p += n
    return JSON_OK


cdef int scan_string(Cursor* cursor, Value* value, bint is_plain_key) noexcept nogil:
    cdef unsigned char c
    cdef int error
    if cursor.p >= cursor.end or cursor.p[0] != b'"':
        return JSON_ERR_SYNTAX
    value.kind = JSON_STRING
    value.p = cursor.p
    cursor.p += 1
    while True:
        cursor.p += plain_run(cursor.p, cursor.end)
        if cursor.p >= cursor.end:
            return JSON_ERR_SYNTAX
        c = <unsigned char>cursor.p[0]
        if c == b'"':
            cursor.p += 1
            value.n = <uint32_t>(cursor.p - value.p)
            return JSON_OK
        if c == b"\\":
            if is_plain_key:
                return JSON_ERR_KEY_ESCAPE
            error = scan_escape(cursor)
            if error != JSON_OK:
                return error
        elif c < 0x20:
            return JSON_ERR_SYNTAX
        elif c < 0x80:
            cursor.p += 1
        else:
            error = scan_utf8(cursor)
            if error != JSON_OK:
                return error


cdef int scan_digits(Cursor* cursor) noexcept nogil:
    if cursor.p >= cursor.end or not is_digit(cursor.p[0]):
        return JSON_ERR_SYNTAX
    while cursor.p < cursor.end and is_digit(cursor.p[0]):
        cursor.p += 1
    return JSON_OK


cdef int scan_number(Cursor* cursor, Value* value) noexcept nogil:
    value.kind = JSON_NUMBER
    value.p = cursor.p
    if cursor.p[0] == b"-":
        cursor.p += 1
    if cursor.p < cursor.end and cursor.p[0] == b"0":
        cursor.p += 1
        if cursor.p < cursor.end and is_digit(cursor.p[0]):
            return JSON_ERR_SYNTAX
    elif scan_digits(cursor) != JSON_OK:
        return JSON_ERR_SYNTAX
    if cursor.p < cursor.end and cursor.p[0] == b".":
        cursor.p += 1
        if scan_digits(cursor) != JSON_OK:
            return JSON_ERR_SYNTAX
    if cursor.p < cursor.end and (cursor.p[0] == b"e" or cursor.p[0] == b"E"):
        cursor.p += 1
        if cursor.p < cursor.end and (cursor.p[0] == b"+" or cursor.p[0] == b"-"):
            cursor.p += 1
        if scan_digits(cursor) != JSON_OK:
            return JSON_ERR_SYNTAX
    value.n = <uint32_t>(cursor.p - value.p)
    return JSON_OK


cdef int scan_literal(Cursor* cursor, Value* value, JsonKind kind, const char* text, uint32_t n) noexcept nogil:
    if cursor.end - cursor.p < n or memcmp(cursor.p, text, n) != 0:
        return JSON_ERR_SYNTAX
    value.kind = kind
    value.p = cursor.p
    value.n = n
    cursor.p += n
    return JSON_OK


cdef int scan_container(Cursor* cursor, Value* value, int depth) noexcept nogil:
    cdef const char* start = cursor.p
    cdef bint is_object = cursor.p[0] == b"{"
    cdef bint is_first = True
    cdef Span key
    cdef Value member
    cdef int found
    if depth >= JSON_DEPTH_MAX:
        return JSON_ERR_DEPTH
    cursor.p += 1
    while True:
        if is_object:
            found = next_member(cursor, is_first, &key, &member, depth + 1)
        else:
            found = next_element(cursor, is_first, &member, depth + 1)
        if found < 0:
            return found
        if found == 0:
            break
        is_first = False
    value.kind = JSON_OBJECT if is_object else JSON_ARRAY
    value.p = start
    value.n = <uint32_t>(cursor.p - start)
    return JSON_OK


cdef int scan_value(Cursor* cursor, Value* value, int depth) noexcept nogil:
    """Any value, checked to its end."""
    cdef char c
    skip_space(cursor)
    if cursor.p >= cursor.end:
        return JSON_ERR_SYNTAX
    c = cursor.p[0]
    if c == b'"':
        return scan_string(cursor, value, False)
    if c == b"{" or c == b"[":
        return scan_container(cursor, value, depth)
    if c == b"t":
        return scan_literal(cursor, value, JSON_TRUE, b"true", 4)
    if c == b"f":
        return scan_literal(cursor, value, JSON_FALSE, b"false", 5)
    if c == b"n":
        return scan_literal(cursor, value, JSON_NULL, b"null", 4)
    if c == b"-" or is_digit(c):
        return scan_number(cursor, value)
    return JSON_ERR_SYNTAX


cdef int open_object(Cursor* cursor) noexcept nogil:
    """Steps into an object; `next_member` reads on."""
    skip_space(cursor)
    if cursor.p >= cursor.end or cursor.p[0] != b"{":
        return JSON_ERR_SYNTAX
    cursor.p += 1
    return JSON_OK


cdef int next_key(Cursor* cursor, bint is_first, Span* key, int depth) noexcept nogil:
    """1 with the next key, the cursor behind its colon; 0 behind the closing brace; or an error."""
    cdef Value token
    cdef int error
    skip_space(cursor)
    if cursor.p >= cursor.end:
        return JSON_ERR_SYNTAX
    if cursor.p[0] == b"}":
        cursor.p += 1
        return 0
    if not is_first:
        if cursor.p[0] != b",":
            return JSON_ERR_SYNTAX
        cursor.p += 1
        skip_space(cursor)
    error = scan_string(cursor, &token, depth >= 0)
    if error != JSON_OK:
        return error
    key[0] = text_of(&token)
    skip_space(cursor)
    if cursor.p >= cursor.end or cursor.p[0] != b":":
        return JSON_ERR_SYNTAX
    cursor.p += 1
    return 1


cdef int next_member(Cursor* cursor, bint is_first, Span* key, Value* value, int depth) noexcept nogil:
    """1 with the next key and value, 0 behind the closing brace, or an error."""
    cdef int found = next_key(cursor, is_first, key, depth)
    cdef int error
    if found != 1:
        return found
    error = scan_value(cursor, value, depth)
    return error if error != JSON_OK else 1


cdef int next_element(Cursor* cursor, bint is_first, Value* value, int depth) noexcept nogil:
    """1 with the next element, 0 behind the closing bracket, or an error."""
    cdef int error
    skip_space(cursor)
    if cursor.p >= cursor.end:
        return JSON_ERR_SYNTAX
    if cursor.p[0] == b"]":
        cursor.p += 1
        return 0
    if not is_first:
        if cursor.p[0] != b",":
            return JSON_ERR_SYNTAX
        cursor.p += 1
    error = scan_value(cursor, value, depth)
    return error if error != JSON_OK else 1


cdef int at_end(Cursor* cursor) noexcept nogil:
    """Nothing but white space may be left."""
    skip_space(cursor)
    return JSON_OK if cursor.p == cursor.end else JSON_ERR_SYNTAX


cdef bint has_escape(const Span* span) noexcept nogil:
    return memchr(span.p, b"\\", span.n) != NULL


cdef int unescape(const Span* span, char* plain, int room) noexcept nogil:
    """A checked text without its escapes into `plain`: its length, or -1 where it does not fit or is not all printable
    ASCII."""
    cdef uint32_t i = 0
    cdef int n = 0
    cdef unsigned int code
    while i < span.n:
        code = <unsigned char>span.p[i]
        i += 1
        if code == c"\\":
            code = <unsigned char>span.p[i]
            i += 1
            if code == c"u":
                hex_digits(span.p + i, &code)
                i += 4
            elif code != c"/":
                return -1
        if n == room or not 0x20 <= code < 0x7F or code == c'"' or code == c"\\":
            return -1
        plain[n] = <char>code
        n += 1
    return n


cdef int span_to_int(const Span* span, long long* number) noexcept nogil:
    """1 to 18 digits as an integer (that many always fit), or JSON_ERR_SYNTAX."""
    cdef uint32_t i
    number[0] = 0
    if span.n == 0 or span.n > 18:
        return JSON_ERR_SYNTAX
    for i in range(span.n):
        if not is_digit(span.p[i]):
            return JSON_ERR_SYNTAX
        number[0] = number[0] * 10 + (span.p[i] - c'0')
    return JSON_OK


def check(bytes text not None):
    """The scanner's verdict on a whole document: 0, or the (negative) error. For tests and for cold callers."""
    cdef Cursor cursor
    cdef Value value
    cdef int error
    cursor.p = text
    cursor.end = cursor.p + len(text)
    error = scan_value(&cursor, &value, 0)
    return error if error != JSON_OK else at_end(&cursor)
