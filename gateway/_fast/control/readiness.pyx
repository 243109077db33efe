"""The control API on time and readiness: OKX's clock, deadlines, and whether new orders may go.

Nothing here is on the two paths, but for `tick`.
"""
from libc.stdint cimport int32_t, int64_t

from gateway._fast.base.clock cimport monotonic_ns
from gateway._fast.base.enums cimport REASON_ACK_TIMEOUT
from gateway._fast.order_out.wait_queue cimport dispatch_waiting
from gateway._fast.orders.request_table cimport LIST_SENT, LIST_WAITING
from gateway._fast.results.proofs cimport make_unknown


cdef class ReadinessControl(ConnectionControl):
    """Times are nanoseconds, `mono_ns` of the monotonic clock."""

    def tick(self):
        """Ends requests whose ack is late, and moves those that wait. True while any waits."""
        return self.tick_at(monotonic_ns())

    def tick_at(self, int64_t mono_ns):
        cdef int32_t at
        while True:
            at = self.trading.requests.lists[LIST_SENT].head
            if at < 0 or mono_ns - self.trading.requests.requests[at].sent_mono_ns < self.trading.ack_timeout_ns:
                break
            make_unknown(self.trading, at, REASON_ACK_TIMEOUT)
        if self.trading.requests.lists[LIST_WAITING].count > 0:
            dispatch_waiting(self.trading, mono_ns)
        return self.trading.requests.lists[LIST_WAITING].count > 0

    def set_okx_clock(self, int64_t offset_ns, int64_t error_ns=0):
        """OKX's clock (Unix time, ns) less the monotonic clock, and by how much that may be off."""
        self.trading.okx_offset_ns, self.trading.okx_clock_error_ns = offset_ns, error_ns

    def okx_now_ms(self):
        return self.trading.okx_now_ms(monotonic_ns())

    def set_ready(self, bint ready):
        """Reconciled: new orders and amends may go, unless they are halted."""
        self.trading.set_reconciled(ready)

    def is_ready(self):
        """New orders may go."""
        return bool(self.trading.ready and self.trading.logged_in)

    def set_stopping(self):
        """No new request is taken, and none goes on waiting."""
        self.trading.stopping = True
        dispatch_waiting(self.trading, monotonic_ns())
