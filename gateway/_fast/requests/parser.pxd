from gateway._fast.requests.parsed_request cimport ParsedRequest

cdef int parse_request(ParsedRequest* request, const char* p, Py_ssize_t n) noexcept
