"""The rig of `tests/_fast`, and connections that have said hello on it."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_spec = importlib.util.spec_from_file_location("fast_rig", Path(__file__).parents[1] / "_fast" / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
_fast = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_fast)

rig, new_rig, wire, nothing_raises = _fast.rig, _fast.new_rig, _fast.wire, _fast.nothing_raises

MINE = b"localhost:1000:1000:4711"


class Connection:
    """One connection of a strategy's, as the request socket hands it on: nothing is granted to it before its hello."""

    def __init__(self, of: Any, routing_id: bytes = b"r1", peer: bytes | None = MINE) -> None:
        self.rig, self._routing_id, self._peer = of, routing_id, peer

    def send(self, message: dict[str, Any] | bytes) -> list[dict[str, Any]]:
        """The answers to one message, in their order."""
        text = message if isinstance(message, bytes) else json.dumps(message).encode()
        slot, generation = self.rig.requests.sessions.show(self._routing_id, self._peer)
        before = len(self.rig.reply_sink.replies)
        owner = self.rig.requests.sessions.owner_of(slot)
        if owner < 0:
            self.rig.sessions.on_unauthenticated(slot, generation, text)
        else:
            self.rig.read(slot, generation, owner, False, text, self.rig.now, 1_700_000_000_000_000_000)
        told = self.rig.reply_sink.replies[before:]
        assert {session for session, _ in told} <= {slot}
        return [_fast.strict(body) for _, body in told]

    def ask(self, op: str, arg: dict[str, Any] | None = None, request_id: str = "g1") -> dict[str, Any]:
        """The one answer to one of the gateway's own ops."""
        (answer,) = self.send({"id": request_id, "op": op, "args": [] if arg is None else [arg]})
        return answer

    def hello(self, strategy: Any = "alpha", **more: Any) -> dict[str, Any]:
        return self.ask("hello", {"strategy": strategy, **more}, "h1")

    @property
    def owner(self) -> int:
        slot, _ = self.rig.requests.sessions.show(self._routing_id, self._peer)
        return int(self.rig.requests.sessions.owner_of(slot))


@pytest.fixture
def connect(rig: Any) -> Callable[..., Connection]:
    return lambda routing_id=b"r1", peer=MINE: Connection(rig, routing_id, peer)


@pytest.fixture
def alpha(connect: Callable[..., Connection]) -> Connection:
    """A connection that speaks for alpha."""
    connection = connect(b"alpha")
    assert connection.hello()["code"] == "0"
    return connection


@pytest.fixture(scope="session")
def connection_to() -> type[Connection]:
    return Connection
