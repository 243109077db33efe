"""Proofs by OKX's REST for requests without an ack; without a proof they stay unknown, and an alarm is raised."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from gateway.errors import TransportError, VenueError
from tests._fast.conftest import OKX_NOW_MS

MINUTE_MS = 60_000


def lose(scene: Any, *messages: dict[str, Any]) -> None:
    """Sent, and never acked."""
    for message in messages:
        scene.rig.send(message, at=time.monotonic_ns())
    scene.rig.api.connection_lost()
    scene.rig.api.connection_opened(scene.rig.sink)
    scene.rig.api.set_ready(True)


def ask(scene: Any) -> None:
    asyncio.run(scene.unknown.ask())


def resolved(scene: Any) -> list[tuple[str, str, str]]:
    return [(one["id"], one["result"], one["proof"]) for one in scene.rig.on("alpha.ack", "resolved")]


# ------------------------------------------------------------------ cancels of orders that are not known here


@pytest.mark.parametrize(
    ("state", "result"), [("canceled", "accepted"), ("mmp_canceled", "accepted"), ("filled", "rejected")]
)
@pytest.mark.parametrize("named", [{"ordId": "77"}, {"clOrdId": "X7"}])
def test_a_cancel_of_an_order_that_is_not_known_here(
    scene: Any, state: str, result: str, named: dict[str, str]
) -> None:
    lose(scene, scene.rig.cancel("c1", **named))
    row = scene.row(ordId="77", clOrdId="X7")
    scene.rest.orders = {"77": row, "X7": row}
    ask(scene)
    assert resolved(scene) == []
    assert scene.rig.on("account.order")[0]["state"] == "live"
    row.update(state=state, uTime="1700000000999")
    ask(scene)
    assert resolved(scene) == [("c1", result, "terminal")]


def test_a_cancel_of_an_order_that_okx_does_not_know(scene: Any) -> None:
    lose(scene, scene.rig.cancel("c1", ordId="77"))
    scene.clock(1_900)
    ask(scene)
    assert resolved(scene) == [], "OKX's REST may lag"
    scene.clock(5_000)
    ask(scene)
    scene.clock(6_900)
    ask(scene)
    assert resolved(scene) == [], "one answer may be old"
    scene.clock(7_100)
    ask(scene)
    assert resolved(scene) == [("c1", "rejected", "not_found")]
    assert scene.rig.api.unknown_count() == 0


# ------------------------------------------------------------------ cancels of orders that stay live


@pytest.fixture
def lost_cancel(scene: Any) -> Any:
    """A cancel `c1` without an ack of an order that OKX shows live; returns the cancels sent by REST."""
    scene.rig.place("A1", "12")
    lose(scene, scene.rig.cancel("c1", clOrdId="A1"))
    scene.rest.orders["12"] = scene.row(ordId="12", clOrdId="A1")
    return lambda: [rows for kind, rows in scene.rest.asked if kind == "cancel"]


def test_a_cancel_without_an_ack_is_repeated_by_rest(scene: Any, lost_cancel: Any) -> None:
    scene.clock(1_900)
    ask(scene)
    assert lost_cancel() == [], "it may still be on its way"
    scene.clock(2_100)
    ask(scene)
    assert lost_cancel() == [[{"instId": "BTC-USDT", "ordId": "12"}]]
    assert resolved(scene) == [("c1", "accepted", "cancel_repeated")]
    ask(scene)
    assert len(lost_cancel()) == 1


@pytest.mark.parametrize("refusal", ["51400", "50011", TransportError("cut"), VenueError("50001", "busy", 503)])
def test_a_refused_repeated_cancel_proves_nothing(scene: Any, lost_cancel: Any, refusal: Any) -> None:
    scene.clock(2_100)
    scene.rest.cancel_code = refusal
    ask(scene)
    assert len(lost_cancel()) == 1
    assert resolved(scene) == []
    scene.rest.orders["12"].update(state="canceled", uTime="1700000000999")
    ask(scene)
    assert resolved(scene) == [("c1", "accepted", "terminal")]
    assert len(lost_cancel()) == 1


def test_a_cancel_is_repeated_within_the_cancels_limit(scene: Any, lost_cancel: Any) -> None:
    """OKX docs, WS / Cancel order: 60 per 2 s and instrument, over REST and WebSocket together."""
    scene.clock(2_100)
    scene.rest.cancel_code = "50011"
    for _ in range(70):
        ask(scene)
    assert len(lost_cancel()) == 59


def test_an_amend_is_never_repeated(scene: Any) -> None:
    scene.rig.place("A1", "12")
    lose(scene, scene.rig.amend("m1", clOrdId="A1", newPx="3"))
    scene.rest.orders["12"] = scene.row(ordId="12", clOrdId="A1")
    scene.clock(2_100)
    ask(scene)
    assert [kind for kind, _ in scene.rest.asked if kind == "cancel"] == []


# ------------------------------------------------------------------ orders that OKX does not know


@pytest.fixture
def lost_order(scene: Any) -> Any:
    """An order without an ack; `deny(ms)` asks at a time after its expTime, and OKX's order query does not know it."""
    lose(scene, scene.rig.order("o1", clOrdId="A1"))
    (order,) = scene.rig.api.unknown_rows()

    def deny(ms: int) -> None:
        scene.clock(order["expTimeMs"] - OKX_NOW_MS + ms)
        ask(scene)

    return deny


