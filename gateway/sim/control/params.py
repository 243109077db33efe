"""The parts of a verb of the control table, and the readers of its parameters.

Every reader raises ControlError when the parameter is missing or invalid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from gateway.sim.base.formats import parse_decimal
from gateway.sim.exchange.exchange import Exchange
from gateway.sim.ws.sessions import Session

Params = dict[str, Any]


class ControlError(Exception):
    """The command is invalid; the message gives the reason."""


class ControlledSimulator(Protocol):
    """The parts of a running simulator that verbs and views work on."""

    exchange: Exchange

    def selected(self, params: Params) -> list[Session]: ...

    def load_scenario(self, content: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Verb:
    """`run` gets the control object and the parameters; `params` names those that it knows."""

    run: Callable[[ControlledSimulator, Params], Any]
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


def instrument(control: ControlledSimulator, params: Params) -> str:
    inst_id = str(params.get("inst_id"))
    if inst_id not in control.exchange.markets:
        raise ControlError(f"no such instrument: {inst_id}")
    return inst_id


def uid(control: ControlledSimulator, params: Params) -> str:
    named = str(params.get("uid"))
    if named not in control.exchange.accounts:
        raise ControlError(f"no such account: {named}")
    return named
