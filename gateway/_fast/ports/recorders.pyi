from typing import Any

from gateway._fast.ports.ports import ControlPort, EventSink, FrameSink, JournalPort, ReplySink, RestSink

class RecordingFrameSink(FrameSink):
    sent: list[bytes]
    writable: bool
    failing: bool

class RecordingRestSink(RestSink):
    sent: list[tuple[bytes, str, bytes, int]]
    writable: bool
    failing: bool

class RecordingEventSink(EventSink):
    events: list[tuple[bytes, bytes]]

class RecordingReplySink(ReplySink):
    replies: list[tuple[int, bytes]]

class RecordingJournal(JournalPort):
    records: list[tuple[str, bytes]]
    full: bool

class RecordingControl(ControlPort):
    calls: list[tuple[Any, ...]]
    queues: bool
    keeps: bool
    message: bytes
