"""Every cell of the session table, all states x all events, against a grid written by hand."""

from pathlib import Path

import pytest

from gateway.config.session import SessionConfig
from gateway.errors import LocalProtocolError
from gateway.okx.session_table import (
    TABLE,
    TIMEOUT_KEYS,
    Action,
    Event,
    State,
    close_event,
    login_event,
    mermaid_diagram,
    step,
    subscribe_event,
)

# "." no cell (a defect of the shell), "=" nothing happens, else the next state.
COLUMNS = "disc conn login subs recon ready drain cretry cfail cstop wait failed stopped"
GRID = """
start                    conn    .      .      .      .      .      .      .      .      .      .     conn   conn
stop                     stopped cstop  cstop  cstop  cstop  cstop  cstop  cstop  cstop  =      stopped stopped =
connected                .       login  .      .      .      .      .      cretry .      cstop  .     .      .
connect_failed           .       wait   .      .      .      .      .      wait   failed stopped .    .      .
login_ok                 .       .      subs   =      =      =      =      =      =      =      .     .      .
login_refused_retry      .       .      cretry =      =      =      =      =      =      =      .     .      .
login_refused_clock      .       .      cretry =      =      =      =      =      =      =      .     .      .
login_refused_fatal      .       .      cfail  =      =      =      =      cfail  =      =      .     .      .
subscribed_all           .       .      =      recon  =      =      =      =      =      =      .     .      .
subscribe_refused_retry  .       .      =      cretry cretry cretry =      =      =      =      .     .      .
subscribe_refused_fatal  .       .      =      cfail  cfail  cfail  =      =      =      =      .     .      .
channel_lost             .       .      =      cretry cretry cretry =      =      =      =      .     .      .
reconciled               .       .      .      .      ready  .      .      =      =      =      .     .      .
reconcile_failed         .       .      .      .      recon  .      .      =      =      =      .     .      .
notice_upgrade           .       .      cretry cretry =      =      =      =      =      =      .     .      .
no_successor             .       .      .      .      cretry cretry .      .      .      .      .     .      .
handed_over              .       .      .      .      .      drain  .      .      .      .      .     .      .
drained                  .       .      .      .      .      .      cstop  =      =      =      .     .      .
closed_retry             .       .      wait   wait   wait   wait   stopped wait   failed stopped .    .      .
closed_fatal             .       .      failed failed failed failed stopped wait   failed stopped .    .      .
timeout                  .       cretry cretry cretry recon  .      cstop  cretry cfail  cstop  .     .      .
pong_timeout             .       .      cretry cretry cretry cretry cstop  =      =      =      .     .      .
backoff_elapsed          .       .      .      .      recon  .      .      =      =      =      conn   .      .
"""
SHORT = {
    "disc": State.DISCONNECTED,
    "conn": State.CONNECTING,
    "login": State.LOGGING_IN,
    "subs": State.SUBSCRIBING,
    "recon": State.RECONCILING,
    "ready": State.READY,
    "drain": State.DRAINING,
    "cretry": State.CLOSING_FOR_RETRY,
    "cfail": State.CLOSING_FOR_FAILURE,
    "cstop": State.CLOSING_FOR_STOP,
    "wait": State.WAITING,
    "failed": State.FAILED,
    "stopped": State.STOPPED,
}
CELLS = [
    (SHORT[column], Event(row.split()[0]), entry)
    for row in GRID.strip().splitlines()
    for column, entry in zip(COLUMNS.split(), row.split()[1:], strict=True)
]

