"""What is told of frames that the gateway cannot use: the first of each kind, then one in a thousand."""

from __future__ import annotations

import logging

import pytest

from gateway.ipc.unrecognised_frames import UnrecognisedFrames


@pytest.mark.parametrize(
    ("kind", "alarms"),
    [("frames_malformed", 3), ("pushes_unrecognised", 3), ("order_table_full", 3), ("acks_unmatched", 0)],
)
def test_the_first_and_every_thousandth_are_told(kind: str, alarms: int, caplog: pytest.LogCaptureFixture) -> None:
    odd = UnrecognisedFrames()
    with caplog.at_level(logging.WARNING):
        words = [odd.note(kind, b"\xff" * 400) for _ in range(2_999)]
    assert len(caplog.records) == 3
    assert [number + 1 for number, text in enumerate(words) if text] == [1, 1_000, 2_000][:alarms]
    assert [record.__dict__["excerpt"] for record in caplog.records] == ["�" * 300] * 3


def test_each_kind_counts_for_itself() -> None:
    odd = UnrecognisedFrames()
    assert odd.note("frames_malformed", b"")
    assert odd.note("pushes_unrecognised", b"")
    assert not odd.note("frames_malformed", b"")
