"""Pure. Drops repeated pushes about the account that several connections bring. Each is published once.

The leader's pushes are published as they come. Another connection's push is kept until the leader brings it too. When
that connection takes the lead, the kept pushes that the old leader had not brought are published, once. OKX repeats
snapshots anyway: only the leader's count.
"""
from libc.stdint cimport uint32_t
from libc.stdlib cimport free
from libc.string cimport memcmp, memcpy

from gateway._fast.base.memory cimport take_memory
from gateway._fast.base.slot_index cimport hash_bytes

cdef enum:
    MEMBERS_MAX = 8           # connections at a time: active, standby, and some that drain
    RECEIVED_MAX = 256           # pushes remembered: by so many one connection may be behind another
    BUFFER_COUNT = 32         # pushes kept in full until they are published
    BUFFER_BYTES = 16_384     # longer ones are not kept
    KEPT_NS = 2_000_000_000   # a push that the leader does not bring within this: it brought it before

cdef const char* P_TIME = b'"pTime":"'  # when OKX pushed it: the one thing in which two connections differ
cdef const char* SNAPSHOT = b'"eventType":"snapshot"'


cdef Py_ssize_t find(
        const char* text, Py_ssize_t n, Py_ssize_t start, const char* wanted, Py_ssize_t wanted_n) noexcept nogil:
    """Where `wanted` begins; -1: nowhere."""
    while start + wanted_n <= n:
        if text[start] == wanted[0] and memcmp(text + start, wanted, wanted_n) == 0:
            return start
        start += 1
    return -1


cdef Fingerprint print_of(const char* frame, Py_ssize_t n) noexcept nogil:
    """Of the whole frame but for its `pTime`s."""
    cdef Fingerprint print
    cdef Py_ssize_t done = 0
    cdef Py_ssize_t at = 0
    print.low = 1
    print.high = 2
    while at >= 0:
        at = find(frame, n, done, P_TIME, 9)
        if at >= 0:
            at += 9
        print.low = hash_bytes(frame + done, <uint32_t>((n if at < 0 else at) - done), print.low)
        print.high = hash_bytes(frame + done, <uint32_t>((n if at < 0 else at) - done), print.high)
        done = at
        while 0 <= done < n and c"0" <= frame[done] <= c"9":
            done += 1
    return print


cdef class AccountPushes:
    """One per trading state. `leader` is the number of a connection."""

    def __cinit__(self):
        cdef int32_t i
        self.received = <ReceivedPush*>take_memory(RECEIVED_MAX, sizeof(ReceivedPush))
        self.buffers = <char*>take_memory(BUFFER_COUNT, BUFFER_BYTES)
        self.owners = <int32_t*>take_memory(BUFFER_COUNT, sizeof(int32_t))
        self.members = <int32_t*>take_memory(MEMBERS_MAX, sizeof(int32_t))
        if self.received == NULL or self.buffers == NULL or self.owners == NULL or self.members == NULL:
            raise MemoryError
        for i in range(BUFFER_COUNT):
            self.owners[i] = -1
        for i in range(RECEIVED_MAX):
            self.received[i].buffer = -1

    def __dealloc__(self):
        free(self.received)
        free(self.buffers)
        free(self.owners)
        free(self.members)

    cdef int32_t bit_of(self, int32_t connection) noexcept:
        """The connection's bit; 0 for one that is no member."""
        cdef int32_t i
        for i in range(MEMBERS_MAX):
            if self.members[i] == connection:
                return 1 << i
        return 0

    cdef void join(self, int32_t connection) noexcept:
        """A connection brings pushes from now on. Where there is no leader, it leads."""
        cdef int32_t bit = self.bit_of(0)
        cdef int32_t i
        for i in range(RECEIVED_MAX):
            self.received[i].seen &= ~bit
        for i in range(MEMBERS_MAX):
            if bit == 1 << i:
                self.members[i] = connection
        if self.leader == 0:
            self.leader = connection

    cdef void leave(self, int32_t connection) noexcept:
        cdef int32_t i
        for i in range(MEMBERS_MAX):
            if self.members[i] == connection:
                self.members[i] = 0
        if self.leader == connection:
            self.leader = 0

    cdef bint take(self, int32_t connection, int32_t kind, const char* frame, Py_ssize_t n, int64_t mono_ns) noexcept:
        """True if this push is to be published now."""
        cdef Fingerprint print = print_of(frame, n)
        cdef uint8_t bit = <uint8_t>self.bit_of(connection)
        cdef bint leads = connection == self.leader
        cdef int32_t i
        cdef ReceivedPush* entry
        for i in range(RECEIVED_MAX):
            entry = &self.received[(self.next_entry + i) % RECEIVED_MAX]
            if entry.print.low == print.low and entry.print.high == print.high and not entry.seen & bit:
                entry.seen |= bit
                if entry.published or not leads:
                    return False
                entry.published = True
                return True
        if not leads and find(frame, n, 0, SNAPSHOT, 22) >= 0:
            return False
        entry = self.add(&print, bit, kind, mono_ns)
        entry.published = leads
        if not leads:
            self.keep(entry, frame, n)
        return leads

    cdef ReceivedPush* add(self, const Fingerprint* print, uint8_t bit, int32_t kind, int64_t mono_ns) noexcept:
        """A new entry in the place of the oldest."""
        cdef ReceivedPush* entry = &self.received[self.next_entry]
        if entry.buffer >= 0 and self.owners[entry.buffer] == self.next_entry:
            self.owners[entry.buffer] = -1
        self.next_entry = (self.next_entry + 1) % RECEIVED_MAX
        entry.print = print[0]
        entry.seen = bit
        entry.kind = kind
        entry.received_ns = mono_ns
        entry.buffer = -1
        entry.n = 0
        return entry

    cdef void keep(self, ReceivedPush* entry, const char* frame, Py_ssize_t n) noexcept:
        if n > BUFFER_BYTES:
            return
        entry.buffer = self.next_buffer
        entry.n = <int32_t>n
        self.owners[self.next_buffer] = <int32_t>(entry - self.received)
        memcpy(self.buffers + self.next_buffer * BUFFER_BYTES, frame, n)
        self.next_buffer = (self.next_buffer + 1) % BUFFER_COUNT

    cdef void lead(self, int32_t connection) noexcept:
        """This connection's pushes are published from now on. `next_unpublished` gives those that it already brought
        and that are not published."""
        self.leader = connection

    cdef ReceivedPush* next_unpublished(self, int64_t mono_ns) noexcept:
        """The oldest push that the leader has brought and that is not published; from now on it counts as published.
        NULL: none."""
        cdef uint8_t bit = <uint8_t>self.bit_of(self.leader)
        cdef int32_t i, at
        cdef ReceivedPush* entry
        for i in range(RECEIVED_MAX):
            at = (self.next_entry + i) % RECEIVED_MAX
            entry = &self.received[at]
            if entry.published or not entry.seen & bit or entry.buffer < 0 or self.owners[entry.buffer] != at:
                continue
            entry.published = True
            if mono_ns - entry.received_ns <= KEPT_NS:
                return entry
        return NULL

    cdef const char* frame_of(self, const ReceivedPush* entry) noexcept:
        """Valid until the next push is taken."""
        return self.buffers + entry.buffer * BUFFER_BYTES
