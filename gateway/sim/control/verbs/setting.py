"""Verbs that set a lasting state: switches and the clock."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gateway.sim.base.switches import check_switch
from gateway.sim.control.params import ControlError, ControlledSimulator, Params, Verb, integer


def _switch(control: ControlledSimulator, params: Params) -> dict[str, Any]:
    """Turn a switch; its value keeps its type."""
    switches, name = control.exchange.switches, str(params.get("name"))
    try:
        setattr(switches, name, check_switch(name, params.get("value")))
    except ValueError as wrong:
        raise ControlError(str(wrong)) from None
    return asdict(switches)


def _clock(control: ControlledSimulator, params: Params) -> int:
    control.exchange.clock.skew_ms = integer(params, "skew_ms", 0)
    return control.exchange.clock.skew_ms


VERBS: dict[str, Verb] = {
    "switch": Verb(_switch, ("name", "value"), "turn a switch of undocumented behaviour"),
    "clock": Verb(_clock, ("skew_ms",), "set the exchange's clock apart from the true time"),
}
