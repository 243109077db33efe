from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.enums cimport KIND_COUNT
from gateway._fast.base.records cimport NumberText
from gateway._fast.base.slot_index cimport SlotIndex
from gateway._fast.base.span cimport Span
from gateway._fast.limits.window_limiter cimport WindowLimiter

cdef struct InstrumentSlot:
    NumberText inst_id
    int64_t inst_id_code               # 0: OKX has given none yet
    bint is_spot
    bint is_margin
    bint counts_for_sub_account        # SPOT and MARGIN do not
    int32_t same_inst_id               # next instrument of this instId (SPOT and MARGIN share it), or -1
    int32_t single_keys[KIND_COUNT]    # limiter keys, of the instrument (of the family for options)
    int32_t batch_keys[KIND_COUNT]
    int32_t algo_keys[KIND_COUNT]

cdef class InstrumentTable:
    cdef InstrumentSlot* instruments
    cdef readonly int32_t capacity
    cdef readonly int32_t count
    cdef SlotIndex by_inst_id
    cdef WindowLimiter limiter
    cdef dict positions
    cdef dict key_sets
    cdef tuple single_limits
    cdef int32_t batch_limit
    cdef int32_t algo_limit
    cdef readonly int32_t mass_cancel_key
    cdef readonly int32_t sub_account_key

    cdef Span inst_id_of(self, int64_t code) noexcept
    cdef int resolve(self, const Span* inst_id, const Span* td_mode, int64_t code, int32_t* found) noexcept
