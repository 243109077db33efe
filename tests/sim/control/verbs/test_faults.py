"""Verbs that arm and clear faults."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sim.control.params import ControlError

UID_1 = "1000000000000001"


def armed(bench: Any) -> list[str]:
    return [one["verb"] for one in bench.exchange.faults.armed()]


def test_faults_are_armed_and_cleared_by_verb(bench: Any) -> None:
    bench.command("lose_pushes", uid=UID_1, count=3)
    listed = bench.command("swallow_acks")
    assert [(one["verb"], one["left"]) for one in listed] == [("lose_pushes", 3), ("swallow_acks", 1)]
    bench.command("clear", verb="lose_pushes")
    assert armed(bench) == ["swallow_acks"]
    bench.command("clear")
    assert armed(bench) == []


def test_a_scenario_replaces_the_armed_faults(bench: Any) -> None:
    bench.command("swallow_acks")
    listed = bench.command("scenario", seed=7, chance=[{"verb": "delay_acks", "ms": 5, "probability": 0.5}])
    assert [(one["verb"], one["probability"]) for one in listed] == [("delay_acks", 0.5)]
    assert bench.exchange.faults.seed == 7


@pytest.mark.parametrize(
    ("verb", "params", "problem"),
    [
        ("clear", {"verb": "nothing"}, "no such fault: 'nothing'"),
        ("swallow_acks", {"uid": "7"}, "no such account: 7"),
        ("swallow_acks", {"count": "1"}, "count must be"),
        ("delay_acks", {"ms": -1}, "ms must be"),
        ("scenario", {"chance": [{"verb": "nothing"}]}, "chance 1: unknown verb 'nothing'"),
    ],
)
def test_commands_that_are_refused(bench: Any, verb: str, params: dict[str, Any], problem: str) -> None:
    with pytest.raises(ControlError, match=problem):
        bench.command(verb, **params)
    assert armed(bench) == []
