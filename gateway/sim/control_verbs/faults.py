"""Verbs that arm faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gateway.sim.control_params import Params, Verb, integer
from gateway.sim.faults import Counted

if TYPE_CHECKING:
    from gateway.sim.control import Control


def _counted(name: str) -> Callable[[Control, Params], None]:
    def arm(control: Control, params: Params) -> None:
        setattr(control.exchange.faults, name, Counted(integer(params, "count", 1), str(params.get("op", ""))))

    return arm


def _delay_acks(control: Control, params: Params) -> None:
    control.exchange.faults.delay_acks_ms = integer(params, "ms", 1_000)
    _counted("delay_acks")(control, params)


def _outcome_unknown(control: Control, params: Params) -> None:
    control.exchange.faults.outcome_unknown_code = str(params.get("code", "64007"))
    control.exchange.faults.outcome_unknown_acts = bool(params.get("acts", False))
    _counted("outcome_unknown")(control, params)


def _set_fault(name: str, param: str, default: int) -> Callable[[Control, Params], None]:
    def arm(control: Control, params: Params) -> None:
        setattr(control.exchange.faults, name, integer(params, param, default))

    return arm


def _one_byte(control: Control, params: Params) -> None:
    control.exchange.faults.one_byte_segments = bool(params.get("on", True))


def _rest_errors(control: Control, params: Params) -> None:
    control.exchange.faults.rest_error_status = integer(params, "status", 503)
    control.exchange.faults.rest_errors = integer(params, "count", 1)


def _clear(control: Control, params: Params) -> None:
    control.exchange.faults.clear()


VERBS: dict[str, Verb] = {
    "swallow_acks": Verb(_counted("swallow_acks"), ("count", "op"), "act, push, but never ack"),
    "delay_acks": Verb(_delay_acks, ("count", "op", "ms"), "ack late; pushes go at once"),
    "drop_after_act": Verb(_counted("drop_after_act"), ("count", "op"), "act, then drop without ack"),
    "drop_before_act": Verb(_counted("drop_before_act"), ("count", "op"), "drop without acting"),
    "outcome_unknown": Verb(
        _outcome_unknown, ("count", "op", "code", "acts"), "answer with an outcome-unknown code, with or without effect"
    ),
    "push_first": Verb(_counted("push_first"), ("count", "op"), "push before the ack"),
    "duplicate_pushes": Verb(_set_fault("duplicate_pushes", "count", 1), ("count",), "send order pushes twice"),
    "lose_pushes": Verb(_set_fault("lose_pushes", "count", 1), ("count",), "never send order pushes"),
    "fragment": Verb(_set_fault("fragments", "frames", 1), ("frames",), "cut messages into that many frames"),
    "one_byte_segments": Verb(_one_byte, ("on",), "send one byte per segment"),
    "rest_delay": Verb(_set_fault("rest_delay_ms", "ms", 0), ("ms",), "answer REST late, after acting"),
    "rest_errors": Verb(_rest_errors, ("count", "status"), "answer REST with an HTTP error, without acting"),
    "clear": Verb(_clear, (), "disarm all faults"),
}
