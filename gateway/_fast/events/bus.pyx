"""Events: one contiguous `seq` per family over all its topics, published, and kept in a ring of fixed size for
`replay`.

An owner is a strategy, `account` or `gateway`. An event is written between `begin` and `commit`: one buffer, one copy
into the ring and one into ZeroMQ's message.
"""
from libc.stdlib cimport free
from libc.string cimport memcpy

from gateway._fast.base.debug_checks cimport *
from gateway._fast.base.enums cimport *
from gateway._fast.base.memory cimport take_memory
from gateway._fast.base.wire_names cimport topic_name
from gateway._fast.json.writer cimport put, put_char, put_int, put_text, writer_reset

cdef enum:
    EVENT_MAX = 4194304    # bytes of one event: an account push of thousands of positions is about 2 MiB
    OWNERS_MAX = 258       # 256 strategies, `account` and `gateway`
    RECORD_ALIGN = 8
    # of a replay's answer, so that it takes the loop a tenth of a millisecond; one larger event goes alone
    PAGE_BYTES = 131072


REPLAY_PAGE_BYTES = PAGE_BYTES


cdef inline void crash_at(int which, int32_t topic) noexcept nogil:
    """`which` of the topic: TOPIC_ACK, TOPIC_ORDER and TOPIC_FILL follow each other, as its three faults do."""
    if TOPIC_ACK <= topic <= TOPIC_FILL:
        crash_here(which + topic)


