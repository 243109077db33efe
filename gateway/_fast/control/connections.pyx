"""The control API on the connections to OKX: by which one requests go, which ones bring pushes, and what the end of one
means."""
from libc.stdint cimport INT64_MAX, int32_t, int64_t

from gateway._fast.base.clock cimport monotonic_ns, realtime_ns
from gateway._fast.base.enums cimport REASON_CONNECTION_LOST, SOURCE_STREAM
from gateway._fast.events.account_dedup cimport ReceivedPush
from gateway._fast.orders.request_table cimport LIST_SENT, LIST_UNKNOWN
from gateway._fast.ports.ports cimport FrameSink
from gateway._fast.results.account_events cimport write_pass_on
from gateway._fast.results.proofs cimport make_unknown
from gateway._fast.results.tokens cimport settle_read_by_okx, settle_tokens

cdef enum:
    # So long after one of two connections has ended the other may still bring what that one brought.
    LATE_PUSHES_NS = 5_000_000_000


cdef void lose_connection(TradingState trading, int32_t connection, int64_t counted_by_ns) noexcept:
    """It is gone: what was sent on it without an ack is unknown, and counted by OKX by `counted_by_ns` at the
    latest."""
    cdef int32_t at = trading.requests.lists[LIST_SENT].head
    cdef int32_t next_request
    while at >= 0:
        next_request = trading.requests.requests[at].next
        if trading.requests.requests[at].connection == connection:
            make_unknown(trading, at, REASON_CONNECTION_LOST)
        at = next_request
    at = trading.requests.lists[LIST_UNKNOWN].head
    while at >= 0:
        next_request = trading.requests.requests[at].next
        if trading.requests.requests[at].connection == connection:
            settle_tokens(trading, at, counted_by_ns)
        at = next_request


cdef class ConnectionControl:
    """One per trading state. A `socket` is one connection; none given is the one by which requests go."""

    def __init__(self, TradingState trading not None):
        self.trading = trading

    # ------------------------------------------------------------ requests

    def connection_opened(self, FrameSink socket not None):
        """Logged in: requests go by this connection from now on; by the one before it only what its orders' acks ask
        for."""
        if self.trading.limiter.cold_until_ns == 0:
            self.trading.limiter.start(monotonic_ns())
        if self.trading.has_socket and self.trading.socket is not socket:
            self.trading.old_sockets.append(self.trading.socket)
            self.trading.old_count += 1
        self.trading.socket = socket
        self.trading.has_socket = True
        self.trading.logged_in = True

    def connection_closing(self):
        """Nothing more may be sent by the connection in use; what is in flight may still be answered."""
        self.trading.logged_in = False

    def connection_lost(self, FrameSink socket=None):
        """Every request that was sent by it and has no ack becomes unknown."""
        cdef FrameSink lost = self.trading.socket if socket is None else socket
        if self.trading.has_socket and lost is self.trading.socket:
            self.trading.logged_in = False
            self.trading.has_socket = False
            self.trading.socket = FrameSink()
        elif lost in self.trading.old_sockets:
            self.trading.old_sockets.remove(lost)
            self.trading.old_count -= 1
        lose_connection(self.trading, lost.number, monotonic_ns() + LATE_DELIVERY_NS)

    def pong_received(self, int64_t ping_sent_mono_ns, FrameSink socket=None):
        """OKX has read all that was sent by it before that ping, acked or not."""
        settle_read_by_okx(
            self.trading, (self.trading.socket if socket is None else socket).number, ping_sent_mono_ns, monotonic_ns())

    def in_flight_count(self, FrameSink socket=None):
        """Requests that were sent and have no ack yet; of one connection, or of all."""
        cdef int32_t at = self.trading.requests.lists[LIST_SENT].head
        cdef int count = 0
        if socket is None:
            return self.trading.requests.lists[LIST_SENT].count
        while at >= 0:
            count += self.trading.requests.requests[at].connection == socket.number
            at = self.trading.requests.requests[at].next
        return count

    # ------------------------------------------------------------ pushes

    def stream_opened(self, FrameSink socket not None):
        """It is about to subscribe. While there are several, each push is published once."""
        self.trading.account_pushes.join(socket.number)
        self.trading.stream_count += 1
        if self.trading.stream_count > 1:
            self.trading.overlap_until_ns = INT64_MAX

    def stream_leads(self, FrameSink socket not None):
        """The account's pushes are published as this one brings them, those first that only it has brought yet."""
        cdef ReceivedPush* push
        self.trading.account_pushes.lead(socket.number)
        while True:
            push = self.trading.account_pushes.next_unpublished(monotonic_ns())
            if push == NULL:
                break
            write_pass_on(
                self.trading, push.kind, SOURCE_STREAM, self.trading.account_pushes.frame_of(push), push.n,
                realtime_ns())

    def stream_lost(self, FrameSink socket not None):
        self.trading.account_pushes.leave(socket.number)
        self.trading.stream_count -= 1
        if self.trading.stream_count == 1:
            self.trading.overlap_until_ns = monotonic_ns() + LATE_PUSHES_NS
