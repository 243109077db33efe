"""The ids that the gateway mints, and whose `clOrdId` is whose."""

from __future__ import annotations

import json
from typing import Any

import pytest

EPOCH = 123_456_789
LIMIT = 2**63


def minted(rig: Any) -> list[str]:
    return [row["clOrdId"] for frame in rig.frames for row in frame["args"]]


def test_minted_ids_say_who_when_and_how_many(rig: Any) -> None:
    """Strategy number, nine digits of epoch, seven of counter: decimal digits below 2^63 (OKX docs, Fills channel)."""
    for number in range(3):
        rig.send(rig.order(f"o{number}"))
    rig.send(rig.order("o0"), owner=rig.beta)
    assert minted(rig) == ["9001234567890000001", "9001234567890000002", "9001234567890000003", "71234567890000001"]


@pytest.mark.parametrize(
    ("number", "epoch"), [(1, 1), (919, 999_999_999), (919, 1), (9, 999_999_999), (92, 123_456_789)]
)
def test_minted_ids_stay_below_two_to_the_63(new_rig: Any, number: int, epoch: int) -> None:
    rig = new_rig(epoch=epoch)
    owner = rig.trading.add_strategy("edge", number, 0)
    rig.send(rig.order("o1"), owner=owner)
    (name,) = minted(rig)
    assert name == f"{number}{epoch:09d}0000001"
    assert 0 < int(name) < LIMIT


@pytest.mark.parametrize("number", [0, -1, 920, 10_000])
def test_numbers_that_would_not_fit_are_refused(rig: Any, number: int) -> None:
    with pytest.raises(ValueError, match="919"):
        rig.trading.add_strategy("edge", number, 0)


@pytest.mark.parametrize("epoch", [0, -5, 1_000_000_000])
def test_epochs_that_would_not_fit_are_refused(new_rig: Any, epoch: int) -> None:
    with pytest.raises(ValueError, match="epoch"):
        new_rig(epoch=epoch)


def test_ids_of_two_runs_and_two_strategies_never_meet(new_rig: Any) -> None:
    seen: set[str] = set()
    for epoch in (EPOCH, EPOCH + 1):
        rig = new_rig(epoch=epoch)
        for owner in (rig.alpha, rig.beta):
            for number in range(5):
                rig.send(rig.batch(f"o{number}", "", "", ""), owner=owner)
        assert len(minted(rig)) == 30
        assert not seen & set(minted(rig))
        seen |= set(minted(rig))
    assert len(seen) == 60


def test_a_minted_id_that_is_taken_is_passed_over(rig: Any) -> None:
    rig.push(clOrdId="9001234567890000001", ordId="801")
    rig.push(clOrdId="9001234567890000002", ordId="802")
    rig.send(rig.order("o1"))
    assert minted(rig) == ["9001234567890000003"]


def test_req_ids_are_minted_for_amends_and_differ_by_row_and_request(rig: Any) -> None:
    rows = [{"instId": "BTC-USDT", "ordId": str(number), "newPx": "1"} for number in range(20)]
    rig.send({"id": "a1", "op": "batch-amend-orders", "args": rows})
    rig.send({"id": "a2", "op": "batch-amend-orders", "args": rows})
    req_ids = [row["reqId"] for frame in rig.frames for row in frame["args"]]
    assert len(set(req_ids)) == 40
    assert all(1 <= len(req_id) <= 32 and req_id.isalnum() and req_id.isascii() for req_id in req_ids)


def test_okx_ids_are_never_used_twice(new_rig: Any) -> None:
    """A slot of the table is used again under another id."""
    rig = new_rig(request_capacity=4, order_capacity=256)
    for number in range(100):
        moment = rig.now + number * 1_000
        rig.send(rig.order(f"o{number}"), at=moment)
        rig.accept(-1, str(number), at=moment)
    ids = [frame["id"] for frame in rig.frames]
    assert len(set(ids)) == 100
    assert all(len(okx_id) == 16 and okx_id.isalnum() for okx_id in ids)


# ------------------------------------------------------------------ clOrdId in use


@pytest.mark.parametrize(
    "state", ["pending", "unknown", "accepted", "live", "partially_filled", "filled", "canceled", "foreign"]
)
def test_a_cl_ord_id_that_is_known_is_refused(rig: Any, wire: Any, state: str) -> None:
    if state == "foreign":
        rig.push(clOrdId="A1", ordId="801")
    else:
        rig.send(rig.order("o1", clOrdId="A1"))
    if state == "unknown":
        rig.api.connection_lost()
        rig.api.connection_opened(rig.sink)
        rig.api.set_ready(True)
    elif state not in ("pending", "foreign"):
        rig.accept(0, "801")
    if state in ("live", "filled", "canceled", "partially_filled"):
        rig.push(clOrdId="A1", ordId="801", state=state, accFillSz="0.01" if state.endswith("filled") else "0")
    rig.forget()
    for owner in (rig.alpha, rig.beta):
        rig.send(rig.order("o2", clOrdId="A1"), owner=owner)
    assert [reply["reason"] for reply in rig.replies] == ["cl_ord_id_in_use"] * 2
    assert rig.sink.sent == []


def test_a_cl_ord_id_twice_in_one_batch_is_refused(rig: Any) -> None:
    rig.send(rig.batch("o1", "A1", "B2", "A1"))
    assert rig.reply["reason"] == "cl_ord_id_in_use"
    assert "args[2].clOrdId" in rig.reply["msg"]
    assert rig.sink.sent == []


