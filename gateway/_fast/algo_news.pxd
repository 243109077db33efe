from libc.stdint cimport int32_t

from gateway._fast.algo_scanner cimport AlgoPush
from gateway._fast.slots cimport OrderSlot

cdef bint take_algo_state(OrderSlot* algo, const AlgoPush* push, int state, bint is_new_amend) noexcept nogil
