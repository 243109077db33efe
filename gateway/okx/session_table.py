"""Pure. The lifecycle of one private stream, disconnected to ready, as a table: (state, event) -> (state, actions).

The shell that owns the socket feeds events and carries out actions in their order. It arms one timer per state
(`TIMEOUT_KEYS`), on entry and again on START_RECONCILE, and assigns every event to its connection. A
stream that needs no login or reconciliation answers SEND_LOGIN with LOGIN_OK and START_RECONCILE with RECONCILED.

A missing cell is a defect of the shell and raises LocalProtocolError. Every event that OKX can cause has a cell in
every state with a socket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.errors import LocalProtocolError
from gateway.okx.close_codes import close_rule
from gateway.okx.error_codes import LoginReaction, SubscribeReaction, login_reaction, subscribe_reaction


class State(StrEnum):
    """Only READY allows new orders; from SUBSCRIBING on, cancels are allowed.

    In DRAINING another connection has taken over: this one only waits for its acks.
    """

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    LOGGING_IN = "logging_in"
    SUBSCRIBING = "subscribing"
    RECONCILING = "reconciling"
    READY = "ready"
    DRAINING = "draining"
    CLOSING_FOR_RETRY = "closing_for_retry"
    CLOSING_FOR_FAILURE = "closing_for_failure"
    CLOSING_FOR_STOP = "closing_for_stop"
    WAITING = "waiting"
    FAILED = "failed"
    STOPPED = "stopped"


class Event(StrEnum):
    """CLOSED_* and CONNECT_FAILED mean that the socket is gone; exactly one of them ends each connection."""

    START = "start"
    STOP = "stop"
    CONNECTED = "connected"
    CONNECT_FAILED = "connect_failed"
    LOGIN_OK = "login_ok"
    LOGIN_REFUSED_RETRY = "login_refused_retry"
    LOGIN_REFUSED_CLOCK = "login_refused_clock"
    LOGIN_REFUSED_FATAL = "login_refused_fatal"
    SUBSCRIBED_ALL = "subscribed_all"
    SUBSCRIBE_REFUSED_RETRY = "subscribe_refused_retry"
    SUBSCRIBE_REFUSED_FATAL = "subscribe_refused_fatal"
    CHANNEL_LOST = "channel_lost"  # channel-conn-count-error: acked, but silent
    RECONCILED = "reconciled"
    RECONCILE_FAILED = "reconcile_failed"
    NOTICE_UPGRADE = "notice_upgrade"
    NO_SUCCESSOR = "no_successor"
    HANDED_OVER = "handed_over"
    DRAINED = "drained"
    CLOSED_RETRY = "closed_retry"
    CLOSED_FATAL = "closed_fatal"
    TIMEOUT = "timeout"
    PONG_TIMEOUT = "pong_timeout"
    BACKOFF_ELAPSED = "backoff_elapsed"


class Action(StrEnum):
    """The shell's actions. The ALLOW_* actions set which requests are allowed from now on."""

    CONNECT = "connect"  # after a running clock resync, and at the pacer's time
    SEND_LOGIN = "send_login"
    SEND_SUBSCRIBE = "send_subscribe"
    START_RECONCILE = "start_reconcile"
    ABORT_RECONCILE = "abort_reconcile"
    ASK_SUCCESSOR = "ask_successor"  # then NO_SUCCESSOR at once, or HANDED_OVER when it is ready
    START_DRAIN = "start_drain"  # then DRAINED, once no ack is outstanding
    CLOSE = "close"  # with a close frame
    ABORT = "abort"  # drop the socket, or give up the connection attempt
    RESYNC_CLOCK = "resync_clock"
    ARM_BACKOFF = "arm_backoff"  # replaces a running backoff
    CANCEL_BACKOFF = "cancel_backoff"
    RESET_BACKOFF = "reset_backoff"
    ALLOW_NOTHING = "allow_nothing"
    ALLOW_CANCELS = "allow_cancels"
    ALLOW_ORDERS = "allow_orders"
    RESOLVE_IN_FLIGHT = "resolve_in_flight"  # every op without an ack now has an unknown result
    ALARM = "alarm"  # an operator should know


@dataclass(frozen=True, slots=True)
class Cell:
    """The effect of one event in one state."""

    next_state: State
    actions: tuple[Action, ...] = ()