def test_an_order_that_okx_denies_twice_was_never_executed(scene: Any, lost_order: Any) -> None:
    for ms in (-1, 1_900, 2_100, 4_000):
        lost_order(ms)
        assert resolved(scene) == [], f"{ms} ms after its expTime"
    lost_order(4_200)
    assert resolved(scene) == [("o1", "rejected", "not_found_after_exp_time")]


@pytest.mark.parametrize("place", ["pending", "fills"])
def test_an_order_that_only_the_order_query_denies_is_there(scene: Any, lost_order: Any, place: str) -> None:
    if place == "pending":
        scene.rest.pending = [scene.row(ordId="12", clOrdId="A1")]
    else:
        scene.rest.fill_answers = [[scene.rest_fill("1", "0.001")]]
    for ms in range(2_100, 20_000, 1_000):
        lost_order(ms)
    assert resolved(scene) == []
    assert scene.rig.api.unknown_count() == 1
    scene.rest.orders = {"A1": scene.row(ordId="12", clOrdId="A1")}
    lost_order(21_000)
    assert resolved(scene) == [("o1", "accepted", "order_query")]


# ------------------------------------------------------------------ amends


def amend(scene: Any, *, sent_ms: int = 60_000, **fields: Any) -> None:
    """One amend of a live order, sent a minute after its placement, without an ack."""
    scene.rig.place("A1", "12")
    scene.clock(sent_ms)
    lose(scene, scene.rig.amend("a1", ordId="12", **fields))


@pytest.mark.parametrize(
    ("px", "u_time_ms", "result"),
    [
        ("20001", 60_010, [("a1", "accepted", "order_query")]),
        ("20000", 120, [("a1", "rejected", "order_query")]),
        ("20000", 60_010, []),  # something changed it since, and REST can lag
        ("20009", 60_010, []),  # no request here asked for this
        ("20001", 120, []),  # as asked, but from before the request
    ],
)
def test_an_amend_past_its_exp_time(scene: Any, px: str, u_time_ms: int, result: list[Any]) -> None:
    amend(scene)
    scene.rest.orders["12"] = scene.row(ordId="12", clOrdId="A1", px=px, uTime=str(OKX_NOW_MS + u_time_ms))
    scene.clock(60_000 + 5_000 + 1_900)
    ask(scene)
    assert resolved(scene) == [], "it may be executed until its expTime, and REST may lag"
    scene.clock(60_000 + 5_000 + 2_500)
    ask(scene)
    assert resolved(scene) == result
    scene.clock(60_000 + 5_000 + 4_600)
    ask(scene)
    is_denied_again = (px, u_time_ms) == ("20000", 60_010)
    assert resolved(scene) == ([("a1", "rejected", "order_query")] if is_denied_again else result)


