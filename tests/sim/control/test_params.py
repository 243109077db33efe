"""The readers of parameters of the control table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.control.params import ControlError, decimal, integer, number


def test_good_values() -> None:
    assert (integer({"n": 5}, "n", 0), integer({}, "n", 7)) == (5, 7)
    assert (number({"s": 2}, "s"), number({"s": 0.5}, "s")) == (2.0, 0.5)
    assert decimal({"px": "0.10"}, "px") == Decimal("0.1")


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("5", "must be an integer"),
        (True, "must be an integer"),
        (1.0, "must be an integer"),
        (1, "from 2 to 4"),
        (5, "from 2 to 4"),
    ],
)
def test_integers_that_are_refused(value: Any, problem: str) -> None:
    with pytest.raises(ControlError, match=problem):
        integer({"n": value}, "n", 3, low=2, high=4)


def test_a_bound_on_one_side() -> None:
    with pytest.raises(ControlError, match="at least 1, not 0"):
        integer({"n": 0}, "n", 1, low=1)


@pytest.mark.parametrize("value", [None, "1", -1, True, float("nan")])
def test_numbers_that_are_refused(value: Any) -> None:
    with pytest.raises(ControlError, match="0 or more"):
        number({"s": value}, "s")


@pytest.mark.parametrize("value", [None, 1, "0", "-1", "1e5", "x"])
def test_decimals_that_are_refused(value: Any) -> None:
    with pytest.raises(ControlError, match="positive decimal"):
        decimal({"px": value}, "px")
