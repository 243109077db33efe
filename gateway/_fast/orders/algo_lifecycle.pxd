from libc.stdint cimport int32_t

from gateway._fast.base.records cimport OrderSlot
from gateway._fast.frames.algo_scanner cimport AlgoPush

cdef bint take_algo_state(OrderSlot* algo, const AlgoPush* push, int state, bint is_new_amend) noexcept nogil
