"""Opens the journal for one run. It excludes other writers, and continues the numbers however the last run ended.

Raises ConfigError, with the fix, if another gateway writes here, if a file cannot be read or is in the wrong place, or
if the journal belongs to another account.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from gateway._fast.journal.scanner import HEADER_BYTES
from gateway._fast.journal.writer import Journal
from gateway.config.journal import JournalConfig
from gateway.errors import ConfigError
from gateway.journal.format import Header, Record, header_template
from gateway.journal.last_seqs import boot_id, boot_of, was_cut_short
from gateway.journal.record_types import Kind
from gateway.journal.segments import (
    Damage,
    SegmentFile,
    SegmentReader,
    cut_end,
    list_segments,
    missing_next,
    none_is_left,
    read_header,
)

LOCK_FILE: Final = "lock"
# The lock file's first byte, which even a full disk can take: whether the files hold all published events.
_ALL_KEPT: Final = b"0"
_NOT_ALL_KEPT: Final = b"1"
# Its second byte, set once a record has been written.
_HAS_RECORDS: Final = b"r"


@dataclass(frozen=True, slots=True)
class Found:
    """The result of earlier runs: the numbers to continue from, and the damage at the end."""

    last_segment: int = 0
    last_record: int = 0
    oldest_segment: int = 1
    ended_well: bool = True
    damage: list[Damage] = field(default_factory=list)
    end_is_lost: bool = False
    """Records can be missing at the end."""
    unused: tuple[Path, int] | None = None
    """A file that is longer than its records, and the length of those."""


class OpenJournal:
    """The journal of this run: its writer, and the lock that ends with the process."""

    def __init__(self, config: JournalConfig, account: str, environment: str, session: str) -> None:
        self.config = config
        self.directory = config.dir
        self._lock = _take_lock(config.dir)
        self._all_kept = True
        try:
            # An earlier run published numbers (`seq`) that are in no file.
            self.incomplete = os.pread(self._lock, 1, 0) == _NOT_ALL_KEPT
            _check_files(config.dir, account, environment)
            self.found = _look_at_the_end(config.dir, had_records=os.pread(self._lock, 1, 1) == _HAS_RECORDS)
            self.incomplete = self.incomplete or self.found.end_is_lost
            # All segments before it belong to earlier runs, even while the disk has no room for this one yet.
            self.first_segment = self.found.last_segment + 1
            segment_bytes = config.segment_mib << 20
            self.writer = Journal(
                os.fspath(config.dir),
                header_template(session, account, environment, segment_bytes),
                segment_bytes,
                config.sync_interval_ms,
                config.durability == "disk",
                self.first_segment,
                self.found.last_record + 1,
                self.found.oldest_segment,
            )
            self.all_kept(self.writer.takes_orders and not self.incomplete)
        except BaseException:
            os.close(self._lock)
            raise

    def all_kept(self, kept: bool) -> None:
        """Notes, where even a full disk can, whether the files have every owner's last `seq`. Raises ConfigError."""
        if kept != self._all_kept:
            try:
                os.pwrite(self._lock, _ALL_KEPT if kept else _NOT_ALL_KEPT, 0)
            except OSError as error:
                raise ConfigError(f"[journal] dir {self.directory} cannot be written: {error.strerror}") from None
            self._all_kept = kept

    def note_session(self, **about: Any) -> None:
        """Writes the run's first record: its facts, and how the previous run ended. Then truncates that run's file."""
        before = {"endedWell": self.found.ended_well, "damage": [each.description for each in self.found.damage]}
        kept = self.writer.note(Kind.SESSION, orjson.dumps({**about, "pid": os.getpid(), "before": before}))
        if kept:
            with suppress(OSError):
                os.pwrite(self._lock, _HAS_RECORDS, 1)
        if kept and self.found.unused is not None:
            os.truncate(*self.found.unused)

    def close(self) -> None:
        self.writer.close()
        os.close(self._lock)


