"""The journal's writer: each record is copied into a mapped file, so that it survives the end of the process at any
instant.

No system call, no lock and no memory is taken on the way; files are made, written to disk and closed by a thread in C
(`journal_segments`). The format stands in docs/journal.md; who reads it: `gateway.journal`.
"""
from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from gateway._fast.base.clock cimport realtime_ns
from gateway._fast.base.crc32c cimport crc32c_of
from gateway._fast.base.debug_checks cimport *
from gateway._fast.base.span cimport Span
from gateway._fast.journal.format cimport *
from gateway._fast.journal.segments cimport *

cdef enum:
    # Always left free: a RECORD_LOST, and the RECORD_SEGMENT_END that says where the journal goes on.
    END_ROOM = 2 * (RECORD_HEAD + 8)
    HEADER_NUMBER_AT = 16
    HEADER_CREATED_AT = 32
    HEADER_CRC_AT = 508
    SEGMENT_BYTES_MIN = 65536

cdef extern from *:
    """
    #define gateway_writes_little_endian (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
    """
    const bint gateway_writes_little_endian


cdef void seal(char* header, uint64_t number, int64_t created_ns) noexcept nogil:
    """What differs from segment to segment in a file's header, and its check sum."""
    cdef uint32_t crc
    memcpy(header + HEADER_NUMBER_AT, &number, 8)
    memcpy(header + HEADER_CREATED_AT, &created_ns, 8)
    crc = crc32c_of(0, header, HEADER_CRC_AT)
    memcpy(header + HEADER_CRC_AT, &crc, 4)


cdef inline char* put_text(char* to, const char* p, size_t n) noexcept nogil:
    """One byte of length, then the text."""
    to[0] = <char>n
    memcpy(to + 1, p, n)
    return to + 1 + n


