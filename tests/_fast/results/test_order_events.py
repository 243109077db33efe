"""`order` and `fill`: what they say of an order, key by key."""

from __future__ import annotations

from typing import Any

AMENDED = {"reqId": "r1", "amendResult": "0", "amendSource": "1", "px": "20001"}
AMENDED_AGAIN = {"reqId": "r2", "amendResult": "0", "amendSource": "1", "px": "20002"}


def test_a_fill_comes_before_the_order_event_of_its_push(rig: Any, wire: Any) -> None:
    rig.place("A1", "801", request_id="o1")
    rig.push(clOrdId="A1", ordId="801", avgPx="20000", **wire.filled("77", "0.004", "0.004"))
    (fill_topic, fill), (order_topic, order) = rig.events
    assert (fill_topic, order_topic) == ("alpha.fill", "alpha.order")
    assert order["seq"] == fill["seq"] + 1
    stamps = fill.pop("gw")
    assert sorted(stamps) == ["pubNs", "recvNs", "sentNs", "venueNs"]
    assert {key: value for key, value in fill.items() if key != "seq"} == {
        "event": "fill",
        "session": "5e5510n",
        "source": "stream",
        "id": "o1",
        "row": 0,
        "instId": "BTC-USDT",
        "ordId": "801",
        "clOrdId": "A1",
        "tradeId": "77",
        "side": "buy",
        "posSide": "",
        "fillPx": "20000",
        "fillSz": "0.004",
        "fillTime": "1700000000123",
        "fillFee": "-0.00001",
        "fillFeeCcy": "BTC",
        "execType": "M",
        "accFillSz": "0.004",
    }
    assert (order["state"], order["accFillSz"], order["terminal"], order["reason"]) == (
        "partially_filled",
        "0.004",
        False,
        "",
    )
    assert order["data"] == wire.order_row(
        clOrdId="A1", ordId="801", avgPx="20000", **wire.filled("77", "0.004", "0.004")
    )


def test_the_result_of_an_amend_that_a_later_push_has_overtaken(rig: Any, wire: Any) -> None:
    """It is told, and the order as it is now: at the price of the later amend, and with what was filled since."""
    rig.place("A1", "801", request_id="o1")
    rig.push(ordId="801", clOrdId="A1", uTime="1700000000300", **AMENDED_AGAIN)
    filled = wire.filled("77", "0.004", "0.004", px="20002", avgPx="20000", uTime="1700000000400")
    rig.push(ordId="801", clOrdId="A1", **filled)
    rig.forget()
    failed = {"amendResult": "-1", "code": "51511", "msg": '\\u0041 was "refused"'}
    rig.push(ordId="801", clOrdId="A1", uTime="1700000009200", **AMENDED | failed)
    rig.push(ordId="801", clOrdId="A1", uTime="1700000000250", **AMENDED)
    ((topic, event),) = rig.events
    stamps = event.pop("gw")
    assert sorted(stamps) == ["pubNs", "recvNs", "sentNs", "venueNs"]
    named = {"instId": "BTC-USDT", "ordId": "801", "clOrdId": "A1", "state": "partially_filled", "accFillSz": "0.004"}
    told = {"session": "5e5510n", "source": "stream", "id": "o1", "row": 0, **named, "terminal": False, "reason": ""}
    now = {"side": "buy", "ordType": "limit", "px": "20002", "sz": "0.01", "avgPx": "20000"}
    times = {"uTime": "1700000000400", "cTime": "1700000000120"}
    assert topic == "alpha.order"
    assert event == {
        "seq": event["seq"],
        "event": "order",
        **told,
        "data": {**named, **now, **times, "reqId": "r1", "amendSource": "1", **failed},
    }
    shown = rig.api.find_order(ord_id="801")
    assert (shown["px"], shown["uTime"]) == ("20002", "1700000000400")