def test_several_amends_of_an_unchanged_order_were_not_executed(scene: Any) -> None:
    scene.rig.place("A1", "12")
    scene.clock(60_000)
    lose(scene, scene.rig.amend("a1", ordId="12"), scene.rig.amend("a2", ordId="12", newPx="20002"))
    scene.rest.orders["12"] = scene.row(ordId="12", clOrdId="A1", px="20000", uTime=str(OKX_NOW_MS + 120))
    scene.clock(70_000)
    ask(scene)
    assert resolved(scene) == [("a1", "rejected", "order_query"), ("a2", "rejected", "order_query")]


@pytest.mark.parametrize("u_time_ms", [120, 60_010])
def test_an_amend_to_the_current_values_stays_unknown(scene: Any, u_time_ms: int) -> None:
    amend(scene, newPx="20000")
    scene.rest.orders["12"] = scene.row(ordId="12", clOrdId="A1", px="20000", uTime=str(OKX_NOW_MS + u_time_ms))
    scene.clock(70_000)
    ask(scene)
    assert resolved(scene) == []


def test_of_several_amends_only_the_one_that_stands_is_proven(scene: Any, alarms: Any) -> None:
    scene.rig.place("A1", "12")
    scene.clock(60_000)
    lose(scene, scene.rig.amend("a1", ordId="12"), scene.rig.amend("a2", ordId="12", newPx="20002"))
    scene.rest.orders["12"] = scene.row(ordId="12", clOrdId="A1", px="20002", uTime=str(OKX_NOW_MS + 60_010))
    scene.clock(70_000)
    ask(scene)
    assert resolved(scene) == [("a2", "accepted", "order_query")]
    assert [row["id"] for row in scene.rig.api.unknown_rows()] == ["a1"]
    assert alarms() == []


def refused(scene: Any) -> None:
    sent = scene.rig.frames[-1]
    scene.rig.ack(sent["id"], "amend-order", scene.item("A1", "12", "51503", "no"), code="1")


def shown(scene: Any, **members: Any) -> None:
    result = {"reqId": scene.rig.frames[-1]["args"][0]["reqId"], "amendResult": "0", **members}
    scene.rig.push(ordId="12", clOrdId="A1", uTime=str(OKX_NOW_MS + 200), **result)


def accepted(scene: Any) -> None:
    scene.rig.accept()


def accepted_and_shown(scene: Any) -> None:
    accepted(scene)
    shown(scene, px="20005")


def shown_and_accepted(scene: Any) -> None:
    shown(scene, px="20005")
    accepted(scene)


def accepted_and_failed(scene: Any) -> None:
    accepted(scene)
    shown(scene, px="20000", amendResult="-1", code="51511")


@pytest.mark.parametrize(
    ("before", "stands_as_known"),
    [
        (refused, True),
        (accepted, False),  # then the order should have that amend's price
        (accepted_and_shown, True),
        (shown_and_accepted, True),
        (accepted_and_failed, True),
        (lambda scene: None, True),  # in flight
    ],
)
@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize("executed", [False, True])
def test_an_amend_after_another_one(scene: Any, before: Any, stands_as_known: bool, ends: bool, executed: bool) -> None:
    """a1 to 20005, then a2 to 20002 without an ack or a push: the order has a2's price, or its old one."""
    rig = scene.rig
    rig.place("A1", "12")
    rig.send(rig.amend("a1", ordId="12", newPx="20005"))
    before(scene)
    stood_at = {"px": "20005"} if before in (accepted_and_shown, shown_and_accepted) else {"px": "20000"}
    scene.clock(60_000)
    lose(scene, rig.amend("a2", ordId="12", newPx="20002"))
    now = {"px": "20002"} if executed else stood_at
    row = scene.row(ordId="12", clOrdId="A1", uTime=str(OKX_NOW_MS + 60_010), **now)
    scene.rest.orders["12"] = {**row, "state": "canceled", "cancelSource": "1"} if ends else row
    scene.clock(70_000)
    ask(scene)
    of_it = [one for one in resolved(scene) if one[0] == "a2"]
    proof = "terminal" if ends else "order_query"
    if executed:
        assert of_it == [("a2", "accepted", proof)]
    elif ends and stands_as_known:
        assert of_it == [("a2", "rejected", proof)]
    else:
        assert of_it == []


