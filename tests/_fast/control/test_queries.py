"""What the control plane learns of the tables."""

from __future__ import annotations

from typing import Any

import pytest


def test_counts(rig: Any, wire: Any) -> None:
    rig.place("A1", "801")
    rig.send(rig.order("o2", clOrdId="B2"))
    rig.send(rig.order("bad", sz=""))
    rig.send(rig.order("o2"))
    status = rig.api.status()
    assert {key: status[key] for key in ("inFlight", "waiting", "unknown", "orders")} == {
        "inFlight": 1,
        "waiting": 0,
        "unknown": 0,
        "orders": 2,
    }
    assert (rig.api.in_flight_count(), rig.api.unknown_count()) == (1, 0)
    assert {
        key: status["counters"][key] for key in ("requests", "refused", "repeated", "sent", "acks", "pushes", "fills")
    } == {
        "requests": 4,
        "refused": 1,
        "repeated": 1,
        "sent": 2,
        "acks": 1,
        "pushes": 1,
        "fills": 0,
    }
    rig.api.connection_lost()
    rig.frame(b"{")
    rig.frame(b'{"event":"notice"}')
    assert (rig.api.in_flight_count(), rig.api.unknown_count()) == (0, 1)
    counters = rig.api.status()["counters"]
    assert (counters["unknown"], counters["frames_malformed"], counters["frames_other"]) == (1, 1, 1)


def test_an_order_as_it_is_shown(rig: Any, wire: Any) -> None:
    rig.send(rig.batch("o1", "A1", "B2"))
    rig.accept(0, "801", "802")
    rig.push(clOrdId="B2", ordId="802", avgPx="19999.5", uTime="1700000000300", **wire.filled("7", "0.004", "0.004"))
    assert rig.api.find_placed(rig.alpha, "o1", 1) == {
        "id": "o1",
        "row": 1,
        "instId": "BTC-USDT",
        "clOrdId": "B2",
        "ordId": "802",
        "state": "partially_filled",
        "side": "buy",
        "ordType": "limit",
        "tdMode": "cash",
        "px": "20000",
        "sz": "0.01",
        "accFillSz": "0.004",
        "avgPx": "19999.5",
        "cTime": "1700000000120",
        "uTime": "1700000000300",
        "result": "accepted",
        "reason": "",
        "owner": rig.alpha,
        "unsent": False,
        "expTimeMs": 1_700_000_005_000,
        "lifecycle": "partially_filled",
        "publishedFillSz": "0.004000000000000000",
    }
    pending = rig.api.find_placed(rig.alpha, "o1", 0)
    assert (pending["state"], pending["accFillSz"], pending["avgPx"], pending["ordId"]) == ("pending", "0", "", "801")


def test_open_orders_by_owner_in_order_of_placement(rig: Any) -> None:
    rig.place("A1", "801")
    rig.place("B2", "802", owner=rig.beta)
    rig.place("C3", "803")
    rig.push(ordId="804")
    assert [order["ordId"] for order in rig.api.open_orders()] == ["801", "802", "803", "804"]
    assert [order["ordId"] for order in rig.api.open_orders(rig.alpha)] == ["801", "803"]
    rig.push(clOrdId="A1", ordId="801", state="filled")
    assert [order["ordId"] for order in rig.api.open_orders(rig.alpha)] == ["803"]


@pytest.mark.parametrize(
    ("owner", "request_id", "row"),
    [(0, "o1", 0), (2, "o1", 1), (2, "c1", 0), (2, "nobody", 0), (2, "", 0), (2, "x" * 65, 0)],
)
def test_requests_that_placed_nothing(rig: Any, owner: int, request_id: str, row: int) -> None:
    rig.send(rig.order("o1"))
    rig.send(rig.cancel("c1", ordId="5"))
    assert rig.api.find_placed(owner, request_id, row) is None


def test_an_order_whose_slot_was_given_away_is_not_another(new_rig: Any) -> None:
    rig = new_rig(order_capacity=2)
    rig.place("A1", "801", request_id="o1")
    rig.push(clOrdId="A1", ordId="801", state="filled", accFillSz="0.01")
    for number in (802, 803):
        rig.push(ordId=str(number))
    assert rig.api.find_placed(rig.alpha, "o1", 0) is None
    rig.send({"id": "c1", "op": "cancel-order", "args": [{"instId": "BTC-USDT", "gw": {"id": "o1"}}]})
    assert rig.frames[-1]["args"] == [{"instIdCode": 10001, "clOrdId": "A1"}], "it is OKX's to judge"


def test_an_order_outlives_the_request_that_placed_it(new_rig: Any) -> None:
    rig = new_rig(request_capacity=2, order_capacity=64)
    rig.place("A1", "801", request_id="o1")
    for number in range(4):
        rig.place(f"x{number}", str(900 + number))
    rig.push(clOrdId="A1", ordId="801", state="canceled", cancelSource="1")
    (event,) = rig.on("alpha.order")
    assert (event["id"], event["row"], event["clOrdId"]) == ("", 0, "A1")
    order = rig.api.find_order(ord_id="801")
    assert (order["id"], order["result"], order["expTimeMs"]) == ("", "", 0)


def test_known_requests(new_rig: Any) -> None:
    rig = new_rig(request_capacity=2, order_capacity=64)
    for name in ("o1", "o2", "o3"):
        rig.place(name, f"80{name[1]}", request_id=name)
    assert [rig.api.knows_request(rig.alpha, name) for name in ("o1", "o2", "o3", "o4")] == [True, True, True, False]
    assert rig.api.knows_request(rig.beta, "o3") is False
