"""Journals cut, flipped, zeroed, shuffled at random: the next run says so, or refuses to start, and repeats and contradicts nothing.

What was in the journal is taken from the files before the damage, and what is left of it by comparing bytes.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gateway._fast.journal.retention import first_to_recover
from gateway.cli.main import main
from gateway.config.journal import JournalConfig
from gateway.errors import ConfigError
from gateway.journal.gaps import LostRecords
from gateway.journal.last_seqs import last_seqs
from gateway.journal.monitor import JournalMonitor
from gateway.journal.opening import OpenJournal
from gateway.journal.recovery import recover
from gateway.journal.segments import Record, list_segments, only_records, read_journal
from tests._fast.journal.test_recovery import BIG, History

SEEDS = 54
NAMES = ("alpha", "beta")
ROOM = {**BIG, "request_capacity": 5_000, "order_capacity": 5_000}


def open_journal(directory: Path) -> OpenJournal:
    """Files of 1 MiB, which a configuration may not have, so that there are several."""
    keep = {"keep_mib": 0, "keep_days": 0, "keep_segments": 0}
    config = JournalConfig.model_construct(
        dir=directory, segment_mib=1, durability="process", sync_interval_ms=1, **keep
    )
    return OpenJournal(config, "main", "simulator", "5e55")


class Before(NamedTuple):
    """What the journal's writer knew when it was killed."""

    directory: Path
    records: list[Record]
    ids: list[str]
    results: dict[str, list[str]]
    seqs: dict[str, int]


