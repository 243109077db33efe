"""Since when fills can be unknown after a run: since its stream was last complete, or since records were lost."""

from __future__ import annotations

import pytest

from gateway.journal.gaps import LostRecords

STATES = {
    "connecting": False, "logging_in": False, "subscribing": False, "reconciling": False, "ready": True, "halted": True,
    "degraded": False, "waiting": False, "failed": False, "stopping": False, "stopped": False,
}  # fmt: skip


def gateway_state(lost_records: LostRecords, state: str, received_ms: int) -> None:
    body = f'{{"seq":1,"event":"state","state":"{state}","ready":{str(state == "ready").lower()},"reason":""}}'
    lost_records.take_gateway_state(body.encode(), received_ms)


@pytest.mark.parametrize("state", STATES)
def test_each_state_shows_whether_the_stream_was_complete(state: str) -> None:
    lost_records = LostRecords()
    gateway_state(lost_records, "ready", 100)
    gateway_state(lost_records, state, 200)
    assert lost_records.unknown_since(900) == (900 if STATES[state] else 200)


def test_the_first_state_after_the_loss_counts_over_further_runs() -> None:
    lost_records = LostRecords()
    gateway_state(lost_records, "ready", 100)
    for received_ms, state in ((200, "waiting"), (300, "connecting"), (400, "reconciling"), (500, "connecting")):
        gateway_state(lost_records, state, received_ms)
    assert lost_records.unknown_since(900) == 200
    gateway_state(lost_records, "ready", 600)
    assert lost_records.unknown_since(900) == 900


def test_lost_records_count_from_the_newest_one_before_them() -> None:
    lost_records = LostRecords()
    gateway_state(lost_records, "waiting", 300)
    lost_records.note(7, 200)
    assert lost_records.unknown_since(900) == 200
    lost_records.accept()
    assert lost_records.unknown_since(900) == 300
