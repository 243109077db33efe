"""`cancel-all`: ordinary cancels of all that a strategy has open. Names and fields after docs/protocol.md."""

from __future__ import annotations

from typing import Any

import pytest


def test_cancel_all_cancels_what_is_open_and_withdraws_what_waits(rig: Any, alpha: Any) -> None:
    rig.place("A1", "801")
    rig.place("A2", "802", live=False)
    rig.place("B1", "901", owner=rig.beta)
    rig.push(ordId="999")
    rig.sink.writable = False
    alpha.send(rig.order("o3", clOrdId="A3", gw={"maxWaitMs": 60_000}))
    rig.sink.writable = True
    rig.forget()
    answers = alpha.send({"id": "x", "op": "cancel-all"})
    assert [(answer["id"], answer["reason"]) for answer in answers] == [("o3", "cancelled_before_send"), ("x", "")]
    assert answers[-1]["data"] == [{"cancelled": 2, "withdrawn": 1}]
    (frame,) = rig.frames
    assert (frame["op"], [row["clOrdId"] for row in frame["args"]]) == ("batch-cancel-orders", ["A1", "A2"])
    rig.accept(0)
    assert [(row["clOrdId"], row["result"], row["origin"]) for row in rig.rows("x.1")] == [
        ("A1", "accepted", "okx"),
        ("A2", "accepted", "okx"),
        ("A3", "accepted", "gateway"),
    ]


def test_cancel_all_of_one_instrument(rig: Any, alpha: Any) -> None:
    rig.place("A1", "801")
    rig.send(rig.order("o2", clOrdId="A2", instId="ETH-USDT"))
    rig.accept(0, "802")
    rig.forget()
    assert alpha.ask("cancel-all", {"instId": "ETH-USDT"})["data"] == [{"cancelled": 1, "withdrawn": 0}]
    assert rig.frames[0]["args"] == [{"instIdCode": 10002, "clOrdId": "A2"}]
    assert alpha.ask("cancel-all", {"instId": "XYZ"})["data"] == [{"cancelled": 0, "withdrawn": 0}]


def test_cancel_all_of_many_goes_out_in_batches_of_twenty(new_rig: Any, connection_to: Any) -> None:
    rig = new_rig(request_capacity=256, order_capacity=256)
    connection = connection_to(rig)
    connection.hello()
    for number in range(45):
        rig.place(f"A{number}", str(800 + number))
    answer = connection.ask("cancel-all", request_id="panic")
    assert answer["data"] == [{"cancelled": 45, "withdrawn": 0}]
    assert [len(frame["args"]) for frame in rig.frames] == [20, 20, 5]
    for index in range(3):
        rig.accept(index)
    assert [body["id"] for body in rig.on("alpha.ack")] == ["panic.1", "panic.2", "panic.3"]


def test_cancel_all_again_under_the_same_id_cancels_again(rig: Any, alpha: Any) -> None:
    """Its id need not be unique: the second press of the button does what the first did."""
    rig.place("A1", "801")
    for _ in range(3):
        assert alpha.ask("cancel-all", request_id="panic")["data"] == [{"cancelled": 1, "withdrawn": 0}]
    assert [frame["op"] for frame in rig.frames] == ["batch-cancel-orders"] * 3


def test_cancel_all_of_nothing(rig: Any, alpha: Any) -> None:
    assert alpha.ask("cancel-all")["data"] == [{"cancelled": 0, "withdrawn": 0}]
    assert rig.sink.sent == []


@pytest.mark.parametrize(("length", "reason"), [(58, ""), (59, "bad_request")])
def test_the_id_of_cancel_all_leaves_room_for_its_cancels(rig: Any, alpha: Any, length: int, reason: str) -> None:
    rig.place("A1", "801")
    assert alpha.ask("cancel-all", request_id="x" * length)["reason"] == reason


def test_an_order_that_cannot_be_cancelled_leaves_the_others_to_be(rig: Any, alpha: Any) -> None:
    """One of an earlier run, on an instrument that is not loaded any more."""
    rig.push(clOrdId="9001234567880000001", ordId="700", instId="OLD-USDT")
    rig.place("A1", "801")
    answers = alpha.send({"id": "x", "op": "cancel-all"})
    assert [row["clOrdId"] for frame in rig.frames for row in frame["args"]] == ["A1"]
    assert [answer["data"] for answer in answers] == [[{"cancelled": 1, "withdrawn": 0}]]
    (refused,) = [body for body in rig.on("alpha.ack") if body["data"][0]["reason"] == "unknown_instrument"]
    assert refused["id"].startswith("x.")


def test_cancel_all_counts_what_is_sent_and_is_answered_once(rig: Any, alpha: Any) -> None:
    """Nothing may go while not logged in and without waiting: the refusals are told by events, and not counted as cancelled."""
    for name in ("o1", "o2"):
        rig.place(name, f"80{name[1]}")
    rig.api.set_stopping()
    answers = alpha.send({"id": "x", "op": "cancel-all"})
    assert [(answer["id"], answer["data"]) for answer in answers] == [("x", [{"cancelled": 0, "withdrawn": 0}])]
