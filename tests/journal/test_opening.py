"""How a run finds the previous run's journal: cleanly ended, killed, torn, of another account, or in use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.config.journal import JournalConfig
from gateway.errors import ConfigError
from gateway.journal.format import decode
from gateway.journal.gaps import LostRecords
from gateway.journal.monitor import JournalMonitor
from gateway.journal.opening import OpenJournal, is_written_now
from gateway.journal.record_types import Kind
from gateway.journal.segments import list_segments, only_records, read_journal

KILLED = """
import os, sys, pathlib
from gateway.config.journal import JournalConfig
from gateway.journal.opening import OpenJournal
journal = OpenJournal(JournalConfig(dir=pathlib.Path(sys.argv[1]), segment_mib=8), "main", "simulator", "dead")
journal.note_session(session="dead")
for number in range(20): journal.writer.note(4, b"\\x01t" + b"%d" % number)
os.kill(os.getpid(), 9)
"""


def open_journal(directory: Path, account: str = "main", **changes: Any) -> OpenJournal:
    return OpenJournal(JournalConfig(dir=directory, segment_mib=8, **changes), account, "simulator", "new")


def kill_one(directory: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run([sys.executable, "-c", KILLED, str(directory)], check=False, env=environ)
    assert ended.returncode == -signal.SIGKILL


def sessions(directory: Path) -> list[dict[str, Any]]:
    return [decode(each)["session"] for each in only_records(read_journal(directory)) if each.kind == Kind.SESSION]


def test_numbers_continue_after_kill_9_and_the_unused_space_is_freed(tmp_path: Path) -> None:
    kill_one(tmp_path)
    journal = open_journal(tmp_path)
    assert (journal.found.last_record, journal.found.ended_well, journal.found.damage) == (21, False, [])
    journal.note_session(session="new")
    journal.close()
    files = list_segments(tmp_path)
    assert files[0].path.stat().st_size < 4096
    assert [record.number for record in only_records(read_journal(tmp_path))] == list(range(1, 24))
    assert [about["session"] for about in sessions(tmp_path)] == ["dead", "new"]
    assert sessions(tmp_path)[1]["before"] == {"endedWell": False, "damage": []}
    third = open_journal(tmp_path)
    assert (third.found.last_record, third.found.ended_well) == (23, True)
    third.close()


def test_a_torn_tail_stays_unchanged_and_raises_an_alarm(tmp_path: Path) -> None:
    kill_one(tmp_path)
    file = list_segments(tmp_path)[0].path
    size = file.stat().st_size
    with file.open("r+b") as torn:
        torn.seek(512 + 32)
        at = len(file.read_bytes().rstrip(b"\0"))
        torn.seek((at + 7) // 8 * 8)
        torn.write(b"\x40\x00\x00\x00garbage")
    journal = open_journal(tmp_path)
    alarms: list[tuple[str, str]] = []
    JournalMonitor(
        journal, lambda reason, msg: alarms.append((reason, msg)), lambda: 0, dict, int, LostRecords()
    ).publish_findings()
    assert [reason for reason, _ in alarms] == ["journal_damaged"]
    assert "11 bytes after the last record are not a record" in alarms[0][1]
    assert journal.found.last_record == 21
    assert file.stat().st_size == size
    journal.close()


def test_two_gateways_never_write_one_journal(tmp_path: Path) -> None:
    first = open_journal(tmp_path)
    assert is_written_now(tmp_path)
    with pytest.raises(ConfigError, match="another gateway writes the journal"):
        open_journal(tmp_path)
    first.close()
    assert not is_written_now(tmp_path)
    open_journal(tmp_path).close()


def test_another_accounts_journal_is_refused(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.note_session(session="new")
    journal.close()
    with pytest.raises(ConfigError, match="holds the journal of account 'main'"):
        open_journal(tmp_path, account="other")
    assert not is_written_now(tmp_path)


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError, match=r"\[journal\] dir .* cannot be used"):
        open_journal(tmp_path / "file" / "j")
