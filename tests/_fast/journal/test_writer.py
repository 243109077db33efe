"""The journal's writer: its bytes against docs/journal.md by a parser of the test's own, rotation, the full disk, and kill -9."""

from __future__ import annotations

import os
import resource
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway._fast.journal.writer import Journal

KIB = 1 << 10
SEGMENT = 64 * KIB
EVENT = 4

WaitFor = Callable[[Callable[[], Any], str], None]


def crc32c(text: bytes) -> int:
    """Bit by bit, from the polynomial."""
    crc = 0xFFFFFFFF
    for byte in text:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def records_of(path: Path) -> list[tuple[int, int, bytes]]:
    """(number, type, payload) as docs/journal.md describes them."""
    text, at, found = path.read_bytes(), 512, []
    while at + 4 <= len(text) and (length := struct.unpack_from("<I", text, at)[0]):
        crc, kind, version, unused, number, ns = struct.unpack_from("<IHHIQq", text, at + 4)
        assert (version, unused) == (1, 0)
        assert crc == crc32c(text[at : at + 4] + text[at + 8 : at + length])
        assert abs(ns - time.time_ns()) < 60_000_000_000
        found.append((number, kind, text[at + 32 : at + length]))
        at += (length + 7) // 8 * 8
    assert not text[at:].strip(b"\0")
    return found


def whole(directory: Path) -> list[tuple[int, int, bytes]]:
    return [record for path in sorted(directory.glob("*.journal")) for record in records_of(path)]


