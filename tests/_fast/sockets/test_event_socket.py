"""The XPUB socket, with pyzmq readers. The bus is what publishes through it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import zmq

from gateway._fast.events.bus import EventBus
from gateway._fast.ports.ports import JournalPort
from gateway._fast.sockets.event_socket import EventSocket

PATIENCE_MS = 10_000


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Any]:
    """A bound socket, a bus over it, and a way to get readers that have subscribed."""
    context: Any = zmq.Context()
    xpub = context.socket(zmq.XPUB)
    xpub.setsockopt(zmq.XPUB_VERBOSE, 1)
    xpub.bind(f"ipc://{tmp_path}/events")

    def reader(prefix: bytes, endpoint: str = f"ipc://{tmp_path}/events") -> Any:
        sub = context.socket(zmq.SUB)
        sub.setsockopt(zmq.RCVHWM, 1 if endpoint.startswith("inproc:") else 1_000)
        sub.connect(endpoint)
        sub.setsockopt(zmq.SUBSCRIBE, prefix)
        assert xpub.poll(PATIENCE_MS), "the subscription arrives"
        assert xpub.recv() == b"\x01" + prefix
        return sub

    events = EventSocket(xpub)
    bus = EventBus(events, JournalPort(), "5e5510n", 1 << 16)
    yield SimpleNamespace(xpub=xpub, events=events, bus=bus, owner=bus.add_owner("alpha"), reader=reader)
    context.destroy(linger=0)


def received(sub: Any) -> list[bytes]:
    assert sub.poll(PATIENCE_MS), "an event arrives"
    return list(sub.recv_multipart())


def test_an_event_is_two_frames_topic_and_body(scene: Any) -> None:
    sub = scene.reader(b"alpha.")
    scene.bus.publish_heartbeat(scene.owner, b'{"event":"heartbeat"}')
    assert received(sub) == [b"alpha.heartbeat", b'{"event":"heartbeat"}']
    assert scene.events.dropped == 0


@pytest.mark.parametrize("size", [0, 1, 33, 255, 256, 65_536, 1 << 20])
def test_a_body_of_any_size_arrives_byte_for_byte(scene: Any, size: int) -> None:
    sub = scene.reader(b"alpha.")
    body = bytes(number % 256 for number in range(size))
    scene.bus.publish_heartbeat(scene.owner, body)
    assert received(sub) == [b"alpha.heartbeat", body]


def test_a_reader_gets_the_topics_of_its_subscription_alone(scene: Any) -> None:
    alpha, everything = scene.reader(b"alpha."), scene.reader(b"")
    other = scene.bus.add_owner("alphabet")
    scene.bus.publish_heartbeat(other, b"other")
    scene.bus.publish_heartbeat(scene.owner, b"own")
    assert received(alpha) == [b"alpha.heartbeat", b"own"]
    assert [received(everything)[1] for _ in range(2)] == [b"other", b"own"]


def test_events_keep_their_order(scene: Any) -> None:
    sub = scene.reader(b"alpha.")
    for number in range(200):
        scene.bus.publish_heartbeat(scene.owner, b"%d" % number)
    assert [received(sub)[1] for _ in range(200)] == [b"%d" % number for number in range(200)]


def test_without_a_reader_nothing_counts_as_dropped(scene: Any) -> None:
    """libzmq sends such an event to nobody: a reader that comes later asks for it by `replay`."""
    scene.bus.publish_heartbeat(scene.owner, b"unread")
    assert scene.events.dropped == 0


def test_an_event_that_libzmq_does_not_take_is_counted(scene: Any) -> None:
    """XPUB_NODROP makes libzmq say that a reader's queue is full, which it else does not."""
    for option, value in ((zmq.XPUB_NODROP, 1), (zmq.SNDHWM, 1)):
        scene.xpub.setsockopt(option, value)
    scene.xpub.bind("inproc://narrow")
    sub = scene.reader(b"alpha.", "inproc://narrow")
    for _ in range(4):
        scene.bus.publish_heartbeat(scene.owner, b"body")
    assert scene.events.dropped == 2, "its queue and ours hold one each"
    assert [received(sub) for _ in range(2)] == [[b"alpha.heartbeat", b"body"]] * 2


def test_after_close_nothing_is_published_and_all_is_counted(scene: Any) -> None:
    sub = scene.reader(b"alpha.")
    scene.bus.publish_heartbeat(scene.owner, b"before")
    scene.events.close()
    scene.bus.publish_heartbeat(scene.owner, b"after")
    scene.bus.publish_heartbeat(scene.owner, b"after")
    assert scene.events.dropped == 2
    assert received(sub) == [b"alpha.heartbeat", b"before"]
    scene.xpub.send_multipart([b"alpha.heartbeat", b"mark"])
    assert received(sub)[1] == b"mark", "nothing came between"