# The key of [session] that bounds each state; a state without one can last for ever.
TIMEOUT_KEYS: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.CONNECTING: "connect_timeout_ms",
        State.LOGGING_IN: "login_timeout_ms",
        State.SUBSCRIBING: "subscribe_timeout_ms",
        State.RECONCILING: "reconcile_timeout_ms",
        State.DRAINING: "drain_timeout_ms",
        State.CLOSING_FOR_RETRY: "close_timeout_ms",
        State.CLOSING_FOR_FAILURE: "close_timeout_ms",
        State.CLOSING_FOR_STOP: "close_timeout_ms",
    }
)

_S, _E, _A = State, Event, Action
_RETRY, _FAILURE, _STOP = _S.CLOSING_FOR_RETRY, _S.CLOSING_FOR_FAILURE, _S.CLOSING_FOR_STOP

_CONNECT: Final = Cell(_S.CONNECTING, (_A.CONNECT,))
_LOST: Final = Cell(_S.WAITING, (_A.ALLOW_NOTHING, _A.RESOLVE_IN_FLIGHT, _A.ARM_BACKOFF))
_LOST_FOR_GOOD: Final = Cell(_S.FAILED, (_A.ALLOW_NOTHING, _A.RESOLVE_IN_FLIGHT, _A.ALARM))
_CLOSE_RETRY: Final = Cell(_RETRY, (_A.ALLOW_NOTHING, _A.CLOSE))
_CLOSE_RETRY_ALARM: Final = Cell(_RETRY, (_A.ALLOW_NOTHING, _A.CLOSE, _A.ALARM))
_CLOSE_RETRY_CLOCK: Final = Cell(_RETRY, (_A.RESYNC_CLOCK, _A.CLOSE))
_CLOSE_FAILURE: Final = Cell(_FAILURE, (_A.ALLOW_NOTHING, _A.CLOSE, _A.ALARM))
_CLOSE_STOP: Final = Cell(_STOP, (_A.ALLOW_NOTHING, _A.CLOSE))
_GONE: Final = Cell(_S.STOPPED, (_A.ALLOW_NOTHING, _A.RESOLVE_IN_FLIGHT))
_ABORT_RETRY: Final = Cell(_RETRY, (_A.ALLOW_NOTHING, _A.ABORT))


def _during_reconcile(cell: Cell) -> Cell:
    """The same cell for the state in which a reconciliation is running."""
    return Cell(cell.next_state, (_A.ABORT_RECONCILE, _A.CANCEL_BACKOFF, *cell.actions))


_READY_LOST: Final[Mapping[Event, Cell]] = {
    _E.STOP: _CLOSE_STOP,
    _E.SUBSCRIBE_REFUSED_RETRY: _CLOSE_RETRY_ALARM,
    _E.SUBSCRIBE_REFUSED_FATAL: _CLOSE_FAILURE,
    _E.CHANNEL_LOST: _CLOSE_RETRY_ALARM,
    _E.CLOSED_RETRY: _LOST,
    _E.CLOSED_FATAL: _LOST_FOR_GOOD,
    _E.PONG_TIMEOUT: _ABORT_RETRY,
}

