"""Every cell of the handover table, all states x all events, against a grid written by hand."""

import pytest

from gateway.errors import LocalProtocolError
from gateway.okx.handover_table import LINE_TABLE, LineAction, LineEvent, LineState, line_step

# "." no cell (a defect of the shell), "=" nothing happens, else the next state.
COLUMNS = "down up spare_opening spared relieving stopped"
GRID = """
active_ready   up      .             .             .             .       =
active_lost    =       down          down          up            down    =
relief_wanted  =       relieving     relieving     up            =       =
spare_wanted   =       spare_opening =             =             =       =
standby_ready  .       .             spared        .             up      =
standby_lost   .       .             =             spare_opening =       =
standby_failed .       .             up            up            up      =
stop           stopped stopped       stopped       stopped       stopped =
"""
CELLS = [
    (LineState(column), LineEvent(row.split()[0]), entry)
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
    ("up", "relief_wanted"): "open_standby",
    ("up", "spare_wanted"): "open_standby",
    ("spare_opening", "active_lost"): INHERIT,
    ("spare_opening", "standby_failed"): GIVE_UP,
    ("spared", "active_lost"): "take_over go_on drop_old check",
    ("spared", "relief_wanted"): RELIEVE,
    ("spared", "standby_failed"): GIVE_UP,
    ("relieving", "active_lost"): INHERIT,
    ("relieving", "standby_ready"): RELIEVE,
    ("relieving", "standby_failed"): GIVE_UP,
}


def test_the_grid_covers_all_states_and_all_events() -> None:
    assert {(state, event) for state, event, _ in CELLS} == {(s, e) for s in LineState for e in LineEvent}


@pytest.mark.parametrize(("state", "event", "entry"), CELLS, ids=str)
def test_every_cell(state: LineState, event: LineEvent, entry: str) -> None:
    if entry == ".":
        with pytest.raises(LocalProtocolError, match=f"state {state} has no cell for event {event}$"):
            line_step(state, event)
        return
    cell = line_step(state, event)
    assert cell.next_state is (state if entry == "=" else LineState(entry))
    assert cell.actions == tuple(map(LineAction, ACTIONS.get((state, event), "").split()))


def test_readiness_is_lost_only_where_no_ready_connection_is_left() -> None:
    for (state, event), cell in LINE_TABLE.items():
        is_loss = cell.next_state is LineState.DOWN and state is not LineState.DOWN
        assert (LineAction.LOSE in cell.actions) == is_loss, (state, event)


def test_a_connection_that_still_serves_is_drained_and_never_dropped() -> None:
    for (_, event), cell in LINE_TABLE.items():
        if LineAction.TAKE_OVER in cell.actions:
            was_lost = event is LineEvent.ACTIVE_LOST
            assert (LineAction.DROP_OLD in cell.actions, LineAction.DRAIN_OLD in cell.actions) == (
                was_lost,
                not was_lost,
            )
