"""Pure. The choice of the active connection of a group, as one table: (state, event) -> (state, actions).

A connection group serves one purpose: order entry, the private stream, or both. Beside its active connection it can
have a standby, which is opening or ready: for a switch-over, or as a hot standby. The shell feeds
events and carries out actions in their order; each connection has its own session (`session_table`).

A missing cell is a defect of the shell and raises LocalProtocolError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.errors import LocalProtocolError


class GroupState(StrEnum):
    """In all but DOWN and STOPPED the active connection is ready."""

    DOWN = "down"
    UP = "up"
    STANDBY_OPENING = "standby_opening"
    HAS_STANDBY = "has_standby"
    SWITCHING_OVER = "switching_over"
    STOPPED = "stopped"


class GroupEvent(StrEnum):
    """SWITCH_WANTED: OKX's notice, an operator, or suspicion of the active connection, which serves meanwhile."""

    ACTIVE_READY = "active_ready"
    ACTIVE_LOST = "active_lost"
    SWITCH_WANTED = "switch_wanted"
    STANDBY_WANTED = "standby_wanted"
    STANDBY_READY = "standby_ready"
    STANDBY_LOST = "standby_lost"  # it reconnects by itself
    STANDBY_FAILED = "standby_failed"  # for good
    STOP = "stop"


class GroupAction(StrEnum):
    """After TAKE_OVER the standby is the active connection and the group has no standby; the other is the old one."""

    GO_ON = "go_on"  # the active connection is ready: new orders are allowed
    LOSE = "lose"  # no connection is ready: a gap begins
    OPEN_STANDBY = "open_standby"
    DROP_STANDBY = "drop_standby"
    TAKE_OVER = "take_over"
    DRAIN_OLD = "drain_old"  # wait for its requests in flight
    DROP_OLD = "drop_old"  # it is lost, and must not reconnect
    CHECK = "check"  # compare with OKX soon, to be sure
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class GroupCell:
    """The effect of one event in one state."""

    next_state: GroupState
    actions: tuple[GroupAction, ...] = ()


_S, _E, _A = GroupState, GroupEvent, GroupAction
_STOP: Final = GroupCell(_S.STOPPED)
# The opening standby becomes the active connection.
_INHERIT: Final = GroupCell(_S.DOWN, (_A.LOSE, _A.TAKE_OVER, _A.DROP_OLD))
_GIVE_UP: Final = GroupCell(_S.UP, (_A.DROP_STANDBY, _A.ALARM))
_SWITCH_OVER: Final = GroupCell(_S.UP, (_A.TAKE_OVER, _A.GO_ON, _A.DRAIN_OLD, _A.CHECK))

GROUP_TABLE: Final[Mapping[tuple[GroupState, GroupEvent], GroupCell]] = MappingProxyType(
    {
        (_S.DOWN, _E.ACTIVE_READY): GroupCell(_S.UP, (_A.GO_ON,)),
        (_S.DOWN, _E.ACTIVE_LOST): GroupCell(_S.DOWN),
        (_S.DOWN, _E.SWITCH_WANTED): GroupCell(_S.DOWN),
        (_S.DOWN, _E.STANDBY_WANTED): GroupCell(_S.DOWN),
        (_S.DOWN, _E.STOP): _STOP,
        (_S.UP, _E.ACTIVE_LOST): GroupCell(_S.DOWN, (_A.LOSE,)),
        (_S.UP, _E.SWITCH_WANTED): GroupCell(_S.SWITCHING_OVER, (_A.OPEN_STANDBY,)),
        (_S.UP, _E.STANDBY_WANTED): GroupCell(_S.STANDBY_OPENING, (_A.OPEN_STANDBY,)),
        (_S.UP, _E.STOP): _STOP,
        (_S.STANDBY_OPENING, _E.ACTIVE_LOST): _INHERIT,
        (_S.STANDBY_OPENING, _E.SWITCH_WANTED): GroupCell(_S.SWITCHING_OVER),
        (_S.STANDBY_OPENING, _E.STANDBY_WANTED): GroupCell(_S.STANDBY_OPENING),
        (_S.STANDBY_OPENING, _E.STANDBY_READY): GroupCell(_S.HAS_STANDBY),
        (_S.STANDBY_OPENING, _E.STANDBY_LOST): GroupCell(_S.STANDBY_OPENING),
        (_S.STANDBY_OPENING, _E.STANDBY_FAILED): _GIVE_UP,
        (_S.STANDBY_OPENING, _E.STOP): _STOP,
        (_S.HAS_STANDBY, _E.ACTIVE_LOST): GroupCell(_S.UP, (_A.TAKE_OVER, _A.GO_ON, _A.DROP_OLD, _A.CHECK)),
        (_S.HAS_STANDBY, _E.SWITCH_WANTED): _SWITCH_OVER,
        (_S.HAS_STANDBY, _E.STANDBY_WANTED): GroupCell(_S.HAS_STANDBY),
        (_S.HAS_STANDBY, _E.STANDBY_LOST): GroupCell(_S.STANDBY_OPENING),
        (_S.HAS_STANDBY, _E.STANDBY_FAILED): _GIVE_UP,
        (_S.HAS_STANDBY, _E.STOP): _STOP,
        (_S.SWITCHING_OVER, _E.ACTIVE_LOST): _INHERIT,
        (_S.SWITCHING_OVER, _E.SWITCH_WANTED): GroupCell(_S.SWITCHING_OVER),
        (_S.SWITCHING_OVER, _E.STANDBY_WANTED): GroupCell(_S.SWITCHING_OVER),
        (_S.SWITCHING_OVER, _E.STANDBY_READY): _SWITCH_OVER,
        (_S.SWITCHING_OVER, _E.STANDBY_LOST): GroupCell(_S.SWITCHING_OVER),
        (_S.SWITCHING_OVER, _E.STANDBY_FAILED): _GIVE_UP,
        (_S.SWITCHING_OVER, _E.STOP): _STOP,
        **{(_S.STOPPED, event): GroupCell(_S.STOPPED) for event in GroupEvent},
    }
)


def group_step(state: GroupState, event: GroupEvent) -> GroupCell:
    """The cell for `event` in `state`."""
    cell = GROUP_TABLE.get((state, event))
    if cell is None:
        raise LocalProtocolError(f"handover table: state {state} has no cell for event {event}")
    return cell
