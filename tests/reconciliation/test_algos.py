"""Compares algo orders of OKX's REST with those known here. OKX's REST is a table that the test fills."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.reconciliation.algos import AlgoReconciler
from tests._fast.conftest import MS, OKX_NOW_MS, Rig
from tests._fast.event_back.test_algo_pushes import algo_row, push


class Rest:
    def __init__(self) -> None:
        self.pending: dict[str, list[dict[str, Any]]] = {}
        self.algos: dict[str, dict[str, Any]] = {}
        self.ended: dict[str, dict[str, Any]] = {}
        self.history: list[dict[str, Any]] = []  # newest first
        self.asked: list[Any] = []

    async def algos_pending(self, ord_types: str) -> list[dict[str, Any]]:
        self.asked.append(ord_types)
        return list(self.pending.get(ord_types, []))

    async def algo_order(self, algo_id: str = "", algo_cl_ord_id: str = "") -> dict[str, Any] | None:
        self.asked.append((algo_id, algo_cl_ord_id))
        return self.algos.get(algo_id or algo_cl_ord_id)

    async def ended_algo(self, ord_type: str, algo_id: str) -> dict[str, Any] | None:
        self.asked.append((ord_type, algo_id))
        return self.ended.get(algo_id)

    async def ended_algos(self, ord_type: str, state: str, since_ms: int) -> list[dict[str, Any]]:
        self.asked.append((ord_type, state, since_ms))
        return [one for one in self.history if (one["ordType"], one["state"]) == (ord_type, state)]


@pytest.fixture
def scene() -> SimpleNamespace:
    rig, rest = Rig(), Rest()
    now = [OKX_NOW_MS]

    async def sleep(seconds: float) -> None:
        rest.asked.append(seconds)

    reconciler = AlgoReconciler(rest, rig.algos, lambda: now[0], rig.alarms.publish, sleep)
    rig.api.set_okx_clock(OKX_NOW_MS * MS - rig.started)
    return SimpleNamespace(rig=rig, rest=rest, reconciler=reconciler, now=now)


def states(scene: SimpleNamespace) -> list[tuple[str, str, str]]:
    return [(one["algoId"], one["state"], one["source"]) for one in scene.rig.on("alpha.algo")]


def test_each_type_is_asked_for_and_unknown_ones_are_published(scene: SimpleNamespace) -> None:
    scene.rest.pending = {"trigger": [algo_row(algoId="2"), algo_row(algoId="1")]}
    asyncio.run(scene.reconciler.run())
    assert scene.rest.asked == ["conditional,oco", "trigger", "move_order_stop"]
    assert states(scene) == [("1", "live", "reconcile"), ("2", "live", "reconcile")]  # oldest first


def test_a_rare_type_is_asked_for_while_one_is_open(scene: SimpleNamespace) -> None:
    push(scene.rig, algo_row(ordType="chase"))
    scene.rest.pending = {"chase": [algo_row(ordType="chase")]}
    asyncio.run(scene.reconciler.run())
    assert scene.rest.asked == ["conditional,oco", "trigger", "move_order_stop", "chase"]


def test_an_unlisted_one_is_asked_about(scene: SimpleNamespace) -> None:
    push(scene.rig, algo_row(algoId="5"))
    scene.rest.algos["5"] = algo_row(algoId="5", state="effective", ordIdList=["77"], uTime="1700000000009")
    asyncio.run(scene.reconciler.run())
    assert scene.rest.asked[3:] == [0.125, ("5", "9001234567890000001")]
    assert states(scene)[1:] == [("5", "effective", "reconcile")]


def test_one_missing_from_the_details_is_searched_in_the_history(scene: SimpleNamespace) -> None:
    push(scene.rig, algo_row(algoId="5"), algo_row(algoId="6", algoClOrdId="9001234567890000002"))
    scene.rest.ended["5"] = algo_row(algoId="5", state="canceled", uTime="1700000000009")
    asyncio.run(scene.reconciler.run())
    asyncio.run(scene.reconciler.run())
    assert states(scene)[2:] == [("5", "canceled", "reconcile")]
    assert [one["algoId"] for one in scene.rig.algos.open_algos()] == ["6"]  # nothing proves its end
    assert [one["reason"] for one in scene.rig.on("gateway.alarm")] == ["order_gone"]


def test_a_sweep_leaves_young_updates_to_the_next_one(scene: SimpleNamespace) -> None:
    young = algo_row(algoId="5", uTime=str(OKX_NOW_MS - 1_000))
    push(scene.rig, algo_row(algoId="4", algoClOrdId="", uTime=str(OKX_NOW_MS - 1_000)))
    scene.rest.pending = {"trigger": [young]}
    assert asyncio.run(scene.reconciler.sweep(3_000)) == 0
    assert scene.rest.asked == ["conditional,oco", "trigger", "move_order_stop"]
    scene.now[0] += 5_000
    scene.rest.algos["4"] = algo_row(algoId="4", state="canceled", uTime=str(OKX_NOW_MS))
    assert asyncio.run(scene.reconciler.sweep(3_000)) == 2  # 5 is old enough now, and 4 is asked about
    scene.now[0] += 5_000
    assert asyncio.run(scene.reconciler.sweep(3_000)) == 0
    assert states(scene) == [("5", "live", "reconcile")]


GAP_MS = 1_700_000_000_000


def attach(scene: SimpleNamespace) -> None:
    """alpha places an order with a stop-loss."""
    scene.rig.send(scene.rig.order("o1", attachAlgoOrds=[{"slTriggerPx": "19000", "slOrdPx": "-1"}]))


TYPES = ["conditional", "oco", "move_order_stop"]
STATES = ["effective", "canceled", "order_failed"]


def history_asked(scene: SimpleNamespace) -> set[int]:
    """The begin times of the questions; each type was asked for in each state."""
    asked = [one for one in scene.rest.asked if isinstance(one, tuple)]
    scene.rest.asked.clear()
    if asked:
        assert [one[:2] for one in asked] == [(ord_type, state) for state in STATES for ord_type in TYPES]
    return {one[2] for one in asked}


def ended(algo_id: str, made_ms: int, **changes: Any) -> dict[str, Any]:
    made = {"ordType": "conditional", "cTime": str(made_ms), "uTime": str(made_ms + 4)}
    return algo_row(algoId=algo_id, algoClOrdId=f"900123456789000000{algo_id}", **{**made, **changes})


def test_attached_ones_created_and_ended_in_a_gap_are_published(scene: SimpleNamespace) -> None:
    """And the orders that they placed, or are linked to, belong to the strategy."""
    attach(scene)
    scene.rest.history = [
        ended("8", GAP_MS + 5, state="canceled", linkedOrd={"ordId": "88"}),
        ended("7", GAP_MS + 5, state="effective", ordIdList=["77"]),
        ended("2", GAP_MS - 60_001, state="effective"),
    ]
    scene.reconciler.note_gap(GAP_MS)
    scene.reconciler.note_gap(GAP_MS + 1_000)
    asyncio.run(scene.reconciler.run())
    assert history_asked(scene) == {GAP_MS - 60_000}
    assert states(scene) == [("7", "effective", "reconcile"), ("8", "canceled", "reconcile")]
    for ord_id in ("77", "88"):
        assert scene.rig.api.find_order(ord_id)["owner"] == scene.rig.alpha


def test_attached_ones_that_the_stream_lost_are_published_when_old_enough(scene: SimpleNamespace) -> None:
    asyncio.run(scene.reconciler.run())
    attach(scene)
    scene.now[0] += 10_000
    scene.rest.history = [ended("7", OKX_NOW_MS + 8_000, state="effective", ordIdList=["77"])]
    assert asyncio.run(scene.reconciler.look_back(3_000)) == 0
    assert history_asked(scene) == {OKX_NOW_MS - 60_000}
    scene.now[0] += 10_000
    assert asyncio.run(scene.reconciler.look_back(3_000)) == 1
    assert history_asked(scene) == {OKX_NOW_MS + 7_000 - 60_000}
    assert states(scene) == [("7", "effective", "reconcile")]
    assert asyncio.run(scene.reconciler.look_back(3_000)) == 0


def test_without_attached_ones_no_history_is_read(scene: SimpleNamespace) -> None:
    scene.rig.send(scene.rig.order("o1"))
    scene.reconciler.note_gap(GAP_MS)
    asyncio.run(scene.reconciler.run())
    asyncio.run(scene.reconciler.sweep())
    assert not [one for one in scene.rest.asked if isinstance(one, tuple)]
