"""Reads the journal's files without disturbing their writer: by `pread`, without a memory map and without a lock.

A reader reports damage and never guesses: it gets every complete record, and a `Damage` where records are missing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from gateway._fast.journal.scanner import HEAD_BYTES, HEADER_BYTES, find_record, is_blank, scan_records
from gateway.journal.format import SUFFIX, Header, Record, parse_header
from gateway.journal.record_types import Kind

FILE_NAME: Final = re.compile(r"(\d{10,20})" + re.escape(SUFFIX))
MIB: Final = 1 << 20
# Read at a time. The longest record is an event of 4 MiB; a record that does not fit is read again with more.
CHUNK_BYTES: Final = 8 << 20
RECORDS_AT_A_TIME: Final = 4_096


@dataclass(frozen=True, slots=True)
class Damage:
    """Missing or damaged records. `is_torn`: only the end of the written part is incomplete."""

    segment: int
    offset: int
    description: str
    is_torn: bool = False


class SegmentFile(NamedTuple):
    """A file of the journal as the directory lists it."""

    number: int
    path: Path


def list_segments(directory: Path) -> list[SegmentFile]:
    """The journal's files in order; none if there is no journal."""
    found = []
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return []
    for name in names:
        match = FILE_NAME.fullmatch(name)
        if match is not None:
            found.append(SegmentFile(int(match[1]), directory / name))
    return sorted(found)


def read_header(path: Path) -> Header | str:
    """The file's header, or a text that says why it is invalid. FileNotFoundError if retention has removed the file."""
    with path.open("rb", buffering=0) as file:
        return parse_header(file.read(HEADER_BYTES))


class SegmentReader:
    """Reads one segment, from its start or an offset on. A further call of `records` continues where the last ended."""

    def __init__(self, file: SegmentFile, offset: int = HEADER_BYTES, last_record: int = 0) -> None:
        self.file = file
        self.offset = offset
        self.last_record = last_record
        self.is_ended = False
        """The writer has marked the end of this file."""
        self.next_segment = 0
        """The file that the writer named as the successor."""

    def records(self) -> Iterator[Record | Damage]:
        """The records written since the last call. FileNotFoundError if retention has removed the file."""
        fd = os.open(self.file.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield from self._read(fd)
        finally:
            os.close(fd)

    def _read(self, fd: int) -> Iterator[Record | Damage]:
        size = CHUNK_BYTES
        while True:
            start = self.offset
            text = os.pread(fd, size, start)
            at, why = 0, "limit"
            while why == "limit":
                found, at, why = scan_records(text, at, RECORDS_AT_A_TIME)
                for number, ns, kind, version, offset, payload in found:
                    if self.last_record and number != self.last_record + 1:
                        yield Damage(self.file.number, start + offset, _missing(self.last_record, number))
                    self.last_record = number
                    self.offset = start + offset + HEAD_BYTES + (len(payload) + 7) // 8 * 8
                    self.is_ended = kind in (Kind.SEGMENT_END, Kind.SESSION_END)
                    self.next_segment = int.from_bytes(payload[:8], "little") if kind == Kind.SEGMENT_END else 0
                    yield Record(number, ns, kind, version, start + offset, payload, self.file.number)
            if why == "short" and len(text) == size:  # the chunk ends, perhaps within a record
                size = CHUNK_BYTES if at else size * 2
                continue
            rest = os.pread(fd, max(os.fstat(fd).st_size - self.offset, 0), self.offset)
            if scan_records(rest, 0, 1)[0]:  # written meanwhile
                continue
            if is_blank(rest, 0):
                return
            damage = self._pass_over(rest)
            yield damage
            if damage.is_torn:
                return

    def _pass_over(self, rest: bytes) -> Damage:
        """No record follows the last complete one directly: a torn end, or a damaged stretch before other records."""
        at = find_record(rest, 8, self.last_record)
        if at < 0:
            filled = len(rest.rstrip(b"\0"))
            description = f"{filled} bytes after the last record are not a record"
            return Damage(self.file.number, self.offset, description, True)
        damage = Damage(self.file.number, self.offset, f"{at} bytes are damaged")
        self.offset += at
        return damage


def _missing(last: int, number: int) -> str:
    if number <= last:
        return f"record {number} follows record {last}"
    return f"records {last + 1} to {number - 1} are missing"


def cut_end(reader: SegmentReader) -> Damage | None:
    """For the newest file with records: a file in use, also after a kill of its writer, keeps its initial length."""
    size = reader.file.path.stat().st_size
    header = read_header(reader.file.path)
    full_size = header.segment_bytes if isinstance(header, Header) else -(-size // MIB) * MIB
    if reader.is_ended or not 0 < size < full_size:
        return None
    description = f"the file was cut: it has {size} bytes, but its writer neither ended nor shortened it"
    return Damage(reader.file.number, size, description)


def missing_next(reader: SegmentReader, files: Iterable[SegmentFile]) -> Damage | None:
    """For the newest file with records: the file that it names as its successor must be among `files`."""
    number = reader.next_segment
    if not number or any(file.number == number and file.path.stat().st_size for file in files):
        return None
    description = f"this file, which segment {reader.file.number} names as its successor, is missing or empty"
    return Damage(number, 0, description)


def lost_beginning(oldest_file: int, segment: int, number: int) -> Damage | None:
    """`number` is the first record found, in `segment`; `oldest_file` is the first existing file."""
    if segment > oldest_file:
        description = f"no record is left in this file, but the records continue in segment {segment}"
        return Damage(oldest_file, HEADER_BYTES, description)
    if oldest_file == 1 and number > 1:
        return Damage(1, HEADER_BYTES, _missing(0, number))
    return None


def none_is_left(files: Sequence[SegmentFile]) -> Damage | None:
    """For files without a record: the writer makes a second file only after it has written to the first."""
    if not files or files[-1].number == 1:
        return None
    return Damage(files[0].number, HEADER_BYTES, "no record is left in any file, but records existed")


def read_journal(directory: Path, from_segment: int = 0) -> Iterator[Record | Damage]:
    """All records in order, from a segment on. Files that retention removes meanwhile are skipped."""
    last_record = 0
    files = list_segments(directory)
    newest: SegmentReader | None = None
    for file in files:
        if file.number < from_segment:
            continue
        reader = SegmentReader(file, last_record=last_record)
        try:
            header = read_header(file.path)
            if isinstance(header, str):
                yield Damage(file.number, 0, header)
            elif header.number != file.number:
                yield Damage(file.number, 0, f"the header names segment {header.number}")
            for found in reader.records():
                if isinstance(found, Record) and not last_record and newest is None and not from_segment:
                    lost = lost_beginning(files[0].number, file.number, found.number)
                    if lost is not None:
                        yield lost
                    newest = reader
                yield found
        except FileNotFoundError:
            continue
        if reader.last_record > last_record:
            last_record, newest = reader.last_record, reader
    if newest is not None:
        yield from _damaged_end(newest, files)
    elif not from_segment and (nothing := none_is_left(files)) is not None:
        yield nothing


def _damaged_end(newest: SegmentReader, files: Sequence[SegmentFile]) -> Iterator[Damage]:
    try:
        found = (cut_end(newest), missing_next(newest, files))
    except FileNotFoundError:
        return
    yield from (damage for damage in found if damage is not None)


def only_records(found: Iterable[Record | Damage]) -> Iterator[Record]:
    """The records alone."""
    return (each for each in found if isinstance(each, Record))
