"""Assertions and fault switches: in the debug build they bite, in the optimised one they are not there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gateway
from gateway._fast.base.debug_checks import FAULTS, arm_fault, disarm_faults, is_debug_build

# `make test` says which build it means these tests for.
MEANT_FOR_DEBUG = os.environ.get("GATEWAY_DEBUG", "0") == "1"
in_debug_build = pytest.mark.skipif(not MEANT_FOR_DEBUG, reason="about the debug build")
in_optimised_build = pytest.mark.skipif(MEANT_FOR_DEBUG, reason="about the optimised build")


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    disarm_faults()


def test_the_build_is_the_one_that_is_meant() -> None:
    assert is_debug_build() is MEANT_FOR_DEBUG


@in_optimised_build
@pytest.mark.parametrize("name", FAULTS)
def test_no_fault_can_be_armed_in_the_optimised_build(name: str) -> None:
    with pytest.raises(RuntimeError, match="GATEWAY_DEBUG=1"):
        arm_fault(name)


@in_debug_build
def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="'coffee' is no fault"):
        arm_fault("coffee")


@in_debug_build
@pytest.mark.parametrize(("name", "reason"), [("journal_full", "journal"), ("send_fails", "send_failed")])
def test_a_fault_happens_as_often_as_it_was_armed(new_rig: Any, name: str, reason: str) -> None:
    rig = new_rig()
    arm_fault(name, 2)
    for number in range(3):
        rig.send(rig.order(f"o{number}"))
    assert [rig.row(f"o{number}")["reason"] for number in range(2)] == [reason, reason]
    assert len(rig.frames) == 1


@in_debug_build
def test_a_disarmed_fault_does_not_happen(new_rig: Any) -> None:
    rig = new_rig()
    arm_fault("send_fails")
    disarm_faults()
    rig.send(rig.order("o1"))
    assert len(rig.frames) == 1


@in_debug_build
def test_a_request_that_goes_out_twice_is_seen_by_the_socket(new_rig: Any) -> None:
    rig = new_rig()
    arm_fault("resend")
    rig.send(rig.order("o1"))
    assert len(rig.frames) == 2
    assert rig.frames[0] == rig.frames[1]


def test_a_failed_assertion_ends_the_process_of_the_debug_build_alone() -> None:
    """More is settled than was taken."""
    program = (
        "from gateway._fast.limits.window_limiter import WindowLimiter\n"
        "limiter = WindowLimiter(1, 1000)\n"
        "limiter.add_key(5)\n"
        "limiter.ask(0, 1, 1)\n"
        "limiter.note_counted(0, 2, 2)\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(Path(gateway.__file__).parent.parent)}
    ended = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=False, env=environ
    )
    assert ended.returncode == (-signal.SIGABRT if MEANT_FOR_DEBUG else 0)
    assert ("gateway: assertion failed: settled weight was held" in ended.stderr) is MEANT_FOR_DEBUG
