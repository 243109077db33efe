"""A group of private connections: carries out the handover table. One is active, others stand by or drain."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable
from typing import Any, Final

from gateway.connections.private_connection import PrivateConnection, PrivatePorts
from gateway.okx.handover_table import GroupAction, GroupEvent, GroupState, group_step
from gateway.okx.session_table import State

log = logging.getLogger(__name__)

# With a standby, every connection of the group sends a ping after this much silence.
STANDBY_PING_MS: Final = 500
# An active connection that leaves a ping unanswered for so long, while the standby answered, is switched over.
UNANSWERED_NS: Final = 500_000_000
# A standby from which nothing was received for so long is not promoted.
FRESH_NS: Final = 3_000_000_000
# After a standby has failed for good, another is tried.
STANDBY_RETRY_S: Final = 60.0
# Connections that drain at one time; beyond it the oldest is closed.
DRAINING_MAX: Final = 4
LOST_STATES: Final = frozenset(
    {State.CLOSING_FOR_RETRY, State.CLOSING_FOR_FAILURE, State.CLOSING_FOR_STOP, State.WAITING, State.FAILED}
)
NUMBERS: Final = itertools.count(1)


class ConnectionGroup:
    """`on_change` is called at each new state of the active connection, `on_handover` when another becomes active."""

    def __init__(
        self,
        name: str,
        ports: PrivatePorts,
        *,
        carries_orders: bool,
        carries_stream: bool,
        on_change: Callable[[str], None],
        on_handover: Callable[[], None],
    ) -> None:
        self.name = name
        self.carries_orders = carries_orders
        self.carries_stream = carries_stream
        self._wants_standby = ports.wire.session.hot_standby
        self._ports = ports
        self._api = ports.api
        self._on_change = on_change
        self._on_handover = on_handover
        self._loop = asyncio.get_running_loop()
        self._state = GroupState.DOWN
        self._reason = ""
        self._standby_not_before = 0.0
        self.active = self._new_connection()
        self.standby: PrivateConnection | None = None
        self.draining: list[PrivateConnection] = []

    def _new_connection(self) -> PrivateConnection:
        return PrivateConnection(self, self._ports, next(NUMBERS))

    @property
    def connections(self) -> list[PrivateConnection]:
        return [self.active, *([self.standby] if self.standby is not None else []), *self.draining]

    # ------------------------------------------------------------ from outside

    def start(self) -> None:
        self.active.stream.start()

    async def stop(self) -> None:
        """Ends all of its connections."""
        self._feed(GroupEvent.STOP)
        for connection in self.connections:
            if connection.stream.state not in (State.STOPPED, State.DISCONNECTED):
                connection.stream.stop()
                await connection.stream.stopped_or_failed()

    def switch_over(self, reason: str) -> bool:
        """Another connection is to take over from the active one, which goes on until then. False: that one is down."""
        self._reason = reason
        log.warning("a new connection is to take over", extra={"stream": self.name, "why": reason})
        is_complete = self.is_complete()
        self._feed(GroupEvent.SWITCH_WANTED)
        return is_complete

    def is_complete(self) -> bool:
        """The active connection is ready: everything that OKX pushes is received."""
        return self._state not in (GroupState.DOWN, GroupState.STOPPED)

    def check_standby(self) -> None:
        """Opens a standby where one is wanted, and switches over from an active connection that has fallen silent."""
        if self._wants_standby and self._state is GroupState.UP and self._loop.time() >= self._standby_not_before:
            self._feed(GroupEvent.STANDBY_WANTED)
        if self._state is GroupState.HAS_STANDBY and self.standby is not None:
            unanswered_ns = self.active.stream.unanswered_ping_ns()
            is_silent = unanswered_ns and time.monotonic_ns() - unanswered_ns > UNANSWERED_NS
            if is_silent and self.standby.stream.received_since(unanswered_ns):
                self.switch_over("OKX answers on the standby connection and not on this one")

    def status(self) -> list[dict[str, Any]]:
        roles = [(self.active, "active"), *((one, "draining") for one in self.draining)]
        if self.standby is not None:
            roles.insert(1, (self.standby, "standby"))
        return [
            {
                "number": one.number,
                "group": self.name,
                "role": role,
                "state": str(one.stream.state),
                "inFlight": one.in_flight(),
            }
            for one, role in roles
        ]

    # ------------------------------------------------------------ from its connections

    def on_logged_in(self, connection: PrivateConnection) -> None:
        assert connection.socket is not None
        if self.carries_stream:
            self._api.stream_opened(connection.socket)
        if connection is self.active:
            self._use_active()

    def on_closing(self, connection: PrivateConnection) -> None:
        if connection is self.active and self.carries_orders:
            self._api.connection_closing()

    def on_gone(self, connection: PrivateConnection) -> None:
        """Only what was sent on it and has no ack becomes unknown."""
        if connection.socket is not None and self.carries_orders:
            self._api.connection_lost(connection.socket)
        if connection.socket is not None and self.carries_stream:
            self._api.stream_lost(connection.socket)
        if connection is self.active and self.carries_stream and self._state is not GroupState.HAS_STANDBY:
            self._note_gap()

    def on_notice(self, connection: PrivateConnection, reason: str) -> bool:
        """OKX is about to close it. False for one that is not active: it comes back by itself."""
        is_active = connection is self.active
        if is_active:
            self.switch_over(reason)
        return is_active

    def on_state(self, connection: PrivateConnection, state: State, reason: str) -> None:
        if connection is self.active:
            self._on_active_state(state)
            self._on_change(reason)
        elif connection is self.standby:
            self._on_standby_state(state, reason)
        elif state is State.STOPPED:
            self.draining.remove(connection)

    def _on_active_state(self, state: State) -> None:
        if state is State.READY:
            self._feed(GroupEvent.ACTIVE_READY)
        elif state in LOST_STATES:
            if self._state is GroupState.HAS_STANDBY and not self._is_standby_fresh():
                assert self.standby is not None
                self.standby.stream.reopen("the standby connection is silent too")
            self._feed(GroupEvent.ACTIVE_LOST)

    def _on_standby_state(self, state: State, reason: str) -> None:
        if state is State.READY:
            self._feed(GroupEvent.STANDBY_READY)
        elif state is State.FAILED:
            self._reason = reason
            self._feed(GroupEvent.STANDBY_FAILED)
        elif state in LOST_STATES:
            self._feed(GroupEvent.STANDBY_LOST)

    def _is_standby_fresh(self) -> bool:
        return self.standby is not None and self.standby.stream.received_since(time.monotonic_ns() - FRESH_NS)

    # ------------------------------------------------------------ the table

    def _feed(self, event: GroupEvent) -> None:
        cell = group_step(self._state, event)
        if cell.next_state is not self._state:
            extra = {"stream": self.name, "group": str(cell.next_state), "on": str(event)}
            log.info("connections", extra=extra)
        self._state = cell.next_state
        old = self.active
        for action in cell.actions:
            self._carry_out(action, old)

    def _carry_out(self, action: GroupAction, old: PrivateConnection) -> None:
        match action:
            case GroupAction.GO_ON:
                if self.carries_stream:
                    self._api.set_ready(True)
            case GroupAction.LOSE:
                self._note_gap()
            case GroupAction.OPEN_STANDBY:
                self.standby = self._new_connection()
                self.standby.stream.start()
            case GroupAction.DROP_STANDBY:
                assert self.standby is not None
                self._standby_not_before = self._loop.time() + STANDBY_RETRY_S
                self._drain(self.standby).stop()
                self.standby = None
            case GroupAction.TAKE_OVER:
                assert self.standby is not None
                self.active, self.standby = self.standby, None
                self._use_active()
            case GroupAction.DRAIN_OLD:
                self._drain(old).hand_over()
            case GroupAction.DROP_OLD:
                self._drain(old).stop()
            case GroupAction.CHECK:
                self._on_handover()
            case GroupAction.ALARM:
                words = f"{self.name}: no second connection could be opened, the first one goes on: {self._reason}"
                self._ports.alarm("stream", words)

    def _use_active(self) -> None:
        socket = self.active.socket
        if socket is not None and self.carries_orders:
            self._api.connection_opened(socket)
        if socket is not None and self.carries_stream:
            self._api.stream_leads(socket)

    def _note_gap(self) -> None:
        if self.carries_stream:
            self._ports.reconciler.note_gap(self._api.okx_now_ms())
            self._api.set_ready(False)

    def _drain(self, connection: PrivateConnection) -> Any:
        """Its stream, which is to end now."""
        self.draining.append(connection)
        if len(self.draining) > DRAINING_MAX:
            self.draining[0].stream.stop()
        return connection.stream
