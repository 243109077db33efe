"""Pure. Reads the journal's records from a file's bytes: a record is believed if its check sum says so. The format: docs/journal.md."""
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

from gateway._fast.crc32c cimport crc32c_of
from gateway._fast.journal_format cimport JOURNAL_HEADER, RECORD_HEAD

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
    """([(number, ns, kind, version, offset, payload)…], where the next one would begin, why it stopped), at most `limit` records.

    Why: `limit`; `blank` (nothing more is written); `short` (the bytes end, perhaps within a record); `bad` (what stands there is no record).
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
        records.append((head.number, head.wall_ns, head.kind, head.version, at, text[at + RECORD_HEAD:at + <Py_ssize_t>head.length]))
        at += (head.length + 7) & ~<uint32_t>7
    return records, at, "limit"


def find_record(bytes text not None, Py_ssize_t at, uint64_t above):
    """Where the next whole record of a number greater than `above` begins, from `at` on; -1: nowhere. Records begin at multiples of 8."""
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
