from libc.stdint cimport int64_t, uint16_t, uint64_t

from gateway._fast.base.span cimport Span
from gateway._fast.journal.segments cimport journal_files, journal_segment
from gateway._fast.ports.ports cimport JournalPort

cdef class Journal(JournalPort):
    cdef journal_files* files
    cdef journal_segment* current
    cdef size_t at                  # where the next record begins
    cdef size_t reserve             # what new orders leave to cancels and events
    cdef uint64_t next_number
    cdef bint is_open
    cdef readonly int64_t lost      # records that could not be kept
    cdef int64_t lost_published          # of them, those named by a RESUMED record

    cdef char* begin(self, size_t n) noexcept
    cdef char* begin_order(self, bint is_order, const Span* strategy, size_t n) noexcept
    cdef void commit(self, uint16_t kind, size_t n, int64_t wall_ns) noexcept
    cdef bint next_segment(self, size_t whole) noexcept
    cdef int lose(self) noexcept
    cdef void publish_lost(self) noexcept
    cdef bint may_take_orders(self) noexcept
