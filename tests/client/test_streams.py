"""Streams: delivered events, replay requests, and gaps. A model gateway loses events at random."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.client.messages import Event, Gap, Stamps
from gateway.client.parsing import parse_answer
from gateway.client.sequence import SeqCheck
from gateway.client.streams import HEARTBEATS_TO_ANSWER, EventStreams


def event(seq: int, session: str = "s1", owner: str = "alpha") -> Event:
    raw = {"seq": seq, "event": "x", "session": session}
    return Event(f"{owner}.x", session, seq, Stamps(), raw)


class Owner:
    """Records the streams' deliveries and requests."""

    def __init__(self) -> None:
        self.items: list[Event | Gap] = []
        self.asked: list[tuple[str, int]] = []
        self.sessions: list[tuple[str, str, str]] = []

    def deliver(self, item: Event | Gap) -> None:
        self.items.append(item)

    def ask_replay(self, owner: str, from_seq: int) -> str:
        self.asked.append((owner, from_seq))
        return f"r{len(self.asked)}"

    def enter_session(self, owner: str, session: str, previous: str) -> None:
        self.sessions.append((owner, session, previous))

    def seqs(self) -> list[int]:
        return [item.seq for item in self.items if isinstance(item, Event)]


def begun(last: int = 0) -> tuple[Owner, EventStreams]:
    owner = Owner()
    streams = EventStreams("alpha", ["account"], owner)
    streams.on_hello("s1", last)
    return owner, streams


def answer(request_id: str, code: str = "0", reason: str = "", **data: Any) -> Any:
    body = {"id": request_id, "op": "replay", "code": code, "reason": reason, "msg": "", "data": [data] if data else []}
    return parse_answer(json.dumps(body).encode())


def page(*events: Event, more: bool = False, first: int = 1) -> dict[str, Any]:
    return {"events": [{"topic": one.topic, "event": one.raw} for one in events], "more": more, "first": first}


def test_own_stream_begins_at_hello() -> None:
    owner = Owner()
    streams = EventStreams("alpha", [], owner)
    streams.on_event(event(3))
    assert streams.on_heartbeat("alpha", "s1", 3) is SeqCheck.NEW_SESSION
    streams.on_hello("s1", 3)
    streams.on_event(event(3))
    streams.on_event(event(4))
    assert (owner.seqs(), owner.asked, owner.sessions) == ([4], [], [])
    assert streams.last("alpha") == ("s1", 4)


def test_other_stream_begins_at_its_first_message() -> None:
    owner, streams = begun()
    streams.on_event(event(7, owner="account"))
    streams.on_event(event(8, owner="account"))
    assert (owner.seqs(), owner.asked) == ([7, 8], [])
    owner, streams = begun()
    assert streams.on_heartbeat("account", "s1", 7) is SeqCheck.IN_ORDER
    streams.on_event(event(9, owner="account"))
    assert (owner.seqs(), owner.asked) == ([], [("account", 8)])


def test_events_without_a_subscription_are_dropped() -> None:
    owner, streams = begun()
    streams.on_event(event(1, owner="beta"))
    assert owner.items == []
    with pytest.raises(KeyError):
        streams.last("beta")


def test_hole_is_mended_by_one_replay() -> None:
    owner, streams = begun()
    streams.on_event(event(1))
    streams.on_event(event(4))
    streams.on_event(event(5))
    assert owner.asked == [("alpha", 2)]
    streams.on_replay(answer("r1", **page(event(2), event(3), event(4), event(5))))
    assert owner.seqs() == [1, 2, 3, 4, 5]
    assert owner.asked == [("alpha", 2)]


def test_long_hole_is_mended_page_by_page() -> None:
    owner, streams = begun()
    streams.on_heartbeat("alpha", "s1", 4)
    streams.on_replay(answer("r1", **page(event(1), event(2), more=True)))
    assert owner.asked == [("alpha", 1), ("alpha", 3)]
    streams.on_replay(answer("r2", **page(event(3), event(4))))
    assert owner.seqs() == [1, 2, 3, 4]


def test_gone_events_become_a_gap_and_the_stream_continues() -> None:
    owner, streams = begun()
    streams.on_event(event(4))
    streams.on_replay(answer("r1", "1", "gone"))
    assert owner.items == [Gap("alpha", "s1", 1, 3, "gone"), event(4)]


def test_a_gap_ends_before_the_oldest_event_that_is_left() -> None:
    owner, streams = begun()
    streams.on_event(event(6))
    streams.on_replay(answer("r1", "1", "gone", first=4))
    assert owner.items == [Gap("alpha", "s1", 1, 3, "gone")]
    assert owner.asked == [("alpha", 1), ("alpha", 4)]
    streams.on_replay(answer("r2", **page(event(4), event(5), first=4)))
    assert owner.seqs() == [4, 5, 6]


@pytest.mark.parametrize("data", [{}, {"events": [], "more": False, "first": 1}, {"events": None}])
def test_empty_replay_becomes_a_gap(data: dict[str, Any]) -> None:
    owner, streams = begun()
    streams.on_event(event(3))
    streams.on_replay(answer("r1", **data))
    gap, delivered = owner.items
    assert isinstance(gap, Gap)
    assert (gap.from_seq, gap.to_seq, delivered) == (1, 2, event(3))


def test_second_hole_is_asked_for_after_the_first() -> None:
    owner, streams = begun()
    streams.on_event(event(2))
    streams.on_event(event(4))
    streams.on_replay(answer("r1", "1", "gone"))
    assert owner.items == [Gap("alpha", "s1", 1, 1, "gone"), event(2)]
    assert owner.asked == [("alpha", 1), ("alpha", 3)]


