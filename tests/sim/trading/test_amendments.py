"""Amends: the order afterwards, its place in the queue, refusals (OKX docs, "Amend order")."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import Switches

SPOT, SWAP = 10_001, 10_459
UID_1, UID_2 = "1000000000000001", "1000000000000002"


def amend(bench: Any, **row: Any) -> dict[str, Any]:
    answer: dict[str, Any] = bench.run("amend-order", {"instIdCode": SPOT, "clOrdId": "a1", **row}).rows[0]
    return answer


def test_price_and_size_change_and_the_push_says_so(bench: Any) -> None:
    placed = bench.place(clOrdId="a1")
    row = amend(bench, newPx="98000", newSz="1", reqId="r1")
    assert list(row) == ["ordId", "clOrdId", "sCode", "sMsg", "reqId", "ts", "subCode"]
    assert (row["ordId"], row["sCode"], row["sMsg"], row["reqId"]) == (placed["ordId"], "0", "", "r1")
    push = bench.pushes[UID_1][-1]
    assert (push["state"], push["px"], push["sz"]) == ("live", "98000", "1")
    assert (push["amendSource"], push["amendResult"], push["reqId"], push["code"]) == ("1", "0", "r1", "0")
    assert bench.exchange.accounts[UID_1].frozen["USDT"] == 98_000


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "51500"),
        ({"newPx": "99000.05"}, "51150"),
        ({"newPx": "x"}, "51000"),
        ({"newPx": "1" * 33}, "51514"),
        ({"newPx": "130000"}, "51006"),
        ({"newSz": "0"}, "51000"),
        ({"newSz": "0.000000001"}, "51121"),
        ({"newSz": "0.000001"}, "51020"),
        ({"newSz": "150"}, "51502"),
        ({"newSz": "1", "reqId": "r-1"}, "51000"),
        ({"newSz": 1}, "51000"),
        ({"newSz": "1", "clOrdId": "other"}, "51503"),
        ({"newSz": "1", "clOrdId": ""}, "51003"),
        ({"newSz": "1", "instIdCode": 10_002}, "51503"),
    ],
)
def test_refusals_leave_the_order_as_it_was(bench: Any, change: dict[str, Any], code: str) -> None:
    bench.place(clOrdId="a1")
    before = bench.available("USDT")
    row = amend(bench, **change)
    assert row["sCode"] == code, row
    assert row["subCode"] == ("1030" if code == "51502" else "")
    assert bench.states() == ["live"]
    (order,) = bench.exchange.accounts[UID_1].live.values()
    assert (str(order.px), str(order.sz), order.resting) == ("99000", "0.5", True)
    assert bench.available("USDT") == before
    assert bench.exchange.markets["BTC-USDT"].book.bids.depth(9) == [(order.px, order.sz, 1)]


def test_refused_with_cancel_on_fail(bench: Any) -> None:
    bench.place(clOrdId="a1")
    assert amend(bench, newSz="150", cxlOnFail=True, reqId="r1")["sCode"] == "51502"
    push = bench.pushes[UID_1][-1]
    assert (push["state"], push["amendResult"]) == ("canceled", "")
    assert amend(bench, newSz="1")["sCode"] == "51503"


@pytest.mark.parametrize(("cxl", "state", "result"), [(False, "live", "-1"), (True, "canceled", "1")])
def test_a_post_only_order_amended_into_the_other_side(bench: Any, cxl: bool, state: str, result: str) -> None:
    bench.place(UID_2, side="sell", px="100000", sz="1")
    bench.place(clOrdId="a1", ordType="post_only")
    assert amend(bench, newPx="100000", cxlOnFail=cxl, reqId="r1")["sCode"] == "0"
    push = bench.pushes[UID_1][-1]
    assert (push["state"], push["amendResult"], push["code"], push["reqId"]) == (state, result, "51511", "r1")
    assert push["px"] == "99000"


def test_a_limit_order_amended_into_the_other_side_trades(bench: Any) -> None:
    bench.place(UID_2, side="sell", px="100000", sz="0.2")
    bench.place(clOrdId="a1")
    assert amend(bench, newPx="100000")["sCode"] == "0"
    assert [(one["state"], one["amendResult"]) for one in bench.pushes[UID_1]] == [
        ("live", ""),
        ("live", "0"),
        ("partially_filled", ""),
    ]


def test_a_size_not_above_the_filled_size_completes_the_order(new_bench: Any) -> None:
    for new_sz in ("0.2", "0.1"):
        bench = new_bench()
        bench.place(clOrdId="a1")
        bench.place(UID_2, side="sell", px="99000", sz="0.2")
        assert amend(bench, newSz=new_sz, reqId="r1")["sCode"] == "0"
        push = bench.pushes[UID_1][-1]
        assert (push["state"], push["accFillSz"], push["amendResult"]) == ("filled", "0.2", "0")
        assert bench.exchange.accounts[UID_1].frozen["USDT"] == 0
        assert not bench.exchange.markets["BTC-USDT"].book.bids.prices
    bench = new_bench(switches=Switches(amend_below_filled="refuse"))
    bench.place(clOrdId="a1")
    bench.place(UID_2, side="sell", px="99000", sz="0.2")
    assert amend(bench, newSz="0.1")["sCode"] == "51000"


@pytest.mark.parametrize(
    ("change", "first"), [({"newSz": "0.4"}, "a1"), ({"newSz": "0.6"}, "b1"), ({"newPx": "99000.0"}, "a1")]
)
def test_the_place_in_the_queue(bench: Any, change: dict[str, Any], first: str) -> None:
    bench.place(clOrdId="a1")
    bench.place(clOrdId="b1")
    assert amend(bench, **change)["sCode"] == "0"
    best = bench.exchange.markets["BTC-USDT"].book.bids.first()
    assert best is not None and best.cl_ord_id == first


def test_the_same_order_twice_in_a_batch(bench: Any) -> None:
    placed = bench.place(clOrdId="a1")
    by_id, by_name = {"instIdCode": SPOT, "ordId": placed["ordId"]}, {"instIdCode": SPOT, "clOrdId": "a1"}
    result = bench.run("batch-amend-orders", {**by_id, "newSz": "1"}, {**by_name, "newSz": "2"})
    assert (result.code, [row["sCode"] for row in result.rows]) == ("2", ["0", "51512"])


def test_a_smaller_size_is_never_refused_for_money(bench: Any) -> None:
    swap = {"instIdCode": SWAP, "tdMode": "cross", "px": "100000"}
    bench.place(**swap, sz="100", clOrdId="a1")
    bench.exchange.accounts[UID_1].cash["USDT"] = bench.exchange.accounts[UID_1].frozen["USDT"] - 5_000
    assert bench.available("USDT") == 0
    assert bench.run("amend-order", {"instIdCode": SWAP, "clOrdId": "a1", "newSz": "90"}).code == "0"


# --- amends under way ----------------------------------------------------------------------------------------------


def test_a_fourth_amend_under_way_is_refused(new_bench: Any) -> None:
    bench = new_bench(switches=Switches(amend_delay_ms=500))
    bench.place(clOrdId="a1")
    amends = [
        bench.run("amend-order", {"instIdCode": SPOT, "clOrdId": "a1", "newSz": f"0.{n}", "reqId": f"r{n}"}).rows[0]
        for n in range(1, 5)
    ]
    assert [one["sCode"] for one in amends] == ["0", "0", "0", "51513"]
    assert bench.states() == ["live"]
    assert [seconds for seconds, _ in bench.timers[-3:]] == [0.5] * 3
    for _, late in bench.timers[-3:]:
        late()
    assert [(one["reqId"], one["sz"], one["amendResult"]) for one in bench.pushes[UID_1][1:]] == [
        ("r1", "0.1", "0"), ("r2", "0.2", "0"), ("r3", "0.3", "0"),
    ]  # fmt: skip
    assert bench.run("amend-order", {"instIdCode": SPOT, "clOrdId": "a1", "newSz": "0.4"}).rows[0]["sCode"] == "0"


@pytest.mark.parametrize(("cxl", "state", "result"), [(False, "live", "-1"), (True, "canceled", "1")])
def test_an_acked_amend_can_still_fail(new_bench: Any, cxl: bool, state: str, result: str) -> None:
    bench = new_bench(switches=Switches(amend_delay_ms=500))
    bench.place(clOrdId="a1")
    row = {"instIdCode": SPOT, "clOrdId": "a1", "newSz": "50", "cxlOnFail": cxl, "reqId": "r1"}
    assert bench.run("amend-order", row).rows[0]["sCode"] == "0"
    bench.exchange.accounts[UID_1].cash["USDT"] = Decimal(50_000)
    bench.timers[-1][1]()
    push = bench.pushes[UID_1][-1]
    assert (push["state"], push["amendResult"], push["code"], push["reqId"]) == (state, result, "51502", "r1")


def test_an_amend_of_an_order_that_ended_meanwhile_says_nothing(new_bench: Any) -> None:
    bench = new_bench(switches=Switches(amend_delay_ms=500))
    bench.place(clOrdId="a1")
    bench.run("amend-order", {"instIdCode": SPOT, "clOrdId": "a1", "newSz": "1"})
    bench.run("cancel-order", {"instIdCode": SPOT, "clOrdId": "a1"})
    bench.timers[-1][1]()
    assert bench.states() == ["live", "canceled"]


@pytest.mark.parametrize(
    ("change", "code"), [({"newPxUsd": "1"}, "51537"), ({"newPxVol": "1"}, "51537"), ({}, "51500")]
)
def test_amends_that_are_refused(bench: Any, change: dict[str, str], code: str) -> None:
    bench.place(clOrdId="a1")
    assert bench.run("amend-order", {"instIdCode": SPOT, "clOrdId": "a1", **change}).rows[0]["sCode"] == code


def test_amending_a_closing_order_without_its_position(bench: Any) -> None:
    bench.hold("2")
    swap = {"instIdCode": SWAP, "tdMode": "cross", "side": "sell", "px": "110000", "sz": "1"}
    bench.place(**swap, reduceOnly=True, clOrdId="r1")
    amend = {"instIdCode": SWAP, "clOrdId": "r1"}
    assert bench.run("amend-order", {**amend, "newSz": "3"}).rows[0]["sCode"] == "51112"
    assert bench.run("amend-order", {**amend, "newSz": "2"}).rows[0]["sCode"] == "0"


@pytest.mark.parametrize("name", ["ordId", "clOrdId"])
@pytest.mark.parametrize("other", [10_002, SWAP])
@pytest.mark.parametrize(
    ("op", "change", "code"), [("amend-order", {"newPx": "98000"}, "51503"), ("cancel-order", {}, "51400")]
)
def test_an_order_is_not_found_under_another_instrument(
    bench: Any, name: str, other: int, op: str, change: dict[str, str], code: str
) -> None:
    """By WebSocket and by REST; the order stays as it is."""
    named = {name: bench.place(clOrdId="a1")[name]}
    inst_id = bench.exchange.instruments.by_inst_id_code[other].inst_id
    answers = [
        bench.run(op, {"instIdCode": other, **named, **change}),
        bench.run(op, {"instId": inst_id, **named, **change}, ws=False),
    ]
    assert [(one.code, one.rows[0]["sCode"]) for one in answers] == [("1", code)] * 2
    assert [(one["state"], one["px"]) for one in bench.pushes[UID_1]] == [("live", "99000")]