_CELLS: Final[Mapping[State, Mapping[Event, Cell]]] = {
    _S.DISCONNECTED: {_E.START: _CONNECT, _E.STOP: Cell(_S.STOPPED)},
    _S.CONNECTING: {
        _E.STOP: Cell(_STOP, (_A.ABORT,)),
        _E.CONNECTED: Cell(_S.LOGGING_IN, (_A.SEND_LOGIN,)),
        _E.CONNECT_FAILED: Cell(_S.WAITING, (_A.ARM_BACKOFF,)),
        _E.TIMEOUT: Cell(_RETRY, (_A.ABORT,)),
    },
    _S.LOGGING_IN: {
        _E.STOP: _CLOSE_STOP,
        _E.LOGIN_OK: Cell(_S.SUBSCRIBING, (_A.SEND_SUBSCRIBE, _A.ALLOW_CANCELS)),
        _E.LOGIN_REFUSED_RETRY: _CLOSE_RETRY,
        _E.LOGIN_REFUSED_CLOCK: _CLOSE_RETRY_CLOCK,
        _E.LOGIN_REFUSED_FATAL: _CLOSE_FAILURE,
        _E.NOTICE_UPGRADE: _CLOSE_RETRY,
        _E.CLOSED_RETRY: Cell(_S.WAITING, (_A.ARM_BACKOFF,)),
        _E.CLOSED_FATAL: Cell(_S.FAILED, (_A.ALARM,)),
        _E.TIMEOUT: _ABORT_RETRY,
        _E.PONG_TIMEOUT: _ABORT_RETRY,
    },
    _S.SUBSCRIBING: {
        **_READY_LOST,
        _E.SUBSCRIBED_ALL: Cell(_S.RECONCILING, (_A.START_RECONCILE,)),
        _E.NOTICE_UPGRADE: _CLOSE_RETRY,
        _E.TIMEOUT: _ABORT_RETRY,
    },
    _S.RECONCILING: {
        **{event: _during_reconcile(cell) for event, cell in _READY_LOST.items()},
        _E.RECONCILED: Cell(_S.READY, (_A.RESET_BACKOFF, _A.ALLOW_ORDERS)),
        # The socket stays: cancels must not suffer from a REST failure.
        _E.RECONCILE_FAILED: Cell(_S.RECONCILING, (_A.ARM_BACKOFF,)),
        _E.TIMEOUT: Cell(_S.RECONCILING, (_A.ABORT_RECONCILE, _A.ARM_BACKOFF)),
        _E.BACKOFF_ELAPSED: Cell(_S.RECONCILING, (_A.START_RECONCILE,)),
        _E.NOTICE_UPGRADE: Cell(_S.RECONCILING, (_A.ASK_SUCCESSOR,)),
        _E.NO_SUCCESSOR: _during_reconcile(_CLOSE_RETRY),
    },
    # OKX closes 60 s after the notice (change log 2025-05-27): until another has taken over, this one serves.
    _S.READY: {
        **_READY_LOST,
        _E.NOTICE_UPGRADE: Cell(_S.READY, (_A.ASK_SUCCESSOR,)),
        _E.NO_SUCCESSOR: _CLOSE_RETRY,
        _E.HANDED_OVER: Cell(_S.DRAINING, (_A.START_DRAIN,)),
    },
    _S.DRAINING: {
        _E.STOP: _CLOSE_STOP,
        _E.DRAINED: _CLOSE_STOP,
        _E.TIMEOUT: _CLOSE_STOP,
        _E.PONG_TIMEOUT: Cell(_STOP, (_A.ALLOW_NOTHING, _A.ABORT)),
        _E.CLOSED_RETRY: _GONE,
        _E.CLOSED_FATAL: _GONE,
    },
    # The cause of this closing decides the next state, not the code of OKX's answer (4001 after a wrong clock).
    _RETRY: {
        _E.STOP: Cell(_STOP),
        _E.CONNECTED: Cell(_RETRY, (_A.ABORT,)),
        _E.CONNECT_FAILED: _LOST,
        _E.LOGIN_REFUSED_FATAL: Cell(_FAILURE, (_A.ALARM,)),
        _E.CLOSED_RETRY: _LOST,
        _E.CLOSED_FATAL: _LOST,
        _E.TIMEOUT: Cell(_RETRY, (_A.ABORT,)),
    },
    _FAILURE: {
        _E.STOP: Cell(_STOP),
        _E.CLOSED_RETRY: Cell(_S.FAILED, (_A.RESOLVE_IN_FLIGHT,)),
        _E.CLOSED_FATAL: Cell(_S.FAILED, (_A.RESOLVE_IN_FLIGHT,)),
        _E.CONNECT_FAILED: Cell(_S.FAILED, (_A.RESOLVE_IN_FLIGHT,)),
        _E.TIMEOUT: Cell(_FAILURE, (_A.ABORT,)),
    },
    _STOP: {
        _E.STOP: Cell(_STOP),
        _E.CONNECTED: Cell(_STOP, (_A.ABORT,)),
        _E.CONNECT_FAILED: Cell(_S.STOPPED, (_A.RESOLVE_IN_FLIGHT,)),
        _E.CLOSED_RETRY: Cell(_S.STOPPED, (_A.RESOLVE_IN_FLIGHT,)),
        _E.CLOSED_FATAL: Cell(_S.STOPPED, (_A.RESOLVE_IN_FLIGHT,)),
        _E.TIMEOUT: Cell(_STOP, (_A.ABORT,)),
    },
    _S.WAITING: {_E.STOP: Cell(_S.STOPPED, (_A.CANCEL_BACKOFF,)), _E.BACKOFF_ELAPSED: _CONNECT},
    _S.FAILED: {_E.START: _CONNECT, _E.STOP: Cell(_S.STOPPED)},
    _S.STOPPED: {_E.START: _CONNECT, _E.STOP: Cell(_S.STOPPED)},
}

