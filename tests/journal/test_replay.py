"""Pages of events from the journal's files: each equals the written events without a hole, or names the oldest one kept."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway._fast.events.bus import EventBus
from gateway._fast.journal.writer import Journal
from gateway._fast.ports.ports import RecordingEventSink
from gateway.journal.format import header_template
from gateway.journal.gaps import LostRecords
from gateway.journal.last_seqs import SEQ_JUMP, last_seqs, state_record
from gateway.journal.record_types import Kind
from gateway.journal.replay import JournalPages
from gateway.journal.segments import list_segments
from tests.e2e.processes import wait_until

SEGMENT_BYTES = 65_536
STATE, GATEWAY = 7, 1
Events = dict[str, list[tuple[bytes, bytes]]]


class Run:
    """One run of a gateway's journal and bus. Each file begins with the state before it."""

    def __init__(self, directory: Path, first_segment: int = 1, next_record: int = 1) -> None:
        header = header_template("s", "main", "simulator", SEGMENT_BYTES)
        self.journal = Journal(str(directory), header, SEGMENT_BYTES, 10, False, first_segment, next_record, 1)
        self.sink = RecordingEventSink()
        self.bus = EventBus(self.sink, self.journal, "s", 4_096)
        self.bus.resume(last_seqs(directory))
        self.alpha = self.bus.add_owner("alpha")
        self._stated = 0
        self.state()

    def state(self) -> None:
        self.journal.note(Kind.STATE, state_record(self.bus.seqs(), 0, LostRecords()))
        self._stated = self.journal.segment_number

    def publish(self, count: int, rng: random.Random) -> None:
        for _ in range(count):
            while not self.journal.takes_orders:
                pass
            self.bus.publish_cold(rng.choice((self.alpha, GATEWAY)), STATE, b'"pad":"%s"' % (b"x" * rng.randrange(900)))
            if self.journal.segment_number != self._stated:
                self.state()

    def events(self) -> Events:
        return {
            name: [one for one in self.sink.events if one[0].startswith(name.encode())] for name in ("alpha", "gateway")
        }


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[JournalPages]:
    made = JournalPages(tmp_path)
    yield made
    made.close()


def page(
    pages: JournalPages, from_seq: int, limit: int, last: int, owner: str = "alpha"
) -> tuple[list[tuple[bytes, bytes]], int]:
    return asyncio.run(pages.page(owner, from_seq, limit, last))


def test_every_page_over_many_files_and_two_runs(tmp_path: Path, pages: JournalPages) -> None:
    rng = random.Random(5)
    first = Run(tmp_path)
    first.publish(600, rng)
    first.journal.close()
    last = list_segments(tmp_path)[-1].number
    second = Run(tmp_path, last + 1, first.journal.next_record)
    second.publish(300, rng)
    for owner in ("alpha", "gateway"):
        all_events = first.events()[owner] + second.events()[owner]
        for _ in range(40):
            from_seq, limit = rng.randrange(1, len(all_events) + 1), rng.randrange(1, 60)
            expected = all_events[from_seq - 1 : from_seq - 1 + limit]
            assert page(pages, from_seq, limit, len(all_events), owner) == (expected, from_seq)
        read: list[tuple[bytes, bytes]] = []
        while len(read) < len(all_events):  # page after page
            read += page(pages, len(read) + 1, 50, len(all_events), owner)[0]
        assert read == all_events
    second.journal.close()


def test_removed_events_are_gone_and_the_oldest_one_kept_is_named(tmp_path: Path, pages: JournalPages) -> None:
    run = Run(tmp_path)
    run.publish(600, random.Random(1))
    run.journal.close()
    files = list_segments(tmp_path)
    for file in files[:3]:
        file.path.unlink()
    events = run.events()["alpha"]
    found, first = page(pages, 1, 10, len(events))
    assert found == [] and 1 < first < len(events)
    assert page(pages, first, 10, len(events)) == (events[first - 1 : first + 9], first)
    assert page(pages, first - 1, 10, len(events)) == ([], first)


def test_a_damaged_stretch_is_a_hole_and_is_never_skipped(tmp_path: Path, pages: JournalPages) -> None:
    run = Run(tmp_path)
    run.publish(100, random.Random(2))
    run.journal.close()
    events = run.events()["alpha"]
    lost = len(events) // 2
    file = list_segments(tmp_path)[0].path
    text = file.read_bytes()
    at = text.index(events[lost][1])
    file.write_bytes(text[: at + 5] + bytes([text[at + 5] ^ 1]) + text[at + 6 :])
    found, _ = page(pages, 1, 500, len(events))
    assert found == events[:lost]
    assert page(pages, lost + 1, 500, len(events)) == ([], lost + 2)
    assert page(pages, lost + 2, 500, len(events))[0] == events[lost + 1 :]


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


def test_without_a_journal_there_are_no_numbers(tmp_path: Path, pages: JournalPages) -> None:
    assert last_seqs(tmp_path / "none") == {}
    assert page(pages, 1, 10, 5) == ([], 6)
