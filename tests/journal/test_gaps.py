"""Since when fills may be unknown after a run that ended: when its stream was last whole, or records were lost."""

from __future__ import annotations

import pytest

from gateway.journal.gaps import LostRecords

STATES = {
    "connecting": False, "logging_in": False, "subscribing": False, "reconciling": False, "ready": True, "halted": True,
    "degraded": False, "waiting": False, "failed": False, "stopping": False, "stopped": False,
}  # fmt: skip


def told(losses: LostRecords, state: str, heard_ms: int) -> None:
    body = f'{{"seq":1,"event":"state","state":"{state}","ready":{str(state == "ready").lower()},"reason":""}}'
    losses.take_gateway_state(body.encode(), heard_ms)


@pytest.mark.parametrize("state", STATES)
def test_each_state_says_whether_the_stream_was_whole(state: str) -> None:
    losses = LostRecords()
    told(losses, "ready", 100)
    told(losses, state, 200)
    assert losses.unknown_since(900) == (900 if STATES[state] else 200)


def test_the_first_state_after_the_loss_counts_over_further_runs() -> None:
    losses = LostRecords()
    told(losses, "ready", 100)
    for heard_ms, state in ((200, "waiting"), (300, "connecting"), (400, "reconciling"), (500, "connecting")):
        told(losses, state, heard_ms)
    assert losses.unknown_since(900) == 200
    told(losses, "ready", 600)
    assert losses.unknown_since(900) == 900


def test_lost_records_count_from_the_newest_one_before_them() -> None:
    losses = LostRecords()
    told(losses, "waiting", 300)
    losses.note(7, 200)
    assert losses.unknown_since(900) == 200
    losses.accept()
    assert losses.unknown_since(900) == 300