# Events that a frame of OKX can cause, in any order: without its own cell such an event changes nothing.
_VENUE_EVENTS: Final = (
    _E.LOGIN_OK,
    _E.LOGIN_REFUSED_RETRY,
    _E.LOGIN_REFUSED_CLOCK,
    _E.LOGIN_REFUSED_FATAL,
    _E.SUBSCRIBED_ALL,
    _E.SUBSCRIBE_REFUSED_RETRY,
    _E.SUBSCRIBE_REFUSED_FATAL,
    _E.CHANNEL_LOST,
    _E.NOTICE_UPGRADE,
)
_CONNECTION_STATES: Final = (
    _S.LOGGING_IN,
    _S.SUBSCRIBING,
    _S.RECONCILING,
    _S.READY,
    _S.DRAINING,
    _RETRY,
    _FAILURE,
    _STOP,
)
# Ends of the gateway's own timers and tasks that can still arrive after the state has changed.
_RECONCILE_ENDS: Final = (_E.RECONCILED, _E.RECONCILE_FAILED, _E.BACKOFF_ELAPSED)
_CLOSING_ENDS: Final = (*_RECONCILE_ENDS, _E.DRAINED, _E.PONG_TIMEOUT)
_LATE_EVENTS: Final[Mapping[State, tuple[Event, ...]]] = {
    _RETRY: _CLOSING_ENDS,
    _FAILURE: _CLOSING_ENDS,
    _STOP: _CLOSING_ENDS,
}


def _build_table() -> Mapping[tuple[State, Event], Cell]:
    table = {(state, event): cell for state, row in _CELLS.items() for event, cell in row.items()}
    for state in _CONNECTION_STATES:
        for event in (*_VENUE_EVENTS, *_LATE_EVENTS.get(state, ())):
            table.setdefault((state, event), Cell(state))
    return MappingProxyType(table)


TABLE: Final = _build_table()


def step(state: State, event: Event) -> Cell:
    """The cell for `event` in `state`."""
    cell = TABLE.get((state, event))
    if cell is None:
        raise LocalProtocolError(f"session table: state {state} has no cell for event {event}")
    return cell


def login_event(code: str) -> Event:
    """The event for a login that OKX refused with `code`."""
    return {
        LoginReaction.FATAL: Event.LOGIN_REFUSED_FATAL,
        LoginReaction.CLOCK: Event.LOGIN_REFUSED_CLOCK,
        LoginReaction.RETRY: Event.LOGIN_REFUSED_RETRY,
    }[login_reaction(code)]


def subscribe_event(code: str) -> Event:
    """The event for a subscription that OKX refused with `code`."""
    return {
        SubscribeReaction.FATAL: Event.SUBSCRIBE_REFUSED_FATAL,
        SubscribeReaction.RETRY: Event.SUBSCRIBE_REFUSED_RETRY,
    }[subscribe_reaction(code)]


def close_event(code: int | None) -> Event:
    """The event for a connection that ended with close code `code` (None: without a close frame)."""
    return Event.CLOSED_RETRY if close_rule(code).retry else Event.CLOSED_FATAL


def mermaid_diagram() -> str:
    """The table as a Mermaid state diagram: one arrow per pair of states, self-transitions without actions left out."""
    labels: dict[tuple[State, State], list[str]] = {}
    for (state, event), cell in TABLE.items():
        if cell.next_state is not state or cell.actions:
            labels.setdefault((state, cell.next_state), []).append(event.value)
    arrows = [f"    {source} --> {target}: {', '.join(events)}" for (source, target), events in labels.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", f"    [*] --> {State.DISCONNECTED}", *arrows, "```"])
