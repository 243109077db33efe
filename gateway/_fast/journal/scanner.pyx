"""Pure. Reads the journal's records from a file's bytes: a record is believed if its check sum says so.
The format: docs/journal.md."""
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy

from gateway._fast.base.crc32c cimport crc32c_of
from gateway._fast.journal.format cimport JOURNAL_HEADER, RECORD_EVENT, RECORD_HEAD

HEADER_BYTES = JOURNAL_HEADER  # of a file, before its first record
HEAD_BYTES = RECORD_HEAD        # of a record, before its payload


cdef int read_record(const char* p, Py_ssize_t n, RecordHead* head) noexcept nogil:
    cdef uint32_t crc
    if n < 4:
        return -1
    memcpy(&head.length, p, 4)
    if head.length == 0:
        return 0
    if head.length < RECORD_HEAD:
        return -2
    if n < head.length:
        return -1
    memcpy(&head.crc, p + 4, 4)
    crc = crc32c_of(0, p, 4)
    crc = crc32c_of(crc, p + 8, head.length - 8)
    if crc != head.crc:
        return -2
    memcpy(&head.kind, p + 8, 2)
    memcpy(&head.version, p + 10, 2)
    memcpy(&head.number, p + 16, 8)
    memcpy(&head.wall_ns, p + 24, 8)
    return 1


def scan_records(bytes text not None, Py_ssize_t at, Py_ssize_t limit):
    """([(number, ns, kind, version, offset, payload)…], where the next one would begin, why it stopped), at most
    `limit` records.

    Why: `limit`; `blank` (nothing more is written); `short` (the bytes end, perhaps within a record); `bad` (what
    stands there is no record).
    """
    cdef const char* p = text
    cdef Py_ssize_t n = len(text)
    cdef RecordHead head
    cdef int found
    cdef list records = []
    while len(records) < limit:
        if at >= n:
            return records, at, "short"
        found = read_record(p + at, n - at, &head)
        if found != 1:
            return records, at, "blank" if found == 0 else "short" if found == -1 else "bad"
        records.append((
            head.number, head.wall_ns, head.kind, head.version, at,
            text[at + RECORD_HEAD:at + <Py_ssize_t>head.length]))
        at += (head.length + 7) & ~<uint32_t>7
    return records, at, "limit"


def find_record(bytes text not None, Py_ssize_t at, uint64_t above):
    """Where the next whole record of a number greater than `above` begins, from `at` on; -1: nowhere.
    Records begin at multiples of 8."""
    cdef const char* p = text
    cdef Py_ssize_t n = len(text)
    cdef RecordHead head
    at = (at + 7) & ~<Py_ssize_t>7
    while at + RECORD_HEAD <= n:
        if read_record(p + at, n - at, &head) == 1 and head.number > above:
            return at
        at += 8
    return -1


def is_blank(bytes text not None, Py_ssize_t at):
    """Nothing but zeros from `at` on."""
    cdef const char* p = text
    cdef Py_ssize_t n = len(text)
    while at < n:
        if p[at] != 0:
            return False
        at += 1
    return True


cdef enum:
    FOUND_MAX = 512  # events in one answer of `events_of`

cdef struct FoundEvent:
    int64_t seq
    Py_ssize_t topic_at
    Py_ssize_t body_at
    Py_ssize_t end


cdef int64_t seq_of(const char* body, Py_ssize_t n) noexcept nogil:
    """The number that an event's body begins with, `{"seq":…`; -1: it does not."""
    cdef int64_t seq = 0
    cdef Py_ssize_t at = 7
    if n < 9 or memcmp(body, b'{"seq":', 7) != 0:
        return -1
    while at < n and c"0" <= body[at] <= c"9":
        seq = seq * 10 + (body[at] - c"0")
        at += 1
    return seq


cdef int64_t event_of(const char* payload, Py_ssize_t n, const char* owner, Py_ssize_t owner_n) noexcept nogil:
    """The `seq` of an event record's payload if it is of this owner, else -1."""
    cdef Py_ssize_t topic_n = <uint8_t>payload[0] if n > 0 else 0
    if (1 + topic_n > n or topic_n <= owner_n or memcmp(payload + 1, owner, owner_n) != 0
            or payload[1 + owner_n] != c"."):
        return -1
    return seq_of(payload + 1 + topic_n, n - 1 - topic_n)


def events_of(bytes text not None, Py_ssize_t at, bytes owner not None, int64_t from_seq, int32_t limit, int64_t room):
    """([(seq, topic, body)…], where the next record would begin, why it stopped as for `scan_records`) of one owner,
    from a `seq` on.

    At most `limit` of them, and no more once their bodies have `room` bytes.
    The scan itself holds nobody up: it runs without the GIL.
    """
    cdef const char* p = text
    cdef const char* name = owner
    cdef Py_ssize_t n = len(text)
    cdef Py_ssize_t name_n = len(owner)
    cdef FoundEvent events[FOUND_MAX]
    cdef int32_t count = 0
    cdef int found = 1
    cdef int64_t seq
    cdef RecordHead head
    limit = min(limit, FOUND_MAX)
    with nogil:
        while count < limit and room > 0:
            found = -1 if at >= n else read_record(p + at, n - at, &head)
            if found != 1:
                break
            if head.kind == RECORD_EVENT:
                seq = event_of(p + at + RECORD_HEAD, head.length - RECORD_HEAD, name, name_n)
                if seq >= from_seq:
                    events[count].seq = seq
                    events[count].topic_at = at + RECORD_HEAD + 1
                    events[count].body_at = at + RECORD_HEAD + 1 + <uint8_t>p[at + RECORD_HEAD]
                    events[count].end = at + head.length
                    room -= events[count].end - events[count].body_at
                    count += 1
            at += (head.length + 7) & ~<uint32_t>7
    listed = []
    for i in range(count):
        listed.append(
            (events[i].seq, text[events[i].topic_at:events[i].body_at], text[events[i].body_at:events[i].end]))
    return listed, at, "limit" if found == 1 else "blank" if found == 0 else "short" if found == -1 else "bad"
