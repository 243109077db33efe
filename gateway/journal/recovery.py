"""Reads the journal of earlier runs back into the tables, before anything else is read."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from gateway._fast.desk import Desk
from gateway._fast.journal_scan import HEADER_BYTES, find_record, is_blank
from gateway._fast.recovery import Recovery
from gateway.journal.resume import state_of
from gateway.journal.segments import SegmentFile, list_segments

log = logging.getLogger(__name__)

CHUNK_BYTES: Final = 8 << 20
# Files that were written so shortly before the last one are read in any case: OKX's REST may list their fills again.
RECENT_S: Final = 600


def recover(
    directory: Path, desk: Desk, names: Iterable[str], before: int, alarm: Callable[[str, str], None]
) -> Recovery:
    """Everything that is still known from files below the number `before`; `names` are the families that there are.

    Then strategies are told of requests that had no result. `alarm` takes a reason and words.
    """
    recovery = Recovery(desk, names)
    for file in files_to_read([file for file in list_segments(directory) if file.number < before]):
        _feed(recovery, file)
    rejected, unknown = recovery.finish()
    log.info("recovered", extra={"records": recovery.records, "never_sent": rejected, "unknown": unknown})
    if recovery.left_out:
        alarm(
            "order_table_full",
            f"{recovery.left_out} requests and orders of earlier runs found no room: "
            "raise [requests] request_capacity and order_capacity",
        )
    return recovery


def files_to_read(files: Sequence[SegmentFile]) -> Sequence[SegmentFile]:
    """From the first file in which something began that was open or remembered when the newest one was begun."""
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
    """A damaged stretch is passed over: `OpenJournal` and `okx-gateway journal verify` tell of it."""
    handle = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size, offset, room = os.fstat(handle).st_size, HEADER_BYTES, CHUNK_BYTES
        while offset < size:
            text = os.pread(handle, room, offset)
            end, why = recovery.feed(text, 0, file.number)
            if why != "short":
                behind = -1 if is_blank(text, end) else find_record(text, end + 8, 0)
                end = behind if behind >= 0 else len(text)
            elif end == 0 and offset + len(text) >= size:
                return
            room = CHUNK_BYTES if end else room * 2
            offset += end
    finally:
        os.close(handle)
