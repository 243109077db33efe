"""Pages go out at a pace, whoever asks for them and wherever they come from; each that was asked for is answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from gateway._fast.events.bus import EventBus
from gateway._fast.ports.ports import JournalPort
from gateway._fast.ports.recorders import RecordingEventSink
from gateway.ipc.replay import PENDING_MAX, Replays

STATE, GATEWAY = 7, 1
EVERY_S = 0.005


class Scene:
    """A bus of some events, a journal that gives what it is told to, and a clock that stands still but for sleeps."""

    def __init__(self, ring_bytes: int = 1 << 20) -> None:
        self.now_s = 100.0
        self.slept: list[float] = []
        self.answers: list[dict[str, Any]] = []
        self.sink = RecordingEventSink()
        self.bus = EventBus(self.sink, JournalPort(), "s", ring_bytes)
        self.kept: list[tuple[bytes, bytes]] = []
        self.read: list[int] = []
        self.replays = Replays(self.bus, self, EVERY_S, clock_s=lambda: self.now_s, sleep=self.sleep)
        self.publish(5)

    def publish(self, count: int) -> None:
        for number in range(count):
            self.bus.publish_cold(GATEWAY, STATE, b'"n":%d' % number)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    async def page(self, owner: str, from_seq: int, limit: int, last_seq: int) -> tuple[list[tuple[bytes, bytes]], int]:
        self.read.append(from_seq)
        return self.kept[from_seq - 1 : from_seq - 1 + limit], 1

    def ask(self, request_id: str, from_seq: int = 1) -> None:
        def answer(body: bytes) -> None:
            self.answers.append(json.loads(body))

        self.replays.ask(answer, request_id, "gateway", GATEWAY, from_seq, 2)

    async def settle(self) -> None:
        while self.replays._pending:
            await asyncio.sleep(0)


def run(scene: Callable[[], Any]) -> None:
    asyncio.run(scene())


def test_one_alone_is_answered_at_once_and_more_of_them_one_after_the_other() -> None:
    async def scene() -> None:
        made = Scene()
        for name in ("a", "b", "c"):
            made.ask(name)
        assert [one["id"] for one in made.answers] == ["a"]
        await made.settle()
        assert [one["id"] for one in made.answers] == ["a", "b", "c"]
        assert made.slept == pytest.approx([EVERY_S, 2 * EVERY_S])
        told = [json.loads(body) for _, body in made.sink.events[:2]]
        for one in made.answers:
            assert [event["event"] for event in one["data"][0]["events"]] == told
        made.now_s += 3 * EVERY_S
        made.ask("d")
        assert made.answers[-1]["id"] == "d"
        assert made.read == []

    run(scene)


def test_what_memory_has_let_go_while_a_page_waited_comes_from_the_journal() -> None:
    async def scene() -> None:
        made = Scene(ring_bytes=4_096)
        made.kept = list(made.sink.events)
        made.ask("a")
        made.ask("b")
        made.publish(100)
        await made.settle()
        assert made.read == [1]
        assert made.answers[1]["data"][0]["events"] == made.answers[0]["data"][0]["events"] != []

    run(scene)


def test_more_than_may_wait_are_refused_and_those_that_wait_are_answered() -> None:
    async def scene() -> None:
        made = Scene()
        for number in range(PENDING_MAX + 2):
            made.ask(str(number))
        assert [(one["id"], one["reason"]) for one in made.answers] == [("0", ""), (str(PENDING_MAX + 1), "capacity")]
        await made.settle()
        assert len(made.answers) == PENDING_MAX + 2

    run(scene)


def test_nothing_is_answered_once_closed() -> None:
    async def scene() -> None:
        made = Scene()
        made.ask("a")
        made.ask("b")
        made.replays.close()
        await made.settle()
        assert [one["id"] for one in made.answers] == ["a"]

    run(scene)
