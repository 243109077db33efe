"""The ledger's file: any record is found, however many there are."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from gateway.sim.channels import ledger_file
from gateway.sim.channels.ledger_file import LedgerFile


@pytest.mark.parametrize("before", [b"", b"an older run\n"])
def test_reading_starts_at_any_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bytes) -> None:
    monkeypatch.setattr(ledger_file, "MARKS_LIMIT", 4)
    monkeypatch.setattr(ledger_file, "FIRST_STRIDE", 2)
    path = tmp_path / "truth.jsonl"
    path.write_bytes(before)
    file = LedgerFile(path)
    for number in range(100):
        file.add(b"%d" % number)
        for since in (0, number // 2, number):
            assert next(file.lines(since)) == b"%d\n" % since
    assert [int(line) for line in islice(file.lines(37), 3)] == [37, 38, 39]
    assert len(list(file.lines(90))) == 10 and list(file.lines(100)) == []
    file.close()
    assert path.read_bytes() == before + b"".join(b"%d\n" % number for number in range(100))


def test_nothing_is_written_after_the_end(tmp_path: Path) -> None:
    file = LedgerFile(tmp_path / "truth.jsonl")
    file.add(b"1")
    file.close()
    file.add(b"2")
    file.flush()
    assert list(file.lines(0)) == [b"1\n"]
