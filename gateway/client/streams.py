"""Pure. The owners' event streams: each event is delivered once and in order; `replay` fills holes.

Each owner has at most one replay in flight, page by page. Events that replay cannot bring are delivered as a
`Gap`, and the stream continues after it: a hole never delays events for longer than `HEARTBEATS_TO_ANSWER`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from .errors import MalformedError
from .messages import Answer, Event, Gap
from .parsing import first_of, parse_replay
from .sequence import SeqCheck, Sequence

# A replay without an answer after so many heartbeats will get none: the gateway sends both.
HEARTBEATS_TO_ANSWER = 3


class StreamHost(Protocol):
    """The interface of the protocol that the streams need."""

    def deliver(self, item: Event | Gap) -> None:
        """Take the next item in order."""

    def ask_replay(self, owner: str, from_seq: int) -> str:
        """Ask for one page of events from `from_seq` on; return the request's id."""

    def enter_session(self, owner: str, session: str, previous: str) -> None:
        """Take note that an owner continues in another session of the gateway."""


@dataclass(slots=True)
class Replay:
    """A replay in flight; `id` is "" while it waits for a hello."""

    id: str
    heartbeats: int = 0  # received since the question


class EventStreams:
    """The sequences of the strategy itself and of its further subscriptions."""

    def __init__(self, own: str, others: Iterable[str], host: StreamHost) -> None:
        self._own = own
        self._host = host
        self._sequences: dict[str, Sequence[Event]] = {owner: Sequence() for owner in (own, *others)}
        self._replays: dict[str, Replay] = {}

    def on_hello(self, session: str, last: int) -> None:
        """Take note of a granted hello: start the own stream after `last` if not begun; repeat refused replays."""
        if not self._sequences[self._own].session:
            self._sequences[self._own].begin(session, last)
        for owner in [name for name, replay in self._replays.items() if not replay.id]:
            del self._replays[owner]
            self._mend(owner)

    def last(self, owner: str) -> tuple[str, int]:
        """Return session and seq reached in `owner`; raises `KeyError` for one without a subscription."""
        sequence = self._sequences[owner]
        return sequence.session, sequence.last

    def on_event(self, event: Event) -> None:
        """Take one live event."""
        owner = event.topic.rpartition(".")[0]
        if owner not in self._sequences:
            return
        check = self._absorb(owner, event, event.session)
        if check is SeqCheck.NEW_SESSION and self._enter(owner, event.session, event.seq - 1):
            check = self._absorb(owner, event, event.session)
        if check is SeqCheck.GAP:
            self._mend(owner)

    def on_heartbeat(self, owner: str, session: str, seq: int) -> SeqCheck:
        """Take an owner's heartbeat; return its check, `NEW_SESSION` only if that session cannot be entered yet."""
        sequence = self._sequences[owner]
        check = sequence.on_heartbeat(session, seq)
        if check is SeqCheck.NEW_SESSION and self._enter(owner, session, seq):
            check = sequence.on_heartbeat(session, seq)
        if check is SeqCheck.GAP:
            replay = self._replays.get(owner)
            if replay is not None:
                replay.heartbeats += 1
                if replay.heartbeats >= HEARTBEATS_TO_ANSWER:
                    del self._replays[owner]
                    self._give_up(owner, "no_answer")
                    return check
            self._mend(owner)
        return check

    def on_replay(self, answer: Answer) -> None:
        """Take an answer; it is dropped unless it answers a replay in flight."""
        owner = next((name for name, replay in self._replays.items() if replay.id == answer.id), None)
        if owner is None:
            return
        if answer.reason == "hello_required":
            self._replays[owner].id = ""
            return
        del self._replays[owner]
        if answer.code == "0":
            self._on_page(owner, answer)
        else:
            first = answer.data[0].get("first") if answer.data else None
            self._give_up(owner, answer.reason, first - 1 if isinstance(first, int) else None)

    def give_up_all(self, reason: str) -> None:
        """Deliver every open hole as a `Gap` and continue after it."""
        for owner in self._sequences:
            self._replays.pop(owner, None)
            while self._skip(owner, reason, None):
                pass

    def _absorb(self, owner: str, event: Event, session: str) -> SeqCheck:
        sequence = self._sequences[owner]
        check = sequence.on_event(session, event.seq, event)
        if check is SeqCheck.IN_ORDER:
            self._host.deliver(event)
            for buffered in sequence.take():
                self._host.deliver(buffered)
        return check

    def _on_page(self, owner: str, answer: Answer) -> None:
        sequence = self._sequences[owner]
        before = sequence.last
        try:
            page = first_of(answer, parse_replay)
        except MalformedError:
            self._give_up(owner, "malformed")
            return
        for event in page.events:  # of earlier sessions too: their numbers continue
            self._absorb(owner, event, sequence.session)
        if sequence.missing() is None:
            return
        if sequence.last > before:
            self._mend(owner)
        else:
            self._give_up(owner, "gone")

    def _mend(self, owner: str) -> None:
        if owner not in self._replays:
            from_seq = self._sequences[owner].last + 1
            self._replays[owner] = Replay(self._host.ask_replay(owner, from_seq))

    def _give_up(self, owner: str, reason: str, to_seq: int | None = None) -> None:
        self._skip(owner, reason, to_seq)
        if self._sequences[owner].missing() is not None:
            self._mend(owner)

    def _skip(self, owner: str, reason: str, to_seq: int | None) -> bool:
        sequence = self._sequences[owner]
        hole = sequence.give_up(to_seq)
        if hole is None:
            return False
        self._host.deliver(Gap(owner, sequence.session, *hole, reason))
        for buffered in sequence.take():
            self._host.deliver(buffered)
        return True

    def _enter(self, owner: str, session: str, last: int) -> bool:
        """Continue in `session`, whose numbers follow; return whether it was done.

        `last` precedes the message just read. At the very first session, events up to it count as read.
        """
        sequence = self._sequences[owner]
        if not sequence.session:
            if owner == self._own:  # the answer to hello carries the start
                return False
            sequence.begin(session, last)
            return True
        self._replays.pop(owner, None)
        previous = sequence.session
        if last < sequence.last:  # the gateway lost its journal and numbers from 1 again
            while self._skip(owner, "session_over", None):
                pass
            sequence.begin(session, 0)
        else:
            sequence.go_on(session)
        self._host.enter_session(owner, session, previous)
        return True
