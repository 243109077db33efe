from libc.stdint cimport int32_t, int64_t

from gateway._fast.frames.encoder cimport RowAddition
from gateway._fast.orders.trading_state cimport TradingState
from gateway._fast.requests.parsed_request cimport ParsedRequest

cdef int check_id(TradingState trading, ParsedRequest* request, int32_t owner, int reason) noexcept
cdef int check_time(
        TradingState trading, ParsedRequest* request, int64_t mono_ns, int64_t real_ns, int64_t* deadline_ns) noexcept
cdef int check_rows(TradingState trading, ParsedRequest* request, RowAddition* additions, int32_t owner) noexcept
