"""`ack` and `resolved`: what they say of a request, key by key."""

from __future__ import annotations

from typing import Any


def test_an_ack_tells_the_row_and_passes_okx_s_item_on(rig: Any, wire: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    okx_id = rig.frames[0]["id"]
    placed = wire.item("A1", "312269865356374016", s_msg="Order successfully placed.")
    rig.ack(okx_id, "order", placed)
    (ack,) = rig.on("alpha.ack")
    assert {key: ack[key] for key in ("seq", "session", "id", "op", "code", "msg", "inTime", "outTime")} == {
        "seq": 1,
        "session": "5e5510n",
        "id": "o1",
        "op": "order",
        "code": "0",
        "msg": "",
        "inTime": "1700000000120345",
        "outTime": "1700000000121955",
    }
    assert ack["data"] == [
        {
            "row": 0,
            "result": "accepted",
            "origin": "okx",
            "reason": "",
            "msg": "Order successfully placed.",
            "clOrdId": "A1",
            "ordId": "312269865356374016",
            "sCode": "0",
            "okx": placed,
        }
    ]
    assert sorted(ack["gw"]) == ["pubNs", "recvNs", "sentNs", "venueNs"]
    assert (ack["gw"]["recvNs"], ack["gw"]["venueNs"]) == ("1700000000000000000", "1700000000000000007")
    assert rig.replies == []


def test_the_proof_of_a_row_that_was_unknown(rig: Any) -> None:
    rig.send(rig.batch("o1", "A1", "B2"))
    rig.give_up_waiting()
    rig.push(clOrdId="B2", ordId="802")
    (event,) = rig.on("alpha.ack", "resolved")
    stamps = event.pop("gw")
    assert sorted(stamps) == ["pubNs", "recvNs", "sentNs", "venueNs"]
    assert event == {
        "seq": 3,
        "session": "5e5510n",
        "event": "resolved",
        "id": "o1",
        "op": "batch-orders",
        "row": 1,
        "result": "accepted",
        "proof": "order_push",
        "clOrdId": "B2",
        "ordId": "802",
        "sCode": "",
    }
