"""The two clocks of the data plane: deadlines go by the monotonic one, stamps by the wall clock."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

MS = 1_000_000


def test_stamps_of_events_are_of_the_wall_clock(rig: Any) -> None:
    before = time.time_ns()
    rig.send(rig.order("o1"))
    rig.accept()
    after = time.time_ns()
    (ack,) = rig.on("alpha.ack")
    assert before <= int(ack["gw"]["sentNs"]) <= int(ack["gw"]["pubNs"]) <= after


def test_okx_clock_runs_with_the_monotonic_one(rig: Any) -> None:
    """Its offset is to the monotonic clock: a stepped wall clock does not move it."""
    offset_ms = 1_700_000_000_000
    before = time.monotonic_ns()
    rig.api.set_okx_clock(offset_ms * MS)
    shown = rig.api.okx_now_ms()
    after = time.monotonic_ns()
    assert offset_ms + before // MS <= shown <= offset_ms + after // MS


@pytest.mark.parametrize(("age_ms", "refusals"), [(100, 0), (60_000, 1)])
def test_a_request_without_a_moment_is_read_now(rig: Any, age_ms: int, refusals: int) -> None:
    """Its own stamp is compared with the wall clock."""
    sent_ns = time.time_ns() - age_ms * MS
    message = {**rig.order("o1"), "gw": {"sentNs": str(sent_ns)}}
    rig.api.on_request(1, 1, rig.alpha, False, json.dumps(message).encode())
    assert len(rig.frames) == 1 - refusals
    assert rig.api.status()["counters"]["refused"] == refusals
