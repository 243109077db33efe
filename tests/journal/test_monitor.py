"""The monitor of a running journal: state records, removal of old files, accepted losses, status."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.config.journal import JournalConfig
from gateway.journal.format import decode
from gateway.journal.gaps import LostRecords
from gateway.journal.monitor import JournalMonitor
from gateway.journal.opening import OpenJournal
from gateway.journal.record_types import Kind
from gateway.journal.segments import list_segments, only_records, read_journal


def open_journal(directory: Path, **changes: Any) -> OpenJournal:
    return OpenJournal(JournalConfig(dir=directory, segment_mib=8, **changes), "main", "simulator", "new")


def states(directory: Path) -> list[dict[str, Any]]:
    return [decode(each)["state"] for each in only_records(read_journal(directory)) if each.kind == Kind.STATE]


def test_old_files_are_removed_except_those_that_something_open_needs(tmp_path: Path) -> None:
    for _ in range(4):
        journal = open_journal(tmp_path)
        journal.note_session(session="x")
        journal.close()
    journal = open_journal(tmp_path, keep_segments=1)
    journal.note_session(session="x")
    needed = 3
    monitor = JournalMonitor(journal, lambda *_: None, lambda: needed, dict, int, LostRecords())
    monitor.look()
    journal.close()
    assert [file.number for file in list_segments(tmp_path)] == [3, 4, 5]


def test_each_run_begins_with_a_state_record(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    JournalMonitor(journal, lambda *_: None, lambda: 0, lambda: {"alpha": 7}, lambda: 3, LostRecords())
    journal.close()
    (state,) = states(tmp_path)
    assert (state["seqs"], state["from"]) == ({"alpha": 7}, 3)
    assert (state["incomplete"], state["accepted"], state["keptFrom"]) == (False, [], 0)


def test_resume_accepts_the_lost_records_for_the_next_run(tmp_path: Path) -> None:
    journal, lost_records = open_journal(tmp_path), LostRecords()
    lost_records.note(41, 1_000)
    monitor = JournalMonitor(journal, lambda *_: None, lambda: 0, dict, int, lost_records)
    monitor.accept_lost_records()
    monitor.accept_lost_records()  # once more changes nothing
    journal.close()
    assert [(state["incomplete"], state["accepted"]) for state in states(tmp_path)] == [(True, []), (False, [42])]


def test_status_and_a_clean_end(tmp_path: Path) -> None:
    alarms: list[tuple[str, str]] = []
    journal = open_journal(tmp_path)
    monitor = JournalMonitor(journal, lambda *one: alarms.append(one), lambda: 0, dict, int, LostRecords())
    status = monitor.status()
    assert {key: status[key] for key in ("takesOrders", "error", "segment", "records", "lost", "durability")} == {
        "takesOrders": True,
        "error": "",
        "segment": 1,
        "records": 1,
        "lost": 0,
        "durability": "process",
    }
    monitor.close()
    monitor.look()
    assert not monitor.status()["takesOrders"]
    assert alarms == []
