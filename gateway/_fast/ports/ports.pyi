class FrameSink:
    @property
    def number(self) -> int: ...

class RestSink: ...
class EventSink: ...
class ReplySink: ...
class JournalPort: ...

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
