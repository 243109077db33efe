"""Opens the journal for one run: nobody else writes it, and numbers go on where the last run ended, however that was.

Raises ConfigError, with the fix, when another gateway writes here, or when the journal is another account's.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from gateway._fast.journal import Journal
from gateway._fast.journal_scan import HEADER_BYTES
from gateway.config_journal import JournalConfig
from gateway.errors import ConfigError
from gateway.journal.format import Header, header_template
from gateway.journal.kinds import Kind
from gateway.journal.segments import Damage, SegmentFile, SegmentReader, list_segments, read_header

LOCK_FILE: Final = "lock"
# The lock file's one byte, which a full disk can still take: whether events were published that no file has.
_ALL_KEPT: Final = b"0"
_NOT_ALL_KEPT: Final = b"1"


@dataclass(frozen=True, slots=True)
class Found:
    """What earlier runs left: the numbers to go on from, and what is wrong with the end of it."""

    last_segment: int = 0
    last_record: int = 0
    oldest_segment: int = 1
    ended_well: bool = True
    damage: list[Damage] = field(default_factory=list)


class OpenJournal:
    """The journal of this run: its writer, and the lock that goes with the process."""

    def __init__(self, config: JournalConfig, account: str, environment: str, session: str) -> None:
        self.config = config
        self.directory = config.dir
        self._lock = _take_lock(config.dir)
        self._all_kept = True
        try:
            # An earlier run gave numbers (`seq`) that are in no file.
            self.in_doubt = os.pread(self._lock, 1, 0) == _NOT_ALL_KEPT
            _check_owner(config.dir, account, environment)
            self.found = _look_at_the_end(config.dir)
            # What lies before it is of earlier runs, also while the disk has no room for it yet.
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
            self.all_kept(self.writer.takes_orders and not self.in_doubt)
        except BaseException:
            os.close(self._lock)
            raise

    def all_kept(self, kept: bool) -> None:
        """Notes where even a full disk takes it whether the files have every family's last `seq`. ConfigError."""
        if kept != self._all_kept:
            try:
                os.pwrite(self._lock, _ALL_KEPT if kept else _NOT_ALL_KEPT, 0)
            except OSError as error:
                raise ConfigError(f"[journal] dir {self.directory} cannot be written: {error.strerror}") from None
            self._all_kept = kept

    def note_session(self, **about: Any) -> None:
        """The run's first record: what it is, and how the run before it ended."""
        before = {"endedWell": self.found.ended_well, "damage": [damage.what for damage in self.found.damage]}
        self.writer.note(Kind.SESSION, orjson.dumps({**about, "pid": os.getpid(), "before": before}))

    def close(self) -> None:
        self.writer.close()
        os.close(self._lock)


def _take_lock(directory: Path) -> int:
    """Held as long as the process lives; the kernel lets go of it after kill -9."""
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
    """A gateway holds the journal."""
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


def _check_owner(directory: Path, account: str, environment: str) -> None:
    """The newest readable header tells whose journal this is: orders of two accounts must never mix."""
    for file in reversed(list_segments(directory)):
        header = read_header(file.path)
        if isinstance(header, Header):
            if (header.account, header.environment) != (account, environment):
                raise ConfigError(
                    f"[journal] dir {directory} holds the journal of account {header.account!r} "
                    f"({header.environment}), not of {account!r} ({environment}): set another [journal] dir"
                )
            return


def _look_at_the_end(directory: Path) -> Found:
    """Goes back to the last segment with a record. What a killed run had made and not used goes away."""
    files = list_segments(directory)
    last_segment = files[-1].number if files else 0
    damage: list[Damage] = []
    while files:
        file = files.pop()
        reader = SegmentReader(file)
        damage += [each for each in reader.records() if isinstance(each, Damage)]
        if reader.last_record:
            _give_room_back(file, reader, damage)
            oldest = files[0].number if files else file.number
            return Found(last_segment, reader.last_record, oldest, reader.is_ended, damage)
        if not damage:
            file.path.unlink()
    return Found(last_segment, 0, last_segment + 1, not damage, damage)


def _give_room_back(file: SegmentFile, reader: SegmentReader, damage: list[Damage]) -> None:
    """A killed run's segment is as long as it was made. Where anything is odd, it stays as it was found."""
    if not damage and file.path.stat().st_size > reader.offset >= HEADER_BYTES:
        os.truncate(file.path, reader.offset)