def test_unanswered_replay_delays_events_for_a_bounded_time() -> None:
    owner, streams = begun()
    streams.on_event(event(2))
    for _ in range(HEARTBEATS_TO_ANSWER - 1):
        streams.on_heartbeat("alpha", "s1", 2)
    assert owner.items == []
    streams.on_heartbeat("alpha", "s1", 2)
    assert owner.items == [Gap("alpha", "s1", 1, 1, "no_answer"), event(2)]
    assert owner.asked == [("alpha", 1)]
    streams.on_replay(answer("r1", **page(event(1))))
    assert owner.seqs() == [2]


def test_replay_refused_without_a_hello_is_repeated_after_it() -> None:
    owner, streams = begun()
    streams.on_event(event(2))
    streams.on_replay(answer("r1", "1", "hello_required"))
    assert owner.items == []
    streams.on_hello("s1", 2)
    assert owner.asked == [("alpha", 1), ("alpha", 1)]
    streams.on_replay(answer("r2", **page(event(1))))
    assert owner.seqs() == [1, 2]


def test_a_new_session_continues_the_same_numbers() -> None:
    """Missing events are asked for again; replay brings events of both sessions."""
    owner, streams = begun()
    streams.on_event(event(1))
    streams.on_event(event(3))
    streams.on_event(event(5, "s2"))
    assert owner.items == [event(1)]
    assert owner.sessions == [("alpha", "s2", "s1")]
    assert owner.asked == [("alpha", 2), ("alpha", 2)]
    streams.on_replay(answer("r1", **page(event(2))))  # the old gateway's answer
    streams.on_replay(answer("r2", **page(event(2), event(3), event(4, "s2"))))
    assert owner.items == [event(1), event(2), event(3), event(4, "s2"), event(5, "s2")]


def test_a_heartbeat_also_shows_a_new_session() -> None:
    owner, streams = begun(5)
    assert streams.on_heartbeat("alpha", "s2", 5) is SeqCheck.IN_ORDER
    assert owner.sessions == [("alpha", "s2", "s1")]
    assert streams.on_heartbeat("alpha", "s1", 5) is SeqCheck.DUPLICATE
    assert streams.last("alpha") == ("s2", 5)


def test_a_gateway_without_its_journal_begins_again() -> None:
    owner, streams = begun()
    streams.on_event(event(1))
    streams.on_event(event(3))
    streams.on_event(event(1, "s2"))
    assert owner.items == [event(1), Gap("alpha", "s1", 2, 2, "session_over"), event(3), event(1, "s2")]
    assert owner.sessions == [("alpha", "s2", "s1")]
    assert streams.on_heartbeat("alpha", "s2", 1) is SeqCheck.IN_ORDER


def test_another_owners_new_session_is_separate() -> None:
    owner, streams = begun()
    streams.on_event(event(7, owner="account"))
    streams.on_event(event(8, "s2", owner="account"))
    assert (owner.sessions, owner.seqs()) == ([("account", "s2", "s1")], [7, 8])
    assert streams.last("alpha") == ("s1", 0)


def test_give_up_all() -> None:
    owner, streams = begun()
    streams.on_event(event(2))
    streams.on_event(event(4))
    streams.give_up_all("hello_required")
    assert owner.items == [
        Gap("alpha", "s1", 1, 1, "hello_required"),
        event(2),
        Gap("alpha", "s1", 3, 3, "hello_required"),
        event(4),
    ]


@given(
    st.lists(st.booleans(), min_size=1, max_size=50),
    st.integers(1, 20),
    st.integers(1, 5),
    st.randoms(use_true_random=False),
)
def test_everything_is_delivered_or_lost_in_order(sent: list[bool], oldest: int, page_rows: int, random: Any) -> None:
    """Whatever PUB drops, each seq is delivered or in a Gap, once, in order; no buffered event is lost."""
    owner, streams = begun()
    total = 0
    open_replays: list[tuple[str, int]] = []
    seen = 0

    def answer_one() -> None:
        request_id, from_seq = open_replays.pop(0)
        if from_seq < min(oldest, total):
            streams.on_replay(answer(request_id, "1", "gone", first=min(oldest, total)))
            return
        chosen = [event(seq) for seq in range(from_seq, min(total, from_seq + page_rows - 1) + 1)]
        streams.on_replay(answer(request_id, **page(*chosen, more=from_seq + page_rows <= total, first=oldest)))

    for is_sent in [*sent, True]:
        total += 1
        if is_sent:
            streams.on_event(event(total))
        open_replays += [(f"r{n + 1}", owner.asked[n][1]) for n in range(seen, len(owner.asked))]
        seen = len(owner.asked)
        if open_replays and random.random() < 0.5:
            answer_one()
    streams.on_heartbeat("alpha", "s1", total)
    while True:
        open_replays += [(f"r{n + 1}", owner.asked[n][1]) for n in range(seen, len(owner.asked))]
        seen = len(owner.asked)
        if not open_replays:
            break
        answer_one()

    accounted: list[int] = []
    for item in owner.items:
        if isinstance(item, Gap):
            assert item.to_seq < oldest
            assert not any(sent[seq - 1] for seq in range(item.from_seq, item.to_seq + 1))
            accounted += range(item.from_seq, item.to_seq + 1)
        else:
            accounted.append(item.seq)
    assert accounted == list(range(1, total + 1))