cdef class Journal(JournalPort):
    """The journal of one run. `header` is a segment's header without number, time and check sum
    (`gateway.journal.format`).

    `first_segment` and `next_record` go on from where earlier runs ended; `oldest_segment` is the first file present.
    OSError when its thread cannot be started. That the disk is full is none: then no order is taken until there is room
    (`takes_orders`).
    """

    def __init__(
            self, str directory not None, bytes header not None, int64_t segment_bytes, int64_t interval_ms,
            bint to_disk, uint64_t first_segment, uint64_t next_record, uint64_t oldest_segment):
        cdef bytes path = directory.encode("utf-8", "surrogateescape")
        cdef int failed
        if not gateway_writes_little_endian:
            raise OSError("the journal's format is little-endian, and this machine is not")
        if len(header) != JOURNAL_HEADER or len(path) >= JOURNAL_PATH_MAX - 64 or segment_bytes < SEGMENT_BYTES_MIN:
            raise ValueError(
                f"a header of {JOURNAL_HEADER} bytes, a shorter path, or segments of {SEGMENT_BYTES_MIN} bytes at least"
                " are needed")
        self.files = <journal_files*>calloc(1, sizeof(journal_files))
        if self.files == NULL:
            raise MemoryError
        memcpy(self.files.header, <const char*>header, JOURNAL_HEADER)
        memcpy(self.files.directory, <const char*>path, len(path))
        self.files.segment_bytes = segment_bytes
        self.files.interval_ns = interval_ms * 1_000_000
        self.files.to_disk = to_disk
        self.files.next_number = first_segment
        self.files.oldest = oldest_segment
        self.files.seal = seal
        self.reserve = segment_bytes // 4
        self.next_number = next_record
        with nogil:
            failed = journal_start(self.files)
        if failed != 0:
            raise OSError(failed, "the journal's thread cannot be started")
        self.is_open = True

    def __dealloc__(self):
        if self.files != NULL:
            with nogil:
                journal_stop(self.files)
            free(self.files)

    # ---------------------------------------------------------------- the hot path

    cdef char* begin(self, size_t n) noexcept:
        """Where a record's payload of `n` bytes goes; NULL when there is no room, which is counted."""
        cdef size_t whole = (RECORD_HEAD + n + 7) & ~<size_t>7
        if self.current == NULL or self.at + whole + END_ROOM > self.current.size or journal_is_bad(self.current):
            if not self.next_segment(whole):
                self.lose()
                return NULL
        if self.lost != self.lost_published:
            self.publish_lost()
            return self.begin(n)
        return self.current.map + self.at + RECORD_HEAD

    cdef void commit(self, uint16_t kind, size_t n, int64_t wall_ns) noexcept:
        """The record whose payload has been written becomes part of the journal."""
        cdef char* record = self.current.map + self.at
        cdef uint32_t length = <uint32_t>(RECORD_HEAD + n)
        cdef uint16_t version = 1
        cdef uint32_t crc
        memcpy(record + 8, &kind, 2)
        memcpy(record + 10, &version, 2)
        memcpy(record + 16, &self.next_number, 8)
        memcpy(record + 24, &wall_ns, 8)
        crc = crc32c_of(0, <const char*>&length, 4)
        crc = crc32c_of(crc, record + 8, length - 8)
        memcpy(record + 4, &crc, 4)
        crash_here(FAULT_CRASH_WITHIN_RECORD)
        self.at += (length + 7) & ~<size_t>7
        self.next_number += 1
        journal_publish(self.current, record, length, self.at)

    cdef bint next_segment(self, size_t whole) noexcept:
        """Goes on in the segment that stands ready. False: there is none, or the record is too large for any."""
        cdef journal_segment* ended = self.current
        cdef journal_segment* fresh
        if not self.is_open or JOURNAL_HEADER + whole + END_ROOM > self.files.segment_bytes:
            return False
        fresh = journal_take_spare(self.files)
        if fresh == NULL:
            return False
        if ended != NULL:
            crash_here(FAULT_CRASH_BEFORE_SEGMENT_END)
            memcpy(ended.map + self.at + RECORD_HEAD, &fresh.number, 8)
            self.commit(RECORD_SEGMENT_END, 8, realtime_ns())
            crash_here(FAULT_CRASH_AFTER_SEGMENT_END)
        self.current = fresh
        self.at = JOURNAL_HEADER
        journal_change(self.files, ended, fresh)
        return True

    cdef int lose(self) noexcept:
        """A record that could not be kept. The first one is recorded in the room that is left for it."""
        cdef uint64_t count = 1
        if (self.current != NULL and self.lost == self.lost_published and not journal_is_bad(self.current)
                and self.at + END_ROOM <= self.current.size):
            memcpy(self.current.map + self.at + RECORD_HEAD, &count, 8)
            self.commit(RECORD_LOST, 8, realtime_ns())
        self.lost += 1
        return -1

    cdef void publish_lost(self) noexcept:
        """There is room again: how many records are missing here."""
        cdef uint64_t count = self.lost - self.lost_published
        self.lost_published = self.lost
        memcpy(self.current.map + self.at + RECORD_HEAD, &count, 8)
        self.commit(RECORD_RESUMED, 8, realtime_ns())

    cdef bint may_take_orders(self) noexcept:
        """A new order's records fit, and those of all that may follow from what is open."""
        if self.files.sync_error != 0 or (self.current == NULL and not journal_has_spare(self.files)):
            return False
        return journal_has_spare(self.files) or self.current.size - self.at >= self.reserve

    cdef char* begin_order(self, bint is_order, const Span* strategy, size_t n) noexcept:
        """Begins a record of a request: behind the strategy's name `n` bytes.
        NULL: no room, or none for what is new (`is_order`)."""
        cdef char* to = NULL
        if not is_order or self.may_take_orders():
            to = self.begin(1 + strategy.n + n)
        return NULL if to == NULL else put_text(to, strategy.p, strategy.n)

    cdef int received(
            self, bint is_order, const Span* strategy, const char* message, Py_ssize_t n, int64_t recv_ns) noexcept:
        cdef char* to
        crash_here(FAULT_CRASH_BEFORE_RECEIVED)
        to = self.begin_order(is_order, strategy, n)
        if to == NULL:
            return -1
        memcpy(to, message, n)
        self.commit(RECORD_REQUEST, 1 + strategy.n + n, recv_ns)
        crash_here(FAULT_CRASH_AFTER_RECEIVED)
        return 0

    cdef int intent(
            self, bint is_order, const Span* strategy, const Span* id, const Span* rows, const char* frame,
            Py_ssize_t n, int64_t now_ns) noexcept:
        cdef char* to = self.begin_order(is_order, strategy, 2 + id.n + rows.n + n)
        if to == NULL:
            return -1
        to = put_text(to, id.p, id.n)
        to = put_text(to, rows.p, rows.n)
        memcpy(to, frame, n)
        self.commit(RECORD_INTENT, 3 + strategy.n + id.n + rows.n + n, now_ns)
        return 0

    cdef int event(self, const char* topic, Py_ssize_t topic_n, const char* body, Py_ssize_t body_n) noexcept:
        cdef char* to = self.begin(1 + topic_n + body_n)
        if to == NULL:
            return -1
        to = put_text(to, topic, topic_n)
        memcpy(to, body, body_n)
        self.commit(RECORD_EVENT, 1 + topic_n + body_n, realtime_ns())
        return 0

    cdef int64_t segment(self) noexcept:
        return 0 if self.current == NULL else <int64_t>self.current.number

    # ---------------------------------------------------------------- the control plane

    @property
    def takes_orders(self):
        """New orders and amends may go: there is room for what may follow from them, and the disk takes it."""
        return bool(self.may_take_orders())

    @property
    def error(self):
        """errno of what the disk refused last: a write to it, or the next segment; 0: it is well."""
        return self.files.sync_error or self.files.make_error

    @property
    def segment_number(self):
        """The file that is written now; 0: none."""
        return self.segment()

    @property
    def next_record(self):
        return self.next_number

    @property
    def syncs(self):
        """Groups written to disk."""
        return self.files.syncs

    @property
    def sync_ns_max(self):
        """The longest that a group took."""
        return self.files.sync_ns_max

    @property
    def unsynced_bytes(self):
        """Written since the last group, in the segment of now."""
        return 0 if self.current == NULL else self.at - journal_synced(self.current)

    def note(self, int kind, bytes payload not None):
        """A record from the control plane. False when it could not be kept."""
        cdef char* to = self.begin(len(payload))
        if to == NULL:
            return False
        memcpy(to, <const char*>payload, len(payload))
        self.commit(<uint16_t>kind, len(payload), realtime_ns())
        return True

    def remove_before(self, uint64_t segment):
        """Files of a lower number are not needed any more: the thread removes them."""
        journal_keep_from(self.files, segment)

    def close(self):
        """Says that the run ended well, and writes all to disk. Later records are lost."""
        if not self.is_open:
            return
        self.note(RECORD_SESSION_END, b"")
        self.is_open = False
        self.current = NULL
        with nogil:
            journal_stop(self.files)
