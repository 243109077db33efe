"""What comes before the instruments are loaded waits as long as it may, and is answered once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.ipc.held_requests import HELD_MAX, HeldRequests

MS = 1_000_000


class Scene:
    """An order path that asks for a hold again while nothing is loaded, and a clock that the test moves."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.loaded = False
        self.read: list[tuple[str, int]] = []  # ids with the time at which they had come
        self.refused: list[str] = []
        self.held = HeldRequests(self.on_request, lambda: self.now_ns)

    def on_request(self, session: int, generation: int, family: int, is_req: bool, message: bytes, *at_ns: int) -> None:
        request = json.loads(message)
        deadline_ns = at_ns[0] + request["wait_ms"] * MS
        beside = (session, generation, family, is_req, message, *at_ns)
        if self.loaded:
            self.read.append((request["id"], at_ns[0]))
        elif not self.held.hold(deadline_ns, *beside):
            self.refused.append(request["id"])

    def send(self, request_id: str, wait_ms: int, op: str = "order", family: int = 2, **row: str) -> None:
        message = {"id": request_id, "op": op, "args": [row], "wait_ms": wait_ms}
        self.on_request(1, 1, family, False, json.dumps(message).encode(), self.now_ns, 0)

    def clock(self, ms: int) -> None:
        self.now_ns = ms * MS
        self.held.tick()


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_they_are_read_in_their_order_with_the_time_at_which_they_came(scene: Scene) -> None:
    for number, name in enumerate("abc"):
        scene.clock(number)
        scene.send(name, 1_000)
    assert (scene.read, scene.refused) == ([], [])
    scene.loaded = True
    scene.held.release()
    assert scene.read == [("a", 0), ("b", MS), ("c", 2 * MS)]
    scene.held.release()
    assert len(scene.read) == 3


def test_each_is_refused_at_its_own_deadline_and_one_that_may_not_wait_at_once(scene: Scene) -> None:
    scene.send("now", 0)
    assert scene.refused == ["now"]
    scene.send("late", 200)
    scene.send("soon", 100)
    scene.clock(99)
    assert scene.refused == ["now"]
    scene.clock(100)
    assert scene.refused == ["now", "soon"]
    scene.clock(200)
    scene.loaded = True
    scene.held.release()
    assert (scene.refused, scene.read) == (["now", "soon", "late"], [])


def test_more_than_there_is_room_for_is_refused_and_nothing_before_it(scene: Scene) -> None:
    for number in range(HELD_MAX + 1):
        scene.send(str(number), 1_000)
    assert scene.refused == [str(HELD_MAX)]
    scene.loaded = True
    scene.held.release()
    assert [name for name, _ in scene.read] == [str(number) for number in range(HELD_MAX)]


def test_a_gateway_that_stops_refuses_them_all(scene: Scene) -> None:
    scene.send("a", 1_000)
    scene.held.release()
    scene.send("b", 1_000)
    assert scene.refused == ["a", "b"]


@pytest.mark.parametrize(
    ("inst_id", "refused"),
    [("", ["btc", "batch", "code"]), ("BTC-USDT", ["btc", "code"]), ("ETH-USDT", ["batch", "code"])],
)
def test_cancel_all_withdraws_what_its_strategy_wants_placed(scene: Scene, inst_id: str, refused: list[str]) -> None:
    scene.send("btc", 1_000, instId="BTC-USDT")
    scene.send("batch", 1_000, op="batch-orders", instId="ETH-USDT")
    scene.send("code", 1_000, instIdCode="7")
    scene.send("cancel", 1_000, op="cancel-order", instId="BTC-USDT")
    scene.send("other", 1_000, family=3, instId="BTC-USDT")
    assert scene.held.withdraw(2, inst_id) == len(refused)
    assert scene.refused == refused
    scene.send("after", 1_000)
    scene.loaded = True
    scene.held.release()
    kept: list[Any] = [name for name, _ in scene.read]
    assert sorted([*kept, *refused]) == sorted(["btc", "batch", "code", "cancel", "other", "after"])
