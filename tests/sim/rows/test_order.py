"""Rows of the `orders` channel (OKX docs, "Order channel")."""

from __future__ import annotations

from typing import Any

SWAP, OPTION = 10_459, 320_001
UID_1, UID_2 = "1000000000000001", "1000000000000002"
PUSH_KEYS = """
instType instId tgtCcy ccy tradeQuoteCcy ordId clOrdId algoClOrdId algoId tag px sz notionalUsd ordType side
posSide tdMode accFillSz fillNotionalUsd avgPx state lever pnl feeCcy fee rebateCcy rebate category uTime
cTime source reduceOnly cancelSource quickMgnType stpId stpMode attachAlgoClOrdId lastPx outcome slippage riskBypassResult isTpLimit
slTriggerPx slTriggerPxType tpOrdPx tpTriggerPx tpTriggerPxType slOrdPx fillPx tradeId fillSz fillTime fillPnl
fillFee fillFeeCcy execType fillPxVol fillPxUsd fillMarkVol fillFwdPx fillMarkPx fillIdxPx amendSource reqId
amendResult code msg pxType pxUsd pxVol linkedAlgoOrd attachAlgoOrds
"""


def quotes(bench: Any, side: str, *levels: tuple[str, str]) -> None:
    """Resting orders of the second account."""
    for px, sz in levels:
        assert bench.place(UID_2, side=side, px=px, sz=sz)["sCode"] == "0"


def test_a_push_has_exactly_the_keys_of_production_in_their_order(bench: Any) -> None:
    bench.place(UID_2, instIdCode=OPTION, tdMode="cross", side="sell", px="0.05", sz="1")
    bench.place(instIdCode=OPTION, tdMode="cross", px="0.05", sz="1")
    assert [list(one) for one in bench.pushes[UID_1]] == [PUSH_KEYS.split()] * 2
    live, filled = bench.pushes[UID_1]
    assert (live["avgPx"], live["fillSz"], live["fillPnl"], live["fillFee"]) == ("0", "0", "0", "0")
    assert (live["fillPx"], live["fillNotionalUsd"], live["fillFeeCcy"]) == ("", "", "")
    assert (filled["fillPxUsd"], filled["fillIdxPx"], filled["pxType"]) == ("5000", "100000", "px")


def test_the_worth_of_an_order_without_a_price(bench: Any) -> None:
    quotes(bench, "sell", ("100500", "1"))
    bench.place(ordType="market", px=None, sz="1005")  # counted in USDT
    bench.place(ordType="market", px=None, sz="0.1", side="sell")  # nobody buys
    bench.place(instIdCode=SWAP, tdMode="cross", ordType="market", px=None, sz="2")  # 0.02 BTC; last price 100000
    worth = [one["notionalUsd"] for one in bench.pushes[UID_1]]
    assert worth == ["1005", "1005", "10050", "10050", "2000", "2000"]
