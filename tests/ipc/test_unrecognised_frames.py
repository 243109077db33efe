"""What is published of frames that the gateway cannot use: the first of each kind, then one in a thousand."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from gateway.ipc.unrecognised_frames import UnrecognisedFrames


class Scene:
    def __init__(self) -> None:
        self.alarms: list[str] = []
        self.frames = UnrecognisedFrames(lambda reason, msg: self.alarms.append(reason))


@pytest.mark.parametrize(
    ("kind", "alarms"),
    [("frames_malformed", 3), ("pushes_unrecognised", 3), ("order_table_full", 3), ("acks_unmatched", 0)],
)
def test_the_first_and_every_thousandth(kind: str, alarms: int, caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene()
    counts = []
    with caplog.at_level(logging.WARNING):
        for number in range(1, 3_000):
            before = len(scene.alarms)
            scene.frames.note(kind, b"\xff" * 400)
            counts += [number] * (len(scene.alarms) - before)
    assert len(caplog.records) == 3
    assert counts == [1, 1_000, 2_000][:alarms]
    assert [record.__dict__["excerpt"] for record in caplog.records] == ["\ufffd" * 300] * 3


def test_each_kind_counts_for_itself() -> None:
    scene = Scene()
    for kind in ("frames_malformed", "pushes_unrecognised", "frames_malformed"):
        scene.frames.note(kind, b"")
    assert scene.alarms == ["frames_malformed", "pushes_unrecognised"]


def test_acks_of_nothing_are_counted_and_kept_in_the_log(rig: Any, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(1_500):
        rig.frame(json.dumps({"id": f"{number:016x}", "op": "order", "data": []}).encode())
    found = [record for record in caplog.records if record.message == "unrecognised frame"]
    assert [record.__dict__["count"] for record in found] == [1, 1_000], "not a line for each"
    assert rig.events == []
