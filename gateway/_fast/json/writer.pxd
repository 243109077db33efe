from libc.stdint cimport int64_t
from libc.string cimport memcpy, strlen

# Writes into a fixed buffer; past its end it only notes the overflow, so that callers check once.
cdef struct Writer:
    char* start
    char* p
    char* end
    bint overflow


cdef inline void writer_reset(Writer* w, char* start, Py_ssize_t size) noexcept nogil:
    w.start = start
    w.p = start
    w.end = start + size
    w.overflow = False


cdef inline void put(Writer* w, const char* bytes, Py_ssize_t n) noexcept nogil:
    if n > w.end - w.p:
        w.overflow = True
        return
    memcpy(w.p, bytes, n)
    w.p += n


cdef inline void put_text(Writer* w, const char* text) noexcept nogil:
    put(w, text, <Py_ssize_t>strlen(text))


cdef inline void put_char(Writer* w, char c) noexcept nogil:
    if w.p == w.end:
        w.overflow = True
        return
    w.p[0] = c
    w.p += 1


cdef inline void put_int(Writer* w, int64_t number) noexcept nogil:
    # The numbers written here are counts and stamps: never negative.
    cdef char digits[20]
    cdef int i = 20
    if number < 0:
        number = 0
    while True:
        i -= 1
        digits[i] = <char>(c"0" + number % 10)
        number //= 10
        if number == 0:
            break
    put(w, &digits[i], 20 - i)
