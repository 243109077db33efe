"""Recovers the tables from the journal of earlier runs, before the gateway reads anything else."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from gateway._fast.journal.recovery import Recovery
from gateway._fast.journal.scanner import HEADER_BYTES, find_record, is_blank
from gateway._fast.orders.trading_state import TradingState
from gateway.errors import ConfigError
from gateway.journal.gaps import LostRecords
from gateway.journal.last_seqs import state_of
from gateway.journal.opening import OpenJournal
from gateway.journal.segments import SegmentFile, list_segments, lost_beginning

log = logging.getLogger(__name__)

# The alarm names so many lost stretches.
GAPS_PUBLISHED: Final = 5
CHUNK_BYTES: Final = 1 << 20  # small enough that each read finds the memory of the last one again
# Files written this shortly before the last one are always read: OKX's REST can list their fills again.
RECENT_S: Final = 600


def recover_journal(
    journal: OpenJournal, trading: TradingState, names: Iterable[str], alarm: Callable[[str, str], None]
) -> Recovery:
    """Calls `recover` for the files before this run's."""
    end_is_lost = journal.found.end_is_lost
    before, unkept = journal.first_segment, journal.incomplete
    return recover(journal.directory, trading, names, before, alarm, end_is_lost=end_is_lost, unkept=unkept)


def recover(
    directory: Path,
    trading: TradingState,
    names: Iterable[str],
    before: int,
    alarm: Callable[[str, str], None],
    *,
    end_is_lost: bool = False,
    unkept: bool = False,
) -> Recovery:
    """Recovers all that is still known from the files below the number `before`; `names` are the configured owners.

    Then it publishes a result for requests that had none. `alarm` takes a reason and a text. `end_is_lost`: the end of
    the last file is damaged. `unkept`: an earlier run published events that are in no file.

    ConfigError if a file cannot be read.
    """
    lost_records = LostRecords()
    recovery = Recovery(trading, names, lost_records)
    files = files_to_read([file for file in list_segments(directory) if file.number < before])
    needed = _first_needed(files)
    try:
        for file in files:
            _feed(recovery, file)
    except OSError as error:
        raise ConfigError(f"the journal's file {file.path} cannot be read: {error.strerror}") from None
    if files and (
        files[0].number > max(needed, lost_records.kept_from)
        or (recovery.records and lost_beginning(files[0].number, recovery.first_segment, recovery.first_number))
    ):
        lost_records.note_beginning(recovery.first_number)
    if end_is_lost:
        lost_records.note(recovery.last_number, recovery.received_ms)
    if lost_records.gaps:
        _publish_gaps(lost_records, directory, alarm)
    recovery.lost = recovery.lost or unkept
    if recovery.lost and not lost_records.incomplete:
        alarm(
            "journal_lost",
            "earlier runs published events for which the journal had no room: "
            "events with mayRepeat can be repetitions of these",
        )
    rejected, unknown = recovery.finish()
    log.info("recovered", extra={"records": recovery.records, "never_sent": rejected, "unknown": unknown})
    if recovery.left_out:
        alarm(
            "order_table_full",
            f"{recovery.left_out} requests and orders of earlier runs found no room: "
            "raise [requests] request_capacity and order_capacity",
        )
    return recovery


def _publish_gaps(lost_records: LostRecords, directory: Path, alarm: Callable[[str, str], None]) -> None:
    numbers = ", ".join(map(str, lost_records.gaps[:GAPS_PUBLISHED]))
    more = (
        f" and {len(lost_records.gaps) - GAPS_PUBLISHED} more stretches"
        if len(lost_records.gaps) > GAPS_PUBLISHED
        else ""
    )
    accepted = "" if lost_records.incomplete else ", which was accepted by `resume`"
    losses = f"records are lost in {directory}, from number {numbers} on{more}{accepted}"
    alarm("journal_damaged", f"{losses}: okx-gateway journal verify shows where")


def _first_needed(files: Sequence[SegmentFile]) -> int:
    """From the newest STATE record: the first file in which something open or remembered began."""
    for file in reversed(files):
        state = state_of(file)
        if state is not None:
            return int(state.get("from", 0)) or file.number
    return files[0].number if files else 0


def files_to_read(files: Sequence[SegmentFile]) -> Sequence[SegmentFile]:
    """Begins with the first file in which something began that was open or remembered when the newest one began."""
    first = len(files)
    while first > 0:
        first -= 1
        state = state_of(files[first])
        if state is not None:
            needed = int(state.get("from", 0)) or files[first].number
            recent_ns = files[-1].path.stat().st_mtime_ns - RECENT_S * 1_000_000_000
            while first > 0 and (files[first].number > needed or files[first - 1].path.stat().st_mtime_ns > recent_ns):
                first -= 1
            break
    return files[first:]


def _feed(recovery: Recovery, file: SegmentFile) -> None:
    """Skips a damaged stretch, and notes it if records follow it. `OpenJournal` has checked the journal's end."""
    fd = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size, offset, room = os.fstat(fd).st_size, HEADER_BYTES, CHUNK_BYTES
        while offset < size:
            text = os.pread(fd, room, offset)
            end, why = recovery.feed(text, 0, file.number)
            if why != "short":
                behind = -1 if is_blank(text, end) else find_record(text, end + 8, 0)
                if behind >= 0:
                    recovery.lost_records.note(recovery.last_number, recovery.received_ms)
                end = behind if behind >= 0 else len(text)
            elif end == 0 and offset + len(text) >= size:
                return
            room = CHUNK_BYTES if end else room * 2
            offset += end
    finally:
        os.close(fd)
