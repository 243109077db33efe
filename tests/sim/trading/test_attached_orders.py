"""TP/SL attached to orders become algo orders that close the position (OKX docs, "Place order", attachAlgoOrds)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import AccountSpec, Switches
from gateway.sim.base.configuration import default_accounts as defaults

SWAP, SPOT = 10_459, 10_001
UID_1, UID_2 = "1000000000000001", "1000000000000002"
ENTRY = {"instIdCode": SWAP, "tdMode": "cross", "px": "100000", "sz": "1"}
TP = {"tpTriggerPx": "105000", "tpOrdPx": "-1"}
SL = {"slTriggerPx": "95000", "slOrdPx": "-1"}


def filled(bench: Any, *attached: dict[str, Any], **change: Any) -> dict[str, Any]:
    """An entry with attached TP/SL, filled against the second account, and bids for the closing order."""
    row = {**ENTRY, **change}
    answer = bench.place(**row, attachAlgoOrds=list(attached))
    assert answer["sCode"] == "0", answer
    bench.place(UID_2, **{**row, "side": "sell" if row.get("side", "buy") == "buy" else "buy"})
    return dict(answer)


def bids(bench: Any, px: str = "90000") -> None:
    bench.place(UID_2, instIdCode=SWAP, tdMode="cross", px=px, sz="1000")


def position(bench: Any) -> Decimal:
    held = bench.exchange.accounts[UID_1].positions.get(("BTC-USDT-SWAP", "cross", "net"))
    return Decimal(0) if held is None else held.pos


@pytest.mark.parametrize(("px", "kind", "left"), [("105000", "tp", "106000"), ("95000", "sl", "94000")])
def test_both_become_one_algo_order_that_closes_the_position(bench: Any, px: str, kind: str, left: str) -> None:
    pushed = bench.listen(UID_1, "orders-algo", instType="ANY")
    entry = filled(bench, {**TP, **SL, "attachAlgoClOrdId": "p1"}, clOrdId="e1")
    (algo,) = pushed
    assert (algo["ordType"], algo["side"], algo["sz"], algo["algoClOrdId"]) == ("oco", "sell", "1", "p1")
    assert (algo["state"], algo["reduceOnly"], algo["tdMode"]) == ("live", "true", "cross")
    attached_id = bench.pushes[UID_1][0]["attachAlgoOrds"][0]["attachAlgoId"]
    assert algo["algoId"] not in ("", attached_id, entry["ordId"])
    bids(bench)
    bench.touch(px)
    assert (pushed[-1]["state"], pushed[-1]["actualSide"]) == ("effective", kind)
    assert position(bench) == 0
    closing = bench.pushes[UID_1][-1]
    assert (closing["state"], closing["side"], closing["algoId"], closing["source"]) == (
        "filled", "sell", algo["algoId"], "7",
    )  # fmt: skip
    count = len(bench.pushes[UID_1])
    bench.touch(left)
    assert len(bench.pushes[UID_1]) == count


def test_nothing_happens_before_the_fill_or_without_one(bench: Any) -> None:
    pushed = bench.listen(UID_1, "orders-algo", instType="ANY")
    bench.place(**ENTRY, clOrdId="e1", attachAlgoOrds=[TP])
    bench.touch("105000")
    bench.run("cancel-order", {"instIdCode": SWAP, "clOrdId": "e1"})
    assert pushed == []
    assert not bench.exchange.accounts[UID_1].algos.by_id


def test_the_size_filled_before_a_cancel_is_protected(bench: Any) -> None:
    pushed = bench.listen(UID_1, "orders-algo", instType="ANY")
    bench.place(**ENTRY, clOrdId="e1", attachAlgoOrds=[SL])
    bench.place(UID_2, **{**ENTRY, "sz": "0.4"}, side="sell")
    assert pushed == []
    bench.run("cancel-order", {"instIdCode": SWAP, "clOrdId": "e1"})
    assert [(one["state"], one["sz"]) for one in pushed] == [("live", "0.4")]


def test_one_that_was_reached_while_the_order_waited_fires_at_once(bench: Any) -> None:
    bids(bench, "94000")
    bench.place(**ENTRY, ordType="limit", attachAlgoOrds=[SL])
    bench.place(UID_2, **{**ENTRY, "px": "93000"}, side="sell")  # takes the entry at 100000
    bench.exchange.background_market.trade("BTC-USDT-SWAP", "sell", Decimal(94_000), Decimal(1))
    bench.exchange.flush()
    assert position(bench) == 0


def test_separate_items_go_with_the_position(bench: Any) -> None:
    pushed = bench.listen(UID_1, "orders-algo", instType="ANY")
    filled(bench, SL, TP)
    assert [one["ordType"] for one in pushed] == ["conditional", "conditional"]
    bids(bench)
    bench.touch("105000")
    assert [one["state"] for one in pushed[2:]] == ["effective", "canceled"]
    assert position(bench) == 0


def test_split_take_profits_and_a_stop_loss_that_moves_to_cost(bench: Any) -> None:
    pushed = bench.listen(UID_1, "orders-algo", instType="ANY")
    filled(
        bench,
        {**TP, "sz": "0.4"},
        {**TP, "sz": "0.6", "tpTriggerPx": "106000"},
        {**SL, "amendPxOnTriggerType": "1"},
    )
    assert [one["sz"] for one in pushed] == ["0.4", "0.6", "1"]
    bench.place(UID_2, **{**ENTRY, "px": "104000", "sz": "0.4"})
    bench.touch("105000")
    assert position(bench) == Decimal("0.6")
    assert pushed[-1]["slTriggerPx"] == "100000"
    bids(bench)
    bench.touch("100000")
    assert position(bench) == 0
    assert [one["state"] for one in pushed[5:]] == ["effective", "canceled"]


def test_ratios_count_from_the_entry(bench: Any) -> None:
    pushed = bench.listen(UID_1, "orders-algo", instType="ANY")
    filled(bench, {"tpTriggerRatio": "0.05", "tpOrdPx": "-1", "slTriggerRatio": "0.1", "slOrdPx": "-1"})
    assert (pushed[-1]["tpTriggerPx"], pushed[-1]["slTriggerPx"]) == ("105000", "90000")
    short = {"tpTriggerRatio": "-0.05", "tpOrdPx": "-1", "slTriggerRatio": "0.1", "slOrdPx": "-1"}
    filled(bench, short, side="sell", sz="2")
    (algo,) = [one for one in pushed if one["side"] == "buy"]
    assert (algo["tpTriggerPx"], algo["slTriggerPx"]) == ("95000", "110000")


def test_an_attached_trailing_stop(bench: Any) -> None:
    published = bench.listen(UID_1, "algo-advance", instType="ANY")
    filled(bench, {"callbackSpread": "1000"})
    bids(bench)
    bench.touch("103000")
    assert position(bench) == 1
    bench.touch("102000")
    assert position(bench) == 0
    assert [one["state"] for one in published] == ["live", "effective"]


def test_a_limit_take_profit_beside_its_stop_loss(bench: Any) -> None:
    filled(bench, {"tpOrdKind": "limit", "tpOrdPx": "105000", **SL})
    resting = bench.pushes[UID_1][-1]
    assert (resting["px"], resting["state"], resting["isTpLimit"]) == ("105000", "live", "true")
    bench.place(UID_2, **{**ENTRY, "px": "105000"})
    assert position(bench) == 0
    assert not bench.exchange.accounts[UID_1].algos.live


def test_spot_sells_the_size_less_the_fee(bench: Any) -> None:
    pushed = bench.listen(UID_1, "orders-algo", instType="ANY")
    spot = {"instIdCode": SPOT, "tdMode": "cash", "px": "100000", "sz": "1"}
    bench.exchange.accounts[UID_1].cash["BTC"] = Decimal(0)
    bench.place(UID_2, **spot, side="sell")
    bench.place(**spot, attachAlgoOrds=[SL])
    bench.place(UID_2, **{**spot, "px": "94000"})
    assert pushed[-1]["sz"] == "0.999"  # 0.1 % of 1 BTC was the taker's fee
    bench.touch("95000", "BTC-USDT")
    assert pushed[-1]["state"] == "effective"
    assert bench.cash("BTC") == 0


def test_long_short_mode(new_bench: Any) -> None:
    accounts = tuple(AccountSpec(one.uid, one.api_keys, pos_mode="long_short_mode") for one in defaults())
    bench = new_bench(accounts=accounts)
    pushed = bench.listen(UID_1, "orders-algo", instType="ANY")
    assert bench.place(**ENTRY, posSide="long", attachAlgoOrds=[SL])["sCode"] == "0"
    bench.place(UID_2, **ENTRY, posSide="short", side="sell")
    refused = bench.place(**ENTRY, posSide="long", side="sell", attachAlgoOrds=[TP])
    assert refused["sCode"] == "51333"
    assert (pushed[-1]["posSide"], pushed[-1]["side"], pushed[-1]["reduceOnly"]) == ("long", "sell", "false")
    bench.place(UID_2, **{**ENTRY, "px": "90000"}, posSide="long")
    bench.touch("95000")
    assert not bench.exchange.accounts[UID_1].positions


def test_over_websocket_it_is_a_switch(new_bench: Any) -> None:
    bench = new_bench(switches=Switches(attach_algo_over_ws=False))
    bench.place(**ENTRY, attachAlgoOrds=[SL])
    assert bench.pushes[UID_1][0]["attachAlgoOrds"] == []
    row = {**ENTRY, "instId": "BTC-USDT-SWAP", "side": "buy", "ordType": "limit", "attachAlgoOrds": [SL]}
    bench.run("order", row, ws=False)
    assert len(bench.pushes[UID_1][1]["attachAlgoOrds"]) == 1


# --- amending ------------------------------------------------------------------------------------------------------


def amend(bench: Any, *items: dict[str, Any], **row: Any) -> dict[str, Any]:
    sent = {"instIdCode": SWAP, "clOrdId": "e1", "attachAlgoOrds": list(items), **row}
    return dict(bench.run("amend-order", sent).rows[0])


@pytest.fixture
def waiting(bench: Any) -> Any:
    bench.place(**ENTRY, clOrdId="e1", attachAlgoOrds=[{**SL, "attachAlgoClOrdId": "p1"}])
    return bench


def test_the_amended_price_is_the_one_that_fires(waiting: Any) -> None:
    amend(waiting, {"attachAlgoClOrdId": "p1", "newSlTriggerPx": "97000"})
    waiting.place(UID_2, **ENTRY, side="sell")
    bids(waiting)
    waiting.touch("97000")
    assert position(waiting) == 0
