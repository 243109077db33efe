"""Pages of events from the journal's files: each equals the written events without a hole, or names the oldest one kept."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.journal.replay import JournalPages
from gateway.journal.segments import list_segments
from tests.journal.runs import Run


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


def test_without_a_journal_there_are_no_events(pages: JournalPages) -> None:
    assert page(pages, 1, 10, 5) == ([], 6)
