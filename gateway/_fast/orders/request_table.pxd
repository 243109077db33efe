from libc.stdint cimport int32_t, uint32_t

from gateway._fast.base.records cimport RequestSlot, RowSlot
from gateway._fast.base.slot_index cimport Fingerprint, SeenSet, SlotIndex
from gateway._fast.base.span cimport Span

# Which list a request stands in; each in order of entry.
cdef enum:
    LIST_WAITING = 0     # for a token, for readiness, or for its order to be sent
    LIST_SENT = 1
    LIST_UNKNOWN = 2     # a row has no proven result; OKX may not even have read the request yet
    LIST_DONE = 3
    LIST_COUNT = 4
    LIST_NONE = 5        # free, or not filed yet

cdef enum:
    OKX_ID_LEN = 16              # 8 hex digits of generation, 8 of slot: OKX allows 1-32 letters and digits
    MINTED_REQ_ID_LEN = OKX_ID_LEN + 1   # of an amend: the id of its request at OKX, and a letter for its row

cdef struct ListEnds:
    int32_t head
    int32_t tail
    int32_t count

cdef class RequestTable:
    cdef RequestSlot* requests
    cdef RowSlot* rows
    cdef readonly int32_t capacity
    cdef readonly int32_t row_capacity
    cdef int32_t free_request
    cdef int32_t free_row
    cdef readonly int32_t rows_free
    cdef ListEnds lists[LIST_COUNT]
    cdef SlotIndex by_key
    cdef SeenSet forgotten

    cdef int32_t find(self, int32_t strategy, const Span* id) noexcept
    cdef bint is_forgotten(self, int32_t strategy, const Span* id) noexcept
    cdef int32_t add(self, int32_t strategy, const Span* id, int32_t row_count) noexcept
    cdef void drop(self, int32_t request) noexcept
    cdef int32_t by_okx_id(self, const Span* okx_id) noexcept
    cdef void write_okx_id(self, int32_t request, char* digits) noexcept
    cdef void move(self, int32_t request, int32_t list_id) noexcept
    cdef int32_t row_of(self, int32_t request, int32_t row) noexcept
    cdef Span id_of(self, int32_t request) noexcept
    cdef Fingerprint fingerprint(self, const char* key, uint32_t n) noexcept
