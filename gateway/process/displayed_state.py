"""Pure. Which state the gateway shows: that of its private connections, unless orders are halted or go by REST."""

from __future__ import annotations

from typing import Protocol

from gateway.okx.session_table import State


class Shows(Protocol):
    """Where the state is published: see `gateway.ipc.gateway_state.GatewayState`."""

    def set(self, state: str, *, ready: bool, reason: str = "") -> None: ...


class DisplayedState:
    """One per gateway. Before the private connections start it is `connecting`, from `stop` on `stopping`."""

    def __init__(self, shown: Shows) -> None:
        self._shown = shown
        self._private: State | None = None
        self._halted = ""
        self._by_rest = False
        self.is_stopping = False

    def connecting(self, reason: str = "") -> None:
        self._shown.set("connecting", ready=False, reason=reason)

    def note_private(self, state: State) -> None:
        """The private connections have a new state; `show` publishes it once all that depends on it is done."""
        self._private = state

    def halt(self, text: str) -> None:
        """Why new orders are halted; empty: they are not."""
        self._halted = text
        self.show()

    def allow_orders_by_rest(self, allowed: bool) -> None:
        """REST stands in for the private stream, or does so no longer."""
        self._by_rest = allowed
        self.show()

    def show(self, reason: str = "") -> None:
        state = self._private
        if state is None or self.is_stopping:
            return
        if state is not State.READY and not self._by_rest:
            name = "waiting" if state.startswith(("closing", "disconnected")) else str(state)
            self._shown.set(name, ready=False, reason=reason)
        elif self._halted:
            self._shown.set("halted", ready=False, reason=f"halted: {self._halted}")
        elif self._by_rest:
            self._shown.set("degraded", ready=True, reason=reason or f"the private stream is {state}: by REST")
        else:
            self._shown.set("ready", ready=True)

    def stop(self) -> None:
        """From here on only `stopped` follows."""
        self.is_stopping = True
        self._shown.set("stopping", ready=False)

    def stopped(self) -> None:
        self._shown.set("stopped", ready=False)
