"""Algo orders that are refused, and their parameters (OKX docs, "Place algo order", "Amend algo order")."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sim.rest import algo as rest_algo

UID_1, UID_2 = "1000000000000001", "1000000000000002"
SELL_SWAP = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "sell", "sz": "1"}
STOP = {**SELL_SWAP, "ordType": "conditional", "slTriggerPx": "95000", "slOrdPx": "-1"}


def place(bench: Any, **row: Any) -> dict[str, Any]:
    sent = {name: value for name, value in row.items() if value is not None}
    return bench.rest(rest_algo.place_algo, sent)["data"][0]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"instId": None}, "50014"),
        ({"instId": "NO-SUCH"}, "51001"),
        ({"ordType": None}, "50014"),
        ({"ordType": "twap"}, "51000"),
        ({"side": "hold"}, "51000"),
        ({"tdMode": "cash"}, "51010"),
        ({"posSide": "long"}, "51000"),
        ({"sz": None}, "50015"),
        ({"sz": "0.001"}, "51121"),
        ({"sz": "0"}, "51000"),
        ({"sz": "30000.01"}, "51275"),
        ({"sz": "100000001", "slOrdPx": "94000"}, "51101"),
        ({"algoClOrdId": "a-b"}, "51000"),
        ({"tag": "a" * 17}, "51000"),
        ({"slOrdPx": None}, "50014"),
        ({"slTriggerPx": None, "slOrdPx": None}, "50015"),
        ({"slTriggerPx": "95000.05"}, "51150"),
        ({"slTriggerPx": "x"}, "51000"),
        ({"slTriggerPxType": "best"}, "51000"),
        # a sell's stop-loss lies below the price, its take-profit above; a buy's the other way round
        ({"slTriggerPx": "100000"}, "51280"),
        ({"slTriggerPx": "100000", "slTriggerPxType": "mark"}, "51304"),
        ({"slTriggerPx": "100000", "slTriggerPxType": "index"}, "51308"),
        ({"side": "buy"}, "51278"),
        ({"side": "buy", "slTriggerPxType": "mark"}, "51302"),
        ({"side": "buy", "slTriggerPxType": "index"}, "51306"),
        ({"slTriggerPx": None, "slOrdPx": None, "tpTriggerPx": "100000", "tpOrdPx": "-1"}, "51279"),
        ({"ordType": "oco"}, "50014"),
        ({"ordType": "oco", "tpTriggerPx": "99000", "tpOrdPx": "-1", "tpTriggerPxType": "mark"}, "51303"),
        ({"ordType": "oco", "tpOrdPx": "110000", "tpOrdKind": "limit"}, "51096"),
        ({"slTriggerPx": None, "slOrdPx": None, "tpOrdPx": "110000", "tpOrdKind": "limit"}, "51095"),
        ({"cxlOnClosePos": True}, "51000"),
        ({"cxlOnClosePos": True, "reduceOnly": True}, "51058"),
        ({"sz": None, "closeFraction": "0.5"}, "51000"),
        ({"sz": None, "closeFraction": "1"}, "51328"),
        ({"sz": None, "closeFraction": "1", "reduceOnly": True, "slOrdPx": "94000"}, "51330"),
        ({"sz": None, "closeFraction": "1", "reduceOnly": True}, "51058"),
        ({"instId": "BTC-USDT", "tdMode": "cash", "sz": None, "closeFraction": "1"}, "51327"),
        ({"instId": "BTC-USDT", "tdMode": "cash", "slTriggerPxType": "mark"}, "51415"),
        ({"ordType": "trigger"}, "50014"),
        ({"ordType": "trigger", "triggerPx": "101000"}, "50014"),
        ({"ordType": "trigger", "triggerPx": "1", "orderPx": "-1", "advanceOrdType": "fok"}, "51000"),
        ({"ordType": "trigger", "triggerPx": "1", "orderPx": "-1", "tgtCcy": "base_ccy"}, "51281"),
        ({"ordType": "move_order_stop"}, "50015"),
        ({"ordType": "move_order_stop", "callbackRatio": "1.1"}, "51257"),
        ({"ordType": "move_order_stop", "callbackRatio": "0.1", "callbackSpread": "10"}, "50024"),
        ({"ordType": "move_order_stop", "callbackRatio": "0.1", "activePx": "99000"}, "51258"),
        ({"ordType": "move_order_stop", "callbackRatio": "0.1", "activePx": "101000", "side": "buy"}, "51259"),
    ],
)  # fmt: skip
def test_refusals(bench: Any, change: dict[str, Any], code: str) -> None:
    pushed = bench.listen(UID_1, "orders-algo", instType="ANY")
    row = place(bench, **{**STOP, **change})
    assert (row["sCode"], row["algoId"]) == (code, ""), row
    assert row["sMsg"]
    assert not pushed and not bench.exchange.accounts[UID_1].algos.live


def test_the_members_of_the_answer(bench: Any) -> None:
    answer = bench.rest(rest_algo.place_algo, {**STOP, "algoClOrdId": "a1", "tag": "t1"})
    row = answer["data"][0]
    assert (answer["code"], answer["msg"]) == ("0", "")
    assert set(row) == {"algoId", "algoClOrdId", "clOrdId", "sCode", "sMsg", "tag"}
    assert (row["algoClOrdId"], row["clOrdId"], row["sCode"], row["tag"]) == ("a1", "", "0", "t1")
    failed = bench.rest(rest_algo.place_algo, {**STOP, "algoClOrdId": "a1"})
    assert (failed["code"], failed["msg"], failed["data"][0]["sCode"]) == ("1", "All operations failed", "51065")


def test_of_both_prices_a_conditional_order_keeps_the_stop_loss(bench: Any) -> None:
    algo_id = place(bench, **STOP, tpTriggerPx="105000", tpOrdPx="-1")["algoId"]
    row = bench.rest(rest_algo.algo_order, algoId=algo_id)["data"][0]
    assert (row["slTriggerPx"], row["tpTriggerPx"]) == ("95000", "")


def test_spot_sizes_may_count_in_quote_currency(bench: Any) -> None:
    bench.place(UID_2, side="sell", px="101000", sz="1")
    row = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "sz": "1010", "ordType": "conditional"}
    place(bench, **row, slTriggerPx="100500", slOrdPx="-1")
    bench.touch("100500", "BTC-USDT")
    assert bench.pushes[UID_1][-1]["state"] == "filled"
    assert bench.pushes[UID_1][-1]["accFillSz"] == "0.01"  # 1010 USDT at 101000


# --- amend, cancel, query ------------------------------------------------------------------------------------------


def amend(bench: Any, **row: Any) -> dict[str, Any]:
    return bench.rest(rest_algo.amend_algo, {"instId": "BTC-USDT-SWAP", "algoClOrdId": "a1", **row})["data"][0]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "51500"),
        ({"algoClOrdId": "other", "newSz": "2"}, "51527"),
        ({"algoClOrdId": "", "newSz": "2"}, "50015"),
        ({"instId": "ETH-USDT-SWAP", "newSz": "2"}, "51527"),
        ({"newSz": "0"}, "51000"),
        ({"newSz": "0.001"}, "51121"),
        ({"newSlTriggerPx": "101000"}, "51280"),
        ({"newSlTriggerPx": "0"}, "51531"),
        ({"newTpTriggerPx": "105000", "newTpOrdPx": "-1"}, "51526"),
        ({"newSz": "2", "reqId": "a-b"}, "51000"),
    ],
)
def test_amends_that_are_refused(bench: Any, change: dict[str, Any], code: str) -> None:
    algo_id = place(bench, **STOP, algoClOrdId="a1")["algoId"]
    assert amend(bench, **change)["sCode"] == code
    algo = bench.exchange.accounts[UID_1].algos.live[algo_id]
    assert (algo.sz, algo.legs[0].trigger_px) == (1, 95000)


def test_a_hundred_stops_per_instrument(bench: Any) -> None:
    for _ in range(100):
        assert place(bench, **STOP)["sCode"] == "0"
    assert place(bench, **STOP)["sCode"] == "51261"
    assert place(bench, **{**STOP, "instId": "ETH-USDT-SWAP", "slTriggerPx": "3000"})["sCode"] == "0"