def test_letters_of_another_case_are_another_id(rig: Any) -> None:
    rig.send(rig.batch("o1", "a1", "A1"))
    assert minted(rig) == ["a1", "A1"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("1" * 16, ""),
        ("1" * 17, "bad_request"),
        ("9001234567890000009", "bad_request"),
        ("1" * 20, ""),
        ("1" * 17 + "a", ""),
    ],
)
def test_the_form_of_minted_ids_is_the_gateways_own(rig: Any, name: str, reason: str) -> None:
    """A later run would take such an order for one of its own, perhaps of another strategy."""
    rig.send(rig.order("o1", clOrdId=name))
    assert [reply["reason"] for reply in rig.replies] == [reason] * bool(reason)
    assert len(rig.frames) == (not reason)


@pytest.mark.parametrize("why", ["okx", "gateway", "not_found", "withdrawn"])
def test_a_rejected_orders_cl_ord_id_may_be_used_again(new_rig: Any, wire: Any, why: str) -> None:
    rig = new_rig(ready=why != "withdrawn")
    rig.send(rig.order("o1", clOrdId="A1", gw={"maxWaitMs": 5_000}))
    if why == "okx":
        rig.ack(rig.frames[0]["id"], "order", wire.item("A1", "", "51008"), code="1")
    elif why == "gateway":
        rig = new_rig()
        rig.sink.failing = True
        rig.send(rig.order("o1", clOrdId="A1"))
        rig.sink.failing = False
    elif why == "not_found":
        rig.api.connection_lost()
        rig.api.not_found("A1")
    else:
        rig.send(rig.cancel("c1", clOrdId="A1"))
    rig.api.connection_opened(rig.sink)
    rig.api.set_ready(True)
    rig.forget()
    rig.send(rig.order("o2", clOrdId="A1"))
    rig.push(clOrdId="A1", ordId="802")
    assert len(rig.frames) == 1
    assert [body["id"] for body in rig.on("alpha.order")] == ["o2"], "news go to the one who placed it last"


def test_a_cl_ord_id_may_be_used_again_once_it_is_forgotten(new_rig: Any) -> None:
    rig = new_rig(order_capacity=2)
    rig.place("A1", "801", request_id="o1")
    rig.push(clOrdId="A1", ordId="801", state="canceled", cancelSource="1")
    for number in (802, 803):
        rig.push(ordId=str(number), state="canceled", cancelSource="1")
    rig.forget()
    rig.send(rig.order("o2", clOrdId="A1"))
    assert len(rig.frames) == 1


# ------------------------------------------------------------------ rows that name the request that placed the order


@pytest.mark.parametrize("placed", ["waiting", "sent", "accepted", "live"])
def test_a_row_may_name_its_order_by_the_request_that_placed_it(new_rig: Any, placed: str) -> None:
    rig = new_rig()
    rig.sink.writable = placed != "waiting"
    rig.send(rig.batch("o1", "A1", "B2", gw={"maxWaitMs": 5_000}))
    if placed in ("accepted", "live"):
        rig.accept(0, "801", "802")
    if placed == "live":
        rig.push(clOrdId="B2", ordId="802")
    rig.sink.writable = True
    rig.send({"id": "c1", "op": "cancel-order", "args": [{"instId": "BTC-USDT", "gw": {"id": "o1", "row": 1}}]})
    if placed == "waiting":
        assert [row["result"] for row in rig.rows("c1")] == ["accepted"]
        assert rig.api.find_placed(rig.alpha, "o1", 1)["state"] == "rejected"
        assert rig.api.find_placed(rig.alpha, "o1", 0)["state"] == "pending"
    else:
        assert rig.frames[-1]["args"] == [{"instIdCode": 10001, "clOrdId": "B2"}]


@pytest.mark.parametrize(
    ("gw", "owner"),
    [
        ({"id": "o1", "row": 1}, "alpha"),
        ({"id": "o2"}, "alpha"),
        ({"id": "c0"}, "alpha"),
        ({"id": "o1"}, "beta"),
        ({"id": "bad"}, "alpha"),
    ],
)
def test_names_that_name_no_order(rig: Any, gw: dict[str, Any], owner: str) -> None:
    rig.send(rig.order("o1"))
    rig.send(rig.cancel("c0", ordId="5"))
    rig.send({"id": "bad", "op": "order", "args": []})
    rig.forget()
    rig.send(
        {"id": "c1", "op": "cancel-order", "args": [{"instId": "BTC-USDT", "gw": gw}]}, owner=rig.bus.number_of(owner)
    )
    assert rig.reply["reason"] == "unknown_order"
    assert rig.sink.sent == []


def test_a_row_may_name_a_request_that_makes_room_for_it(new_rig: Any) -> None:
    rig = new_rig(request_capacity=2, order_capacity=64)
    rig.place("A1", "801", request_id="o1")
    rig.place("B2", "802", request_id="o2")
    rig.send({"id": "c1", "op": "cancel-order", "args": [{"instId": "BTC-USDT", "gw": {"id": "o1"}}]})
    assert rig.frames[0]["args"] == [{"instIdCode": 10001, "clOrdId": "A1"}]


def test_a_waiting_request_is_kept_whole_whatever_the_client_sends_next(new_rig: Any) -> None:
    """Its spans pointed into the client's message: what waits is a copy."""
    rig = new_rig(ready=False)
    rig.send(rig.order("o1", clOrdId="A1", note="x" * 100, gw={"maxWaitMs": 5_000}))
    for number in range(20):
        rig.send(json.dumps(rig.order(f"z{number}", note="z" * 300)).encode())
    rig.api.connection_opened(rig.sink)
    rig.api.set_ready(True)
    rig.api.tick_at(rig.now)
    (frame,) = rig.frames
    assert frame["args"][0]["note"] == "x" * 100