def test_a_later_amend_hides_the_result_of_an_earlier_one(scene: Any) -> None:
    rig = scene.rig
    rig.place("A1", "12")
    scene.clock(60_000)
    lose(scene, rig.amend("a1", ordId="12", newPx="20001"))
    rig.send(rig.amend("a2", ordId="12", newPx="20002"))
    accepted(scene)
    scene.rest.orders["12"] = scene.row(ordId="12", clOrdId="A1", px="20002", uTime=str(OKX_NOW_MS + 60_010))
    scene.clock(70_000)
    ask(scene)
    assert resolved(scene) == []


def test_a_reused_req_id_proves_nothing(scene: Any) -> None:
    """The first amend's push must not count for the second."""
    rig = scene.rig
    rig.place("A1", "12")
    rig.send(rig.amend("a1", ordId="12", reqId="mine"))
    rig.accept()
    result = {"reqId": "mine", "amendResult": "0", "amendSource": "1"}
    rig.push(ordId="12", clOrdId="A1", px="20001", uTime="1700000000200", **result)
    lose(scene, rig.amend("a2", ordId="12", newPx="20002", reqId="mine"))
    assert rig.row("a2")["result"] == "unknown"
    rig.push(ordId="12", clOrdId="A1", px="20001", uTime="1700000000200", **result)
    assert resolved(scene) == []


def test_two_amends_under_one_req_id_in_flight_prove_nothing_of_each_other(scene: Any) -> None:
    rig = scene.rig
    rig.place("A1", "12")
    lose(scene, *(rig.amend(name, ordId="12", newPx=px, reqId="mine") for name, px in (("a1", "1"), ("a2", "2"))))
    rig.push(ordId="12", clOrdId="A1", px="2", uTime="1700000000200", reqId="mine", amendResult="0")
    assert resolved(scene) == []


# ------------------------------------------------------------------ mass-cancel

MASS_CANCEL = {"id": "m1", "op": "mass-cancel", "args": [{"instType": "OPTION", "instFamily": "BTC-USD"}]}


@pytest.mark.parametrize(
    ("left", "is_done"),
    [
        ([], True),
        ([{"instId": "BTC-USD-261225-50000-C", "ordType": "mmp", "cTime": str(OKX_NOW_MS - 5)}], False),
        ([{"instId": "BTC-USD-261225-50000-C", "ordType": "mmp", "cTime": str(OKX_NOW_MS + 500)}], True),
        ([{"instId": "BTC-USD-261225-50000-C", "ordType": "limit", "cTime": str(OKX_NOW_MS - 5)}], True),
        ([{"instId": "ETH-USD-261225-5000-C", "ordType": "mmp_and_post_only", "cTime": str(OKX_NOW_MS - 5)}], True),
    ],
)
def test_a_mass_cancel_is_judged_by_the_remaining_orders(scene: Any, left: list[dict[str, str]], is_done: bool) -> None:
    lose(scene, MASS_CANCEL)
    scene.rest.pending = left
    ask(scene)
    assert scene.rest.asked == [], "it may still be on its way"
    scene.clock(5_000)
    ask(scene)
    assert resolved(scene) == ([("m1", "accepted", "order_query")] if is_done else [])


# ------------------------------------------------------------------ requests that stay unknown


def test_a_request_without_proof_for_long_raises_one_alarm(
    scene: Any, alarms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.reconciliation.unknown_requests.ALARM_AFTER_MS", -1)
    lose(scene, scene.rig.cancel("c1", ordId="77"), scene.rig.cancel("c2", ordId="78"))
    scene.rest.orders = {number: scene.row(ordId=number) for number in ("77", "78")}
    for _ in range(3):
        ask(scene)
    assert alarms() == ["unknown_unresolved"] * 2
    assert {"c1", "c2"} == {one["msg"].split()[1] for one in scene.rig.on("gateway.alarm")}
