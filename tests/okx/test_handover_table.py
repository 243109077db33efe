"""Every cell of the handover table, all states x all events, against a grid written by hand."""

import pytest

from gateway.errors import LocalProtocolError
from gateway.okx.handover_table import GROUP_TABLE, GroupAction, GroupEvent, GroupState, group_step

# "." no cell (a defect of the shell), "=" nothing happens, else the next state.
COLUMNS = "down up standby_opening has_standby switching_over stopped"
GRID = """
active_ready   up      .             .             .             .       =
active_lost    =       down          down          up            down    =
switch_wanted  =       switching_over     switching_over     up            =       =
standby_wanted   =       standby_opening =             =             =       =
standby_ready  .       .             has_standby        .             up      =
standby_lost   .       .             =             standby_opening =       =
standby_failed .       .             up            up            up      =
stop           stopped stopped       stopped       stopped       stopped =
"""
CELLS = [
    (GroupState(column), GroupEvent(row.split()[0]), entry)
    for row in GRID.strip().splitlines()
    for column, entry in zip(COLUMNS.split(), row.split()[1:], strict=True)
]
INHERIT = "lose take_over drop_old"
RELIEVE = "take_over go_on drain_old check"
GIVE_UP = "drop_standby alarm"
# The actions of every cell that has some, in order.
ACTIONS = {
    ("down", "active_ready"): "go_on",
    ("up", "active_lost"): "lose",
    ("up", "switch_wanted"): "open_standby",
    ("up", "standby_wanted"): "open_standby",
    ("standby_opening", "active_lost"): INHERIT,
    ("standby_opening", "standby_failed"): GIVE_UP,
    ("has_standby", "active_lost"): "take_over go_on drop_old check",
    ("has_standby", "switch_wanted"): RELIEVE,
    ("has_standby", "standby_failed"): GIVE_UP,
    ("switching_over", "active_lost"): INHERIT,
    ("switching_over", "standby_ready"): RELIEVE,
    ("switching_over", "standby_failed"): GIVE_UP,
}


def test_the_grid_covers_all_states_and_all_events() -> None:
    assert {(state, event) for state, event, _ in CELLS} == {(s, e) for s in GroupState for e in GroupEvent}


@pytest.mark.parametrize(("state", "event", "entry"), CELLS, ids=str)
def test_every_cell(state: GroupState, event: GroupEvent, entry: str) -> None:
    if entry == ".":
        with pytest.raises(LocalProtocolError, match=f"state {state} has no cell for event {event}$"):
            group_step(state, event)
        return
    cell = group_step(state, event)
    assert cell.next_state is (state if entry == "=" else GroupState(entry))
    assert cell.actions == tuple(map(GroupAction, ACTIONS.get((state, event), "").split()))


def test_readiness_is_lost_only_where_no_ready_connection_is_left() -> None:
    for (state, event), cell in GROUP_TABLE.items():
        is_loss = cell.next_state is GroupState.DOWN and state is not GroupState.DOWN
        assert (GroupAction.LOSE in cell.actions) == is_loss, (state, event)


def test_a_connection_that_still_serves_is_drained_and_never_dropped() -> None:
    for (_, event), cell in GROUP_TABLE.items():
        if GroupAction.TAKE_OVER in cell.actions:
            was_lost = event is GroupEvent.ACTIVE_LOST
            assert (GroupAction.DROP_OLD in cell.actions, GroupAction.DRAIN_OLD in cell.actions) == (
                was_lost,
                not was_lost,
            )
