"""Which state the gateway shows, cell by cell."""

from __future__ import annotations

import pytest

from gateway.okx.session_table import State
from gateway.process.displayed_state import DisplayedState


class Shown:
    """Keeps what was set."""

    def __init__(self) -> None:
        self.set_to: list[tuple[str, bool, str]] = []

    def set(self, state: str, *, ready: bool, reason: str = "") -> None:
        self.set_to.append((state, ready, reason))


@pytest.fixture
def shown() -> Shown:
    return Shown()


def display(shown: Shown, private: State | None, halted: str, *, by_rest: bool) -> list[tuple[str, bool, str]]:
    displayed = DisplayedState(shown)
    displayed.halt(halted)
    displayed.allow_orders_by_rest(by_rest)
    if private is not None:
        displayed.note_private(private)
    assert shown.set_to == []
    displayed.show("why")
    return shown.set_to


@pytest.mark.parametrize(
    ("private", "name"),
    [
        (State.DISCONNECTED, "waiting"),
        (State.CONNECTING, "connecting"),
        (State.LOGGING_IN, "logging_in"),
        (State.SUBSCRIBING, "subscribing"),
        (State.RECONCILING, "reconciling"),
        (State.WAITING, "waiting"),
        (State.CLOSING_FOR_RETRY, "waiting"),
        (State.CLOSING_FOR_FAILURE, "waiting"),
        (State.CLOSING_FOR_STOP, "waiting"),
        (State.FAILED, "failed"),
    ],
)
@pytest.mark.parametrize("halted", ["", "OKX 50027"])
def test_without_the_stream_and_rest_nothing_is_ready(shown: Shown, private: State, name: str, halted: str) -> None:
    assert display(shown, private, halted, by_rest=False) == [(name, False, "why")]


@pytest.mark.parametrize(
    ("private", "halted", "by_rest", "expected"),
    [
        (State.READY, "", False, ("ready", True, "")),
        (State.READY, "OKX 50027", False, ("halted", False, "halted: OKX 50027")),
        (State.READY, "OKX 50027", True, ("halted", False, "halted: OKX 50027")),
        (State.WAITING, "OKX 50027", True, ("halted", False, "halted: OKX 50027")),
        (State.WAITING, "", True, ("degraded", True, "why")),
    ],
)
def test_halted_and_by_rest(
    shown: Shown, private: State, halted: str, by_rest: bool, expected: tuple[str, bool, str]
) -> None:
    assert display(shown, private, halted, by_rest=by_rest) == [expected]


def test_before_the_private_connections_start_nothing_of_them_is_shown(shown: Shown) -> None:
    assert display(shown, None, "records are lost", by_rest=True) == []


def test_each_change_is_shown(shown: Shown) -> None:
    displayed = DisplayedState(shown)
    displayed.connecting("no answer")
    displayed.note_private(State.WAITING)
    displayed.allow_orders_by_rest(True)
    displayed.halt("x")
    displayed.halt("")
    assert shown.set_to == [
        ("connecting", False, "no answer"),
        ("degraded", True, "the private stream is waiting: by REST"),
        ("halted", False, "halted: x"),
        ("degraded", True, "the private stream is waiting: by REST"),
    ]


def test_after_stopping_comes_only_stopped(shown: Shown) -> None:
    displayed = DisplayedState(shown)
    displayed.note_private(State.READY)
    displayed.stop()
    displayed.show()
    displayed.halt("x")
    displayed.stopped()
    assert shown.set_to == [("stopping", False, ""), ("stopped", False, "")]
    assert displayed.is_stopping
