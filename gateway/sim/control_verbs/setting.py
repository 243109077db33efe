"""Verbs that set what stays until it is set again: switches and the clock."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from gateway.sim.control_params import ControlError, Params, Verb, integer

if TYPE_CHECKING:
    from gateway.sim.control import Control


def _switch(control: Control, params: Params) -> dict[str, Any]:
    """Turn a switch; its value keeps its type."""
    switches = control.exchange.switches
    name = str(params.get("name"))
    if name not in {one.name for one in fields(switches)}:
        raise ControlError(f"no such switch: {name}; known: {', '.join(one.name for one in fields(switches))}")
    kind = type(getattr(switches, name))
    value = params.get("value")
    if not isinstance(value, kind) and not (kind is float and isinstance(value, int)):
        raise ControlError(f"switch {name} needs a {kind.__name__}")
    setattr(switches, name, kind(value))
    return asdict(switches)


def _clock(control: Control, params: Params) -> int:
    control.exchange.clock.skew_ms = integer(params, "skew_ms", 0)
    return control.exchange.clock.skew_ms


VERBS: dict[str, Verb] = {
    "switch": Verb(_switch, ("name", "value"), "turn a switch of undocumented behaviour"),
    "clock": Verb(_clock, ("skew_ms",), "set the exchange's clock apart from the true time"),
}
