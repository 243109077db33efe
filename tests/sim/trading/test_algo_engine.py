"""Algo orders: when they fire and the orders that they place (OKX docs, "Place algo order")."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import AccountSpec
from gateway.sim.base.configuration import default_accounts as defaults
from gateway.sim.rest import algo as rest_algo

SWAP = 10_459
UID_1, UID_2 = "1000000000000001", "1000000000000002"
SELL_SWAP = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "sell", "sz": "1"}
STOP = {**SELL_SWAP, "ordType": "conditional", "slTriggerPx": "95000", "slOrdPx": "-1"}
BUY_TRIGGER = {
    "instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "buy", "sz": "1", "ordType": "trigger",
    "triggerPx": "101000", "orderPx": "-1",
}  # fmt: skip


def place(bench: Any, **row: Any) -> dict[str, Any]:
    sent = {name: value for name, value in row.items() if value is not None}
    return bench.rest(rest_algo.place_algo, sent)["data"][0]


def test_a_stop_loss_closes_the_position_with_an_order_of_its_own(bench: Any) -> None:
    pushed = bench.listen(UID_1, "orders-algo", instType="SWAP")
    bench.hold()
    bench.liquidity(("buy", "94000"))
    algo_id = place(bench, **STOP, algoClOrdId="a1", reduceOnly=True)["algoId"]
    bench.touch("95000.1")
    assert [one["state"] for one in pushed] == ["live"]
    bench.touch("95000")
    assert [one["state"] for one in pushed] == ["live", "effective"]
    done, orders = pushed[-1], bench.pushes[UID_1]
    assert [one["state"] for one in orders] == ["live", "filled"]
    assert {(one["algoId"], one["algoClOrdId"], one["source"], one["ordType"]) for one in orders} == {
        (algo_id, "a1", "7", "market")
    }
    assert (done["ordId"], done["ordIdList"]) == (orders[0]["ordId"], [orders[0]["ordId"]])
    assert (done["actualSide"], done["actualSz"], done["actualPx"]) == ("sl", "1", "94000")
    assert done["triggerTime"] and done["failCode"] == ""
    assert not bench.exchange.accounts[UID_1].positions


@pytest.mark.parametrize(("wick", "fires"), [("94999.9", True), ("95000.1", False)])
def test_a_price_that_was_only_touched_counts(bench: Any, wick: str, fires: bool) -> None:
    place(bench, **STOP)
    for px in ("100000", wick, "100000"):  # one step: nobody looks in between
        bench.exchange.background_market.quote("BTC-USDT-SWAP", "sell", Decimal(px), Decimal(1))
        bench.exchange.background_market.trade("BTC-USDT-SWAP", "buy", Decimal(px), Decimal(1))
    bench.exchange.flush()
    assert (not bench.exchange.accounts[UID_1].algos.live) == fires


def test_mark_and_index_prices_fire(bench: Any) -> None:
    index = place(bench, **{**BUY_TRIGGER, "triggerPxType": "index"})["algoId"]
    mark = place(bench, **{**BUY_TRIGGER, "triggerPxType": "mark"})["algoId"]
    bench.touch("102000")
    algos = bench.exchange.accounts[UID_1].algos
    assert index in algos.live
    assert mark not in algos.live  # an empty book: the mark price is the last
    mark = place(bench, **{**BUY_TRIGGER, "triggerPx": "103000", "triggerPxType": "mark"})["algoId"]
    bench.liquidity(("buy", "102500"), ("sell", "104000"))
    bench.exchange.flush()
    assert mark not in algos.live  # the middle is 103250
    bench.exchange.markets["BTC-USDT-SWAP"].reference_px = Decimal(101_000)
    bench.exchange.flush()
    assert index not in algos.live


@pytest.mark.parametrize(("trigger", "fires_at"), [("101000", "101000"), ("99000", "99000")])
def test_a_trigger_order_fires_from_its_own_side(bench: Any, trigger: str, fires_at: str) -> None:
    place(bench, **{**BUY_TRIGGER, "triggerPx": trigger, "orderPx": "98000", "advanceOrdType": ""})
    bench.touch("100000")
    assert bench.exchange.accounts[UID_1].algos.live
    bench.touch(fires_at)
    assert not bench.exchange.accounts[UID_1].algos.live
    (push,) = bench.pushes[UID_1]
    assert (push["state"], push["px"], push["ordType"], push["source"]) == ("live", "98000", "limit", "6")


def test_an_order_that_is_refused_fails_the_algo_order(bench: Any) -> None:
    pushed = bench.listen(UID_1, "orders-algo", instType="ANY")
    place(bench, **{**STOP, "reduceOnly": True})  # no position when it fires
    place(bench, **BUY_TRIGGER)
    bench.exchange.accounts[UID_1].cash["USDT"] = Decimal(100)  # a contract needs 120 and the fee
    bench.touch("101000")
    bench.touch("95000")
    ended = [(one["state"], one["failCode"]) for one in pushed if one["state"] != "live"]
    assert ended == [("order_failed", "51008"), ("order_failed", "51169")]
    assert bench.pushes[UID_1] == []


def test_one_of_two_cancels_the_other(bench: Any) -> None:
    bench.hold()
    bench.liquidity(("buy", "104000"))
    oco = {**STOP, "ordType": "oco", "tpTriggerPx": "105000", "tpOrdPx": "103000"}
    algo_id = place(bench, **oco)["algoId"]
    bench.touch("105000")
    done = bench.rest(rest_algo.algo_order, algoId=algo_id)["data"][0]
    assert (done["state"], done["actualSide"], done["actualPx"]) == ("effective", "tp", "103000")
    bench.touch("95000")
    assert [one["state"] for one in bench.pushes[UID_1]] == ["live", "filled"]


def test_a_trailing_stop_follows_the_price(bench: Any) -> None:
    published = bench.listen(UID_1, "algo-advance", instType="ANY")
    other = bench.listen(UID_1, "orders-algo", instType="ANY")
    bench.hold()
    bench.liquidity(("buy", "99000"))
    trailing = {**SELL_SWAP, "ordType": "move_order_stop", "callbackRatio": "0.05", "activePx": "110000"}
    place(bench, **trailing)
    bench.touch("95000")  # not active yet
    bench.touch("110000")
    bench.touch("115000")
    row = bench.rest(rest_algo.algos_pending, ordType="move_order_stop")["data"][0]
    assert row["moveTriggerPx"] == "109250"  # 115000 less 5 %
    bench.touch("109250.1")
    assert [one["state"] for one in published] == ["live"]
    bench.touch("109250")
    assert [one["state"] for one in published] == ["live", "effective"]
    assert {one["source"] for one in bench.pushes[UID_1]} == {"25"}
    assert not other
    place(bench, **{**trailing, "side": "buy", "callbackRatio": None, "callbackSpread": "100", "activePx": None})
    bench.touch("109000")
    bench.touch("109100")
    assert [one["state"] for one in published][-1] == "effective"


def test_close_fraction_closes_the_position_and_ends_with_it(bench: Any) -> None:
    bench.hold("5")
    whole = {**STOP, "sz": None, "closeFraction": "1", "reduceOnly": True}
    assert place(bench, **{**whole, "side": "buy", "slTriggerPx": "105000"})["sCode"] == "51331"
    place(bench, **whole)
    assert place(bench, **whole)["sCode"] == "51088"
    bench.liquidity(("buy", "94000"))
    bench.place(instIdCode=SWAP, tdMode="cross", side="sell", ordType="market", px=None, sz="2")
    bench.touch("95000")
    assert bench.pushes[UID_1][-1]["accFillSz"] == "3"
    assert not bench.exchange.accounts[UID_1].positions
    bench.hold("1")
    bench.exchange.background_market.quote("BTC-USDT-SWAP", "buy", Decimal(100_000), Decimal(9))
    bench.touch("100000")
    algo_id = place(bench, **whole)["algoId"]
    bench.place(instIdCode=SWAP, tdMode="cross", side="sell", ordType="market", px=None, sz="1")
    assert bench.rest(rest_algo.algo_order, algoId=algo_id)["data"][0]["state"] == "canceled"


def test_a_position_beyond_the_largest_market_order_is_closed_in_parts(new_bench: Any) -> None:
    rich = {"USDT": Decimal(10) ** 12}
    bench = new_bench(accounts=tuple(AccountSpec(one.uid, one.api_keys, balances=rich) for one in defaults()))
    for _ in range(4):
        bench.hold("20000")
    algo_id = place(bench, **{**STOP, "sz": None, "closeFraction": "1", "reduceOnly": True})["algoId"]
    for _ in range(4):
        bench.place(UID_2, instIdCode=SWAP, tdMode="cross", px="94000", sz="20000")
    bench.touch("95000")
    row = bench.rest(rest_algo.algo_order, algoId=algo_id)["data"][0]
    assert (len(row["ordIdList"]), row["actualSz"], row["state"]) == (3, "80000", "effective")
    assert not bench.exchange.accounts[UID_1].positions


def test_a_limit_take_profit_rests_and_is_tied_to_its_stop_loss(bench: Any) -> None:
    bench.hold()
    bench.liquidity(("buy", "94000"))
    oco = {**STOP, "ordType": "oco", "tpOrdPx": "105000", "tpOrdKind": "limit", "reduceOnly": True}
    oco["cxlOnClosePos"] = True
    algo_id = place(bench, **oco)["algoId"]
    (resting,) = bench.pushes[UID_1]
    assert (resting["px"], resting["isTpLimit"], resting["linkedAlgoOrd"]) == ("105000", "true", {"algoId": algo_id})
    row = bench.rest(rest_algo.algo_order, algoId=algo_id)["data"][0]
    assert row["linkedOrd"] == {"ordId": resting["ordId"]}
    cancel = {"instId": "BTC-USDT-SWAP", "algoId": algo_id}
    bench.rest(rest_algo.cancel_algos, [cancel])
    assert [one["cancelSource"] for one in bench.pushes[UID_1]] == ["", "37"]
    bench.pushes[UID_1].clear()
    place(bench, **oco)
    bench.touch("95000")
    assert [(one["state"], one["cancelSource"]) for one in bench.pushes[UID_1]] == [
        ("live", ""), ("canceled", "36"), ("live", ""), ("filled", ""),
    ]  # fmt: skip
    bench.exchange.background_market.withdraw("BTC-USDT-SWAP")
    bench.hold()
    algo_id = place(bench, **{**oco, "slTriggerPx": "90000"})["algoId"]
    bench.place(UID_2, instIdCode=SWAP, tdMode="cross", px="105000", sz="1")
    assert bench.rest(rest_algo.algo_order, algoId=algo_id)["data"][0]["state"] == "canceled"


# --- amend, cancel, query ------------------------------------------------------------------------------------------


def amend(bench: Any, **row: Any) -> dict[str, Any]:
    return bench.rest(rest_algo.amend_algo, {"instId": "BTC-USDT-SWAP", "algoClOrdId": "a1", **row})["data"][0]


def test_amending(bench: Any) -> None:
    pushed = bench.listen(UID_1, "orders-algo", instType="ANY")
    algo_id = place(bench, **STOP, algoClOrdId="a1")["algoId"]
    row = amend(bench, newSlTriggerPx="94000", newSlOrdPx="93000", newSz="2", reqId="r1")
    assert row == {"algoClOrdId": "a1", "algoId": algo_id, "reqId": "r1", "sCode": "0", "sMsg": ""}
    published = pushed[-1]
    assert (published["state"], published["reqId"], published["amendResult"]) == ("live", "r1", "0")
    assert (published["slTriggerPx"], published["slOrdPx"], published["sz"]) == ("94000", "93000", "2")
    bench.touch("94500")
    assert algo_id in bench.exchange.accounts[UID_1].algos.live
    bench.touch("94000")
    assert bench.pushes[UID_1][-1]["px"] == "93000"


def test_other_amends(bench: Any) -> None:
    bench.hold()
    place(bench, **STOP, algoClOrdId="a1")
    assert amend(bench, newSlTriggerPx="101000", cxlOnFail=True)["sCode"] == "51280"
    assert bench.rest(rest_algo.algo_order, algoClOrdId="a1")["data"][0]["state"] == "canceled"
    place(bench, **{**STOP, "sz": None}, closeFraction="1", reduceOnly=True, algoClOrdId="a1")
    assert amend(bench, newSz="1")["sCode"] == "51524"
    assert amend(bench, newSlOrdPx="94000")["sCode"] == "51523"
    place(bench, **SELL_SWAP, ordType="move_order_stop", callbackSpread="100", algoClOrdId="a2")
    assert amend(bench, algoClOrdId="a2", newSz="2")["sCode"] == "51506"
    place(bench, **BUY_TRIGGER, algoClOrdId="a3")
    assert amend(bench, algoClOrdId="a3", newTriggerPx="99000", newOrdPx="98000")["sCode"] == "0"
    bench.touch("99000")
    assert bench.pushes[UID_1][-1]["px"] == "98000"
    oco = {**STOP, "ordType": "oco", "tpTriggerPx": "105000", "tpOrdPx": "-1", "algoClOrdId": "a5"}
    place(bench, **oco)
    assert amend(bench, algoClOrdId="a5", newTpTriggerPx="0")["sCode"] == "0"
    row = bench.rest(rest_algo.algo_order, algoClOrdId="a5")["data"][0]
    assert (row["tpTriggerPx"], row["slTriggerPx"], row["ordType"]) == ("", "95000", "conditional")


def test_cancelling(bench: Any) -> None:
    pushed = bench.listen(UID_1, "orders-algo", instType="ANY")
    first = place(bench, **STOP)["algoId"]
    place(bench, **STOP, algoClOrdId="a2")
    inst = {"instId": "BTC-USDT-SWAP"}
    answer = bench.rest(
        rest_algo.cancel_algos,
        [{**inst, "algoId": first}, {**inst, "algoClOrdId": "a2"}, {**inst, "algoId": "1"}],
    )
    assert (answer["code"], [row["sCode"] for row in answer["data"]]) == ("2", ["0", "0", "51400"])
    assert [one["state"] for one in pushed] == ["live", "live", "canceled", "canceled"]
    assert bench.rest(rest_algo.cancel_algos, [inst] * 11)["code"] == "51406"
    assert bench.rest(rest_algo.cancel_algos, inst)["code"] == "50002"
