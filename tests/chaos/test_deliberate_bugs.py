"""The auditor catches deliberate bugs of the gateway, which only the debug build can be told to have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import gateway
from tests.chaos.campaign import Result, run_plan
from tests.chaos.plan import Plan, Step

LIBRARY = Path(gateway.__file__).parents[1]
# `make test` says which build it means these tests for.
in_debug_build = pytest.mark.skipif(os.environ.get("GATEWAY_DEBUG", "0") != "1", reason="about the debug build")
SAFETY_MS = 1_500


def run_with(fault: str, times: int, *steps: tuple[str, dict[str, object]]) -> Result:
    """A short run without rate limits, with all steps at its beginning."""
    planned = tuple(Step(0, kind, params) for kind, params in steps)
    program = (str(Path(__file__).with_name("faulty_gateway.py")), str(LIBRARY), fault, str(times))
    return run_plan(Plan(1, (), "off", planned, SAFETY_MS), program=program)


def rules_broken(result: Result) -> set[str]:
    return {one.rule for one in result.violations}


@in_debug_build
def test_the_debug_build_without_a_bug_is_clean() -> None:
    result = run_with("resend", 0, ("duplicate_pushes", {"count": 1_000}), ("swallow_acks", {"count": 5}))
    assert not result.violations, result.text


@in_debug_build
def test_a_dropped_dedup_is_caught() -> None:
    result = run_with("drop_fill_dedup", 1, ("duplicate_pushes", {"count": 1_000}))
    assert "each fill once" in rules_broken(result), result.summary


@in_debug_build
def test_one_resent_frame_is_caught() -> None:
    result = run_with("resend", 1)
    assert "nothing sent twice" in rules_broken(result), result.summary


@in_debug_build
def test_a_timeout_that_is_told_as_a_refusal_is_caught() -> None:
    """Nor is a push awaited: the exchange acted and will never say so."""
    result = run_with(
        "timeout_is_reject", 1_000, ("swallow_acks", {"count": 20, "op": "order"}), ("lose_pushes", {"count": 20})
    )
    assert "placements are true" in rules_broken(result), result.summary


@in_debug_build
@pytest.mark.skip(reason="needs the journal: a kill between the publishing and the journal's copy of it")
def test_a_fill_that_is_published_before_it_is_journalled_is_caught() -> None:
    raise NotImplementedError