LOST = "allow_nothing resolve_in_flight arm_backoff"
LOST_FOR_GOOD = "allow_nothing resolve_in_flight alarm"
# The actions of every cell that has some, in order; the cells of the grid that are not here have none.
ACTIONS = {
    "disc": {"start": "connect"},
    "conn": {"stop": "abort", "connected": "send_login", "connect_failed": "arm_backoff", "timeout": "abort"},
    "login": {
        "stop": "allow_nothing close",
        "login_ok": "send_subscribe allow_cancels",
        "login_refused_retry": "allow_nothing close",
        "login_refused_clock": "resync_clock close",
        "login_refused_fatal": "allow_nothing close alarm",
        "notice_upgrade": "allow_nothing close",
        "closed_retry": "arm_backoff",
        "closed_fatal": "alarm",
        "timeout": "allow_nothing abort",
        "pong_timeout": "allow_nothing abort",
    },
    "subs": {
        "stop": "allow_nothing close",
        "subscribed_all": "start_reconcile",
        "subscribe_refused_retry": "allow_nothing close alarm",
        "subscribe_refused_fatal": "allow_nothing close alarm",
        "channel_lost": "allow_nothing close alarm",
        "notice_upgrade": "allow_nothing close",
        "closed_retry": LOST,
        "closed_fatal": LOST_FOR_GOOD,
        "timeout": "allow_nothing abort",
        "pong_timeout": "allow_nothing abort",
    },
    "recon": {
        "stop": "abort_reconcile cancel_backoff allow_nothing close",
        "subscribe_refused_retry": "abort_reconcile cancel_backoff allow_nothing close alarm",
        "subscribe_refused_fatal": "abort_reconcile cancel_backoff allow_nothing close alarm",
        "channel_lost": "abort_reconcile cancel_backoff allow_nothing close alarm",
        "reconciled": "reset_backoff allow_orders",
        "reconcile_failed": "arm_backoff",
        "notice_upgrade": "ask_successor",
        "no_successor": "abort_reconcile cancel_backoff allow_nothing close",
        "closed_retry": f"abort_reconcile cancel_backoff {LOST}",
        "closed_fatal": f"abort_reconcile cancel_backoff {LOST_FOR_GOOD}",
        "timeout": "abort_reconcile arm_backoff",
        "pong_timeout": "abort_reconcile cancel_backoff allow_nothing abort",
        "backoff_elapsed": "start_reconcile",
    },
    "ready": {
        "stop": "allow_nothing close",
        "subscribe_refused_retry": "allow_nothing close alarm",
        "subscribe_refused_fatal": "allow_nothing close alarm",
        "channel_lost": "allow_nothing close alarm",
        "notice_upgrade": "ask_successor",
        "no_successor": "allow_nothing close",
        "handed_over": "start_drain",
        "closed_retry": LOST,
        "closed_fatal": LOST_FOR_GOOD,
        "pong_timeout": "allow_nothing abort",
    },
    "drain": {
        "stop": "allow_nothing close",
        "drained": "allow_nothing close",
        "closed_retry": "allow_nothing resolve_in_flight",
        "closed_fatal": "allow_nothing resolve_in_flight",
        "timeout": "allow_nothing close",
        "pong_timeout": "allow_nothing abort",
    },
    "cretry": {
        "connected": "abort",
        "connect_failed": LOST,
        "login_refused_fatal": "alarm",
        "closed_retry": LOST,
        "closed_fatal": LOST,
        "timeout": "abort",
    },
    "cfail": {
        "connect_failed": "resolve_in_flight",
        "closed_retry": "resolve_in_flight",
        "closed_fatal": "resolve_in_flight",
        "timeout": "abort",
    },
    "cstop": {
        "connected": "abort",
        "connect_failed": "resolve_in_flight",
        "closed_retry": "resolve_in_flight",
        "closed_fatal": "resolve_in_flight",
        "timeout": "abort",
    },
    "wait": {"stop": "cancel_backoff", "backoff_elapsed": "connect"},
    "failed": {"start": "connect"},
    "stopped": {"start": "connect"},
}
WANTED_ACTIONS = {
    (SHORT[column], Event(event)): tuple(Action(name) for name in names.split())
    for column, row in ACTIONS.items()
    for event, names in row.items()
}

WITH_ORDERS_IN_FLIGHT = (State.SUBSCRIBING, State.RECONCILING, State.READY, State.DRAINING)
WITHOUT_SOCKET = (State.WAITING, State.FAILED, State.STOPPED)


def test_the_grid_covers_all_states_and_all_events() -> None:
    assert {(state, event) for state, event, _ in CELLS} == {(state, event) for state in State for event in Event}


@pytest.mark.parametrize(("state", "event", "entry"), CELLS, ids=str)
def test_every_cell(state: State, event: Event, entry: str) -> None:
    if entry == ".":
        with pytest.raises(LocalProtocolError, match=f"state {state} has no cell for event {event}$"):
            step(state, event)
        return
    cell = step(state, event)
    assert cell.next_state is (state if entry == "=" else SHORT[entry])
    assert cell.actions == WANTED_ACTIONS.get((state, event), ())


def test_new_orders_are_allowed_by_reconciliation_alone() -> None:
    allowing = [key for key, cell in TABLE.items() if Action.ALLOW_ORDERS in cell.actions]
    assert allowing == [(State.RECONCILING, Event.RECONCILED)]
    entering = [key for key, cell in TABLE.items() if cell.next_state is State.READY and key[0] is not State.READY]
    assert entering == allowing


def test_leaving_the_trading_states_first_forbids_requests() -> None:
    for (state, _), cell in TABLE.items():
        if state in WITH_ORDERS_IN_FLIGHT and cell.next_state not in WITH_ORDERS_IN_FLIGHT:
            assert Action.ALLOW_NOTHING in cell.actions


