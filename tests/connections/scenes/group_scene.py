"""Groups of private connections whose connections are fakes: a test says what becomes of each, and reads what is done."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.config.session import SessionConfig
from gateway.connections import connection_group
from gateway.connections.connection_group import ConnectionGroup
from gateway.connections.private_connection import PrivatePorts, Wire
from gateway.connections.tls import tls_context
from gateway.okx.backoff import ConnectPacer
from gateway.okx.secret import Credentials, Secret
from gateway.okx.session_table import State

OKX_NOW_MS = 1_700_000_000_000


def now_ns() -> int:
    return int(asyncio.get_running_loop().time() * 1_000_000_000)


class FakeStream:
    """Records what a connection's stream is told."""

    def __init__(self, said: list[str]) -> None:
        self.state = State.DISCONNECTED
        self._said = said
        self.silent_since_ns = 0
        self.last_frame_ns = 0

    def start(self) -> None:
        self._said.append("start")
        self.state = State.CONNECTING

    def stop(self) -> None:
        self._said.append("stop")
        self.state = State.CLOSING_FOR_STOP

    def hand_over(self) -> None:
        self._said.append("hand_over")
        self.state = State.DRAINING

    def reopen(self, reason: str) -> None:
        self._said.append(f"reopen: {reason}")

    def send_ping(self) -> None:
        self._said.append("ping")

    def unanswered_ping_ns(self) -> int:
        return self.silent_since_ns

    def received_since(self, mono_ns: int) -> bool:
        return self.state is State.READY and self.last_frame_ns > mono_ns

    async def stopped_or_failed(self) -> None:
        self._said.append("ended")


class FakeConnection:
    """`said` is what it was told; `logs_in` and `becomes` play its life."""

    def __init__(self, group: ConnectionGroup, ports: PrivatePorts, number: int) -> None:
        self.group: Any = group
        self.ports = ports
        self.number = number
        self.socket: Any = None
        self.said: list[str] = []
        self.stream = FakeStream(self.said)
        self.flying = 0

    def in_flight(self) -> int:
        return self.flying

    def logs_in(self) -> None:
        self.socket = self
        self.group.on_logged_in(self)

    def becomes(self, state: State, reason: str = "") -> None:
        self.stream.state = state
        self.stream.last_frame_ns = now_ns()
        self.group.on_state(self, state, reason)

    def is_ready(self) -> None:
        self.logs_in()
        self.becomes(State.READY)

    def is_lost(self) -> None:
        """As the session table does it: nothing may be sent, what is in flight is resolved, then it waits."""
        self.group.on_closing(self)
        self.group.on_gone(self)
        self.socket = None
        self.becomes(State.WAITING, "the connection was lost")


class Api:
    """Records the calls on the pipeline in `calls`: the name, and the connection (or flag) that it is about."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def okx_now_ms(self) -> int:
        return OKX_NOW_MS

    def __getattr__(self, name: str) -> Any:
        return lambda *args: self.calls.append((name, *args))

    def take(self) -> list[tuple[Any, ...]]:
        """What was called since the last time."""
        taken = list(self.calls)
        self.calls.clear()
        return taken


class GroupScene:
    """What one or more groups share; `connections` are all that were ever made, in order."""

    def __init__(self, **session: Any) -> None:
        self.api = Api()
        self.connections: list[FakeConnection] = []
        self.gaps: list[int] = []
        self.alarms: list[str] = []
        self.changes: list[str] = []
        self.handovers = 0
        self.ports = PrivatePorts(
            pipeline=None,  # type: ignore[arg-type]
            api=self.api,  # type: ignore[arg-type]
            credentials=Credentials(Secret("key"), Secret("secret"), Secret("phrase")),
            wire=Wire("wss://okx", tls_context(None), SessionConfig(**session), ConnectPacer()),
            reconciler=SimpleNamespace(note_gap=self.gaps.append),  # type: ignore[arg-type]
            before_ready=None,  # type: ignore[arg-type]
            resync_clock=lambda: None,
            alarm=lambda reason, msg: self.alarms.append(msg),
        )

    def make_connection(self, group: ConnectionGroup, ports: PrivatePorts, number: int) -> FakeConnection:
        self.connections.append(FakeConnection(group, ports, number))
        return self.connections[-1]

    def on_handover(self) -> None:
        self.handovers += 1

    def group(self, *, orders: bool = True, stream: bool = True) -> ConnectionGroup:
        return ConnectionGroup(
            "private",
            self.ports,
            carries_orders=orders,
            carries_stream=stream,
            on_change=self.changes.append,
            on_handover=self.on_handover,
        )


@pytest.fixture
def group_scene(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a scene: its groups take fake connections, and the loop's clock."""

    def make(**session: Any) -> GroupScene:
        scene = GroupScene(**session)
        monkeypatch.setattr(connection_group, "PrivateConnection", scene.make_connection)
        monkeypatch.setattr(connection_group, "time", SimpleNamespace(monotonic_ns=now_ns))
        return scene

    return make
