from libc.stdint cimport int32_t, int64_t, uint8_t

from gateway._fast.base.enums cimport NAME_MAX, TOPIC_COUNT
from gateway._fast.base.span cimport Span
from gateway._fast.json.writer cimport Writer
from gateway._fast.ports.ports cimport EventSink, JournalPort

cdef enum:
    TOPIC_TEXT_MAX = 56   # a name of 32, a dot, and the longest topic
    MARK_EVERY = 64       # events of an owner between two whose place in the ring is marked
    MARK_COUNT = 2048     # marks of an owner: the ring holds some 100,000 events at the most

cdef struct TopicText:
    uint8_t n
    char p[TOPIC_TEXT_MAX]

cdef struct OwnerSlot:
    char name[NAME_MAX]
    int32_t name_n
    int64_t seq            # last given
    int64_t last_record    # position of its newest event in the ring; -1: none
    int64_t* marks         # positions of its events whose `seq` is a multiple of MARK_EVERY
    TopicText topics[TOPIC_COUNT]

cdef struct RecordHead:
    int64_t seq
    int64_t before         # position of the owner's event before it; -1: none
    int32_t owner
    int32_t topic
    int32_t n

cdef class EventBus:
    cdef OwnerSlot* owners
    cdef readonly int32_t capacity
    cdef readonly int32_t count
    cdef dict numbers
    cdef dict resumed      # last seq of earlier runs, by name
    cdef EventSink sink
    cdef JournalPort journal
    cdef bytes session_text
    cdef char* buffer
    cdef Writer writer
    cdef int32_t open_owner
    cdef int32_t open_topic
    cdef char* ring
    cdef int64_t ring_size
    cdef int64_t ring_end       # position after the newest record; positions only grow
    cdef readonly int64_t oversize

    cdef Span name_of(self, int32_t owner) noexcept
    cdef Writer* begin(self, int32_t owner, int32_t topic, const char* event) noexcept
    cdef void commit(self) noexcept
    cdef void keep(self, OwnerSlot* owner, int32_t number, int32_t topic, Py_ssize_t n) noexcept
    cdef bint holds(self, int64_t position) noexcept
    cdef int64_t position_from(self, OwnerSlot* owner, int32_t number, int64_t seq) noexcept
