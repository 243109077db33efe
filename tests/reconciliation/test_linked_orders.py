"""A take-profit that rests as a limit order is published to its stop-loss's strategy, in either order of arrival."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.errors import TransportError
from gateway.reconciliation.linked_orders import ASK_AFTER_LOOKS, ASKS_MAX, PUSHES_MAX, LinkedOrders, LinkedRows
from tests._fast.conftest import Rig, filled, order_row, orders_push
from tests._fast.event_back.test_algo_pushes import algo_row, push

LINKED: dict[str, Any] = {"ordId": "77", "isTpLimit": "true", "linkedAlgoOrd": {"algoId": "5"}}


class Scene:
    """`turns` are the actions at each turn of the clock, such as a push of the stop-loss."""

    def __init__(self) -> None:
        self.rig = Rig()
        self.asked: list[str] = []
        self.answers: list[Any] = []
        self.looks = 0
        self.turns: dict[int, Any] = {}
        self.rows = LinkedRows()
        self.linked = LinkedOrders(self.rows, self.rig.algos, self, Any, self.sleep)  # type: ignore[arg-type]
        self.rig.keep_linked_order = self.rows.keep

    async def look_up(self, algo_id: str, algo_cl_ord_id: str) -> None:
        self.asked.append(algo_id)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            push(self.rig, answer)

    async def sleep(self, seconds: float) -> None:
        self.looks += 1
        self.turns.get(self.looks, lambda: None)()

    def order(self, **changes: Any) -> None:
        self.rig.frame(orders_push(order_row(**{**LINKED, **changes})))

    def run(self) -> None:
        while not self.rows.new.empty():
            asyncio.run(self.linked.wait_for(self.rows.new.get_nowait()))

    def published(self) -> list[tuple[str, str]]:
        topics = ("alpha.order", "alpha.fill", "account.order", "account.fill")
        return [(topic, body.get("tradeId") or body["state"]) for topic, body in self.rig.events if topic in topics]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_it_and_all_later_pushes_wait_for_its_stop_loss(scene: Scene) -> None:
    scene.order()
    scene.order(**filled("1", "0.004", "0.004"))
    scene.order(**filled("2", "0.006", "0.01", state="filled"))
    assert scene.published() == []
    scene.turns[3] = lambda: push(scene.rig, algo_row(algoId="5"))
    scene.run()
    assert (scene.looks, scene.asked) == (3, [])
    assert scene.published() == [
        ("alpha.order", "live"),
        ("alpha.fill", "1"),
        ("alpha.order", "partially_filled"),
        ("alpha.fill", "2"),
        ("alpha.order", "filled"),
    ]


def test_its_stop_loss_is_asked_for(scene: Scene) -> None:
    scene.answers = [TransportError("REST is away"), algo_row(algoId="5")]
    scene.order()
    scene.run()
    assert (scene.asked, scene.looks) == (["5", "5"], 2 * ASK_AFTER_LOOKS)
    assert scene.published() == [("alpha.order", "live")]


def test_without_a_stop_loss_it_belongs_to_the_account_and_nothing_is_lost(scene: Scene) -> None:
    scene.order()
    scene.run()
    assert len(scene.asked) == ASKS_MAX
    scene.order(**filled("1", "0.01", "0.01", state="filled"))
    assert scene.published() == [("account.order", "live"), ("account.fill", "1"), ("account.order", "filled")]
    assert scene.rows.new.empty()


def test_a_gateway_that_stops_meanwhile_publishes_nothing(scene: Scene) -> None:
    """The next run finds its owner. Published to the account, it would stay there."""
    scene.order()

    def stop() -> None:
        raise asyncio.CancelledError

    scene.turns[2] = stop
    with pytest.raises(asyncio.CancelledError):
        scene.run()
    assert scene.published() == []


def test_one_with_a_known_stop_loss_does_not_wait(scene: Scene) -> None:
    push(scene.rig, algo_row(algoId="5"))
    scene.order()
    assert scene.published() == [("alpha.order", "live")]
    assert scene.rows.new.empty()


def test_the_stop_loss_also_names_it(scene: Scene) -> None:
    """Then its fills belong to the strategy even if they arrive before the order."""
    push(scene.rig, algo_row(algoId="5", linkedOrd={"ordId": "77"}))
    assert [one["ordId"] for one in scene.rig.api.open_orders(scene.rig.alpha)] == ["77"]
    scene.order(linkedAlgoOrd={"algoId": ""}, **filled("1", "0.004", "0.004"))
    assert scene.published() == [("alpha.fill", "1"), ("alpha.order", "partially_filled")]


@pytest.mark.parametrize("linked", [{"algoId": ""}, {}, {"algoId": 5}, "5", None, {"algoId": "\\u0035"}])
def test_an_order_without_a_link_belongs_to_the_account(scene: Scene, linked: Any) -> None:
    scene.order(linkedAlgoOrd=linked)
    assert scene.published() == [("account.order", "live")]


def test_pushes_beyond_the_limit_go_to_the_account(scene: Scene) -> None:
    for number in range(PUSHES_MAX + 1):
        scene.order(ordId=str(1_000 + number), linkedAlgoOrd={"algoId": str(number)})
    assert scene.published() == [("account.order", "live")]


def test_where_none_may_wait_all_go_to_the_account(scene: Scene) -> None:
    """Without a business stream nobody would tell whose they are."""
    scene.rig.keep_linked_order = LinkedRows(0).keep
    scene.order()
    assert scene.published() == [("account.order", "live")]


def test_each_algo_order_is_waited_for_in_a_task_of_its_own(scene: Scene) -> None:
    async def main() -> list[str]:
        begun: list[Any] = []
        linked = LinkedOrders(scene.rows, scene.rig.algos, scene, begun.append, scene.sleep)  # type: ignore[arg-type]
        task = asyncio.get_running_loop().create_task(linked.run())
        for algo_id in (b"5", b"6", b"5"):
            scene.rows.keep(algo_id, b"{}")
        while len(begun) < 2:
            await asyncio.sleep(0)
        task.cancel()
        names = [one.cr_frame.f_locals["algo_id"] for one in begun]
        for one in begun:
            one.close()
        return names

    assert asyncio.run(main()) == ["5", "6"]
