"""Verbs that set switches and the clock."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sim.control.params import ControlError


def test_a_switch_keeps_its_type(bench: Any) -> None:
    switches = bench.command("switch", name="amend_delay_ms", value=5)
    assert switches["amend_delay_ms"] == bench.exchange.switches.amend_delay_ms == 5
    for name, value in (("amend_delay_ms", "5"), ("limiter_window", "none"), ("nothing", 1)):
        with pytest.raises(ControlError):
            bench.command("switch", name=name, value=value)
    assert bench.exchange.switches.amend_delay_ms == 5


def test_the_clock_is_set_apart(bench: Any) -> None:
    assert bench.command("clock", skew_ms=-3_600_000) == -3_600_000
    assert bench.exchange.clock.skew_ms == -3_600_000
    assert bench.command("clock") == 0
