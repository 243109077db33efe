"""The last `seq` of every owner: it continues after any end of a run, and skips ahead if published numbers can be missing."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from gateway._fast.journal.writer import Journal
from gateway.journal.format import header_template
from gateway.journal.last_seqs import SEQ_JUMP, boot_of, last_seqs, state_of
from gateway.journal.record_types import Kind
from gateway.journal.segments import list_segments
from tests.e2e.processes import wait_until
from tests.journal.runs import SEGMENT_BYTES, Run


def test_numbers_continue_after_any_end_and_are_never_reused(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.publish(50, random.Random(3))
    seqs = run.bus.seqs()
    assert last_seqs(tmp_path) == seqs, "a run that was killed"
    run.journal.close()
    assert last_seqs(tmp_path) == seqs
    file = list_segments(tmp_path)[-1].path
    text = file.read_bytes().rstrip(b"\0")
    file.write_bytes(text[:-200])  # the removed records can have been published
    assert all(seq >= SEQ_JUMP for seq in last_seqs(tmp_path).values())


def test_after_another_boot_unpublished_numbers_are_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut can take published events; a run that ended cleanly has written all to disk."""
    run = Run(tmp_path)
    run.publish(5, random.Random(4))
    wait_until(lambda: len(list_segments(tmp_path)) == 2, "the next file is ready, and empty")
    seqs = run.bus.seqs()
    monkeypatch.setattr("gateway.journal.last_seqs.boot_id", lambda: "another")
    assert last_seqs(tmp_path) == {owner: seq + SEQ_JUMP for owner, seq in seqs.items()}
    run.journal.close()
    assert last_seqs(tmp_path) == seqs


def test_without_a_journal_there_are_no_numbers(tmp_path: Path) -> None:
    assert last_seqs(tmp_path / "none") == {}


def by_hand(directory: Path, *records: tuple[Kind, bytes]) -> Journal:
    """A journal with these records, not closed."""
    header = header_template("s", "main", "simulator", SEGMENT_BYTES)
    journal = Journal(str(directory), header, SEGMENT_BYTES, 10, False, 1, 1, 1)
    for kind, payload in records:
        assert journal.note(kind, payload)
    return journal


def state(**seqs: int) -> tuple[Kind, bytes]:
    return Kind.STATE, json.dumps({"seqs": seqs, "boot": "b1", "from": 0}).encode()


def event(topic: bytes, seq: int) -> tuple[Kind, bytes]:
    return Kind.EVENT, bytes([len(topic)]) + topic + b'{"seq":%d,"event":"x"}' % seq


def test_the_highest_number_of_state_and_events_counts(tmp_path: Path) -> None:
    records = [state(alpha=5, gateway=9), event(b"alpha.ack", 6), event(b"account.positions", 1)]
    by_hand(tmp_path, *records, event(b"alpha.fill", 7)).close()
    assert last_seqs(tmp_path) == {"alpha": 7, "gateway": 9, "account": 1}


@pytest.mark.parametrize("kind", [Kind.LOST, Kind.RESUMED])
def test_after_records_without_room_numbers_skip_ahead(tmp_path: Path, kind: Kind) -> None:
    by_hand(tmp_path, state(alpha=5), (kind, b"\x01" + bytes(7))).close()
    assert last_seqs(tmp_path) == {"alpha": 5 + SEQ_JUMP}


def test_a_state_record_after_the_loss_settles_it(tmp_path: Path) -> None:
    by_hand(tmp_path, state(alpha=5), (Kind.LOST, b"\x01" + bytes(7)), state(alpha=2_000_005)).close()
    assert last_seqs(tmp_path) == {"alpha": 2_000_005}


def test_the_caller_can_know_of_a_loss(tmp_path: Path) -> None:
    """The journal had no room to note it; the lock file did."""
    by_hand(tmp_path, state(alpha=5)).close()
    assert last_seqs(tmp_path, incomplete=True) == {"alpha": 5 + SEQ_JUMP}


def test_numbers_skip_ahead_by_a_million() -> None:
    assert SEQ_JUMP == 1_000_000  # docs/journal.md


def test_the_state_record_of_a_file(tmp_path: Path) -> None:
    by_hand(tmp_path, (Kind.SESSION, b"{}"), state(alpha=5)).close()
    file = list_segments(tmp_path)[0]
    assert state_of(file) == {"seqs": {"alpha": 5}, "boot": "b1", "from": 0}
    assert boot_of(state()[1]) == "b1"


def test_a_file_without_a_state_record(tmp_path: Path) -> None:
    by_hand(tmp_path, (Kind.SESSION, b"{}")).close()
    assert state_of(list_segments(tmp_path)[0]) is None
