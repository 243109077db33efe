"""Pushes about the account from several connections: told once, and none left out when another takes the lead.

OKX docs, WS / Account, Positions, Balance and position channels: each connection gets the same frames, but for `pTime`.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from gateway._fast.ports.recorders import RecordingFrameSink

MS = 1_000_000
BUFFER_BYTES = 16_384
BUFFERS = 32
REMEMBERED = 256


class Scene:
    """A rig that hears OKX by two connections, of which `leader` leads. `told` are the values of what was published."""

    def __init__(self, rig: Any) -> None:
        self.rig, self.leader, self.other = rig, rig.sink, RecordingFrameSink()
        for socket in (self.leader, self.other):
            rig.api.stream_opened(socket)
        rig.api.stream_leads(self.leader)

    def bring(self, socket: Any, frame: str, mono_ns: int | None = None) -> None:
        self.rig.api.on_frame(frame.encode(), time.monotonic_ns() if mono_ns is None else mono_ns, 7, socket)

    @property
    def told(self) -> list[Any]:
        return [body["data"]["data"][0]["v"] for topic, body in self.rig.events if topic.startswith("account.")]


@pytest.fixture
def scene(rig: Any) -> Scene:
    return Scene(rig)


def push(value: Any, *, channel: str = "account", p_time: int = 1, event: str = "event_update", fill: str = "") -> str:
    row = f'{{"v":{json.dumps(value)},"pTime":"{p_time}","fill":"{fill}"}}'
    return f'{{"arg":{{"channel":"{channel}","uid":"1"}},"eventType":"{event}","data":[{row}]}}'


CHANNELS = ["account", "positions", "balance_and_position"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_both_bring_is_told_once(scene: Scene, channel: str) -> None:
    scene.bring(scene.other, push(1, channel=channel, p_time=5))
    scene.bring(scene.leader, push(1, channel=channel, p_time=6))
    scene.bring(scene.leader, push(2, channel=channel, p_time=7))
    scene.bring(scene.other, push(2, channel=channel, p_time=8))
    assert scene.told == [1, 2]


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_the_leader_had_not_brought_is_told_when_the_other_takes_the_lead(scene: Scene, channel: str) -> None:
    for value in (1, 2, 3):
        scene.bring(scene.other, push(value, channel=channel))
    scene.bring(scene.leader, push(1, channel=channel))
    scene.rig.api.stream_leads(scene.other)
    assert scene.told == [1, 2, 3]
    scene.bring(scene.leader, push(2, channel=channel))
    assert scene.told == [1, 2, 3], "the old leader is late"


@pytest.mark.parametrize("p_time", [1, 2, 1_700_000_000_000])
def test_two_frames_that_differ_in_their_time_of_push_are_one(scene: Scene, p_time: int) -> None:
    scene.bring(scene.other, push(1, p_time=1))
    scene.bring(scene.leader, push(1, p_time=p_time))
    scene.rig.api.stream_leads(scene.other)
    assert scene.told == [1]


def test_every_other_byte_makes_another_push(scene: Scene) -> None:
    text = push(1)
    at = text.index('"v":1') + 4
    scene.bring(scene.other, text)
    for other in (
        text[:at] + "2" + text[at + 1 :],
        text[:at] + "1 " + text[at + 1 :],
        text.replace('"fill":""', '"fill":"x"'),
    ):
        scene.bring(scene.leader, other)
    scene.rig.api.stream_leads(scene.other)
    assert scene.told == [2, 1, 1, 1], "what only the other had brought comes last"


def test_digits_of_another_member_are_no_time_of_push(scene: Scene) -> None:
    scene.bring(scene.leader, push(1, fill='pTime\\":\\"1'))
    scene.bring(scene.other, push(1, fill='pTime\\":\\"2'))
    scene.rig.api.stream_leads(scene.other)
    assert scene.told == [1, 1]


@pytest.mark.parametrize(("age_ms", "told"), [(0, [1]), (1_000, [1]), (2_500, []), (60_000, [])])
def test_what_the_leader_has_not_brought_within_2_s_it_had_told_before(
    scene: Scene, age_ms: int, told: list[int]
) -> None:
    """Before the other had subscribed."""
    scene.bring(scene.other, push(1), mono_ns=time.monotonic_ns() - age_ms * MS)
    scene.rig.api.stream_leads(scene.other)
    assert scene.told == told


def test_the_same_push_twice_on_one_connection_is_two(scene: Scene) -> None:
    for socket in (scene.other, scene.leader, scene.leader, scene.other):
        scene.bring(socket, push(1))
    assert scene.told == [1, 1]


@pytest.mark.parametrize(("brought_first", "told"), [("other", [1]), ("leader", [1])])
def test_a_snapshot_counts_only_on_the_leader(scene: Scene, brought_first: str, told: list[int]) -> None:
    """A connection that has just subscribed begins with them."""
    for name in (brought_first, "leader" if brought_first == "other" else "other"):
        scene.bring(getattr(scene, name), push(1, event="snapshot"))
    scene.rig.api.stream_leads(scene.other)
    assert scene.told == told


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(("length", "told"), [(BUFFER_BYTES, [1]), (BUFFER_BYTES + 1, [])])
def test_a_push_of_more_than_16_kib_is_not_kept(scene: Scene, length: int, told: list[int]) -> None:
    frame = push(1, fill="x" * (length - len(push(1))))
    assert len(frame) == length
    scene.bring(scene.other, frame)
    scene.rig.api.stream_leads(scene.other)
    assert scene.told == told


def test_but_is_told_when_the_leader_brings_it(scene: Scene) -> None:
    frame = push(1, fill="x" * BUFFER_BYTES)
    scene.bring(scene.other, frame)
    scene.bring(scene.leader, frame)
    assert scene.told == [1]


def test_the_newest_32_that_nobody_has_told_are_kept(scene: Scene) -> None:
    for value in range(BUFFERS + 3):
        scene.bring(scene.other, push(value))
    scene.rig.api.stream_leads(scene.other)
    assert scene.told == list(range(3, BUFFERS + 3))


def test_one_connection_may_be_256_pushes_behind_another(scene: Scene) -> None:
    for value in range(REMEMBERED):
        scene.bring(scene.leader, push(value))
    scene.rig.api.stream_leads(scene.other)
    for value in range(REMEMBERED):
        scene.bring(scene.other, push(value))
    assert scene.told == list(range(REMEMBERED))


# ---------------------------------------------------------------- connections that come and go


def test_when_the_leader_is_lost_nothing_is_told_until_another_leads(scene: Scene) -> None:
    scene.bring(scene.leader, push(1))
    scene.rig.api.stream_lost(scene.leader)
    for value in (1, 2):
        scene.bring(scene.other, push(value))
    assert scene.told == [1]
    scene.rig.api.stream_leads(scene.other)
    assert scene.told == [1, 2]


def test_many_connections_in_turn_tell_each_push_once(scene: Scene) -> None:
    """As after many notices of OKX's: the last leader drains while a new one has taken over."""
    last = scene.leader
    scene.rig.api.stream_lost(scene.other)
    for value in range(30):
        fresh = RecordingFrameSink()
        scene.rig.api.stream_opened(fresh)
        for socket in (fresh, last):
            scene.bring(socket, push(value))
        scene.rig.api.stream_leads(fresh)
        scene.rig.api.stream_lost(last)
        last = fresh
    assert scene.told == list(range(30))
