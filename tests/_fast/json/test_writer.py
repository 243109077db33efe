"""What is written into a buffer of fixed size: numbers in decimals, and nothing at all where it does not fit. The bus is what writes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway._fast.events.bus import EventBus
from gateway._fast.ports.recorders import RecordingEventSink, RecordingJournal

EVENT_MAX = 4 << 20
TOPIC_ORDER = 1


def make_bus(last_seq: int = 0) -> tuple[EventBus, RecordingEventSink, int]:
    sink = RecordingEventSink()
    bus = EventBus(sink, RecordingJournal(), "5e5510n", 1 << 16)
    owner = bus.add_owner("alpha")
    bus.resume({"alpha": last_seq})
    return bus, sink, owner


@given(last_seq=st.integers(0, 2**63 - 2))
def test_a_number_is_written_in_decimals(last_seq: int) -> None:
    bus, sink, owner = make_bus(last_seq)
    bus.publish_cold(owner, TOPIC_ORDER, b'"x":1')
    ((_, body),) = sink.events
    assert body.startswith(b'{"seq":%d,"event":"order",' % (last_seq + 1))


@pytest.mark.parametrize("last_seq", [0, 8, 9, 98, 99, 10**9 - 1, 2**53, 10**18 - 1, 2**63 - 2])
def test_at_each_change_of_length(last_seq: int) -> None:
    bus, sink, owner = make_bus(last_seq)
    bus.publish_cold(owner, TOPIC_ORDER, b'"x":1')
    assert json.loads(sink.events[0][1])["seq"] == last_seq + 1


def event_of(size: int) -> tuple[EventBus, RecordingEventSink]:
    """A bus that was asked to publish an event whose members have so many bytes."""
    bus, sink, owner = make_bus()
    bus.publish_cold(owner, TOPIC_ORDER, b'"x":"' + b"y" * (size - 6) + b'"')
    return bus, sink


def test_an_event_that_just_fits_is_whole_and_one_byte_more_is_none() -> None:
    """Nothing is cut: a reader gets an event in full or, by a gap in `seq` that there is not, learns that there was none."""
    _, sink = event_of(1_000)
    around = len(sink.events[0][1]) - 1_000
    fits = 0
    for size in range(EVENT_MAX - around - 40, EVENT_MAX - around + 2):
        bus, sink = event_of(size)
        if bus.oversize == 0:
            ((_, body),) = sink.events
            assert body.endswith((b'"}', b'"}}'))
            assert json.loads(body)["x"] == "y" * (size - 6)
            fits += 1
        else:
            assert sink.events == [] and bus.last_seq(bus.number_of("alpha") or 0) == 0
    assert 0 < fits < 42, "the limit lies within"


@pytest.mark.parametrize(
    "members", [b'"x":1', b'"x":"\xc3\xa9"', b'"x":{"y":[1,2,{}]}', b'"x":"' + b"\\n" * 10_000 + b'"']
)
def test_members_are_written_byte_for_byte(members: bytes) -> None:
    bus, sink, owner = make_bus()
    bus.publish_cold(owner, TOPIC_ORDER, members)
    assert members in sink.events[0][1]
    json.loads(sink.events[0][1])
