"""The hold of the control plane on new orders: what halts them, which limits must rest, and what sweeps have found.

Nothing here is on the two paths.
"""
from libc.stdint cimport int32_t, int64_t

from gateway._fast.orders.trading_state cimport Desk


cdef class GuardHandle:
    """One per desk. Times are nanoseconds of the monotonic clock."""

    cdef Desk desk

    def __init__(self, Desk desk not None):
        self.desk = desk

    def halt(self, bytes words not None):
        """New orders and amends stop, cancels go on. `words` says why, as the inside of a JSON string."""
        self.desk.halted = words
        self.desk.set_reconciled(self.desk.reconciled)

    def resume(self):
        """New orders may go again, as soon as all is reconciled."""
        self.desk.halted = None
        self.desk.ids_in_doubt = False
        self.desk.set_reconciled(self.desk.reconciled)

    def is_reconciled(self):
        """The stream is whole: what is not halted may go."""
        return bool(self.desk.reconciled)

    def rest_limit(self, int32_t limit_key, int64_t mono_ns):
        """OKX has refused by this limit at `mono_ns`: nothing more of it for one window."""
        self.desk.limiter.exhaust(limit_key, mono_ns)

    def rest_sub_account(self, int64_t mono_ns):
        """The same for the limit of the sub-account."""
        self.desk.limiter.exhaust(self.desk.instruments.sub_account_key, mono_ns)