cdef class EventBus:
    """`session` names this run of the gateway in every event; `ring_bytes` is how much `replay` can reach back."""

    def __cinit__(
            self, EventSink sink not None, JournalPort journal not None, str session not None,
            int64_t ring_bytes=33554432):
        self.sink = sink
        self.journal = journal
        self.session_text = session.encode("ascii")
        self.capacity = OWNERS_MAX
        self.owners = <OwnerSlot*>take_memory(OWNERS_MAX, sizeof(OwnerSlot))
        self.buffer = <char*>take_memory(1, EVENT_MAX)
        self.ring_size = ring_bytes & ~(RECORD_ALIGN - 1)
        self.ring = <char*>take_memory(1, self.ring_size)
        if self.owners == NULL or self.buffer == NULL or self.ring == NULL:
            raise MemoryError
        self.numbers = {}
        self.resumed = {}
        self.add_owner("account")
        self.add_owner("gateway")

    def __dealloc__(self):
        cdef int32_t i
        for i in range(self.count):
            free(self.owners[i].marks)
        free(self.owners)
        free(self.buffer)
        free(self.ring)

    @property
    def session(self):
        return self.session_text.decode("ascii")

    def add_owner(self, str name not None):
        """The number of a new owner. Raises OverflowError beyond 256 strategies."""
        cdef bytes text = name.encode("ascii")
        cdef bytes topic
        cdef OwnerSlot* owner
        cdef int32_t i
        if self.count == self.capacity:
            raise OverflowError(f"the gateway serves {OWNERS_MAX - OWNER_FIRST_STRATEGY} strategies and no more")
        if not 0 < len(text) <= NAME_MAX or name in self.numbers:
            raise ValueError(f"{name!r} is no new owner name of 1 to {NAME_MAX} characters")
        owner = &self.owners[self.count]
        owner.marks = <int64_t*>take_memory(MARK_COUNT, sizeof(int64_t))
        if owner.marks == NULL:
            raise MemoryError
        memcpy(owner.name, <const char*>text, len(text))
        owner.name_n = <int32_t>len(text)
        owner.last_record = -1
        owner.seq = self.resumed.get(name, 0)
        for i in range(TOPIC_COUNT):
            topic = text + b"." + topic_name(i)
            owner.topics[i].n = <unsigned char>len(topic)
            memcpy(owner.topics[i].p, <const char*>topic, len(topic))
        self.numbers[name] = self.count
        self.count += 1
        return self.count - 1

    def resume(self, dict seqs not None):
        """Goes on where earlier runs ended: the last `seq` of each owner by its name, of owners that come later too."""
        self.resumed = dict(seqs)
        for name, number in self.numbers.items():
            self.owners[<int32_t>number].seq = self.resumed.get(name, 0)

    def seqs(self):
        """The last `seq` of every owner by its name, also of those that only earlier runs had."""
        return {**self.resumed, **{name: self.owners[<int32_t>number].seq for name, number in self.numbers.items()}}

    def number_of(self, str name not None):
        """An owner's number, or None."""
        return self.numbers.get(name)

    cdef Span name_of(self, int32_t owner) noexcept:
        cdef Span name
        name.p = self.owners[owner].name
        name.n = self.owners[owner].name_n
        return name

    def last_seq(self, int32_t owner):
        return self.owners[owner].seq

    cdef Writer* begin(self, int32_t owner, int32_t topic, const char* event) noexcept:
        """Starts an event: `{"seq":…,"event":…,"session":…`. The caller adds members, each with its comma before it."""
        cdef Writer* w = &self.writer
        writer_reset(w, self.buffer, EVENT_MAX - 1)
        self.open_owner = owner
        self.open_topic = topic
        put_text(w, b'{"seq":')
        put_int(w, self.owners[owner].seq + 1)
        put_text(w, b',"event":"')
        put_text(w, event)
        put_text(w, b'","session":"')
        put(w, <const char*>self.session_text, len(self.session_text))
        put_char(w, c'"')
        return w

    cdef void commit(self) noexcept:
        """Ends the event, journals it and publishes it.
        One that is too large is counted, takes no `seq`, and is not published.

        One that the journal cannot keep is published all the same: the journal counts it, and no order is taken
        meanwhile.
        """
        cdef OwnerSlot* owner = &self.owners[self.open_owner]
        cdef TopicText* topic = &owner.topics[self.open_topic]
        cdef Py_ssize_t n
        cdef bint is_published
        if self.writer.overflow:
            self.oversize += 1
            return
        self.writer.end += 1
        put_char(&self.writer, c"}")
        n = self.writer.p - self.writer.start
        owner.seq += 1
        is_published = self.open_topic == TOPIC_FILL and fault(FAULT_FILL_BEFORE_JOURNAL)
        if is_published:
            self.sink.publish(topic.p, topic.n, self.buffer, n)
        crash_at(FAULT_CRASH_BEFORE_KEPT, self.open_topic)
        self.journal.event(topic.p, topic.n, self.buffer, n)
        self.keep(owner, self.open_owner, self.open_topic, n)
        crash_at(FAULT_CRASH_BEFORE_PUBLISHED, self.open_topic)
        if not is_published:
            self.sink.publish(topic.p, topic.n, self.buffer, n)
        crash_at(FAULT_CRASH_AFTER_PUBLISHED, self.open_topic)

    cdef bint holds(self, int64_t position) noexcept:
        return position >= 0 and position >= self.ring_end - self.ring_size

    cdef void keep(self, OwnerSlot* owner, int32_t number, int32_t topic, Py_ssize_t n) noexcept:
        """Copies the event into the ring, over the oldest. Records are never split over the ring's end."""
        cdef RecordHead* head
        cdef int64_t size = (<int64_t>sizeof(RecordHead) + n + RECORD_ALIGN - 1) & ~<int64_t>(RECORD_ALIGN - 1)
        cdef int64_t at = self.ring_end % self.ring_size
        if size > self.ring_size // 4:
            owner.last_record = -1
            return
        if at + size > self.ring_size:
            self.ring_end += self.ring_size - at
            at = 0
        head = <RecordHead*>(self.ring + at)
        head.seq = owner.seq
        head.before = owner.last_record
        head.owner = number
        head.topic = topic
        head.n = <int32_t>n
        memcpy(self.ring + at + sizeof(RecordHead), self.buffer, n)
        owner.last_record = self.ring_end
        if owner.seq % MARK_EVERY == 0:
            owner.marks[owner.seq // MARK_EVERY % MARK_COUNT] = self.ring_end
        self.ring_end += size

    cdef int64_t position_from(self, OwnerSlot* owner, int32_t number, int64_t seq) noexcept:
        """Where to walk back from to reach `seq` soon: a marked event that is not before it, or the newest; -1: none is
        held."""
        cdef int64_t mark = (seq + MARK_EVERY - 1) // MARK_EVERY * MARK_EVERY
        cdef int64_t position
        cdef RecordHead* head
        if mark >= owner.seq:
            return owner.last_record
        position = owner.marks[mark // MARK_EVERY % MARK_COUNT]
        if not self.holds(position):
            return -1
        head = <RecordHead*>(self.ring + position % self.ring_size)
        return position if head.seq == mark and head.owner == number else -1

    def replay(self, int32_t owner, int64_t from_seq, int32_t limit):
        """([(topic, body)…] in order from `from_seq`, whether there are more), at most `limit` events and some
        PAGE_BYTES.

        None for the list where the ring does not hold (all of) them.
        It costs the page alone, however much the ring holds.
        """
        cdef OwnerSlot* slot = &self.owners[owner]
        cdef int64_t end = from_seq + limit
        cdef int64_t position
        cdef int64_t size = 0
        cdef RecordHead* head = NULL
        cdef list found = []
        if from_seq > slot.seq:
            return [], False
        position = self.position_from(slot, owner, end)
        while self.holds(position):
            head = <RecordHead*>(self.ring + position % self.ring_size)
            if head.seq < from_seq:
                break
            if head.seq < end:
                found.append(position)
            if head.seq == from_seq:
                break
            position = head.before
        if head == NULL or head.seq > from_seq or not self.holds(position):
            return None, False
        found.reverse()
        events = []
        for position in found:
            head = <RecordHead*>(self.ring + position % self.ring_size)
            size += head.n
            if events and size > PAGE_BYTES:
                return events, True
            body = (<char*>head + sizeof(RecordHead))[:head.n]
            topic = slot.topics[head.topic].p[:slot.topics[head.topic].n]
            events.append((topic, body))
        return events, from_seq + len(events) <= slot.seq

    def publish_cold(self, int32_t owner, int topic, bytes members not None):
        """An event from the control plane: `members` is JSON text like `"state":"ready","ready":true`."""
        cdef Writer* w = self.begin(owner, topic, topic_name(topic))
        put_char(w, c",")
        put(w, members, len(members))
        self.commit()
        return self.owners[owner].seq

    def publish_unclaimed(self, bytes topic not None, bytes body not None):
        """A heartbeat of an owner that does not exist (yet)."""
        self.sink.publish(topic, len(topic), body, len(body))

    def publish_heartbeat(self, int32_t owner, bytes body not None):
        """A heartbeat takes no seq and is not kept."""
        cdef TopicText* topic = &self.owners[owner].topics[TOPIC_HEARTBEAT]
        self.sink.publish(topic.p, topic.n, body, len(body))
