"""One order, one route; and which routes there are as things stand."""

from __future__ import annotations

from typing import Any

import pytest

from tests._fast.rest_orders import ACK_TIMEOUT_MS, SL, RestOrders


@pytest.fixture
def rig(new_rig: Any) -> Any:
    return new_rig(ack_timeout_ms=ACK_TIMEOUT_MS)


@pytest.fixture
def rest(rig: Any) -> RestOrders:
    return RestOrders(rig)


# ------------------------------------------------------------------ without REST


def test_not_logged_in(new_rig: Any) -> None:
    rig = new_rig(ready=False)
    for message in (rig.order("o1"), rig.cancel("c1", ordId="5"), rig.amend("a1", ordId="5")):
        rig.send(message)
    assert [(reply["reason"], "retryAfterMs" in reply) for reply in rig.replies] == [("not_ready", False)] * 3
    assert rig.sink.sent == []


def test_ready_means_reconciled_but_cancels_never_wait_for_that(new_rig: Any) -> None:
    rig = new_rig(ready=False)
    rig.api.connection_opened(rig.sink)
    rig.send(rig.order("o1"))
    rig.send(rig.amend("a1", ordId="5"))
    rig.send(rig.cancel("c1", ordId="5"))
    rig.send({"id": "m1", "op": "mass-cancel", "args": [{"instType": "OPTION", "instFamily": "BTC-USD"}]})
    assert [frame["op"] for frame in rig.frames] == ["cancel-order", "mass-cancel"]
    assert [reply["reason"] for reply in rig.replies] == ["not_ready"] * 2
    rig.api.set_ready(True)
    rig.send(rig.order("o2"))
    assert rig.frames[-1]["op"] == "order"
    rig.api.connection_closing()
    rig.send(rig.order("o3"))
    rig.send(rig.cancel("c2", ordId="5"))
    assert len(rig.frames) == 3


# ------------------------------------------------------------------ what must not be overtaken


def test_a_cancel_does_not_overtake_its_placement(rig: Any, rest: RestOrders) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL]))
    rig.send(rig.cancel("c0", clOrdId="A"))
    assert rig.row("c0")["reason"] == "not_ready"
    rig.send(rig.cancel("c1", clOrdId="A", gw={"maxWaitMs": 1_000}))
    rig.api.tick_at(rig.now + 1)
    assert rig.frames == []
    rest.answer(0, {"clOrdId": "A", "ordId": "77", "sCode": "0"})
    rig.api.tick_at(rig.now + 2)
    assert [frame["op"] for frame in rig.frames] == ["cancel-order"]


def test_a_push_shows_that_its_placement_has_come_first(rig: Any, rest: RestOrders) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL]))
    rig.push(clOrdId="A", ordId="77")
    rig.send(rig.cancel("c1", clOrdId="A"))
    assert len(rig.frames) == 1


def test_amends_of_one_order_keep_their_order_and_cancels_do_not_wait_for_them(rig: Any, rest: RestOrders) -> None:
    rig.place("A", "11")
    rig.send(rig.amend("a1", ordId="11", attachAlgoOrds=[{"newSlTriggerPx": "1"}]))
    rig.send(rig.amend("a2", ordId="11", newPx="20002", gw={"maxWaitMs": 1_000}))
    rig.send(rig.amend("a3", ordId="12", newPx="20002"))
    rig.send(rig.cancel("c1", ordId="11"))
    assert [frame["op"] for frame in rig.frames] == ["amend-order", "cancel-order"]
    rest.answer(0, {"ordId": "11", "sCode": "0"})
    rig.api.tick_at(rig.now + 1)
    assert rig.frames[-1]["args"][0]["newPx"] == "20002"


# ------------------------------------------------------------------ while the socket is down


def test_cancels_go_by_rest_while_no_socket_is_logged_in(new_rig: Any) -> None:
    rig = new_rig(ready=False)
    rest = RestOrders(rig)
    rig.send(rig.cancel("c1", ordId="5"))
    rig.send(
        {
            "id": "c2",
            "op": "batch-cancel-orders",
            "args": [{"instId": "BTC-USDT", "ordId": "6"}, {"instId": "ETH-USDT", "clOrdId": "Z"}],
        }
    )
    rig.send({"id": "m1", "op": "mass-cancel", "args": [{"instType": "OPTION", "instFamily": "BTC-USD"}]})
    assert rest.calls == [
        ("cancel-order", {"instId": "BTC-USDT", "ordId": "5"}, 0),
        ("batch-cancel-orders", [{"instId": "BTC-USDT", "ordId": "6"}, {"instId": "ETH-USDT", "clOrdId": "Z"}], 0),
        ("mass-cancel", {"instType": "OPTION", "instFamily": "BTC-USD"}, 0),
    ]
    rest.answer(2, {"result": True})
    assert rig.row("m1")["result"] == "accepted"
    rig.send(rig.order("o1"))
    assert rig.row("o1")["reason"] == "not_ready"


def test_fallback_none(new_rig: Any) -> None:
    rig = new_rig(ready=False)
    rest = RestOrders(rig, cancels=False)
    rig.send(rig.cancel("c1", ordId="5"))
    assert rig.row("c1")["reason"] == "not_ready" and rest.calls == []


def test_a_cancel_that_waits_goes_by_rest_once_the_socket_is_lost(rig: Any, rest: RestOrders) -> None:
    rig.sink.writable = False
    rig.send(rig.cancel("c1", ordId="5", gw={"maxWaitMs": 1_000}))
    assert rest.calls == []
    rig.api.connection_lost()
    rig.api.tick_at(rig.now + 1)
    assert rest.calls[0][1] == {"instId": "BTC-USDT", "ordId": "5"}


def test_orders_by_rest_only_when_allowed_and_not_halted(rig: Any, rest: RestOrders) -> None:
    rig.api.connection_lost()
    rig.send(rig.order("o1"))
    rest.api.allow_orders(True)
    rig.send(rig.order("o2", clOrdId="A"))
    assert rig.row("o1")["reason"] == "not_ready"
    ((op, body, exp_time),) = rest.calls
    assert (op, body["clOrdId"], exp_time) == ("order", "A", 1_700_000_005_000)
    rest.api.allow_orders(False)
    rig.send(rig.order("o3"))
    assert rig.row("o3")["reason"] == "not_ready"
