"""Pages of events out of the journal's files, for a `replay` that reaches back beyond the events in memory.

A separate thread reads in slices. It holds no lock while it reads and scans, and pauses between slices: the order path
does not wait for it.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

from gateway._fast.events.bus import REPLAY_PAGE_BYTES
from gateway._fast.journal.scanner import HEADER_BYTES, events_of, find_record
from gateway.journal.last_seqs import state_of
from gateway.journal.segments import SegmentFile, list_segments

SLICE_BYTES: Final = 1 << 18
PAUSE_S: Final = 0.001
# Positions where pages ended, so that the next page of the same reader needs no search.
CURSORS_MAX: Final = 256


class Page(NamedTuple):
    """(topic, body) in order from the requested `seq`, without a hole. If empty, `first` is the oldest `seq` kept."""

    events: list[tuple[bytes, bytes]]
    first: int


class JournalPages:
    """One per gateway. `close` ends its thread."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seqs: dict[int, dict[str, int]] = {}  # by file: the last `seq` of every owner before it
        self._cursors: OrderedDict[tuple[str, int], tuple[int, int]] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="replay")

    async def page(self, owner: str, from_seq: int, limit: int, last_seq: int) -> Page:
        """Up to `limit` events. `last_seq` is the newest published. OSError if the journal cannot be read."""
        loop = asyncio.get_running_loop()
        search = _Search(self, owner, from_seq, limit, last_seq)
        while True:
            page = await loop.run_in_executor(self._thread, search.step)
            if page is not None:
                return page
            await asyncio.sleep(PAUSE_S)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    # ---------------------------------------------------------------- in the thread

    def files(self) -> list[SegmentFile]:
        return list_segments(self._directory)

    def seqs_before(self, file: SegmentFile) -> dict[str, int] | None:
        """The last `seq` of every owner when the file was begun; None if the file has no STATE record."""
        known = self._seqs.get(file.number)
        if known is None:
            state = state_of(file)
            if state is not None:
                known = self._seqs[file.number] = state["seqs"]
        return known

    def place_of(self, owner: str, seq: int) -> tuple[int, int] | None:
        """(file, offset) where the previous page ended."""
        return self._cursors.pop((owner, seq), None)

    def keep_place(self, owner: str, seq: int, file: int, offset: int) -> None:
        self._cursors[(owner, seq)] = (file, offset)
        if len(self._cursors) > CURSORS_MAX:
            self._cursors.popitem(last=False)


class _Search:
    """Searches one page: call `step` until it returns the page."""

    def __init__(self, pages: JournalPages, owner: str, from_seq: int, limit: int, last_seq: int) -> None:
        self._pages = pages
        self._owner = owner
        self._from_seq = from_seq
        self._limit = limit
        self._last_seq = last_seq
        self._begin()

    def _begin(self) -> None:
        self._files = self._pages.files()
        self._events: list[tuple[bytes, bytes]] = []
        self._bytes = 0
        self._size = SLICE_BYTES
        self._offset = HEADER_BYTES
        self._searched = len(self._files)  # files from this index on begin after the requested `seq`
        self._oldest = self._last_seq + 1
        self._at: int | None = None  # the file being read
        place = self._pages.place_of(self._owner, self._from_seq)
        if place is not None:
            numbers = [file.number for file in self._files]
            if place[0] in numbers:
                self._at, self._offset = numbers.index(place[0]), place[1]

    def step(self) -> Page | None:
        """Looks at one file, or reads one slice."""
        try:
            return self._find_file() if self._at is None else self._read_slice(self._at)
        except FileNotFoundError:  # retention has removed it meanwhile
            self._begin()
            return None

    def _find_file(self) -> Page | None:
        """Finds the newest file that begins before the requested `seq`."""
        if self._searched == 0:
            return Page([], self._oldest)
        self._searched -= 1
        seqs = self._pages.seqs_before(self._files[self._searched])
        if seqs is not None:
            before = seqs.get(self._owner, 0)
            self._oldest = before + 1
            if before < self._from_seq:
                self._at = self._searched
        return None

    def _read_slice(self, at: int) -> Page | None:
        file = self._files[at]
        text = _read(file, self._offset, self._size)
        from_seq, limit = self._from_seq + len(self._events), self._limit - len(self._events)
        room = REPLAY_PAGE_BYTES - self._bytes
        found, end, why = events_of(text, 0, self._owner.encode(), from_seq, limit, room)
        for seq, topic, body in found:
            if seq != self._from_seq + len(self._events):
                return self._done(file, self._offset) if self._events else Page([], seq)
            self._events.append((topic, body))
            self._bytes += len(body)
        if why == "limit" or self._from_seq + len(self._events) > self._last_seq:
            return self._done(file, self._offset + end)
        if why == "short" and len(text) == self._size:  # the slice ends, perhaps within a record
            self._offset += end
            self._size = SLICE_BYTES if end else self._size * 2
        elif why == "bad" or (why == "blank" and at + 1 < len(self._files)):
            behind = find_record(text, end + 8, 0)
            self._offset += behind if behind >= 0 else len(text)
            self._size = SLICE_BYTES
            if len(text) == 0 or (behind < 0 and len(text) < SLICE_BYTES):
                return self._next_file(at)
        else:
            return self._next_file(at)
        return None

    def _next_file(self, at: int) -> Page | None:
        if at + 1 == len(self._files):
            return Page(self._events, self._from_seq if self._events else self._last_seq + 1)
        self._at, self._offset, self._size = at + 1, HEADER_BYTES, SLICE_BYTES
        return None

    def _done(self, file: SegmentFile, offset: int) -> Page:
        self._pages.keep_place(self._owner, self._from_seq + len(self._events), file.number, offset)
        return Page(self._events, self._from_seq)


def _read(file: SegmentFile, offset: int, size: int) -> bytes:
    fd = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(fd, size, offset)
    finally:
        os.close(fd)
