"""The auditor catches deliberate bugs of the gateway, which only the debug build can have."""

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
BOUND_S = 10.0  # some of these bugs never let a strategy come to rest


FILLS: tuple[str, dict[str, object]] = "fill_first", {"count": 0}


def run_with(fault: str, times: int, *steps: tuple[str, dict[str, object]]) -> Result:
    """A short run without rate limits, with all steps at its beginning. `fault` is one, or some with commas between them."""
    planned = tuple(Step(0, kind, params) for kind, params in steps)
    program = (str(Path(__file__).with_name("faulty_gateway.py")), str(LIBRARY), fault, str(times))
    return run_plan(Plan(1, (), "off", planned, SAFETY_MS), program=program, bound_s=BOUND_S)


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
def test_a_timeout_published_as_a_refusal_is_caught() -> None:
    """No push follows either: the exchange acted and will never report it."""
    result = run_with(
        "timeout_is_reject", 1_000, ("swallow_acks", {"count": 20, "op": "order"}), ("lose_pushes", {"count": 20})
    )
    assert "placements are true" in rules_broken(result), result.summary


@in_debug_build
def test_a_crash_before_a_fill_is_journalled_is_clean() -> None:
    """It was not published yet either. The campaign starts the gateway again, without the switch."""
    result = run_with("crash_before_fill_kept", 1, FILLS)
    assert rules_broken(result) == {"the gateway lives"}, result.text
    assert {"gateway_ended"} < {action["action"] for action in result.trail.actions}


@in_debug_build
def test_a_fill_that_is_published_before_it_is_journalled_is_caught() -> None:
    """The same crash: the next run does not know that the fill was published."""
    result = run_with("fill_before_journal,crash_before_fill_kept", 1, FILLS)
    assert rules_broken(result) >= {"the gateway lives", "seq is contiguous"}, result.summary
