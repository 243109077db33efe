"""The ledger's file: JSON lines, and where in it the records stand, so that a page is read without the ones before."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO

FILE_BUFFER_BYTES = 1 << 20
# 80 kB. When all are used every second one goes, and from then on they stand twice as far apart.
MARKS_LIMIT = 10_000
FIRST_STRIDE = 64  # records between two marks at first


class LedgerFile:
    """Records are numbered from 0 on, also if the file had content before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = path.open("ab", buffering=FILE_BUFFER_BYTES)
        self._end = self._file.tell()
        self._marks = array("Q")  # byte offsets of the records 0, stride, 2 * stride, ...
        self._stride = FIRST_STRIDE
        self.count = 0

    def add(self, encoded: bytes) -> None:
        """One record without its line end."""
        if self._file is None:
            return
        if self.count % self._stride == 0:
            self._mark()
        self._file.write(encoded)
        self._file.write(b"\n")
        self._end += len(encoded) + 1
        self.count += 1

    def _mark(self) -> None:
        if len(self._marks) == MARKS_LIMIT:
            self._marks = self._marks[::2]
            self._stride *= 2
        if self.count % self._stride == 0:
            self._marks.append(self._end)

    def lines(self, since: int) -> Iterator[bytes]:
        """The records from number `since` on."""
        if since >= self.count:
            return
        self.flush()
        mark = since // self._stride
        with self._path.open("rb") as source:
            source.seek(self._marks[mark])
            yield from islice(source, since - mark * self._stride, self.count - mark * self._stride)

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
