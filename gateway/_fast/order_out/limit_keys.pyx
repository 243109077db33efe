"""The limiter keys of a request: which of OKX's limits count its rows, with what weight, and how many rows wait for
each."""
from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport RequestSlot, RowSlot
from gateway._fast.base.wire_names cimport op_is_algo, op_is_batch, op_kind
from gateway._fast.limits.instruments cimport InstrumentSlot


cdef int32_t rows_to_send(TradingState trading, int32_t slot) noexcept:
    """Rows that have not been withdrawn inside the gateway."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef int32_t count = 0
    while at >= 0:
        count += not trading.requests.rows[at].withdrawn
        at = trading.requests.rows[at].next
    return count


cdef void assign_keys(TradingState trading, int32_t slot) noexcept:
    """The limiter keys that count each row, by what is left of the request.

    A batch of one row counts in the single op's budget. Place and amend of anything but SPOT and MARGIN also count for
    the sub-account. Algo orders have limits of their own. Source: OKX docs, Place multiple orders, Place algo order,
    "Rate limit"; Overview, "Sub-account rate limit".
    """
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef int kind = op_kind(request.op)
    cdef bint as_batch = op_is_batch(request.op) and rows_to_send(trading, slot) > 1
    cdef int32_t at = request.first_row
    cdef RowSlot* row
    cdef InstrumentSlot* instrument
    while at >= 0:
        row = &trading.requests.rows[at]
        if kind == KIND_MASS_CANCEL:
            row.limit_key = trading.instruments.mass_cancel_key
        elif op_is_algo(request.op):
            row.limit_key = trading.instruments.instruments[row.instrument].algo_keys[kind]
        else:
            instrument = &trading.instruments.instruments[row.instrument]
            row.limit_key = instrument.batch_keys[kind] if as_batch else instrument.single_keys[kind]
            if instrument.counts_for_sub_account and kind != KIND_CANCEL:
                row.sub_account_key = trading.instruments.sub_account_key
        at = row.next


cdef int32_t add_use(KeyUse* uses, int32_t count, int32_t key) noexcept nogil:
    cdef int32_t i
    for i in range(count):
        if uses[i].key == key:
            uses[i].weight += 1
            return count
    uses[count].key = key
    uses[count].weight = 1
    return count + 1


cdef int32_t collect_uses(TradingState trading, int32_t slot, KeyUse* uses) noexcept:
    """The keys that the request's rows need, with their weights."""
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef int32_t count = 0
    cdef RowSlot* row
    while at >= 0:
        row = &trading.requests.rows[at]
        if not row.withdrawn:
            count = add_use(uses, count, row.limit_key)
            if row.sub_account_key >= 0:
                count = add_use(uses, count, row.sub_account_key)
        at = row.next
    return count


cdef void count_waiting(TradingState trading, int32_t slot, int32_t step) noexcept:
    cdef int32_t at = trading.requests.requests[slot].first_row
    cdef RowSlot* row
    while at >= 0:
        row = &trading.requests.rows[at]
        if not row.withdrawn:
            trading.waiting_on[row.limit_key] += step
            if row.sub_account_key >= 0:
                trading.waiting_on[row.sub_account_key] += step
        at = row.next
