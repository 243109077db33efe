"""One connection to OKX's private WebSocket: login, perhaps the private channels, and requests."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from picows import WSListener

from gateway._fast.base.signing import sign
from gateway._fast.control.pipeline import PipelineControl
from gateway._fast.order_pipeline import OrderPipeline
from gateway._fast.ports.ports import FrameSink
from gateway._fast.sockets.private_listener import PrivateListener
from gateway.config.session import SessionConfig
from gateway.connections.stream import Stream
from gateway.connections.stream_hooks import ListenerOwner
from gateway.okx.backoff import ConnectPacer
from gateway.okx.event_frames import PRIVATE_ARGS, Arg, ErrorEvent, build_login, excerpt
from gateway.okx.secret import Credentials
from gateway.okx.session_table import Action, State

log = logging.getLogger(__name__)


class GapReconciler(Protocol):
    """What is done about a gap in the stream: see `gateway.reconciliation.runner.Reconciler`."""

    def note_gap(self, now_ns: int) -> None: ...
    async def run(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Wire:
    """Where connections lead, and how they are made."""

    url: str
    tls: ssl.SSLContext
    session: SessionConfig
    pacer: ConnectPacer


@dataclass(frozen=True, slots=True)
class PrivatePorts:
    """What every private connection of a gateway shares."""

    pipeline: OrderPipeline
    api: PipelineControl
    credentials: Credentials
    wire: Wire
    reconciler: GapReconciler
    before_ready: Callable[[], Awaitable[None]]  # once reconciled, before new orders may go
    resync_clock: Callable[[], Any]
    alarm: Callable[[str, str], None]


class Group(Protocol):
    """Whom a connection tells what becomes of it: see `gateway.connections.connection_group.ConnectionGroup`."""

    name: str
    carries_stream: bool

    def on_logged_in(self, connection: PrivateConnection) -> None: ...
    def on_closing(self, connection: PrivateConnection) -> None: ...
    def on_gone(self, connection: PrivateConnection) -> None: ...
    def on_state(self, connection: PrivateConnection, state: State, reason: str) -> None: ...
    def is_complete(self) -> bool: ...
    def on_notice(self, connection: PrivateConnection, reason: str) -> bool: ...


class PrivateConnection:
    """What a private connection does in each state, for its `stream`. `number` tells it from others in status."""

    def __init__(self, group: Group, ports: PrivatePorts, number: int) -> None:
        self.name = group.name
        self.number = number
        self.socket: FrameSink | None = None  # from the login until the end
        self._group = group
        self._ports = ports
        self._api = ports.api
        wire = ports.wire
        self.stream = Stream(self, wire.url, wire.tls, wire.session, wire.pacer)

    def listener(self, owner: ListenerOwner) -> WSListener:
        return PrivateListener(self._ports.pipeline, owner)

    def login_frame(self) -> bytes:
        return build_login(self._ports.credentials, self._api.okx_now_ms() // 1_000, sign)

    def subscription_args(self) -> Sequence[Arg]:
        return PRIVATE_ARGS if self._group.carries_stream else ()

    async def reconcile(self) -> None:
        """Compares with OKX, unless another connection has brought all up to here and goes on."""
        if self._group.carries_stream and not self._group.is_complete():
            await self._ports.reconciler.run()
            await self._ports.before_ready()

    async def resync_clock(self) -> None:
        await self._ports.resync_clock()

    def allow(self, action: Action, socket: Any) -> None:
        """Cancels may go from the login on; new orders once `on_state` says that it is ready."""
        if action is Action.ALLOW_CANCELS and socket is not None:
            self.socket = socket
            self._group.on_logged_in(self)
        elif action is Action.ALLOW_NOTHING:
            self._group.on_closing(self)

    def resolve_in_flight(self) -> None:
        self._group.on_gone(self)
        self.socket = None

    def in_flight(self) -> int:
        return 0 if self.socket is None else self._api.in_flight_count(self.socket)

    def ask_successor(self, reason: str) -> bool:
        return self._group.on_notice(self, reason)

    def on_push(self, frame: bytes) -> None:
        log.warning("unknown frame", extra={"excerpt": excerpt(frame.decode("utf-8", "replace"))})

    def on_pong(self, ping_sent_ns: int) -> None:
        if self.socket is not None:
            self._api.pong_received(ping_sent_ns, self.socket)

    def on_error_event(self, event: ErrorEvent) -> None:
        """An error that answers no login, no subscription and no request."""
        self.alarm("okx_error", f"OKX reports {event.code}: {event.msg}")

    def give_to_request(self, event: ErrorEvent) -> bool:
        """True if OKX could not read one of our requests: named by the event's `id`, or in the echo of the message."""
        okx_id = event.frame_id
        if not okx_id:
            _, brace, rest = event.msg.partition("{")
            start = (brace + rest).find('"id":"')
            okx_id = (brace + rest)[start + 6 : start + 22] if start >= 0 else ""
        if not okx_id.isalnum() or not event.code.isdigit():
            return False
        msg = orjson.dumps(event.msg)[1:-1]
        return bool(self._api.refused_as_unreadable(okx_id.encode(), int(event.code), msg))

    def on_state(self, state: State, reason: str) -> None:
        self._group.on_state(self, state, reason)

    def alarm(self, reason: str, msg: str) -> None:
        self._ports.alarm(reason, msg)
