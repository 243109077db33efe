"""One contiguous `seq` per family over all its topics; replay gives back what was published, byte for byte, or says `gone`."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from gateway._fast.events.bus import EventBus
from gateway._fast.ports.recorders import RecordingEventSink, RecordingJournal

ACCOUNT, GATEWAY = 0, 1
STATE, ALARM = 7, 8


def make_bus(ring_bytes: int = 1 << 16) -> tuple[EventBus, RecordingEventSink, RecordingJournal]:
    sink, journal = RecordingEventSink(), RecordingJournal()
    return EventBus(sink, journal, "5e5510n", ring_bytes), sink, journal


def test_the_first_families_are_the_account_and_the_gateway() -> None:
    bus, _, _ = make_bus()
    assert (bus.number_of("account"), bus.number_of("gateway"), bus.number_of("alpha")) == (ACCOUNT, GATEWAY, None)
    assert bus.add_owner("alpha") == 2
    assert (bus.number_of("alpha"), bus.last_seq(2)) == (2, 0)
    assert bus.session == "5e5510n"


@pytest.mark.parametrize("name", ["", "account", "gateway", "a" * 33])
def test_names_that_are_no_new_owner(name: str) -> None:
    bus, _, _ = make_bus()
    with pytest.raises(ValueError, match="owner"):
        bus.add_owner(name)


def test_the_number_of_families_is_fixed() -> None:
    bus, _, _ = make_bus()
    for number in range(256):
        bus.add_owner(f"s{number}")
    with pytest.raises(OverflowError, match="256"):
        bus.add_owner("one-more")


def test_seq_is_contiguous_over_all_topics_of_a_family_and_apart_for_each() -> None:
    bus, sink, _ = make_bus()
    alpha = bus.add_owner("alpha")
    rng = random.Random(3)
    for number in range(200):
        bus.publish_cold(rng.choice([GATEWAY, alpha, ACCOUNT]), rng.choice([STATE, ALARM, 4]), b'"n":%d' % number)
    seqs: dict[str, list[int]] = {}
    for topic, body in sink.events:
        owner, _, kind = topic.decode().partition(".")
        event = json.loads(body)
        assert event["event"] == kind
        assert event["session"] == "5e5510n"
        seqs.setdefault(owner, []).append(event["seq"])
    assert all(found == list(range(1, len(found) + 1)) for found in seqs.values())
    assert sorted(seqs) == ["account", "alpha", "gateway"]


def test_the_journal_has_each_event() -> None:
    bus, sink, journal = make_bus()
    bus.publish_cold(GATEWAY, STATE, b'"state":"ready"')
    assert journal.records == [("event", sink.events[0][1])]


def test_a_heartbeat_takes_no_seq_and_is_not_kept() -> None:
    bus, sink, _ = make_bus()
    bus.publish_cold(GATEWAY, STATE, b'"n":1')
    bus.publish_heartbeat(GATEWAY, b'{"seq":1}')
    bus.publish_cold(GATEWAY, STATE, b'"n":2')
    assert [topic for topic, _ in sink.events] == [b"gateway.state", b"gateway.heartbeat", b"gateway.state"]
    events, more = bus.replay(GATEWAY, 1, 10)
    assert [json.loads(body)["n"] for _, body in events or []] == [1, 2]
    assert not more


def test_a_stranger_gets_a_heartbeat_under_its_name() -> None:
    bus, sink, _ = make_bus()
    bus.publish_unclaimed(b"nobody.heartbeat", b"{}")
    assert sink.events == [(b"nobody.heartbeat", b"{}")]


def test_replay_pages_through_what_was_published() -> None:
    bus, sink, _ = make_bus()
    alpha = bus.add_owner("alpha")
    for number in range(25):
        bus.publish_cold(alpha if number % 2 else GATEWAY, STATE, b'"n":%d' % number)
    published = [pair for pair in sink.events if pair[0] == b"alpha.state"]
    assert len(published) == 12
    found: list[tuple[bytes, bytes]] = []
    from_seq, more = 1, True
    while more:
        events, more = bus.replay(alpha, from_seq, 5)
        assert events is not None
        found += events
        from_seq += len(events)
    assert found == published
    assert bus.replay(alpha, 13, 5) == ([], False)
    assert bus.replay(alpha, 99, 5) == ([], False)
    assert bus.replay(alpha, 12, 0) == ([], True)


def test_a_family_without_events_has_nothing_to_replay() -> None:
    bus, _, _ = make_bus()
    assert bus.replay(bus.add_owner("alpha"), 1, 10) == ([], False)


def test_numbers_go_on_behind_those_of_earlier_runs() -> None:
    bus, sink, _ = make_bus()
    bus.resume({"gateway": 41, "alpha": 7, "beta": 9})
    alpha = bus.add_owner("alpha")
    for owner in (GATEWAY, alpha, ACCOUNT):
        bus.publish_cold(owner, STATE, b'"n":1')
    assert [json.loads(body)["seq"] for _, body in sink.events] == [42, 8, 1]
    assert bus.seqs() == {"account": 1, "gateway": 42, "alpha": 8, "beta": 9}
    assert bus.replay(alpha, 7, 10) == (None, False)
    assert bus.replay(alpha, 8, 10) == ([sink.events[1]], False)


def test_a_page_has_so_many_bytes() -> None:
    """128 KiB, but for an event that is larger by itself."""
    bus, sink, _ = make_bus(1 << 25)
    for size in (50_000, 50_000, 50_000, 3_000_000, 10):
        bus.publish_cold(GATEWAY, STATE, b'"pad":"%s"' % (b"x" * size))
    assert bus.replay(GATEWAY, 1, 10) == (sink.events[:2], True)
    assert bus.replay(GATEWAY, 3, 10) == (sink.events[2:3], True)
    assert bus.replay(GATEWAY, 4, 10) == (sink.events[3:4], True)
    assert bus.replay(GATEWAY, 5, 10) == (sink.events[4:], False)


def test_pages_from_anywhere_in_a_long_stream() -> None:
    """More events than there are marks for: what is given is right; what is refused is the oldest."""
    bus, sink, _ = make_bus(1 << 25)
    alpha = bus.add_owner("alpha")
    for number in range(140_000):
        bus.publish_cold(alpha, STATE, b'"n":%d' % number)
    rng = random.Random(7)
    for _ in range(300):
        from_seq, limit = rng.randrange(1, 140_100), rng.randrange(1, 600)
        events, more = bus.replay(alpha, from_seq, limit)
        if events is None:
            assert from_seq < 140_000 - 64 * 2_000
        else:
            assert events == sink.events[from_seq - 1 : from_seq - 1 + limit]
            assert more == (from_seq + limit <= 140_000)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ring_bytes", [512, 1_000, 4_096])
def test_replay_over_many_rounds_of_a_small_ring(seed: int, ring_bytes: int) -> None:
    """Against a list of all that was published: what is given is right and whole, and what is refused is the oldest."""
    rng = random.Random(seed)
    bus, sink, _ = make_bus(ring_bytes)
    owners = [GATEWAY, bus.add_owner("alpha"), bus.add_owner("beta")]
    names = {GATEWAY: b"gateway", owners[1]: b"alpha", owners[2]: b"beta"}
    refused = 0
    for number in range(300):
        owner = rng.choice(owners)
        bus.publish_cold(owner, STATE, b'"n":%d,"pad":"%s"' % (number, b"x" * rng.randrange(ring_bytes // 8)))
        asked = rng.choice(owners)
        mine = [(topic, body) for topic, body in sink.events if topic.startswith(names[asked])]
        from_seq = rng.randrange(1, len(mine) + 3)
        events, more = bus.replay(asked, from_seq, 1_000)
        assert not more
        if events is None:
            refused += 1
            assert all(bus.replay(asked, older, 1_000)[0] is None for older in range(1, from_seq))
        else:
            assert events == mine[from_seq - 1 :]
    assert refused, "the ring has been round"


def test_an_event_too_large_to_keep_ends_what_replay_can_reach() -> None:
    bus, sink, _ = make_bus(1_024)
    bus.publish_cold(GATEWAY, STATE, b'"n":1')
    bus.publish_cold(GATEWAY, STATE, b'"pad":"%s"' % (b"x" * 2_000))
    bus.publish_cold(GATEWAY, STATE, b'"n":3')
    assert [json.loads(body)["seq"] for _, body in sink.events] == [1, 2, 3]
    assert bus.replay(GATEWAY, 1, 10) == (None, False)
    assert bus.replay(GATEWAY, 2, 10) == (None, False)
    assert [body for _, body in bus.replay(GATEWAY, 3, 10)[0] or []] == [sink.events[2][1]]


def test_an_event_beyond_all_bounds_takes_no_seq() -> None:
    bus, sink, _ = make_bus()
    bus.publish_cold(GATEWAY, STATE, b'"pad":"%s"' % (b"x" * 5_000_000))
    bus.publish_cold(GATEWAY, STATE, b'"n":1')
    assert bus.oversize == 1
    assert [json.loads(body)["seq"] for _, body in sink.events] == [1]


def test_every_event_of_the_data_plane_can_be_replayed(rig: Any, wire: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.accept(0, "801")
    rig.push(clOrdId="A1", ordId="801", **wire.filled("77", "0.01", "0.01", state="filled"))
    reply = rig.ask("replay", {"fromSeq": 2})
    assert [(event["topic"], event["event"]) for event in reply["data"][0]["events"]] == rig.events[1:]
