"""The private connections of a gateway, as one: a group for order entry and stream together, or one for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from gateway.connections.connection_group import STANDBY_PING_MS, ConnectionGroup
from gateway.connections.private_connection import PrivatePorts
from gateway.okx.session_table import State

# The groups are checked in every such turn of the hot loop (10 ms).
TURNS_PER_CHECK: Final = 10


class PrivateConnections:
    """`start`, then `stop`. `state` is that of the active connections: READY only if all are."""

    def __init__(
        self, ports: PrivatePorts, on_state: Callable[[State, str], None], on_handover: Callable[[], None]
    ) -> None:
        session = ports.wire.session
        if session.hot_standby:
            ping_ms = min(session.ping_after_ms, STANDBY_PING_MS)
            impatient = session.model_copy(update={"ping_after_ms": ping_ms})
            ports = replace(ports, wire=replace(ports.wire, session=impatient))
        self._on_state = on_state
        self._turns = 0
        self.is_started = False

        def group(name: str, *, orders: bool, stream: bool) -> ConnectionGroup:
            return ConnectionGroup(
                name,
                ports,
                carries_orders=orders,
                carries_stream=stream,
                on_change=self._on_change,
                on_handover=on_handover,
            )

        if session.separate_order_entry:
            self._stream_group = group("private", orders=False, stream=True)
            self._groups = [self._stream_group, group("orders", orders=True, stream=False)]
        else:
            self._stream_group = group("private", orders=True, stream=True)
            self._groups = [self._stream_group]

    @property
    def state(self) -> State:
        states = [group.active.stream.state for group in self._groups]
        if State.FAILED in states:
            return State.FAILED
        return next((state for state in states if state is not State.READY), State.READY)

    def _on_change(self, reason: str) -> None:
        self._on_state(self.state, reason)

    def start(self) -> None:
        self.is_started = True
        for group in self._groups:
            group.start()

    async def stop(self) -> None:
        for group in self._groups:
            await group.stop()

    def tick(self) -> None:
        """One turn of the hot loop."""
        self._turns += 1
        if self._turns % TURNS_PER_CHECK == 0:
            for group in self._groups:
                group.check_standby()

    def renew(self, reason: str) -> bool:
        """New connections take over from the active ones, which go on until then. False: none is up."""
        return self.is_started and any([group.switch_over(reason) for group in self._groups])

    def reopen(self, reason: str) -> None:
        """The sessions are good for nothing any more: they end, and others begin."""
        for group in self._groups:
            group.active.stream.reopen(reason)

    def send_ping(self) -> None:
        """On each connection: its pong proves what OKX has read there."""
        for group in self._groups:
            for connection in group.connections:
                connection.stream.send_ping()

    def received_since(self, mono_ns: int) -> bool:
        """OKX has sent a frame after that moment on the private stream, and all is ready."""
        return self.state is State.READY and self._stream_group.active.stream.received_since(mono_ns)

    def status(self) -> list[dict[str, Any]]:
        """For the op `status`: {`number`, `group`, `role`, `state`, `inFlight`} of each."""
        return [row for group in self._groups for row in group.status()] if self.is_started else []
