"""Which files of earlier runs the next run reads. tests/_fast/journal/test_recovery.py compares the recovered tables."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gateway._fast.journal.writer import Journal
from gateway.journal.format import header_template
from gateway.journal.record_types import Kind
from gateway.journal.recovery import files_to_read
from gateway.journal.segments import list_segments

SEGMENT_BYTES = 65_536
NEWEST_S = 1_700_000_000


def write_file(directory: Path, number: int, needed: int | None, age_s: int) -> None:
    """One file, last written `age_s` before `NEWEST_S`; `needed` is its STATE record's `from`, None for no such record."""
    header = header_template("s", "main", "simulator", SEGMENT_BYTES)
    journal = Journal(str(directory), header, SEGMENT_BYTES, 10, False, number, number * 100, 1)
    journal.note(Kind.SESSION, b"{}")
    if needed is not None:
        journal.note(Kind.STATE, json.dumps({"seqs": {}, "boot": "b", "from": needed}).encode())
    journal.close()
    path = directory / f"{number:010}.journal"
    os.utime(path, (NEWEST_S - age_s, NEWEST_S - age_s))


@pytest.mark.parametrize(
    ("files", "read"),
    [
        ([], []),
        # from 0: the run needs nothing before its newest file
        ([(1, 0, 9_000), (2, 0, 5_000), (3, 0, 0)], [3]),
        # something that began in file 2 is still open
        ([(1, 0, 9_000), (2, 0, 5_000), (3, 2, 0)], [2, 3]),
        ([(1, 0, 9_000), (2, 0, 5_000), (3, 1, 0)], [1, 2, 3]),
        # the needed file is gone: all that is left
        ([(4, 1, 9_000), (5, 1, 0)], [4, 5]),
        # the newest file has no STATE record: the one before decides
        ([(1, 0, 9_000), (2, 0, 5_000), (3, None, 0)], [2, 3]),
        ([(1, None, 9_000), (2, None, 0)], [1, 2]),
        # files written within 600 s of the newest are read in any case
        ([(1, 0, 601), (2, 0, 599), (3, 0, 0)], [2, 3]),
    ],
)
def test_the_first_file_to_read(tmp_path: Path, files: list[tuple[int, int | None, int]], read: list[int]) -> None:
    for number, needed, age_s in files:
        write_file(tmp_path, number, needed, age_s)
    assert [file.number for file in files_to_read(list_segments(tmp_path))] == read
