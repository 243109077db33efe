# The members that several kinds of events have, as `docs/protocol.md` shows them.
# OKX's own texts are passed on byte for byte.
from libc.stdint cimport int64_t

from gateway._fast.base.clock cimport realtime_ns
from gateway._fast.base.enums cimport ROUTE_REST
from gateway._fast.base.records cimport NumberText, RequestSlot, Text, span_of
from gateway._fast.base.span cimport Span
from gateway._fast.json.writer cimport Writer, put, put_char, put_int, put_text


cdef inline void put_member(Writer* w, const char* key, const Span* text) noexcept:
    """`,"key":"text"`; the text is passed on with its escapes as they were."""
    put(w, b',"', 2)
    put_text(w, key)
    put(w, b'":"', 3)
    put(w, text.p, text.n)
    put_char(w, c'"')


cdef inline void put_word(Writer* w, const char* key, const char* word) noexcept:
    put(w, b',"', 2)
    put_text(w, key)
    put(w, b'":"', 3)
    put_text(w, word)
    put_char(w, c'"')


cdef inline void put_slot_text(Writer* w, const char* key, const Text* text) noexcept:
    cdef Span span = span_of(text)
    put_member(w, key, &span)


cdef inline void put_slot_number(Writer* w, const char* key, const NumberText* text) noexcept:
    cdef Span span
    span.p = text.p
    span.n = text.n
    put_member(w, key, &span)


cdef inline void put_stamp(Writer* w, const char* key, int64_t ns, bint is_first) noexcept:
    if not is_first:
        put_char(w, c",")
    put_char(w, c'"')
    put_text(w, key)
    put(w, b'":"', 3)
    put_int(w, ns)
    put_char(w, c'"')


cdef inline void put_stamps(Writer* w, const RequestSlot* request, int64_t venue_ns) noexcept:
    """`,"gw":{…}`: of the stamps, those that apply."""
    put_text(w, b',"gw":{')
    if request != NULL:
        put_stamp(w, b"recvNs", request.recv_ns, True)
        if request.sent_ns != 0:
            put_stamp(w, b"sentNs", request.sent_ns, False)
            if request.route == ROUTE_REST:
                put_word(w, b"route", b"rest")
    if venue_ns != 0:
        put_stamp(w, b"venueNs", venue_ns, request == NULL)
    put_stamp(w, b"pubNs", realtime_ns(), request == NULL and venue_ns == 0)
    put_char(w, c"}")