def new_journal(directory: Path, **changes: Any) -> Journal:
    settings: dict[str, Any] = {
        "header": b"HEADER".ljust(512, b"\0"),
        "segment_bytes": SEGMENT,
        "interval_ms": 1,
        "to_disk": False,
        "first_segment": 1,
        "next_record": 1,
        "oldest_segment": 1,
    }
    return Journal(str(directory), **{**settings, **changes})


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """No file of this process may grow beyond `limit`: what fallocate meets is what it meets on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("to_disk", [False, True])
def test_records_stand_in_the_file_as_the_document_says(tmp_path: Path, to_disk: bool) -> None:
    journal = new_journal(tmp_path, to_disk=to_disk, next_record=41)
    assert journal.takes_orders
    for payload in (b"\x05topic{}", b"x", b"12345678"):
        assert journal.note(EVENT, payload)
    expected = [(41, EVENT, b"\x05topic{}"), (42, EVENT, b"x"), (43, EVENT, b"12345678")]
    assert whole(tmp_path) == expected, "readable at once, by anyone, while it is written"
    journal.close()
    assert whole(tmp_path) == [*expected, (44, 8, b"")]
    head = (tmp_path / "0000000001.journal").read_bytes()[:512]
    assert head[:6] == b"HEADER"
    assert struct.unpack_from("<Q", head, 16) == (1,)
    assert struct.unpack_from("<I", head, 508) == (crc32c(head[:508]),)


def test_a_full_segment_says_where_the_journal_goes_on(tmp_path: Path, wait_for: WaitFor) -> None:
    journal = new_journal(tmp_path)
    for number in range(300):
        wait_for(lambda n=number: journal.note(EVENT, b"%d" % n + b"." * 600), "the next segment stands ready")
    journal.close()
    assert journal.lost == 0 or whole(tmp_path)
    found = [record for record in whole(tmp_path) if record[1] == EVENT]
    assert [int(payload.partition(b".")[0]) for _, _, payload in found] == list(range(300))
    numbers = [number for number, _, _ in whole(tmp_path)]
    assert numbers == list(range(1, len(numbers) + 1))
    files = sorted(tmp_path.glob("*.journal"))
    assert len(files) > 2
    for number, path in enumerate(files[:-1], start=1):
        assert records_of(path)[-1][1:] == (5, struct.pack("<Q", number + 1))
        assert path.stat().st_size < SEGMENT, "the room that was not used is given back"


def test_what_the_disk_group_has_written_is_known(tmp_path: Path, wait_for: WaitFor) -> None:
    journal = new_journal(tmp_path, to_disk=True)
    journal.note(EVENT, b"x" * 5_000)
    wait_for(lambda: journal.unsynced_bytes == 0, "the group is on disk")
    assert journal.syncs >= 1 and journal.sync_ns_max > 0


def test_a_full_disk_refuses_new_orders_and_still_takes_the_rest(tmp_path: Path, wait_for: WaitFor) -> None:
    """The next file is allocated before it is needed: its lack stops new orders long before there is no room for events."""
    with full_disk(SEGMENT - 1):
        journal = new_journal(tmp_path)
        assert not journal.takes_orders
        assert journal.error != 0
        assert not journal.note(EVENT, b"lost")
    wait_for(lambda: journal.takes_orders, "there is room again")
    assert journal.note(EVENT, b"kept")
    journal.close()
    assert whole(tmp_path) == [(1, 7, struct.pack("<Q", 1)), (2, EVENT, b"kept"), (3, 8, b"")]


def test_the_last_segment_keeps_room_for_events_and_what_is_lost_then_is_counted(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    journal = new_journal(tmp_path)
    journal.note(EVENT, b"first")
    wait_for((tmp_path / "0000000002.journal").exists, "the next file")
    wait_for(lambda: not journal.error and journal.takes_orders, "ready")
    kept = refused_at = 0
    with full_disk(SEGMENT - 1):
        while journal.note(EVENT, b"e" * 1_000):
            kept += 1
            if not journal.takes_orders and not refused_at:
                refused_at = kept
        assert refused_at and kept - refused_at >= SEGMENT // 4 // 1_200, (
            "new orders stop a quarter of a segment earlier"
        )
        assert not journal.note(EVENT, b"lost too, though there were room for it" * 30)
        assert journal.lost == 2
    wait_for(lambda: journal.takes_orders, "there is room again")
    assert journal.note(EVENT, b"again")
    journal.close()
    kinds = [(kind, payload) for _, kind, payload in whole(tmp_path) if kind not in (EVENT, 5)]
    assert kinds == [(6, struct.pack("<Q", 1)), (7, struct.pack("<Q", 2)), (8, b"")]
    numbers = [number for number, _, _ in whole(tmp_path)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_record_larger_than_a_segment_is_lost_and_nothing_else(tmp_path: Path) -> None:
    journal = new_journal(tmp_path)
    assert not journal.note(EVENT, b"x" * SEGMENT)
    assert journal.note(EVENT, b"after")
    journal.close()
    assert [record[1] for record in whole(tmp_path)] == [7, EVENT, 8]


def test_what_is_too_old_is_removed(tmp_path: Path, wait_for: WaitFor) -> None:
    for number in (1, 2, 3):
        (tmp_path / f"{number:010}.journal").write_bytes(b"old")
    journal = new_journal(tmp_path, first_segment=4)
    journal.remove_before(3)
    wait_for(lambda: len(list(tmp_path.glob("*.journal"))) == 2, "1 and 2 go")
    assert sorted(path.name for path in tmp_path.glob("*.journal")) == ["0000000003.journal", "0000000004.journal"]


def test_kill_9_loses_no_record(tmp_path: Path) -> None:
    """A process that dies by SIGKILL right after `note` returned: all is in the file, though nothing was ever written to disk."""
    program = (
        "import os, sys\nfrom gateway._fast.journal.writer import Journal\n"
        "journal = Journal(sys.argv[1], bytes(512), 65536, 1000, False, 1, 1, 1)\n"
        "for number in range(100): assert journal.note(4, b'%d' % number)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    path = os.pathsep.join(sys.path)
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], check=False, env={**os.environ, "PYTHONPATH": path}
    )
    assert ended.returncode == -signal.SIGKILL
    assert [payload for _, _, payload in records_of(tmp_path / "0000000001.journal")] == [b"%d" % n for n in range(100)]


def test_arguments_that_cannot_be(tmp_path: Path) -> None:
    for wrong in ({"header": b"short"}, {"segment_bytes": 4096}):
        with pytest.raises(ValueError, match="are needed"):
            new_journal(tmp_path, **wrong)
    closed = new_journal(tmp_path)
    closed.close()
    closed.close()
    assert not closed.note(EVENT, b"x") and not closed.takes_orders
