"""A pipeline with all of OKX's codes and the reactions to them, and recorders of their actions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gateway._fast.control.halt import HaltControl
from gateway.guards.reactions import CodeReactions, Ports
from gateway.okx.error_codes import proving_codes, reacting_codes
from tests._fast.conftest import Rig


class Timer:
    def __init__(self, delay_s: float, call: Any) -> None:
        self.delay_s, self.call, self.is_cancelled = delay_s, call, False

    def cancel(self) -> None:
        self.is_cancelled = True


def make_scene(**settings: Any) -> SimpleNamespace:
    """`rig`, `reactions`, `done` (the requested actions), `timers`; `clock[0]` is the time in s."""
    codes = {"proving_codes": tuple(proving_codes()), "reacting_codes": tuple(reacting_codes())}
    rig = Rig(**{**codes, **settings})
    done: list[tuple[Any, ...]] = []
    timers: list[Timer] = []
    clock = [1_000.0]

    def call_later(delay_s: float, call: Any) -> Timer:
        timers.append(Timer(delay_s, call))
        return timers[-1]

    ports = Ports(
        alarm=rig.alarms.publish,
        log_in_again=lambda text: done.append(("log_in", text)),
        resync_clock=lambda: done.append(("clock",)),
        read_instruments=lambda: done.append(("instruments",)),
        ask_order=lambda ord_id, cl_ord_id: done.append(("ask_order", ord_id, cl_ord_id)),
        halt_changed=lambda halted: done.append(("halt_changed", halted)),
        call_later=call_later,
    )
    reactions = CodeReactions(HaltControl(rig.trading), ports, lambda: clock[0])
    rig.on_okx_code = reactions.on_code
    rig.operations.resume = reactions.resume
    rig.operations.status = lambda: {"halted": reactions.halted}
    return SimpleNamespace(rig=rig, reactions=reactions, done=done, timers=timers, clock=clock)


@pytest.fixture
def scene() -> SimpleNamespace:
    return make_scene()
