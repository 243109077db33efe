"""Proofs by OKX's REST for algo requests without an answer. OKX's REST is a table that the test fills.

OKX docs, Overview, REST authentication: OKX refuses a request 30 s after its timestamp (50102).
"""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from gateway._fast.control.rest import RestControl
from gateway._fast.ports.recorders import RecordingRestSink
from gateway.reconciliation.algos import AlgoReconciler
from gateway.reconciliation.unknown_algos import UnknownAlgos
from tests._fast.conftest import MS, OKX_NOW_MS, Rig
from tests._fast.event_back.test_algo_pushes import algo_row, push
from tests.reconciliation.test_algos import Rest

STOP = {
    "instId": "BTC-USDT",
    "tdMode": "cash",
    "side": "sell",
    "ordType": "conditional",
    "sz": "0.01",
    "slTriggerPx": "9",
}


@pytest.fixture
def scene() -> SimpleNamespace:
    rig, rest, sink = Rig(), Rest(), RecordingRestSink()
    control = RestControl(rig.api)
    control.rest_opened(sink, True)
    rig.algos.set_ready(True)
    now = [OKX_NOW_MS]

    async def sleep(seconds: float) -> None:
        rest.asked.append(seconds)

    def clock(ms: int) -> None:
        now[0] = OKX_NOW_MS + ms
        rig.api.set_okx_clock((OKX_NOW_MS + ms) * MS - rig.started)

    clock(0)
    reconciler = AlgoReconciler(rest, rig.algos, lambda: now[0], rig.alarms.publish, sleep)
    unknown = UnknownAlgos(rig.api, rig.algos, reconciler)
    return SimpleNamespace(rig=rig, rest=rest, sink=sink, control=control, clock=clock, unknown=unknown)


def send_without_answer(scene: SimpleNamespace, request_id: str, op: str, row: dict[str, Any]) -> None:
    scene.rig.send({"id": request_id, "op": op, "args": [row]})
    scene.control.no_proof(scene.sink.sent[-1][0], "ack_timeout", scene.rig.now)
    assert scene.rig.row(request_id)["result"] == "unknown"


def ask(scene: SimpleNamespace, ms: int) -> None:
    scene.clock(ms)
    asyncio.run(scene.unknown.ask())


def resolved(scene: SimpleNamespace) -> list[tuple[str, str]]:
    return [(one["id"], one["result"]) for one in scene.rig.on("alpha.ack", "resolved")]


def test_a_placement_that_okx_shows_is_accepted(scene: SimpleNamespace) -> None:
    send_without_answer(scene, "s1", "order-algo", {**STOP, "algoClOrdId": "S1"})
    scene.rest.algos["S1"] = algo_row(algoClOrdId="S1", algoId="7")
    ask(scene, 1_000)
    assert resolved(scene) == [("s1", "accepted")]


def test_a_placement_that_okx_does_not_know_is_rejected_after_the_signature_has_expired(scene: SimpleNamespace) -> None:
    """30 s for the timestamp and 2 s of margin, then a second not-found answer 2 s later."""
    send_without_answer(scene, "s1", "order-algo", {**STOP, "algoClOrdId": "S1"})
    for ms in (1_000, 31_000, 33_000):
        ask(scene, ms)
    assert resolved(scene) == []
    ask(scene, 36_000)
    assert resolved(scene) == [("s1", "rejected")]


@pytest.mark.parametrize(
    ("state", "result"),
    [("live", []), ("canceled", [("c1", "accepted")]), ("effective", [("c1", "rejected")])],
)
def test_a_cancel_of_an_external_algo_order(scene: SimpleNamespace, state: str, result: list[tuple[str, str]]) -> None:
    send_without_answer(scene, "c1", "cancel-algos", {"instId": "BTC-USDT", "algoId": "7"})
    scene.rest.algos["7"] = algo_row(algoClOrdId="", algoId="7", state=state)
    ask(scene, 1_000)
    assert resolved(scene) == result


def test_a_cancel_of_an_algo_order_that_okx_does_not_know(scene: SimpleNamespace) -> None:
    send_without_answer(scene, "c1", "cancel-algos", {"instId": "BTC-USDT", "algoId": "7"})
    for ms in (1_000, 33_000):
        ask(scene, ms)
    assert resolved(scene) == []
    ask(scene, 36_000)
    assert resolved(scene) == [("c1", "rejected")]


def test_a_cancel_is_proven_by_the_end_of_its_algo_order(scene: SimpleNamespace) -> None:
    push(scene.rig, algo_row(algoId="7"))
    send_without_answer(scene, "c1", "cancel-algos", {"instId": "BTC-USDT", "algoId": "7"})
    scene.rest.algos["7"] = algo_row(algoId="7", state="canceled", uTime="1700000000009")
    ask(scene, 1_000)
    assert resolved(scene) == [("c1", "accepted")]


def test_one_question_per_algo_order(scene: SimpleNamespace) -> None:
    send_without_answer(scene, "c1", "cancel-algos", {"instId": "BTC-USDT", "algoId": "7"})
    send_without_answer(scene, "c2", "cancel-algos", {"instId": "BTC-USDT", "algoId": "7"})
    ask(scene, 1_000)
    assert [one for one in scene.rest.asked if one == ("7", "")] == [("7", "")]


def test_other_requests_are_left_to_unknown_requests(scene: SimpleNamespace) -> None:
    scene.rig.send(scene.rig.order("o1", clOrdId="A1"))
    scene.rig.api.connection_lost()
    ask(scene, 1_000)
    assert scene.rest.asked == [] and resolved(scene) == []