def _take_lock(directory: Path) -> int:
    """The process holds the lock until it ends; the kernel releases it even after kill -9."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(directory / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(f"[journal] dir {directory} cannot be used: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise ConfigError(
            f"another gateway writes the journal in {directory}: stop it, or set another [journal] dir"
        ) from None
    if os.fstat(lock).st_size == 0:
        with suppress(OSError):
            os.pwrite(lock, _ALL_KEPT, 0)
    return lock


def is_written_now(directory: Path) -> bool:
    """True if a running gateway holds the journal's lock."""
    try:
        lock = os.open(directory / LOCK_FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def _check_files(directory: Path, account: str, environment: str) -> None:
    """Each file is readable and matches its name; the newest readable header names the account of the journal."""
    owner = None
    for file in reversed(list_segments(directory)):
        try:
            header = read_header(file.path)
        except OSError as error:
            raise ConfigError(f"the journal's file {file.path} cannot be read: {error.strerror}") from None
        if not isinstance(header, Header):
            continue  # its records are read one by one
        if header.number != file.number:
            raise ConfigError(
                f"the journal's file {file.path} is a copy of segment {header.number}: take it out of the directory"
            )
        owner = owner or header
        if (header.account, header.environment) != (owner.account, owner.environment):
            raise ConfigError(
                f"the journal's file {file.path} belongs to account {header.account!r} ({header.environment}), newer "
                f"files to {owner.account!r} ({owner.environment}): take it out of the directory"
            )
    if owner is not None and (owner.account, owner.environment) != (account, environment):
        raise ConfigError(
            f"[journal] dir {directory} holds the journal of account {owner.account!r} "
            f"({owner.environment}), not of {account!r} ({environment}): set another [journal] dir"
        )


def _look_at_the_end(directory: Path, *, had_records: bool) -> Found:
    """Goes back to the last segment with a record. Removes files that a killed run made and did not use.

    `had_records`: earlier runs wrote some.
    """
    files = list_segments(directory)
    oldest = files[0].number if files else 1
    ends: list[_End] = []
    while files and not (ends and ends[-1].records):
        ends.append(_End(files.pop()))
    last = ends.pop() if ends and ends[-1].records else None
    damage = [one for end in ends for one in end.damage] + _missing(last, ends)
    staying = [end.file.number for end in ends if end.damage]
    for end in ends:
        if not end.damage:
            end.file.path.unlink()
    if last is None:
        nothing = none_is_left([end.file for end in reversed(ends)])
        if nothing is None and had_records:
            nothing = Damage(oldest, 0, "the journal has no record, but an earlier run wrote some")
        damage += [nothing] if nothing is not None else []
        return Found(max(staying, default=oldest - 1), 0, oldest, not damage, damage, bool(damage))
    end_is_lost = bool(damage) or last.is_lost()
    damage += last.damage
    unused = None if damage else last.unused()
    last_segment = max([*staying, last.file.number])
    last_record = last.records[-1].number
    return Found(last_segment, last_record, oldest, last.reader.is_ended, damage, end_is_lost, unused)


def _missing(last: _End | None, ends: Sequence[_End]) -> list[Damage]:
    """A file that must have existed: the last file names it as its successor, or a later file exists."""
    if last is None:
        return []
    missing = missing_next(last.reader, [end.file for end in ends])
    if missing is None and ends and ends[-1].file.number > last.file.number + 1:
        missing = Damage(last.file.number + 1, 0, f"this file is missing: segment {ends[-1].file.number} exists")
    return [] if missing is None else [missing]


class _End:
    """A file of the journal's end, as a run left it."""

    def __init__(self, file: SegmentFile) -> None:
        self.file = file
        self.reader = SegmentReader(file)
        self.size = file.path.stat().st_size
        found = list(self.reader.records())
        self.records = [each for each in found if isinstance(each, Record)]
        self.damage = [each for each in found if isinstance(each, Damage)]
        cut = cut_end(self.reader)
        if cut is not None:
            self.damage.append(cut)

    def is_lost(self) -> bool:
        """Records can be missing at the end, and not by a power cut: docs/journal.md describes the effect."""
        if any(not damage.is_torn for damage in self.damage if damage.offset >= self.reader.offset):
            return True
        states = [record.payload for record in self.records if record.kind == Kind.STATE]
        is_same_boot = not states or boot_of(states[-1]) == boot_id()
        torn = [damage for damage in self.damage if damage.is_torn]
        return is_same_boot and any(not was_cut_short(self.file, damage) for damage in torn)

    def unused(self) -> tuple[Path, int] | None:
        """A killed run's segment keeps its initial length: the file, and the length of its records."""
        offset = self.reader.offset
        return (self.file.path, offset) if self.size > offset >= HEADER_BYTES else None
