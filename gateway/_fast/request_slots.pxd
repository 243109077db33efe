from libc.stdint cimport int32_t

from gateway._fast.desk cimport Desk
from gateway._fast.encoder cimport RowAddition
from gateway._fast.parsed_request cimport ParsedRequest

cdef int open_slots(Desk desk, ParsedRequest* request, RowAddition* additions, int32_t family, int32_t* opened) noexcept
cdef void note_given_ids(Desk desk, ParsedRequest* request, int32_t slot) noexcept
cdef void withdraw_targets(Desk desk, int32_t slot) noexcept
cdef void drop_withdrawn(Desk desk, ParsedRequest* request, RowAddition* additions, int32_t slot) noexcept
