"""Pure. Checks the `seq` of one owner's events: next, repeated, ahead of a hole, or of another session.

An owner (a strategy, `account`, `gateway`) numbers its events from 1 without holes over all its topics and across the
gateway's restarts. PUB drops silently, at the tail too; the next event or heartbeat shows the hole.
Events ahead of a hole are buffered until replay fills it or it is given up.
"""

from collections import deque
from enum import Enum
from typing import Generic, TypeVar

Event = TypeVar("Event")

# Events buffered while a hole is being filled: some seconds of the fastest stream. Further ones are dropped: they then
# become part of the hole, and replay brings them.
BUFFERED_MAX = 10_000
# Past sessions, so that a late message of one is not taken for a restart. A gateway restarts seldom.
PAST_SESSIONS_MAX = 16


class SeqCheck(Enum):
    """The place of an event or a heartbeat in its owner's sequence."""

    IN_ORDER = "in_order"  # event: deliver it now; heartbeat: nothing is missing
    DUPLICATE = "duplicate"  # delivered before, given up before, or of a past session: drop it
    GAP = "gap"  # earlier events are missing, see `missing`
    NEW_SESSION = "new_session"  # not consumed: `give_up` and `take` the rest, `begin`, and feed it again


class Sequence(Generic[Event]):
    """The place reached in one owner's stream of events.

    Feed it with `on_event` and `on_heartbeat`. After each event that was `IN_ORDER`, and after `give_up`, `take`
    returns the buffered events that follow.
    """

    __slots__ = ("_buffered", "_known", "_past", "last", "session")

    def __init__(self) -> None:
        self.session = ""  # "" until `begin`
        self.last = 0  # seq of the last event that was delivered or given up
        self._known = 0  # the highest seq that is known to exist
        self._buffered: dict[int, Event] = {}
        self._past: deque[str] = deque(maxlen=PAST_SESSIONS_MAX)

    def begin(self, session: str, last: int) -> None:
        """Start in `session` after its event `last` (0: before its first one). Buffered events are dropped."""
        if self.session not in ("", session):
            self._past.append(self.session)
        self.session = session
        self.last = self._known = last
        self._buffered.clear()

    def go_on(self, session: str) -> None:
        """Continue in `session`, whose numbers follow the previous one's; a hole remains, and replay fills it."""
        self._past.append(self.session)
        self.session = session

    def on_event(self, session: str, seq: int, event: Event) -> SeqCheck:
        """Check one event, live or replayed. An `IN_ORDER` one counts as delivered, one after a `GAP` is buffered."""
        if session != self.session:
            return SeqCheck.DUPLICATE if session in self._past else SeqCheck.NEW_SESSION
        if seq == self.last + 1:
            self.last = seq
            self._known = max(self._known, seq)
            return SeqCheck.IN_ORDER
        if seq <= self.last or seq in self._buffered:
            return SeqCheck.DUPLICATE
        self._known = max(self._known, seq)
        if len(self._buffered) < BUFFERED_MAX:
            self._buffered[seq] = event
        return SeqCheck.GAP

    def on_heartbeat(self, session: str, seq: int) -> SeqCheck:
        """Check a heartbeat. It carries the seq of the owner's last event and has none itself."""
        if session != self.session:
            return SeqCheck.DUPLICATE if session in self._past else SeqCheck.NEW_SESSION
        self._known = max(self._known, seq)
        return SeqCheck.GAP if self._known > self.last else SeqCheck.IN_ORDER

    def take(self) -> list[Event]:
        """Return the buffered events that are next, in order; they count as delivered."""
        events: list[Event] = []
        while self.last + 1 in self._buffered:
            self.last += 1
            events.append(self._buffered.pop(self.last))
        return events

    def missing(self) -> tuple[int, int] | None:
        """Return the first hole as (from, to), both missing, or None if there is none."""
        if self._known == self.last:
            return None
        return self.last + 1, min(self._buffered, default=self._known + 1) - 1

    def give_up(self, to_seq: int | None = None) -> tuple[int, int] | None:
        """Skip the first hole, or its part up to `to_seq`; return the skipped range as (from, to), None if empty.

        Call `take` after it: the buffered events that follow become deliverable.
        """
        hole = self.missing()
        if hole is None:
            return None
        from_seq, end = hole
        self.last = end if to_seq is None else max(self.last, min(end, to_seq))
        return (from_seq, self.last) if self.last >= from_seq else None
