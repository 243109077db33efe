"""Verbs that arm faults, one for each kind in `fault_table`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.sim.control.params import ControlError, ControlledSimulator, Params, Verb
from gateway.sim.faults.fault_table import KINDS, FaultError, read_arm
from gateway.sim.faults.stale_snapshot import frozen


def arming(verb: str) -> Callable[[ControlledSimulator, Params], Any]:
    def run(control: ControlledSimulator, params: Params) -> list[dict[str, Any]]:
        """Arm it; returns all armed faults."""
        exchange = control.exchange
        try:
            arm = read_arm(verb, params, exchange.clock.arrival_ns())
        except FaultError as wrong:
            raise ControlError(str(wrong)) from None
        if arm.which.uid and arm.which.uid not in exchange.accounts:
            raise ControlError(f"no such account: {arm.which.uid}")
        if verb == "rest_stale":
            arm.params["_accounts"] = frozen(exchange.accounts)
        exchange.faults.arm(arm)
        return exchange.faults.armed()

    return run


def _clear(control: ControlledSimulator, params: Params) -> None:
    verb = params.get("verb", "")
    if verb and verb not in KINDS:
        raise ControlError(f"no such fault: {verb!r}; known: {', '.join(KINDS)}")
    control.exchange.faults.clear(verb)


def _scenario(control: ControlledSimulator, params: Params) -> list[dict[str, Any]]:
    """Replace everything that is armed and running by this scenario; returns all armed faults."""
    control.load_scenario(params)
    return control.exchange.faults.armed()


VERBS: dict[str, Verb] = {
    **{name: Verb(arming(name), kind.known, kind.purpose) for name, kind in KINDS.items()},
    "scenario": Verb(_scenario, ("seed", "chance", "step"), "replace all armed faults by a scenario"),
    "clear": Verb(_clear, ("verb",), "disarm all faults, or those of one verb"),
}
