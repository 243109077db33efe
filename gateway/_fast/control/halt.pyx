"""The control API on the halt of new orders: what halts them, and which limits must rest.

Nothing here is on the two paths.
"""
from libc.stdint cimport int32_t, int64_t

from gateway._fast.orders.trading_state cimport TradingState


cdef class HaltControl:
    """One per trading state. Times are nanoseconds of the monotonic clock."""

    cdef TradingState trading

    def __init__(self, TradingState trading not None):
        self.trading = trading

    def halt(self, bytes words not None):
        """New orders and amends stop, cancels go on. `words` says why, as the inside of a JSON string."""
        self.trading.halted = words
        self.trading.set_reconciled(self.trading.reconciled)

    def resume(self):
        """New orders may go again, as soon as all is reconciled."""
        self.trading.halted = None
        self.trading.ids_incomplete = False
        self.trading.set_reconciled(self.trading.reconciled)

    def is_reconciled(self):
        """The stream is complete: what is not halted may go."""
        return bool(self.trading.reconciled)

    def rest_limit(self, int32_t limit_key, int64_t mono_ns):
        """OKX has refused by this limit at `mono_ns`: nothing more of it for one window."""
        self.trading.limiter.exhaust(limit_key, mono_ns)

    def rest_sub_account(self, int64_t mono_ns):
        """The same for the limit of the sub-account."""
        self.trading.limiter.exhaust(self.trading.instruments.sub_account_key, mono_ns)
