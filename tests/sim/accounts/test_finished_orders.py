"""Which ended orders an account forgets, and when."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from gateway.sim.accounts.finished_orders import file_away

HOUR_MS = 3_600_000


def ended(name: str, u_time_ms: int, state: str = "canceled", filled: str = "0") -> Any:
    return SimpleNamespace(ord_id=name, u_time_ms=u_time_ms, state=state, acc_fill_sz=Decimal(filled))


def names(orders: Any) -> list[str]:
    return [one.ord_id for one in orders]


def test_unfilled_cancels_are_forgotten_after_two_hours_and_fills_are_not() -> None:
    finished: deque[Any] = deque()
    unfilled: deque[Any] = deque()
    for one in (ended("a", 0), ended("b", 1, "filled", "1"), ended("c", 2, filled="1"), ended("d", HOUR_MS)):
        assert file_away(one, finished, unfilled, 10) == []
    assert (names(finished), names(unfilled)) == (["b", "c"], ["a", "d"])
    assert file_away(ended("e", 2 * HOUR_MS, "filled", "1"), finished, unfilled, 10) == []
    assert names(file_away(ended("f", 2 * HOUR_MS + 1, "filled", "1"), finished, unfilled, 10)) == ["a"]
    assert names(file_away(ended("g", 3 * HOUR_MS + 1), finished, unfilled, 10)) == ["d"]
    assert (names(finished), names(unfilled)) == (["b", "c", "e", "f"], ["g"])


def test_each_kind_has_its_own_limit() -> None:
    finished: deque[Any] = deque()
    unfilled: deque[Any] = deque()
    file_away(ended("a", 0, "filled", "1"), finished, unfilled, 2)
    forgotten = [names(file_away(ended(name, 1), finished, unfilled, 2)) for name in "bcde"]
    assert forgotten == [[], [], ["b"], ["c"]]
    assert (names(finished), names(unfilled)) == (["a"], ["d", "e"])
