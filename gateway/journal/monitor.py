"""Monitors the journal while the gateway runs: raises an alarm when writing fails, and removes old files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from gateway.config.journal import JournalConfig
from gateway.errors import ConfigError
from gateway.journal.gaps import LostRecords
from gateway.journal.last_seqs import state_record
from gateway.journal.opening import OpenJournal
from gateway.journal.record_types import Kind
from gateway.journal.retention import Kept, first_to_keep
from gateway.journal.segments import list_segments

RETENTION_PERIOD_S: Final = 60.0
DAY_S: Final = 86_400


class JournalMonitor:
    """One per gateway. `alarm` takes a reason and a text.

    `oldest_needed` returns the first segment in which something open began, 0 for none; `seqs` the last of every owner;
    `first_to_recover` the first segment that the next run must read. `lost_records` are those that recovery missed.
    """

    def __init__(
        self,
        journal: OpenJournal,
        alarm: Callable[[str, str], None],
        oldest_needed: Callable[[], int],
        seqs: Callable[[], dict[str, int]],
        first_to_recover: Callable[[], int],
        lost_records: LostRecords,
    ) -> None:
        self._journal = journal
        self._writer = journal.writer
        self._alarm = alarm
        self._oldest_needed = oldest_needed
        self._seqs = seqs
        self._first_to_recover = first_to_recover
        self._lost_records = lost_records
        self._took_orders = True
        self._lost = 0
        self._looked_at = (0, -RETENTION_PERIOD_S)
        self._stated = 0
        self._note_state()

    def publish_findings(self) -> None:
        """Raises an alarm for each damage at the end of the previous run's journal."""
        for damage in self._journal.found.damage:
            place = f"{self._journal.directory}, segment {damage.segment} at {damage.offset}"
            self._alarm("journal_damaged", f"{place}: {damage.description}")

    def look(self) -> None:
        """Called in short intervals."""
        takes_orders, lost = self._writer.takes_orders, self._writer.lost
        if takes_orders != self._took_orders:
            self._took_orders = takes_orders
            self._alarm("journal", self._describe(takes_orders))
        if lost != self._lost and takes_orders:
            self._alarm(
                "journal_lost", f"the journal was full: {lost - self._lost} records were not written and are lost"
            )
            self._lost = lost
            self._note_state()
        elif lost != self._lost:
            with suppress(ConfigError):
                self._journal.all_kept(False)
        now = time.monotonic()
        segment, before = self._looked_at
        if self._writer.segment_number != self._stated:
            self._note_state()
        if self._writer.segment_number != segment or now - before >= RETENTION_PERIOD_S:
            self._looked_at = (self._writer.segment_number, now)
            self._let_go()

    def _note_state(self) -> None:
        """Every file gets one: with it the next start need not read all files, and `replay` finds its first file."""
        self._stated = self._writer.segment_number
        state = state_record(self._seqs(), self._first_to_recover(), self._lost_records)
        if self._writer.note(Kind.STATE, state):
            with suppress(ConfigError):
                self._journal.all_kept(True)

    def accept_lost_records(self) -> None:
        """An operator has sent `resume`: the next run need not ask again."""
        if self._lost_records.incomplete:
            self._lost_records.accept()
            self._note_state()

    def _describe(self, takes_orders: bool) -> str:
        place = f"the journal in {self._journal.directory}"
        if takes_orders:
            return f"{place} can be written again: new orders are accepted"
        why = os.strerror(self._writer.error) if self._writer.error else "the next file is not ready yet"
        return f"{place} cannot be written ({why}): new orders and amends are refused, cancels are still sent"

    def _let_go(self) -> None:
        config: JournalConfig = self._journal.config
        kept = []
        for file in list_segments(self._journal.directory):
            try:
                found = file.path.stat()
            except FileNotFoundError:  # removed meanwhile
                continue
            kept.append(Kept(file.number, found.st_size, int(found.st_mtime)))
        first = first_to_keep(
            kept,
            needed=self._oldest_needed() or self._writer.segment_number,
            now_s=int(time.time()),
            keep_bytes=config.keep_mib << 20,
            keep_s=config.keep_days * DAY_S,
            keep_count=config.keep_segments,
        )
        if kept and first > max(self._lost_records.kept_from, kept[0].number):
            self._lost_records.kept_from = first
            self._note_state()
        self._writer.remove_before(first)

    def close(self) -> None:
        """Ends the run cleanly."""
        self._journal.close()
        self._took_orders = False  # a closed journal takes no orders: this raises no alarm

    def status(self) -> dict[str, Any]:
        """For the op `status`."""
        return {
            "takesOrders": self._writer.takes_orders,
            "error": os.strerror(self._writer.error) if self._writer.error else "",
            "segment": self._writer.segment_number,
            "records": self._writer.next_record - 1,
            "lost": self._writer.lost,
            "durability": self._journal.config.durability,
            "unsyncedBytes": self._writer.unsynced_bytes,
        }
