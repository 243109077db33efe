from gateway._fast.orders.trading_state cimport TradingState

cdef enum:
    # After a connection is gone, bytes that we had handed to the kernel may still reach OKX for a moment: its limiter
    # may count them later than we saw the end. The tokens come back one window after this much later.
    LATE_DELIVERY_NS = 2_000_000_000

cdef class ConnectionControl:
    cdef TradingState trading
