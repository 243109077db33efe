"""Pure. The connections of strategies: by routing id, and bound to the peer that the kernel (or CURVE) proved.

A routing id that comes from another peer than before is another connection, to which nothing is granted.
"""
from libc.stdlib cimport free
from libc.string cimport memcmp, memcpy, strlen
from gateway._fast.base.memory cimport take_memory

cdef enum:
    SESSION_MAX = 1024   # connections; a thousand and more strategies on one account are not meant


cdef class SessionTable:
    """Up to SESSION_MAX connections; the least recently used makes room, and must say `hello` again."""

    def __cinit__(self):
        self.capacity = SESSION_MAX
        self.sessions = <SessionSlot*>take_memory(SESSION_MAX, sizeof(SessionSlot))
        if self.sessions == NULL:
            raise MemoryError
        self.by_routing_id = SlotIndex()
        self.by_routing_id.setup(
            SESSION_MAX, self.sessions, sizeof(SessionSlot), <Py_ssize_t>&(<SessionSlot*>NULL).routing_id)

    def __dealloc__(self):
        free(self.sessions)

    cdef int32_t find_or_add(self, const char* routing_id, uint32_t n, const char* peer) noexcept:
        """The connection's slot. `peer` is a terminated text, or NULL where the transport proves nothing."""
        cdef int32_t slot = self.by_routing_id.find(routing_id, n)
        cdef uint8_t peer_n = 0
        cdef SessionSlot* session
        cdef int32_t i
        if peer != NULL:
            peer_n = <uint8_t>min(strlen(peer), <size_t>PEER_MAX)
        self.clock += 1
        if slot < 0:
            if self.count < self.capacity:
                slot = self.count
                self.count += 1
            else:
                slot = 0
                for i in range(self.capacity):
                    if self.sessions[i].used < self.sessions[slot].used:
                        slot = i
                self.by_routing_id.remove(slot)
            session = &self.sessions[slot]
            session.routing_id.n = <uint8_t>n
            memcpy(session.routing_id.p, routing_id, n)
            self.by_routing_id.insert(slot)
            self.renew(slot, peer, peer_n)
        session = &self.sessions[slot]
        if session.peer_n != peer_n or (peer_n > 0 and memcmp(session.peer, peer, peer_n) != 0):
            self.renew(slot, peer, peer_n)
        session.used = self.clock
        return slot

    cdef void renew(self, int32_t slot, const char* peer, uint8_t peer_n) noexcept:
        """Another connection under this routing id: nothing is granted to it."""
        cdef SessionSlot* session = &self.sessions[slot]
        session.generation += 1
        session.owner = -1
        session.peer_n = peer_n
        if peer_n > 0:
            memcpy(session.peer, peer, peer_n)

    def grant(self, int32_t slot, uint32_t generation, int32_t owner):
        """The connection speaks for this owner from now on. False if it has made room for another."""
        if self.sessions[slot].generation != generation:
            return False
        self.sessions[slot].owner = owner
        return True

    def peer_of(self, int32_t slot):
        """The proved peer: on IPC `localhost:<uid>:<gid>:<pid>`."""
        return self.sessions[slot].peer[:self.sessions[slot].peer_n].decode("utf-8", "replace")

    def owner_of(self, int32_t slot):
        """The granted owner, or -1."""
        return self.sessions[slot].owner

    def show(self, bytes routing_id not None, bytes peer):
        """(slot, generation) of a message's connection. For tests."""
        cdef const char* proved = NULL
        if peer is not None:
            proved = peer
        slot = self.find_or_add(routing_id, <uint32_t>len(routing_id), proved)
        return slot, self.sessions[<int32_t>slot].generation
