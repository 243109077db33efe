"""Pure. What the `seq` of one owner says of each event: next, repeated, ahead of a hole, or of another session.

An owner (a strategy, `account`, `gateway`) numbers its events from 1 without holes over all its topics, also over the
gateway's restarts. PUB drops silently, at the tail too, so a hole shows in the next event or in the next heartbeat.
Events ahead of a hole are held until it is filled (by replay) or given up.
"""

from collections import deque
from enum import Enum
from typing import Generic, TypeVar

Event = TypeVar("Event")

# Events held while a hole is being filled: some seconds of the fastest stream. Beyond it they are let go: they then are
# themselves part of the hole, and replay brings them.
HELD_MAX = 10_000
# Sessions that are over, so that a leftover of one is not taken for a restart. A gateway restarts seldom.
PAST_SESSIONS_MAX = 16


class Verdict(Enum):
    """What an event or a heartbeat is in its owner's sequence."""

    IN_ORDER = "in_order"  # event: deliver it now; heartbeat: nothing is missing
    DUPLICATE = "duplicate"  # delivered before, given up before, or of a session that is over: drop it
    GAP = "gap"  # something before it is missing, see `missing`
    NEW_SESSION = "new_session"  # not consumed: `give_up` and `take` what is left, `begin`, and feed it again


class Sequence(Generic[Event]):
    """The place reached in one owner's stream of events.

    Feed it with `on_event` and `on_heartbeat`. After each event that was `IN_ORDER`, and after `give_up`, `take`
    returns the held events that follow.
    """

    __slots__ = ("_held", "_known", "_past", "last", "session")

    def __init__(self) -> None:
        self.session = ""  # "" until `begin`
        self.last = 0  # seq of the last event that was delivered or given up
        self._known = 0  # the highest seq that is known to exist
        self._held: dict[int, Event] = {}
        self._past: deque[str] = deque(maxlen=PAST_SESSIONS_MAX)

    def begin(self, session: str, last: int) -> None:
        """Start in `session` after its event `last` (0: before its first one). What was held is let go."""
        if self.session not in ("", session):
            self._past.append(self.session)
        self.session = session
        self.last = self._known = last
        self._held.clear()

    def go_on(self, session: str) -> None:
        """Go over to `session`, whose numbers follow those of the one before; a hole stays one, and replay mends it."""
        self._past.append(self.session)
        self.session = session

    def on_event(self, session: str, seq: int, event: Event) -> Verdict:
        """Judge one event, live or replayed. An `IN_ORDER` one counts as delivered, one after a `GAP` is held."""
        if session != self.session:
            return Verdict.DUPLICATE if session in self._past else Verdict.NEW_SESSION
        if seq == self.last + 1:
            self.last = seq
            self._known = max(self._known, seq)
            return Verdict.IN_ORDER
        if seq <= self.last or seq in self._held:
            return Verdict.DUPLICATE
        self._known = max(self._known, seq)
        if len(self._held) < HELD_MAX:
            self._held[seq] = event
        return Verdict.GAP

    def on_heartbeat(self, session: str, seq: int) -> Verdict:
        """Judge a heartbeat, which carries the seq of the owner's last event and takes none itself."""
        if session != self.session:
            return Verdict.DUPLICATE if session in self._past else Verdict.NEW_SESSION
        self._known = max(self._known, seq)
        return Verdict.GAP if self._known > self.last else Verdict.IN_ORDER

    def take(self) -> list[Event]:
        """Return the held events that come next, in order; they count as delivered."""
        events: list[Event] = []
        while self.last + 1 in self._held:
            self.last += 1
            events.append(self._held.pop(self.last))
        return events

    def missing(self) -> tuple[int, int] | None:
        """Return the first hole as (from, to), both missing, or None where there is none."""
        if self._known == self.last:
            return None
        return self.last + 1, min(self._held, default=self._known + 1) - 1

    def give_up(self, to_seq: int | None = None) -> tuple[int, int] | None:
        """Skip the first hole, or of it what is up to `to_seq`; return what was skipped as (from, to), None if nothing.

        Call `take` after it: the held events that follow become deliverable.
        """
        hole = self.missing()
        if hole is None:
            return None
        from_seq, end = hole
        self.last = end if to_seq is None else max(self.last, min(end, to_seq))
        return (from_seq, self.last) if self.last >= from_seq else None