def test_the_end_of_the_socket_resolves_requests_in_flight() -> None:
    closing = (State.CLOSING_FOR_RETRY, State.CLOSING_FOR_FAILURE, State.CLOSING_FOR_STOP)
    for (state, _), cell in TABLE.items():
        if state in (*WITH_ORDERS_IN_FLIGHT, *closing) and cell.next_state in WITHOUT_SOCKET:
            assert Action.RESOLVE_IN_FLIGHT in cell.actions


def test_every_way_into_waiting_arms_the_backoff_and_only_success_resets_it() -> None:
    for (state, _), cell in TABLE.items():
        if cell.next_state is State.WAITING and state is not State.WAITING:
            assert Action.ARM_BACKOFF in cell.actions
    resetting = [key for key, cell in TABLE.items() if Action.RESET_BACKOFF in cell.actions]
    assert resetting == [(State.RECONCILING, Event.RECONCILED)]


def test_failing_alarms() -> None:
    for (state, _), cell in TABLE.items():
        failing = (State.FAILED, State.CLOSING_FOR_FAILURE)
        if cell.next_state in failing and state not in failing:
            assert Action.ALARM in cell.actions


def test_a_failed_or_stopped_stream_starts_again_only_by_start() -> None:
    for state in (State.FAILED, State.STOPPED):
        leaving = [event for (source, event), cell in TABLE.items() if source is state and cell.next_state is not state]
        assert set(leaving) <= {Event.START, Event.STOP}


def test_every_bounded_state_has_a_timeout_cell_and_a_key_of_the_configuration() -> None:
    for state in State:
        assert ((state, Event.TIMEOUT) in TABLE) == (state in TIMEOUT_KEYS)
    assert set(TIMEOUT_KEYS.values()) <= set(SessionConfig.model_fields)


def run(*events: Event) -> State:
    state = State.DISCONNECTED
    for event in events:
        state = step(state, event).next_state
    return state


TO_READY = (Event.START, Event.CONNECTED, Event.LOGIN_OK, Event.SUBSCRIBED_ALL, Event.RECONCILED)


def test_the_way_to_ready_and_back_after_a_loss() -> None:
    assert run(*TO_READY) is State.READY
    assert run(*TO_READY, Event.CLOSED_RETRY, Event.BACKOFF_ELAPSED, *TO_READY[1:]) is State.READY


def test_a_wrong_clock_retries_even_when_okx_closes_with_4001() -> None:
    refused = run(Event.START, Event.CONNECTED, login_event("60006"), close_event(4001))
    assert refused is State.WAITING


def test_wrong_credentials_fail() -> None:
    assert run(Event.START, Event.CONNECTED, login_event("60032"), close_event(4001)) is State.FAILED


def test_after_an_upgrade_notice_it_serves_until_another_has_taken_over() -> None:
    assert run(*TO_READY, Event.NOTICE_UPGRADE) is State.READY
    assert run(*TO_READY, Event.NOTICE_UPGRADE, Event.HANDED_OVER) is State.DRAINING
    ended = run(*TO_READY, Event.NOTICE_UPGRADE, Event.HANDED_OVER, Event.DRAINED, Event.CLOSED_RETRY)
    assert ended is State.STOPPED
    without = run(*TO_READY, Event.NOTICE_UPGRADE, Event.NO_SUCCESSOR, Event.CLOSED_RETRY, Event.BACKOFF_ELAPSED)
    assert without is State.CONNECTING


@pytest.mark.parametrize(
    ("code", "event"),
    [
        ("60009", Event.LOGIN_REFUSED_FATAL),
        ("60032", Event.LOGIN_REFUSED_FATAL),
        ("60006", Event.LOGIN_REFUSED_CLOCK),
        ("63999", Event.LOGIN_REFUSED_RETRY),
        ("60014", Event.LOGIN_REFUSED_RETRY),
    ],
)
def test_login_codes_become_events(code: str, event: Event) -> None:
    assert login_event(code) is event


def test_subscription_and_close_codes_become_events() -> None:
    assert subscribe_event("60018") is Event.SUBSCRIBE_REFUSED_FATAL
    assert subscribe_event("60014") is Event.SUBSCRIBE_REFUSED_RETRY
    assert close_event(4004) is Event.CLOSED_RETRY
    assert close_event(None) is Event.CLOSED_RETRY
    assert close_event(4008) is Event.CLOSED_FATAL


def test_the_diagram_has_an_arrow_for_every_change_of_state() -> None:
    diagram = mermaid_diagram()
    for (state, event), cell in TABLE.items():
        if cell.next_state is not state:
            arrow = next(line for line in diagram.splitlines() if f"{state} --> {cell.next_state}:" in line)
            assert event.value in arrow


def test_the_architecture_document_shows_this_table() -> None:
    text = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text()
    shown = text.partition("<!-- session-diagram -->")[2].partition("<!-- /session-diagram -->")[0]
    assert shown.strip() == mermaid_diagram().strip()
