"""The last `seq` of every owner, so that each stream of events continues across restarts of the gateway."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final

import orjson

from gateway._fast.journal.scanner import HEADER_BYTES, scan_records
from gateway.journal.format import Record
from gateway.journal.gaps import LostRecords
from gateway.journal.record_types import Kind
from gateway.journal.segments import Damage, SegmentFile, SegmentReader, list_segments

# If published events can be missing from the journal, numbers skip ahead by this much: no number is reused.
SEQ_JUMP: Final = 1_000_000
# A file's STATE record is among its first records.
STATE_WITHIN_BYTES: Final = 256 << 10
BOOT_ID_FILE: Final = Path("/proc/sys/kernel/random/boot_id")
_EVENT: Final = re.compile(rb'.([^{]*)\.[^.{]*\{"seq":(\d+)', re.DOTALL)


def boot_id() -> str:
    """Names this run of the kernel. Written data survives the gateway's end, but not every end of the kernel."""
    try:
        return BOOT_ID_FILE.read_text("ascii").strip()
    except OSError:
        return ""


def state_record(seqs: dict[str, int], needed: int, lost_records: LostRecords) -> bytes:
    """The payload of a STATE record. `needed` is the first file that the next run must read, 0 for this one."""
    return orjson.dumps({"seqs": seqs, "boot": boot_id(), "from": needed, **lost_records.state()})


def boot_of(payload: bytes) -> str:
    """The run of the kernel in a STATE record."""
    return str(orjson.loads(payload).get("boot", ""))


def state_of(file: SegmentFile) -> dict[str, Any] | None:
    """The file's STATE record; None if it has none."""
    fd = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        text = os.pread(fd, STATE_WITHIN_BYTES, HEADER_BYTES)
    finally:
        os.close(fd)
    for record in scan_records(text, 0, len(text))[0]:
        if record[2] == Kind.STATE:
            state: dict[str, Any] = orjson.loads(record[5])
            return state
    return None


def last_seqs(directory: Path, incomplete: bool = False) -> dict[str, int]:
    """By owner. Reads from the newest file back to the last one that has a STATE record.

    After a power cut, after damage, and after records that found no room, published numbers can be missing from the
    journal: then all numbers skip ahead by `SEQ_JUMP`. `incomplete`: the journal had no room for this mark, or its end
    is damaged.
    """
    seqs: dict[str, int] = {}
    is_newest = True  # of the files with records
    for file in reversed(list_segments(directory)):
        found = _Fold(seqs)
        found.read(file)
        incomplete = incomplete or found.incomplete or (is_newest and not found.ended_well and found.is_of_another_boot)
        is_newest = is_newest and not found.has_records
        if found.has_state:
            break
    return {owner: seq + SEQ_JUMP for owner, seq in seqs.items()} if incomplete else seqs


class _Fold:
    """Merges the highest numbers of one file into `seqs`."""

    def __init__(self, seqs: dict[str, int]) -> None:
        self.seqs = seqs
        self.has_records = self.has_state = self.ended_well = self.incomplete = self.is_of_another_boot = False

    def read(self, file: SegmentFile) -> None:
        reader = SegmentReader(file)
        for found in reader.records():
            if isinstance(found, Damage):
                self.incomplete = self.incomplete or not was_cut_short(file, found)
                continue
            self.has_records = True
            self.ended_well = found.kind == Kind.SESSION_END
            if found.kind == Kind.EVENT:
                self._note_event(found)
            elif found.kind == Kind.STATE:
                self._note_state(orjson.loads(found.payload))
            elif found.kind in (Kind.LOST, Kind.RESUMED):
                self.incomplete = True

    def _note_state(self, state: dict[str, Any]) -> None:
        self.has_state, self.incomplete = True, False
        self.is_of_another_boot = state.get("boot", "") != boot_id()
        for owner, seq in state["seqs"].items():
            self.seqs[owner] = max(self.seqs.get(owner, 0), seq)

    def _note_event(self, record: Record) -> None:
        match = _EVENT.match(record.payload)
        if match is not None:
            owner, seq = match[1].decode(), int(match[2])
            if seq > self.seqs.get(owner, 0):
                self.seqs[owner] = seq


def was_cut_short(file: SegmentFile, damage: Damage) -> bool:
    """The process ended while it wrote this unpublished record: its length, which is written last, is still 0."""
    if not damage.is_torn:
        return False
    fd = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(fd, 4, damage.offset) == bytes(4)
    finally:
        os.close(fd)
