"""Pure. Which of several connections is used, as one table: (state, event) -> (state, actions).

A line is what one active connection does: order entry, the private stream, or both. Beside the active connection there
may be a standby, which is being opened or is ready: to relieve the active one, or as a hot spare. The shell feeds
events and carries out actions in their order; each connection has a session of its own (`session_table`).

A missing cell is a defect of the shell and raises LocalProtocolError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.errors import LocalProtocolError


class LineState(StrEnum):
    """In all but DOWN and STOPPED the active connection is ready."""

    DOWN = "down"
    UP = "up"
    SPARE_OPENING = "spare_opening"
    SPARED = "spared"
    RELIEVING = "relieving"
    STOPPED = "stopped"


class LineEvent(StrEnum):
    """RELIEF_WANTED: OKX's notice, an operator, or doubts about the active connection. It goes on meanwhile."""

    ACTIVE_READY = "active_ready"
    ACTIVE_LOST = "active_lost"
    RELIEF_WANTED = "relief_wanted"
    SPARE_WANTED = "spare_wanted"
    STANDBY_READY = "standby_ready"
    STANDBY_LOST = "standby_lost"  # it comes back by itself
    STANDBY_FAILED = "standby_failed"  # for good
    STOP = "stop"


class LineAction(StrEnum):
    """After TAKE_OVER the standby is the active connection, and there is none beside it; the other is the old one."""

    GO_ON = "go_on"  # the active connection is ready: new orders may go
    LOSE = "lose"  # no connection is ready: there is a gap from here on
    OPEN_STANDBY = "open_standby"
    DROP_STANDBY = "drop_standby"
    TAKE_OVER = "take_over"
    DRAIN_OLD = "drain_old"  # what is in flight on it is waited for
    DROP_OLD = "drop_old"  # it is lost, and is not to come back
    CHECK = "check"  # compare with OKX soon, for certainty
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class LineCell:
    """What one event does in one state."""

    next_state: LineState
    actions: tuple[LineAction, ...] = ()


_S, _E, _A = LineState, LineEvent, LineAction
_STOP: Final = LineCell(_S.STOPPED)
# The standby in the making goes on as the active connection.
_INHERIT: Final = LineCell(_S.DOWN, (_A.LOSE, _A.TAKE_OVER, _A.DROP_OLD))
_GIVE_UP: Final = LineCell(_S.UP, (_A.DROP_STANDBY, _A.ALARM))
_RELIEVE: Final = LineCell(_S.UP, (_A.TAKE_OVER, _A.GO_ON, _A.DRAIN_OLD, _A.CHECK))

LINE_TABLE: Final[Mapping[tuple[LineState, LineEvent], LineCell]] = MappingProxyType(
    {
        (_S.DOWN, _E.ACTIVE_READY): LineCell(_S.UP, (_A.GO_ON,)),
        (_S.DOWN, _E.ACTIVE_LOST): LineCell(_S.DOWN),
        (_S.DOWN, _E.RELIEF_WANTED): LineCell(_S.DOWN),
        (_S.DOWN, _E.SPARE_WANTED): LineCell(_S.DOWN),
        (_S.DOWN, _E.STOP): _STOP,
        (_S.UP, _E.ACTIVE_LOST): LineCell(_S.DOWN, (_A.LOSE,)),
        (_S.UP, _E.RELIEF_WANTED): LineCell(_S.RELIEVING, (_A.OPEN_STANDBY,)),
        (_S.UP, _E.SPARE_WANTED): LineCell(_S.SPARE_OPENING, (_A.OPEN_STANDBY,)),
        (_S.UP, _E.STOP): _STOP,
        (_S.SPARE_OPENING, _E.ACTIVE_LOST): _INHERIT,
        (_S.SPARE_OPENING, _E.RELIEF_WANTED): LineCell(_S.RELIEVING),
        (_S.SPARE_OPENING, _E.SPARE_WANTED): LineCell(_S.SPARE_OPENING),
        (_S.SPARE_OPENING, _E.STANDBY_READY): LineCell(_S.SPARED),
        (_S.SPARE_OPENING, _E.STANDBY_LOST): LineCell(_S.SPARE_OPENING),
        (_S.SPARE_OPENING, _E.STANDBY_FAILED): _GIVE_UP,
        (_S.SPARE_OPENING, _E.STOP): _STOP,
        (_S.SPARED, _E.ACTIVE_LOST): LineCell(_S.UP, (_A.TAKE_OVER, _A.GO_ON, _A.DROP_OLD, _A.CHECK)),
        (_S.SPARED, _E.RELIEF_WANTED): _RELIEVE,
        (_S.SPARED, _E.SPARE_WANTED): LineCell(_S.SPARED),
        (_S.SPARED, _E.STANDBY_LOST): LineCell(_S.SPARE_OPENING),
        (_S.SPARED, _E.STANDBY_FAILED): _GIVE_UP,
        (_S.SPARED, _E.STOP): _STOP,
        (_S.RELIEVING, _E.ACTIVE_LOST): _INHERIT,
        (_S.RELIEVING, _E.RELIEF_WANTED): LineCell(_S.RELIEVING),
        (_S.RELIEVING, _E.SPARE_WANTED): LineCell(_S.RELIEVING),
        (_S.RELIEVING, _E.STANDBY_READY): _RELIEVE,
        (_S.RELIEVING, _E.STANDBY_LOST): LineCell(_S.RELIEVING),
        (_S.RELIEVING, _E.STANDBY_FAILED): _GIVE_UP,
        (_S.RELIEVING, _E.STOP): _STOP,
        **{(_S.STOPPED, event): LineCell(_S.STOPPED) for event in LineEvent},
    }
)


def line_step(state: LineState, event: LineEvent) -> LineCell:
    """The cell for `event` in `state`."""
    cell = LINE_TABLE.get((state, event))
    if cell is None:
        raise LocalProtocolError(f"handover table: state {state} has no cell for event {event}")
    return cell
