"""Runs of a gateway's journal and bus, for the tests of its readers."""

from __future__ import annotations

import random
from pathlib import Path

from gateway._fast.events.bus import EventBus
from gateway._fast.journal.writer import Journal
from gateway._fast.ports.recorders import RecordingEventSink
from gateway.journal.format import header_template
from gateway.journal.gaps import LostRecords
from gateway.journal.last_seqs import last_seqs, state_record
from gateway.journal.record_types import Kind

SEGMENT_BYTES = 65_536
STATE, GATEWAY = 7, 1
Events = dict[str, list[tuple[bytes, bytes]]]


class Run:
    """One run of a gateway's journal and bus. Each file begins with the state before it."""

    def __init__(self, directory: Path, first_segment: int = 1, next_record: int = 1) -> None:
        header = header_template("s", "main", "simulator", SEGMENT_BYTES)
        self.journal = Journal(str(directory), header, SEGMENT_BYTES, 10, False, first_segment, next_record, 1)
        self.sink = RecordingEventSink()
        self.bus = EventBus(self.sink, self.journal, "s", 4_096)
        self.bus.resume(last_seqs(directory))
        self.alpha = self.bus.add_owner("alpha")
        self._stated = 0
        self.state()

    def state(self) -> None:
        self.journal.note(Kind.STATE, state_record(self.bus.seqs(), 0, LostRecords()))
        self._stated = self.journal.segment_number

    def publish(self, count: int, rng: random.Random) -> None:
        for _ in range(count):
            while not self.journal.takes_orders:
                pass
            self.bus.publish_cold(rng.choice((self.alpha, GATEWAY)), STATE, b'"pad":"%s"' % (b"x" * rng.randrange(900)))
            if self.journal.segment_number != self._stated:
                self.state()

    def events(self) -> Events:
        return {
            name: [one for one in self.sink.events if one[0].startswith(name.encode())] for name in ("alpha", "gateway")
        }
