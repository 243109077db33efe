from libc.stdint cimport int32_t

from gateway._fast.requests.parsed_request cimport *

cdef int check_field(ParsedRequest* request, ParsedRow* row, Field* field, int32_t number) noexcept nogil
cdef int check_row(ParsedRequest* request, int32_t number) noexcept nogil
cdef void name_algo(ParsedRow* row) noexcept nogil
