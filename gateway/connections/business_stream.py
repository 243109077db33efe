"""The business stream: login, and the channels of algo orders. New algo orders go while it is whole."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from picows import WSListener

from gateway._fast.base.signing import sign
from gateway._fast.control.algos import AlgoControl
from gateway._fast.order_pipeline import OrderPipeline
from gateway._fast.sockets.private_listener import PrivateListener
from gateway.connections.stream_hooks import ListenerOwner
from gateway.okx.event_frames import BUSINESS_ARGS, Arg, ErrorEvent, build_login, excerpt
from gateway.okx.secret import Credentials
from gateway.okx.session_table import Action, State

log = logging.getLogger(__name__)


class Reconciles(Protocol):
    """What is done after a gap in the stream: see `gateway.reconciliation.algos.AlgoReconciler`."""

    async def run(self) -> None: ...


class BusinessHooks:
    """What the business stream does in each state, for `Stream`. Its end ends no orders: the private stream goes on."""

    name = "business"

    def __init__(
        self,
        pipeline: OrderPipeline,
        api: AlgoControl,
        credentials: Credentials,
        okx_now_ms: Callable[[], int],
        reconciler: Reconciles,
        resync_clock: Callable[[], Any],
        on_state: Callable[[State], None],
        alarm: Callable[[str, str], None],
    ) -> None:
        self._pipeline = pipeline
        self._api = api
        self._credentials = credentials
        self._okx_now_ms = okx_now_ms
        self._reconciler = reconciler
        self._resync_clock = resync_clock
        self._on_state = on_state
        self._alarm = alarm

    def listener(self, owner: ListenerOwner) -> WSListener:
        return PrivateListener(self._pipeline, owner)

    def login_frame(self) -> bytes:
        return build_login(self._credentials, self._okx_now_ms() // 1_000, sign)

    def subscription_args(self) -> Sequence[Arg]:
        return BUSINESS_ARGS

    async def reconcile(self) -> None:
        await self._reconciler.run()

    async def resync_clock(self) -> None:
        await self._resync_clock()

    def allow(self, action: Action, socket: Any) -> None:
        """New algo orders only once reconciled; nothing is sent by this socket."""
        self._api.set_ready(action is Action.ALLOW_ORDERS)

    def resolve_in_flight(self) -> None:
        """Nothing is in flight here: algo orders go by REST."""

    def in_flight(self) -> int:
        return 0

    def ask_successor(self, reason: str) -> bool:
        """What happens to algo orders while it is away is asked for."""
        return False

    def on_push(self, frame: bytes) -> None:
        log.warning("unknown frame", extra={"stream": self.name, "excerpt": excerpt(frame.decode("utf-8", "replace"))})

    def on_pong(self, ping_sent_ns: int) -> None:
        """The connection lives."""

    def give_to_request(self, event: ErrorEvent) -> bool:
        """No requests go this way."""
        return False

    def on_error_event(self, event: ErrorEvent) -> None:
        self._alarm("okx_error", f"OKX reports {event.code} on the business stream: {event.msg}")

    def on_state(self, state: State, reason: str) -> None:
        self._on_state(state)

    def alarm(self, reason: str, msg: str) -> None:
        self._alarm(reason, msg)
