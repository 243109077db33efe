"""The journal's files, as the thread makes, writes out, closes and removes them. The writer is what the tests see of it."""

from __future__ import annotations

import os
import stat
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway._fast.journal.writer import Journal

SEGMENT = 64 << 10
HEADER = 512
EVENT, SEGMENT_END = 4, 5

WaitFor = Callable[[Callable[[], Any], str], None]
Open = Callable[..., Journal]


@pytest.fixture
def open_journal(tmp_path: Path) -> Iterator[Open]:
    """Opens the journal of `tmp_path`; closed at the end at the latest."""
    opened: list[Journal] = []

    def open_one(**changes: Any) -> Journal:
        settings: dict[str, Any] = {
            "header": b"OKXGWJ\r\n".ljust(HEADER, b"\0"), "segment_bytes": SEGMENT, "interval_ms": 1, "to_disk": False,
            "first_segment": 1, "next_record": 1, "oldest_segment": 1,
        }  # fmt: skip
        opened.append(Journal(str(tmp_path), **{**settings, **changes}))
        return opened[-1]

    yield open_one
    for journal in opened:
        journal.close()


def path_of(tmp_path: Path, number: int) -> Path:
    return tmp_path / f"{number:010d}.journal"


def fill(journal: Journal, segments: int, wait_for: WaitFor) -> None:
    """Writes until so many segments are full."""
    journal.note(EVENT, b"x")
    last = journal.segment_number + segments
    while journal.segment_number < last:
        wait_for(lambda: journal.note(EVENT, b"x" * 4_000), "the next segment stands ready")


@pytest.mark.parametrize("number", [1, 42, 2_147_483_648])
def test_the_first_file_stands_at_the_start_under_its_number(tmp_path: Path, open_journal: Open, number: int) -> None:
    journal = open_journal(first_segment=number, oldest_segment=number)
    assert path_of(tmp_path, number).exists()
    journal.note(EVENT, b"x")
    assert journal.segment_number == number


def test_the_next_file_is_made_before_it_is_needed(tmp_path: Path, open_journal: Open, wait_for: WaitFor) -> None:
    journal = open_journal()
    journal.note(EVENT, b"x")
    wait_for(path_of(tmp_path, 2).exists, "the thread makes it")
    assert journal.segment_number == 1


def test_a_file_has_all_its_room_from_the_start(tmp_path: Path, open_journal: Open) -> None:
    """What is not allocated could lack when the disk is full; `st_blocks` counts 512 bytes each (stat(2))."""
    open_journal()
    found = path_of(tmp_path, 1).stat()
    assert found.st_size == SEGMENT
    assert found.st_blocks * 512 >= SEGMENT


def test_a_file_is_its_owner_s_alone(tmp_path: Path, open_journal: Open) -> None:
    before = os.umask(0)
    try:
        open_journal()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path_of(tmp_path, 1).stat().st_mode) == 0o600


def test_each_header_bears_the_number_and_the_time_of_its_file(
    tmp_path: Path, open_journal: Open, wait_for: WaitFor
) -> None:
    began = time.time_ns()
    journal = open_journal(first_segment=7, oldest_segment=7)
    fill(journal, 2, wait_for)
    heads = [path_of(tmp_path, number).read_bytes()[:HEADER] for number in (7, 8, 9)]
    for number, head in zip((7, 8, 9), heads, strict=True):
        found, _, made = struct.unpack_from("<QQq", head, 16)
        assert (head[:8], found) == (b"OKXGWJ\r\n", number)
        assert began <= made <= time.time_ns()
    assert len({head[508:] for head in heads}) == 3, "each has its own check sum"


def test_a_full_file_is_cut_to_what_was_written(tmp_path: Path, open_journal: Open, wait_for: WaitFor) -> None:
    fill(open_journal(), 1, wait_for)
    wait_for(lambda: path_of(tmp_path, 1).stat().st_size < SEGMENT, "the thread closes it")
    text = path_of(tmp_path, 1).read_bytes()
    length, _, kind = struct.unpack_from("<IIH", text, len(text) - 40)
    assert (length, kind) == (40, SEGMENT_END)


def test_close_cuts_the_last_file_and_removes_the_one_that_stood_ready(
    tmp_path: Path, open_journal: Open, wait_for: WaitFor
) -> None:
    journal = open_journal()
    journal.note(EVENT, b"x" * 8)
    wait_for(path_of(tmp_path, 2).exists, "the thread makes it")
    journal.close()
    assert [path.name for path in tmp_path.iterdir()] == ["0000000001.journal"]
    assert path_of(tmp_path, 1).stat().st_size == HEADER + 40 + 32, "the record and session_end"


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path, open_journal: Open) -> None:
    path_of(tmp_path, 1).write_bytes(b"of another run")
    journal = open_journal()
    assert journal.error != 0 and not journal.takes_orders
    journal.close()
    assert path_of(tmp_path, 1).read_bytes() == b"of another run"


def test_a_directory_that_is_gone_is_an_error_until_it_is_back(
    tmp_path: Path, open_journal: Open, wait_for: WaitFor
) -> None:
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    tmp_path.rename(moved)
    journal = open_journal()
    assert journal.error != 0 and not journal.takes_orders
    moved.rename(tmp_path)
    wait_for(lambda: journal.takes_orders and journal.error == 0, "the thread tries again")


def test_only_what_was_written_to_disk_counts_as_there(tmp_path: Path, open_journal: Open, wait_for: WaitFor) -> None:
    journal = open_journal(to_disk=True, interval_ms=1)
    for _ in range(3):
        journal.note(EVENT, b"x" * 1_000)
        wait_for(lambda: journal.unsynced_bytes == 0, "the group is on disk")
    assert journal.syncs >= 3
    assert 0 < journal.sync_ns_max < 60_000_000_000


def test_files_are_removed_from_the_oldest_up_to_what_is_kept(
    tmp_path: Path, open_journal: Open, wait_for: WaitFor
) -> None:
    journal = open_journal()
    fill(journal, 3, wait_for)
    journal.remove_before(3)
    wait_for(lambda: not path_of(tmp_path, 2).exists(), "the thread removes it")
    assert not path_of(tmp_path, 1).exists()
    assert path_of(tmp_path, 3).exists() and path_of(tmp_path, 4).exists()
