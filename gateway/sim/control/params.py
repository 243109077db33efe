"""Pure. What a verb of the control table is made of, and how its parameters are read.

Every reader raises ControlError when the parameter is missing or makes no sense.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gateway.sim.base.formats import parse_decimal

if TYPE_CHECKING:
    from gateway.sim.control.control import Control

Params = dict[str, Any]


class ControlError(Exception):
    """The command makes no sense; the message says why."""


@dataclass(frozen=True, slots=True)
class Verb:
    """`run` gets the control object and the parameters; `params` names those that it knows."""

    run: Callable[[Control, Params], Any]
    params: tuple[str, ...]
    purpose: str


def integer(params: Params, name: str, default: int, *, low: int | None = None, high: int | None = None) -> int:
    value = params.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ControlError(f"{name} must be an integer, not {value!r}")
    if (low is not None and value < low) or (high is not None and value > high):
        span = f"at least {low}" if high is None else f"from {low} to {high}"
        raise ControlError(f"{name} must be {span}, not {value}")
    return value


def number(params: Params, name: str) -> float:
    """A number that is not negative."""
    value = params.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not value >= 0:
        raise ControlError(f"{name} must be a number, 0 or more, not {value!r}")
    return float(value)


def decimal(params: Params, name: str) -> Decimal:
    value = parse_decimal(params.get(name))
    if value is None or value <= 0:
        raise ControlError(f"{name} must be a positive decimal, as text")
    return value


def instrument(control: Control, params: Params) -> str:
    inst_id = str(params.get("inst_id"))
    if inst_id not in control.exchange.markets:
        raise ControlError(f"no such instrument: {inst_id}")
    return inst_id


def uid(control: Control, params: Params) -> str:
    named = str(params.get("uid"))
    if named not in control.exchange.accounts:
        raise ControlError(f"no such account: {named}")
    return named
