from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t

from gateway._fast.base.slot_index cimport SlotIndex

cdef enum:
    ROUTING_ID_MAX = 255
    PEER_MAX = 63

cdef struct RoutingId:
    uint8_t n
    char p[ROUTING_ID_MAX]

cdef struct SessionSlot:
    RoutingId routing_id
    uint8_t peer_n
    char peer[PEER_MAX]     # who the kernel says it is: a routing id can be forged
    bint has_delimiter      # a REQ socket: its empty frame comes back
    int32_t owner          # granted by hello; -1: none
    uint32_t generation
    int64_t used            # a clock of messages: the least recently used makes room

cdef class SessionTable:
    cdef SessionSlot* sessions
    cdef readonly int32_t capacity
    cdef readonly int32_t count
    cdef SlotIndex by_routing_id
    cdef int64_t clock

    cdef int32_t find_or_add(self, const char* routing_id, uint32_t n, const char* peer) noexcept
    cdef void renew(self, int32_t slot, const char* peer, uint8_t peer_n) noexcept
