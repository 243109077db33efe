from libc.stdint cimport int32_t

from gateway._fast.base.records cimport Peer
from gateway._fast.orders.trading_state cimport TradingState

cdef void reply_recorded(TradingState trading, Peer peer, int32_t slot) noexcept
