"""A bound ROUTER with its two halves, over a rig's pipeline, and connections of strategies to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq

from gateway._fast.ports.control_port import PythonSessions
from gateway._fast.sockets.request_reader import RequestReader
from gateway._fast.sockets.request_socket import RequestSocket


class Sessions:
    """The control plane behind the request socket: keeps each call, and grants the connection of a `hello` to `owner`."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.grant: Callable[[int, int], None] = lambda session, generation: None

    def on_gateway_op(self, session: int, generation: int, owner: int, message: bytes) -> None:
        self.calls.append(("on_gateway_op", session, generation, owner, message))

    def on_unauthenticated(self, session: int, generation: int, message: bytes) -> None:
        self.calls.append(("on_unauthenticated", session, generation, message))
        if message == b"hello":
            self.grant(session, generation)

    def on_bad_frames(self, session: int, generation: int) -> None:
        self.calls.append(("on_bad_frames", session, generation))

    def on_too_large(self, session: int, generation: int, size: int) -> None:
        self.calls.append(("on_too_large", session, generation, size))


class Router:
    """`read` takes turns of the reader until a condition holds. `wakes` counts the calls for a turn."""

    def __init__(self, rig: Any, path: Path) -> None:
        self.rig, self.address, self.wakes = rig, f"ipc://{path}/orders", 0
        self._context = zmq.Context()
        self.zmq_socket = self._context.socket(zmq.ROUTER)
        self.zmq_socket.setsockopt(zmq.LINGER, 0)
        self.zmq_socket.bind(self.address)
        self.socket = RequestSocket(self.zmq_socket, self._wake)
        self.sessions = Sessions()
        self.sessions.grant = lambda session, generation: self.socket.sessions.grant(session, generation, rig.alpha)
        self.reader = RequestReader(self.socket, rig.pipeline, PythonSessions(self.sessions))
        self._peers: list[zmq.Socket[bytes]] = []

    def _wake(self) -> None:
        self.wakes += 1

    def connect(self, kind: int = zmq.DEALER) -> zmq.Socket[bytes]:
        peer = self._context.socket(kind)
        peer.setsockopt(zmq.LINGER, 0)
        peer.connect(self.address)
        self._peers.append(peer)
        return peer

    def read(self, is_enough: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not is_enough():
            assert time.monotonic() < deadline
            if not self.reader.on_readable():
                time.sleep(0.001)

    def close(self) -> None:
        self.socket.close()
        for socket in (*self._peers, self.zmq_socket):
            socket.close()
        self._context.term()


@pytest.fixture
def router(rig: Any, tmp_path: Path) -> Iterator[Router]:
    made = Router(rig, tmp_path)
    yield made
    made.close()
