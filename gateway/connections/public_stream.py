"""The public stream: the instruments channel, which keeps ticks, lots, states and codes fresh."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from picows import WSListener

from gateway.connections.event_listener import ColdListener
from gateway.connections.stream_hooks import ListenerOwner
from gateway.okx.event_frames import Arg, ErrorEvent, instrument_args
from gateway.okx.session_table import Action, State

log = logging.getLogger(__name__)


class PublicHooks:
    """What the public stream does in each state, for `Stream`: no login; a reload of the instruments after a gap."""

    name = "public"

    def __init__(
        self,
        inst_types: Sequence[str],
        on_rows: Callable[[Sequence[Any]], None],
        reload: Callable[[], Any],
        alarm: Callable[[str, str], None],
    ) -> None:
        self._args = instrument_args(inst_types)
        self._on_rows = on_rows
        self._reload = reload
        self._alarm = alarm
        self._has_been_ready = False

    def listener(self, owner: ListenerOwner) -> WSListener:
        return ColdListener(owner)

    def login_frame(self) -> None:
        return None

    def subscription_args(self) -> Sequence[Arg]:
        return self._args

    async def reconcile(self) -> None:
        """What changed while nobody listened; at the first time the start has just loaded everything."""
        if self._has_been_ready:
            await self._reload()
        self._has_been_ready = True

    async def resync_clock(self) -> None:
        """Nothing here depends on the clock."""

    def allow(self, action: Action, socket: Any) -> None:
        """No orders go this way."""

    def resolve_in_flight(self) -> None:
        """Nothing is in flight here."""

    def in_flight(self) -> int:
        return 0

    def ask_successor(self, reason: str) -> bool:
        """A moment without it does no harm: what changed meanwhile is asked for."""
        return False

    def on_push(self, frame: bytes) -> None:
        fields = orjson.loads(frame)
        if fields.get("arg", {}).get("channel") == "instruments" and isinstance(fields.get("data"), list):
            self._on_rows(fields["data"])

    def on_pong(self, ping_sent_ns: int) -> None:
        """The connection lives."""

    def give_to_request(self, event: ErrorEvent) -> bool:
        """No requests go this way."""
        return False

    def on_error_event(self, event: ErrorEvent) -> None:
        log.warning("error event", extra={"stream": self.name, "code": event.code, "okx_msg": event.msg})

    def on_state(self, state: State, reason: str) -> None:
        """The gateway's state is the private stream's."""

    def alarm(self, reason: str, msg: str) -> None:
        self._alarm(reason, msg)
