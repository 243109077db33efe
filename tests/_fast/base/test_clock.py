"""The two clocks of the data plane: deadlines go by the monotonic one, stamps by the wall clock."""

from __future__ import annotations

import time
from typing import Any

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


def test_a_request_without_a_moment_is_read_now(rig: Any) -> None:
    """By both clocks: the message's own stamp is compared with the wall clock, its deadline with the monotonic one."""
    sent_ns = time.time_ns() - 500 * MS
    message = f'{{"id":"o1","op":"ping","gw":{{"sentNs":"{sent_ns}"}}}}'
    rig.api.on_request(1, 1, rig.alpha, False, message.encode())
    assert rig.reply["op"] == "ping" and rig.reply["code"] == "0"
