"""Which order a push is about: by `ordId`, else by `clOrdId`; and which orders keep their place."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

FINAL = {"filled", "canceled", "mmp_canceled", "rejected"}


def test_ord_id_wins_over_cl_ord_id(rig: Any) -> None:
    rig.place("A1", "801", request_id="o1")
    rig.place("B2", "802", request_id="o2")
    rig.push(ordId="801", clOrdId="B2", state="canceled", cancelSource="1")
    assert [body["id"] for body in rig.on("alpha.order")] == ["o1"]


def test_a_cl_ord_id_of_an_order_with_another_ord_id_is_another_order(rig: Any) -> None:
    """OKX frees a clOrdId when its order has ended: someone may have used it again elsewhere."""
    rig.place("A1", "801", request_id="o1")
    rig.push(ordId="801", clOrdId="A1", state="filled", accFillSz="0.01")
    rig.push(ordId="999", clOrdId="A1", state="live")
    rig.push(ordId="999", clOrdId="A1", state="canceled", cancelSource="1")
    rig.push(ordId="801", clOrdId="A1", state="canceled", cancelSource="1")
    assert [(topic, body["id"], body["ordId"]) for topic, body in rig.events] == [
        ("alpha.order", "o1", "801"),
        ("account.order", "", "999"),
        ("account.order", "", "999"),
    ]


def test_an_order_is_found_by_either_of_its_names(rig: Any) -> None:
    rig.place("A1", "801", request_id="o1")
    by_ord_id, by_cl_ord_id = rig.api.find_order(ord_id="801"), rig.api.find_order(cl_ord_id="A1")
    assert by_ord_id == by_cl_ord_id == rig.api.find_placed(rig.alpha, "o1", 0)
    assert rig.api.find_order(ord_id="802", cl_ord_id="A1") is None
    assert rig.api.find_order(ord_id="802") is None
    assert rig.api.find_order() is None


def test_ended_orders_make_room_oldest_first_and_open_ones_never_do(new_rig: Any) -> None:
    rig = new_rig(order_capacity=4)
    rig.push(ordId="1")
    for number in range(2, 5):
        rig.push(ordId=str(number), state="canceled", cancelSource="1")
    for number in range(5, 8):
        rig.push(ordId=str(number))
        kept = [str(order) for order in range(1, number + 1) if rig.api.find_order(ord_id=str(order))]
        assert kept == ["1", *map(str, range(number - 2, 5)), *map(str, range(5, number + 1))]
    rig.push(ordId="8")
    assert rig.api.find_order(ord_id="8") is None


def test_a_fill_of_an_order_that_has_ended_is_still_told_while_it_is_known(rig: Any, wire: Any) -> None:
    rig.place("A1", "801")
    rig.push(ordId="801", clOrdId="A1", state="canceled", cancelSource="1")
    fill = {
        "instId": "BTC-USDT",
        "ordId": "801",
        "clOrdId": "A1",
        "tradeId": "5",
        "fillSz": "0.001",
        "fee": "-1",
        "feeCcy": "BTC",
    }
    rig.api.reconcile_fills(json.dumps([fill]).encode())
    rig.push(ordId="801", clOrdId="A1", **wire.filled("5", "0.001", "0.001"))
    (told,) = rig.on("alpha.fill")
    assert (told["source"], told["fillFee"], told["fillFeeCcy"]) == ("reconcile", "-1", "BTC")


@pytest.mark.parametrize(("repeats", "told"), [(1, 1), (300, 1)])
def test_fills_are_remembered_far_beyond_their_orders(new_rig: Any, wire: Any, repeats: int, told: int) -> None:
    rig = new_rig(order_capacity=64)
    rig.push(ordId="1", **wire.filled("first", "1", "1"))
    for number in range(repeats):
        rig.push(ordId="2", **wire.filled(str(number), "1", str(number + 1)))
    rig.push(ordId="1", **wire.filled("first", "1", "1"))
    assert len([body for body in rig.on("account.fill") if body["tradeId"] == "first"]) == told


@pytest.mark.parametrize("rows", [b"", b"{}", b"[", b"null", b'{"data":[]}'])
def test_rest_rows_that_are_no_array_are_refused(rig: Any, rows: bytes) -> None:
    for feed in (rig.api.reconcile_orders, rig.api.reconcile_fills):
        with pytest.raises(ValueError, match="array"):
            feed(rows)


def test_a_rest_row_read_before_the_streams_news_changes_nothing(rig: Any, wire: Any) -> None:
    rig.place("A1", "801")
    rig.push(ordId="801", clOrdId="A1", px="20005", reqId="r1", amendResult="0", uTime="1700000000900")
    old = wire.rest_row("A1", "801")
    rig.api.reconcile_orders(json.dumps([old | {"uTime": "1700000000120"}]).encode())
    assert rig.api.find_order(ord_id="801")["px"] == "20005"
    rig.api.reconcile_orders(json.dumps([old | {"uTime": "1700000000950", "px": "20007"}]).encode())
    assert rig.api.find_order(ord_id="801")["px"] == "20007"


@pytest.mark.parametrize("seed", range(5))
def test_against_a_dict_over_many_rounds(new_rig: Any, seed: int) -> None:
    """Orders of others come, change and end in a small table: one that is open is always known, with its last state."""
    rng = random.Random(seed)
    rig = new_rig(order_capacity=24)
    model: dict[str, str] = {}
    for _ in range(600):
        open_ones = [ord_id for ord_id, state in model.items() if state not in FINAL]
        if open_ones and (len(open_ones) == 20 or rng.random() < 0.6):
            ord_id = rng.choice(open_ones)
            state = rng.choice(["partially_filled", "filled", "canceled", "mmp_canceled"])
        else:
            ord_id, state = str(1_000 + len(model)), rng.choice(["live", "live", "canceled"])
        model[ord_id] = state
        rig.push(
            ordId=ord_id,
            clOrdId=f"c{ord_id}" if int(ord_id) % 2 else "",
            state=state,
            accFillSz="1" if "filled" in state else "0",
        )
        expected = {ord_id: state for ord_id, state in model.items() if state not in FINAL}
        assert {order["ordId"]: order["state"] for order in rig.api.open_orders()} == expected
    for ord_id, state in model.items():
        found = rig.api.find_order(ord_id=ord_id)
        assert found is None if state in FINAL and found is None else found["state"] == state
        if int(ord_id) % 2 and found is not None:
            assert rig.api.find_order(cl_ord_id=f"c{ord_id}")["ordId"] == ord_id
    ends = [body["ordId"] for body in rig.on("account.order") if body["terminal"]]
    assert sorted(ends) == sorted(ord_id for ord_id, state in model.items() if state in FINAL)
