from libc.stdint cimport uint64_t

from gateway._fast.base.span cimport Span, Value
from gateway._fast.frames.scanner cimport OrderPush

# A row of an algo channel, or of REST's. What means the same stands where an order row has it: `algoId` for `ordId`,
# `algoClOrdId` for `clOrdId`, the trigger price (of a stop-loss too) for `px`, that of a take-profit for `avgPx`,
# `failCode` for `cancelSource`.
cdef struct AlgoPush:
    OrderPush row
    Span ord_ids      # `ordIdList` as it came; empty: none
    Span linked_ord_id  # `linkedOrd.ordId`: its take-profit, which rests as an order of its own; empty: none
    uint64_t terms    # a fingerprint of its sizes, prices and orders; the order of keys and empty values do not matter

cdef Span linked_algo_of(const Span* row) noexcept
cdef int scan_algo_push(AlgoPush* push, const Value* row) noexcept
