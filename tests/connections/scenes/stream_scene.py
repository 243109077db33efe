"""A stream between two fakes: its hooks on our side, and OKX's end of the sockets. Time is virtual."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from picows import WSMsgType

from gateway.config.session import SessionConfig
from gateway.connections import stream as stream_module
from gateway.connections.stream import Stream
from gateway.connections.tls import tls_context
from gateway.okx.backoff import ConnectPacer
from gateway.okx.event_frames import Arg, ErrorEvent
from gateway.okx.session_table import Action, State

ORDERS: Arg = {"channel": "orders", "instType": "ANY"}
ACCOUNT: Arg = {"channel": "account"}


def now_ns() -> int:
    return int(asyncio.get_running_loop().time() * 1_000_000_000)


class Hooks:
    """Records what the stream asks of its purpose; the public members are what a test sets."""

    name = "private"

    def __init__(self) -> None:
        self.login: bytes | None = b'{"op":"login","args":[]}'
        self.args: Sequence[Arg] = (ORDERS, ACCOUNT)
        self.flying = 0
        self.has_successor = True
        self.claims_errors = False
        self.reconciles: list[float] = []
        self.reconcile_ends: list[Exception | None] = []  # of each in turn; then without end
        self.resyncs: list[float] = []
        self.resync_error: Exception | None = None
        self.push_error: Exception | None = None
        self.allowed: list[tuple[Action, Any]] = []
        self.states: list[tuple[State, str]] = []
        self.calls: list[tuple[Any, ...]] = []

    def listener(self, owner: Stream) -> Any:
        return SimpleNamespace(last_frame_ns=now_ns())

    def login_frame(self) -> bytes | None:
        return self.login

    def subscription_args(self) -> Sequence[Arg]:
        return self.args

    async def reconcile(self) -> None:
        self.reconciles.append(asyncio.get_running_loop().time())
        if not self.reconcile_ends:
            await asyncio.get_running_loop().create_future()
        error = self.reconcile_ends.pop(0)
        if error is not None:
            raise error

    async def resync_clock(self) -> None:
        await asyncio.sleep(0.5)
        self.resyncs.append(asyncio.get_running_loop().time())
        if self.resync_error is not None:
            raise self.resync_error

    def allow(self, action: Action, socket: Any) -> None:
        self.allowed.append((action, socket))

    def resolve_in_flight(self) -> None:
        self.calls.append(("resolve_in_flight",))

    def in_flight(self) -> int:
        return self.flying

    def ask_successor(self, reason: str) -> bool:
        self.calls.append(("ask_successor", reason))
        return self.has_successor

    def on_push(self, frame: bytes) -> None:
        self.calls.append(("push", frame))
        if self.push_error is not None:
            raise self.push_error

    def on_pong(self, ping_sent_ns: int) -> None:
        self.calls.append(("pong", ping_sent_ns))

    def give_to_request(self, event: ErrorEvent) -> bool:
        return self.claims_errors

    def on_error_event(self, event: ErrorEvent) -> None:
        self.calls.append(("error", event.code))

    def on_state(self, state: State, reason: str) -> None:
        self.states.append((state, reason))

    def alarm(self, reason: str, msg: str) -> None:
        self.calls.append(("alarm", reason, msg))


class Transport:
    """A connection as picows gives it. Until `is_mute`, the other end answers a close at once."""

    def __init__(self, okx: Okx, listener: Any) -> None:
        self.okx, self.listener = okx, listener
        self.sent: list[bytes] = []
        self.is_closed = False
        self.is_mute = False

    def send(self, kind: WSMsgType, frame: bytes) -> None:
        assert kind is WSMsgType.TEXT and not self.is_closed
        self.sent.append(frame)

    def send_close(self, code: int) -> None:
        self.sent.append(b"close %d" % int(code))

    def disconnect(self, graceful: bool = True) -> None:
        if not graceful or not self.is_mute:
            self.lose()

    def lose(self) -> None:
        """The connection ends, which the listener hears in a later turn."""
        if not self.is_closed:
            self.is_closed = True
            asyncio.get_running_loop().call_soon(self.okx.stream.on_closed, self.listener)


class Okx:
    """Takes connections (or refuses them, or leaves them hanging), and speaks on the last one."""

    stream: Stream

    def __init__(self) -> None:
        self.attempts: list[float] = []
        self.options: list[dict[str, Any]] = []
        self.refusal: Exception | None = None
        self.hangs = False
        self.transports: list[Transport] = []

    async def connect(self, make_listener: Callable[[], Any], url: str, **options: Any) -> None:
        self.attempts.append(asyncio.get_running_loop().time())
        self.options.append(options)
        if self.hangs:
            await asyncio.get_running_loop().create_future()
        if self.refusal is not None:
            raise self.refusal
        listener = make_listener()
        self.transports.append(Transport(self, listener))
        self.stream.on_connected(listener, self.transports[-1], f"socket {len(self.transports)}")  # type: ignore[arg-type]

    @property
    def transport(self) -> Transport:
        return self.transports[-1]

    @property
    def ops(self) -> list[str]:
        """What was sent on the last connection, in short."""
        return [json.loads(frame)["op"] if frame[:1] == b"{" else frame.decode() for frame in self.transport.sent]

    def say(self, **members: Any) -> None:
        """An event frame."""
        self.transport.listener.last_frame_ns = now_ns()
        self.stream.on_cold_frame(self.transport.listener, json.dumps(members).encode())

    def pong(self) -> None:
        self.transport.listener.last_frame_ns = now_ns()
        self.stream.on_pong(self.transport.listener)

    def close(self, code: int, reason: str = "") -> None:
        self.stream.on_close_frame(self.transport.listener, code, reason)
        self.transport.lose()


class Scene:
    """Made within a running loop by `make_scene`. `seconds` lets virtual time pass; `turn` only lets tasks run."""

    def __init__(self, url: str, session: dict[str, Any], random_fraction: float) -> None:
        self.hooks, self.okx = Hooks(), Okx()
        self.tls = tls_context(None)
        config = SessionConfig(**session)
        self.stream = Stream(self.hooks, url, self.tls, config, ConnectPacer(), lambda: random_fraction)
        self.okx.stream = self.stream
        self.started_s = asyncio.get_running_loop().time()

    async def seconds(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def turn(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def connected(self) -> Scene:
        self.stream.start()
        await self.turn()
        return self

    async def logged_in(self) -> Scene:
        await self.connected()
        self.okx.say(event="login", code="0", msg="", connId="a4d3ae55")
        return self

    async def answered(self) -> Scene:
        """OKX takes the login and the subscriptions of the connection that is there."""
        self.okx.say(event="login", code="0", msg="", connId="a4d3ae55")
        for arg in self.hooks.args:
            self.okx.say(event="subscribe", arg=arg, connId="a4d3ae55")
        await self.turn()
        return self

    async def subscribed(self) -> Scene:
        await self.connected()
        return await self.answered()

    async def ready(self) -> Scene:
        self.hooks.reconcile_ends.append(None)
        await self.subscribed()
        assert self.stream.state is State.READY
        return self

    @property
    def attempts_after_s(self) -> list[float]:
        """The moments of the connects, in seconds from the start."""
        return [round(moment - self.started_s, 3) for moment in self.okx.attempts]

    def calls(self, kind: str) -> list[tuple[Any, ...]]:
        return [call for call in self.hooks.calls if call[0] == kind]


MakeScene = Callable[..., Scene]


@pytest.fixture
def make_scene(monkeypatch: pytest.MonkeyPatch) -> MakeScene:
    """A scene, whose sockets are OKX's fake and whose monotonic clock is the loop's."""

    def make(url: str = "wss://okx/ws/v5/private", random_fraction: float = 0.0, **session: Any) -> Scene:
        scene = Scene(url, session, random_fraction)
        monkeypatch.setattr(stream_module, "ws_connect", scene.okx.connect)
        monkeypatch.setattr(stream_module, "time", SimpleNamespace(monotonic_ns=now_ns))
        return scene

    return make