@pytest.fixture(scope="module")
def before(new_rig: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Before:
    """Two runs, of which the second was killed: its files are copied while it lives."""
    live, directory = tmp_path_factory.mktemp("live"), tmp_path_factory.mktemp("dead") / "j"
    journal = open_journal(live)
    journal.note_session(session="first")
    rig = new_rig(journal=journal.writer, **ROOM)
    keeper = JournalMonitor(
        journal, lambda *_: None, lambda: 0, rig.bus.seqs, lambda: first_to_recover(rig.trading), LostRecords()
    )
    history = History(rig, 1)
    while journal.writer.segment_number < 4:
        for _ in range(20):
            history.step()
            rig.send(rig.order(history.new_id(), note="x" * 8_000))
            rig.accept(-1, str(9_000_000 + len(history.ids)))
        keeper.look()
    for _ in range(20):
        history.step()
    shutil.copytree(live, directory)
    seqs = rig.bus.seqs()
    journal.close()
    records = list(only_records(read_journal(directory)))
    rig.api.connection_lost()
    results = {}
    for one in history.ids:
        rig.reply_sink.replies.clear()
        rig.send(rig.order(one))
        results[one] = [row["result"] for row in rig.reply["data"]]
    return Before(directory, records, history.ids, results, seqs)


# --- what may become of files


def used(path: Path) -> int:
    """Bytes up to the last that is not zero."""
    return max(len(path.read_bytes().rstrip(b"\0")), 1)


def overwrite(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def flip_bits(rng: random.Random, files: list[Path]) -> None:
    for _ in range(rng.randrange(1, 8)):
        path = rng.choice(files)
        at = rng.randrange(used(path))
        overwrite(path, at, bytes([path.read_bytes()[at] ^ 1 << rng.randrange(8)]))


def zero_pages(rng: random.Random, files: list[Path]) -> None:
    """In the middle, so that something stands behind them."""
    path = rng.choice([one for one in files if used(one) > 20_000])
    page = rng.randrange(used(path) // 4_096 - 2)
    overwrite(path, page * 4_096, bytes(4_096 * rng.randrange(1, 3)))


def scribble(rng: random.Random, files: list[Path]) -> None:
    path = rng.choice(files)
    overwrite(path, rng.randrange(used(path)), rng.randbytes(rng.randrange(1, 5_000)))


def spoil_a_header(rng: random.Random, files: list[Path]) -> None:
    overwrite(rng.choice(files), rng.randrange(512), rng.randbytes(8))


def cut(rng: random.Random, files: list[Path]) -> None:
    path = rng.choice(files)
    os.truncate(path, rng.randrange(used(path)))


def remove(rng: random.Random, files: list[Path]) -> None:
    rng.choice(files).unlink()


def duplicate(rng: random.Random, files: list[Path]) -> None:
    path = rng.choice(files)
    shutil.copy(path, path.with_name(f"{rng.choice((9, 77, 1)):010}.journal"))


def swap(rng: random.Random, files: list[Path]) -> None:
    one, other = rng.sample(files, 2)
    text = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(text)


def make_unreadable(rng: random.Random, files: list[Path]) -> None:
    """As no mode of a file does for root."""
    path = rng.choice(files)
    path.unlink()
    path.mkdir()


DAMAGES = (flip_bits, zero_pages, scribble, spoil_a_header, cut, remove, duplicate, swap, make_unreadable)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def without_body(path: Path) -> None:
    os.truncate(path, 512)


def zeroed(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def with_zeroed_body(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:512].ljust(path.stat().st_size, b"\0"))


def left_of(before: Before, directory: Path) -> set[int]:
    """The numbers of the records that stand where they stood, byte by byte, in a file of the right name."""
    left = set()
    for record in before.records:
        path = directory / f"{record.segment:010}.journal"
        end = record.offset + 32 + len(record.payload)
        if (
            path.is_file()
            and path.read_bytes()[record.offset : end]
            == (before.directory / path.name).read_bytes()[record.offset : end]
        ):
            left.add(record.number)
    return left


class After:
    """The next run, up to where it would hear strategies."""

    def __init__(self, new_rig: Callable[..., Any], directory: Path) -> None:
        self.alarms: list[tuple[str, str]] = []
        alarm = lambda *one: self.alarms.append(one)  # noqa: E731
        self.journal = open_journal(directory)
        try:
            end_is_lost = self.journal.found.end_is_lost
            self.rig = new_rig(**ROOM, journal=self.journal.writer)
            self.rig.bus.resume(last_seqs(directory, end_is_lost))
            self.first_seqs = self.rig.bus.seqs()
            self.journal.note_session(session="after")
            number = self.journal.writer.segment_number
            self.recovery = recover(directory, self.rig.trading, NAMES, number, alarm, end_is_lost=end_is_lost)
            JournalMonitor(
                self.journal, alarm, lambda: 0, self.rig.bus.seqs, lambda: 0, self.recovery.lost_records
            ).publish_findings()
        finally:
            self.journal.close()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_damage_is_passed_over_in_silence(
    new_rig: Callable[..., Any], before: Before, tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    rng = random.Random(seed)
    directory = tmp_path / "j"
    shutil.copytree(before.directory, directory)
    files = [file.path for file in list_segments(directory) if used(file.path) > 600]
    damage = DAMAGES[seed % len(DAMAGES)]
    damage(rng, files)
    lost = {record.number for record in before.records} - left_of(before, directory)
    statuses = {one: main(["journal", one, "--dir", str(directory)]) for one in ("list", "verify")}
    out = str(tmp_path / "out.jsonl")
    main(["journal", "export", "--dir", str(directory), "--out", out])
    assert statuses["list"] in (0, 2) and (statuses["verify"] != 0 or not lost), capsys.readouterr().out
    try:
        after = After(new_rig, directory)
    except ConfigError as error:
        assert str(directory) in str(error), damage
        return
    if lost:
        assert after.alarms, f"seed {seed}: {len(lost)} records are gone"
    for owner, seq in before.seqs.items():
        assert after.first_seqs.get(owner, 0) >= seq
    check_ids(before, after, lost)


@pytest.mark.parametrize("is_only_one", [False, True])
@pytest.mark.parametrize("damage", [emptied, without_body, zeroed, with_zeroed_body, Path.unlink])
def test_files_in_which_no_record_is_left_are_missed(
    new_rig: Callable[..., Any],
    before: Before,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[Path], None],
    is_only_one: bool,
) -> None:
    """The oldest file; or the only one that was written to, beside the one that stood ready behind it."""
    directory = tmp_path / "j"
    shutil.copytree(before.directory, directory)
    files = [file.path for file in list_segments(directory)]
    for path in files[1:] if is_only_one else ():
        path.unlink()
    if is_only_one:
        (directory / "0000000002.journal").write_bytes(bytes(1 << 20))
    damage(files[0])
    assert main(["journal", "verify", "--dir", str(directory)]) == 1, capsys.readouterr().out
    after = After(new_rig, directory)
    assert "journal_damaged" in [reason for reason, _ in after.alarms]
    assert after.recovery.lost_records.incomplete and after.recovery.lost_records.unknown_since(1) == 0
    check_ids(before, after, {1})


def test_a_journal_of_which_only_the_lock_is_left_was_not_always_empty(
    new_rig: Callable[..., Any], before: Before, tmp_path: Path
) -> None:
    directory = tmp_path / "j"
    shutil.copytree(before.directory, directory)
    for file in list_segments(directory):
        file.path.unlink()
    after = After(new_rig, directory)
    assert after.recovery.lost_records.incomplete
    check_ids(before, after, {1})


def test_a_journal_that_is_new_is_not_damaged(new_rig: Callable[..., Any], before: Before, tmp_path: Path) -> None:
    """Nor is one of a run that was killed before its first record."""
    journal = open_journal(tmp_path)
    journal.close()
    after = After(new_rig, tmp_path)
    assert after.alarms == [] and not after.recovery.lost_records.incomplete


def check_ids(before: Before, after: After, lost: set[int]) -> None:
    """No id that was used before leads to an order, and no result is the opposite of what was told."""
    rig = after.rig
    for one in before.ids:
        rig.reply_sink.replies.clear()
        rig.send(rig.order(one))
        (reply,) = rig.replies
        if reply.get("duplicate"):
            found = [row["result"] for row in reply["data"]]
            was = before.results[one]
            assert all(now in (then, "unknown") for now, then in zip(found, was, strict=True)), (one, found, was)
        else:
            assert lost and after.recovery.lost_records.incomplete and reply["reason"] == "journal", reply
    assert rig.frames == []
