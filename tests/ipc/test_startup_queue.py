"""Requests that come before the instruments are loaded wait as long as they may, and are answered once."""

from __future__ import annotations

import json

import pytest

from gateway.ipc.startup_queue import QUEUED_MAX, QueuedRequest, StartupQueue

MS = 1_000_000


class Scene:
    """An order path that queues again while nothing is loaded, and a clock that the test moves."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.loaded = False
        self.read: list[tuple[str, int]] = []  # ids with the time at which they had come
        self.refused: list[str] = []
        self.queue = StartupQueue(lambda: self.now_ns)

    def on_request(self, session: int, generation: int, owner: int, is_req: bool, message: bytes, *at_ns: int) -> None:
        request = json.loads(message)
        if request["op"] == "cancel-all":
            self.read.append(("cancel-all", len(self.read)))
            return
        deadline_ns = at_ns[0] + request["wait_ms"] * MS
        beside = (session, generation, owner, is_req, message, *at_ns)
        if self.loaded:
            self.read.append((request["id"], at_ns[0]))
        elif not self.queue.queue_request(request["op"] == "cancel-order", deadline_ns, *beside):
            self.refused.append(request["id"])

    def send(self, request_id: str, wait_ms: int, op: str = "order", owner: int = 2, **row: str) -> None:
        message = {"id": request_id, "op": op, "args": [row], "wait_ms": wait_ms}
        self.on_request(1, 1, owner, False, json.dumps(message).encode(), self.now_ns, 0)

    def clock(self, ms: int) -> None:
        self.now_ns = ms * MS
        self.read_all(self.queue.take_late())

    def close(self) -> None:
        self.read_all(self.queue.close())

    def read_all(self, requests: list[QueuedRequest]) -> None:
        for request in requests:
            self.on_request(*request.arguments)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_they_are_read_in_their_order_with_the_time_at_which_they_came(scene: Scene) -> None:
    for number, name in enumerate("abc"):
        scene.clock(number)
        scene.send(name, 1_000)
    assert (scene.read, scene.refused) == ([], [])
    scene.loaded = True
    scene.close()
    assert scene.read == [("a", 0), ("b", MS), ("c", 2 * MS)]
    scene.close()
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
    scene.close()
    assert (scene.refused, scene.read) == (["now", "soon", "late"], [])


def test_more_than_there_is_room_for_is_refused_and_nothing_before_it(scene: Scene) -> None:
    for number in range(QUEUED_MAX + 1):
        scene.send(str(number), 1_000)
    assert scene.refused == [str(QUEUED_MAX)]
    scene.loaded = True
    scene.close()
    assert [name for name, _ in scene.read] == [str(number) for number in range(QUEUED_MAX)]


def test_a_gateway_that_stops_refuses_them_all(scene: Scene) -> None:
    scene.send("a", 1_000)
    scene.close()
    scene.send("b", 1_000)
    assert scene.refused == ["a", "b"]


def test_a_cancel_waits_as_long_as_what_its_strategy_sent_before_it(scene: Scene) -> None:
    """It may be what it is to cancel, and would go out after the cancel was refused."""
    scene.send("order", 30_000)
    scene.send("cancel", 0, op="cancel-order")
    scene.send("other", 0, op="cancel-order", owner=3)
    assert scene.refused == ["other"]
    scene.clock(29_999)
    assert scene.refused == ["other"]
    scene.loaded = True
    scene.close()
    assert [name for name, _ in scene.read] == ["order", "cancel"]


def test_what_is_about_all_orders_comes_in_its_turn(scene: Scene) -> None:
    """`cancel-all` cancels what was sent before it, and nothing that was sent after it."""
    cancel_all = json.dumps({"id": "x", "op": "cancel-all"}).encode()
    assert not scene.queue.queue_gateway_op(1, 1, 2, cancel_all), "nothing waits"
    scene.send("before", 1_000)
    assert scene.queue.queue_gateway_op(1, 1, 2, cancel_all)
    assert not scene.queue.queue_gateway_op(1, 1, 3, cancel_all), "nothing of that strategy waits"
    scene.send("after", 5_000)
    assert (scene.queue.count(2), scene.queue.count(3)) == (3, 0)
    scene.clock(1_000)
    assert (scene.refused, scene.read) == (["before"], [])
    scene.loaded = True
    scene.close()
    assert [name for name, _ in scene.read] == ["cancel-all", "after"]
    assert not scene.queue.queue_gateway_op(1, 1, 2, cancel_all)
