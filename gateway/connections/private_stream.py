"""The private stream: login, OKX's private channels, and the connection that orders go by."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import orjson
from picows import WSListener

from gateway._fast.order_pipeline import OrderPipeline
from gateway._fast.pipeline_handle import PipelineHandle
from gateway._fast.private_listener import PrivateListener
from gateway._fast.signing import sign
from gateway.connections.stream import Stream
from gateway.okx.cold_frames import PRIVATE_ARGS, Arg, ErrorEvent, build_login, excerpt
from gateway.okx.session_table import Action, State
from gateway.secret import Credentials

log = logging.getLogger(__name__)


class GapReconciler(Protocol):
    """What is done about a gap in the stream: see `gateway.reconciliation.runner.Reconciler`."""

    def note_gap(self, now_ns: int) -> None: ...
    async def run(self) -> None: ...


class PrivateHooks:
    """What the private stream does in each state, for `Stream`."""

    name = "private"

    def __init__(
        self,
        pipeline: OrderPipeline,
        handle: PipelineHandle,
        credentials: Credentials,
        reconciler: GapReconciler,
        before_ready: Callable[[], Awaitable[None]],
        resync_clock: Callable[[], Any],
        on_state: Callable[[State, str], None],
        alarm: Callable[[str, str], None],
    ) -> None:
        self._pipeline = pipeline
        self._handle = handle
        self._credentials = credentials
        self._reconciler = reconciler
        self._before_ready = before_ready
        self._resync_clock = resync_clock
        self._on_state = on_state
        self._alarm = alarm

    def listener(self, owner: Stream) -> WSListener:
        return PrivateListener(self._pipeline, owner)

    def login_frame(self) -> bytes:
        return build_login(self._credentials, self._handle.okx_now_ms() // 1_000, sign)

    def subscription_args(self) -> Sequence[Arg]:
        return PRIVATE_ARGS

    async def reconcile(self) -> None:
        await self._reconciler.run()
        await self._before_ready()

    async def resync_clock(self) -> None:
        await self._resync_clock()

    def allow(self, action: Action, socket: Any) -> None:
        """Cancels from the login on; new orders only once reconciled."""
        if action is Action.ALLOW_CANCELS and socket is not None:
            self._handle.connection_opened(socket)
        elif action is Action.ALLOW_NOTHING:
            self._handle.connection_closing()
        self._handle.set_ready(action is Action.ALLOW_ORDERS)

    def resolve_in_flight(self) -> None:
        self._reconciler.note_gap(self._handle.okx_now_ms())
        self._handle.connection_lost()

    def in_flight(self) -> int:
        return int(self._handle.in_flight_count())

    def on_push(self, frame: bytes) -> None:
        log.warning("unknown frame", extra={"excerpt": excerpt(frame.decode("utf-8", "replace"))})

    def on_pong(self, ping_sent_ns: int) -> None:
        self._handle.pong_received(ping_sent_ns)

    def on_error_event(self, event: ErrorEvent) -> None:
        """An error that answers no login, no subscription and no request."""
        self._alarm("okx_error", f"OKX reports {event.code}: {event.msg}")

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
        return bool(self._handle.refused_as_unreadable(okx_id.encode(), int(event.code), msg))

    def on_state(self, state: State, reason: str) -> None:
        self._on_state(state, reason)

    def alarm(self, reason: str, msg: str) -> None:
        self._alarm(reason, msg)
