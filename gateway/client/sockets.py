"""The two ZeroMQ sockets of a client, never blocking."""

from collections.abc import Iterable
from pathlib import Path

import zmq

from .errors import ClientError
from .protocol import StrategyProtocol

# `close` waits this long until the last message (perhaps a cancel) has reached the gateway.
LINGER_MS = 1_000
# Requests that wait in libzmq while the gateway does not read. If it comes back too late, it refuses them as stale.
SEND_QUEUE_MAX = 10_000
# After the gateway went away: try again at once, then with growing pauses.
RECONNECT_MS = 20
RECONNECT_MAX_MS = 500
# Messages read per call, so that a flood cannot keep the caller from its deadline.
RECEIVE_MAX = 1_000

ADDRESS = tuple[str, str]


def addresses_of(directory: str | Path) -> ADDRESS:
    """Return the addresses of the gateway's `orders` and `events` sockets in its sockets directory."""
    return f"ipc://{directory}/orders", f"ipc://{directory}/events"


class Sockets:
    """`DEALER` for orders, `SUB` for events. Raises `zmq.ZMQError` for an address that cannot be used."""

    def __init__(self, addresses: ADDRESS, topics: Iterable[str]) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.closed = False
        try:
            self.orders = self._open(zmq.DEALER, LINGER_MS)
            self.orders.sndhwm = SEND_QUEUE_MAX
            self.events = self._open(zmq.SUB, 0)
            for topic in topics:
                self.events.subscribe(topic)
            self.events.connect(addresses[1])  # before the orders socket: the subscription comes first
            self.orders.connect(addresses[0])
        except BaseException:
            self._context.destroy(linger=0)
            raise

    def _open(self, kind: int, linger_ms: int) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        socket.linger = linger_ms
        socket.rcvhwm = 0  # unlimited: messages are kept here, not dropped at the gateway
        socket.reconnect_ivl = RECONNECT_MS
        socket.reconnect_ivl_max = RECONNECT_MAX_MS
        return socket

    def fds(self) -> tuple[int, int]:
        """Return the file descriptors to watch: readable (edge-triggered) when there can be something to read."""
        return self.events.FD, self.orders.FD

    def answered(self) -> bool:
        """Return whether an answer waits to be read. A send can consume the descriptor's edge: call this after each."""
        return int(self.orders.get(zmq.EVENTS)) & zmq.POLLIN != 0

    def send(self, frame: bytes) -> bool:
        """Pass `frame` to the orders socket; False if it is full. Raises `ClientError` when closed."""
        if self.closed:
            raise ClientError("the client is closed")
        try:
            self.orders.send(frame, zmq.DONTWAIT)
        except zmq.Again:
            return False
        return True

    def flush(self, protocol: StrategyProtocol) -> bool:
        """Send the protocol's outbox; return whether anything was sent."""
        sent = False
        while protocol.outbox and self.send(protocol.outbox[0]):
            protocol.outbox.popleft()
            sent = True
        return sent

    def receive(self, protocol: StrategyProtocol) -> int:
        """Pass received messages to the protocol; return their number, at most `RECEIVE_MAX` per socket.

        Raises `ClientError` when closed.
        """
        if self.closed:
            raise ClientError("the client is closed")
        return self._receive_events(protocol) + self._receive_answers(protocol)

    def _receive_events(self, protocol: StrategyProtocol) -> int:
        for count in range(RECEIVE_MAX):
            try:
                frames = self.events.recv_multipart(zmq.DONTWAIT)
            except zmq.Again:
                return count
            if len(frames) == 2:
                protocol.on_publication(frames[0].decode("utf-8", "replace"), frames[1])
            else:
                protocol.malformed += 1
        return RECEIVE_MAX

    def _receive_answers(self, protocol: StrategyProtocol) -> int:
        for count in range(RECEIVE_MAX):
            try:
                frames = self.orders.recv_multipart(zmq.DONTWAIT)
            except zmq.Again:
                return count
            if len(frames) == 1:
                protocol.on_answer(frames[0])
            else:
                protocol.malformed += 1
        return RECEIVE_MAX

    def shut(self, drop: bool = False) -> None:
        """Close both sockets without waiting; `finish` must follow. Shutting again does nothing.

        `drop`: discard queued messages, since no gateway was there to read them.
        """
        if not self.closed:
            self.closed = True
            self.orders.close(linger=0 if drop else None)
            self.events.close()

    def finish(self) -> None:
        """Wait up to `LINGER_MS` until sent messages have left, and free libzmq's memory. Can run in another thread."""
        self._context.term()
