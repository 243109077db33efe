"""Spot on margin by numbers worked out by hand: borrowing, interest, closing, who may."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import default_accounts

UID_1 = "1000000000000001"
SPOT = 10_001


@pytest.fixture
def bench(new_bench: Any) -> Any:
    """Ten thousand dollars and nothing else, at leverage 10."""
    return new_bench(accounts=tuple(replace(one, balances={"USDT": Decimal(10_000)}) for one in default_accounts()))


def trade(bench: Any, side: str, px: str, sz: str, **row: Any) -> dict[str, Any]:
    """A limit order that another participant fills at its price."""
    placed = bench.place(instIdCode=SPOT, **{"tdMode": "cross", "side": side, "px": px, "sz": sz, "ccy": "USDT", **row})
    assert placed["sCode"] == "0", placed
    bench.exchange.background_market.trade("BTC-USDT", "sell" if side == "buy" else "buy", Decimal(px), Decimal(sz))
    bench.exchange.flush()
    return placed


def held(bench: Any, key: tuple[str, ...] = ("BTC-USDT", "cross", "net", "USDT")) -> Any:
    return bench.exchange.accounts[UID_1].positions[key]


def test_a_long_borrows_quote_and_pays_it_back(bench: Any) -> None:
    trade(bench, "buy", "100000", "0.5")
    position = held(bench)
    assert (position.pos, position.pos_ccy, position.liab, position.liab_ccy) == (Decimal("0.5"), "BTC", 50_000, "USDT")
    # Margin 50,000 / 10; maker fee 50,000 x 0.0008; nothing was bought with own cash.
    assert (position.margin, bench.cash("USDT"), bench.cash("BTC")) == (5_000, 10_000 - 40, 0)
    assert bench.available("USDT") == 10_000 - 40 - 5_000
    trade(bench, "sell", "104000", "0.5", reduceOnly=True)
    # 0.5 x 4,000 gained, fee 52,000 x 0.0008.
    assert bench.cash("USDT") == Decimal("9960") + 2_000 - Decimal("41.6")
    assert not bench.exchange.accounts[UID_1].positions
    last = bench.pushes[UID_1][-1]
    assert (last["instType"], last["ccy"], last["pnl"], last["feeCcy"]) == ("MARGIN", "USDT", "2000", "USDT")


def test_a_short_borrows_base(bench: Any) -> None:
    trade(bench, "sell", "100000", "0.5")
    position = held(bench)
    assert (position.pos, position.pos_ccy, position.liab, position.liab_ccy) == (
        Decimal("-0.5"), "USDT", Decimal("0.5"), "BTC",
    )  # fmt: skip
    trade(bench, "buy", "101000", "0.2")
    assert (held(bench).pos, held(bench).pnl) == (Decimal("-0.3"), -200)


def test_margin_in_the_base_currency_gains_in_it(new_bench: Any) -> None:
    bench = new_bench(accounts=tuple(replace(one, balances={"BTC": Decimal(1)}) for one in default_accounts()))
    trade(bench, "buy", "100000", "2", ccy="BTC")
    key = ("BTC-USDT", "cross", "net", "BTC")
    assert (held(bench, key).margin, bench.cash("BTC")) == (Decimal("0.2"), 1 - Decimal("0.0016"))
    trade(bench, "sell", "80000", "1", ccy="BTC")
    # 20,000 USDT lost at 80,000 is 0.25 BTC; fee 1 x 0.0008.
    assert held(bench, key).pnl == Decimal("-0.25")
    assert bench.cash("BTC") == Decimal("0.9984") - Decimal("0.25") - Decimal("0.0008")
    assert bench.cash("USDT") == 0


def test_a_market_buy_counts_quote_currency(bench: Any) -> None:
    bench.exchange.background_market.quote("BTC-USDT", "sell", Decimal(100_000), Decimal(1))
    bench.place(instIdCode=SPOT, tdMode="isolated", ccy="USDT", ordType="market", px=None, sz="25000")
    position = held(bench, ("BTC-USDT", "isolated", "net", "USDT"))
    assert (position.pos, position.cost, position.margin) == (Decimal("0.25"), 25_000, 2_500)
    assert bench.pushes[UID_1][-1]["state"] == "filled"
    assert bench.exchange.accounts[UID_1].frozen["USDT"] == 0


@pytest.mark.parametrize(
    ("acct_lv", "row", "code"),
    [
        ("1", {"tdMode": "cross"}, "51010"),
        ("1", {"tdMode": "isolated"}, "51010"),
        ("2", {"tdMode": "cross", "ccy": "EUR"}, "51000"),
        ("2", {"tdMode": "cross", "posSide": "long"}, "51000"),
        ("2", {"tdMode": "cross", "reduceOnly": True}, "51169"),
        ("2", {"tdMode": "cross", "sz": "2"}, "51008"),
        ("2", {"tdMode": "cross", "instIdCode": 10_009, "px": "0.00001", "sz": "100000"}, "51010"),
        ("3", {"tdMode": "cash"}, "51010"),
        ("3", {"tdMode": "isolated"}, "51010"),
        ("3", {"tdMode": "cross", "sz": "0.2"}, "51008"),
    ],
)
def test_accounts_that_cannot_borrow(new_bench: Any, acct_lv: str, row: dict[str, Any], code: str) -> None:
    accounts = (replace(one, acct_lv=acct_lv, balances={"USDT": Decimal(10_000)}) for one in default_accounts())
    placed = new_bench(accounts=tuple(accounts)).place(**{"sz": "0.1", "px": "100000", **row})
    assert placed["sCode"] == code, placed


def test_a_multi_currency_account_with_auto_loan_borrows_cash(new_bench: Any) -> None:
    rich_in_coin = {"BTC": Decimal(1)}
    accounts = (replace(one, acct_lv="3", auto_loan=True, balances=rich_in_coin) for one in default_accounts())
    bench = new_bench(accounts=tuple(accounts))
    # ETH for 40,000 USDT on 1 BTC of collateral.
    placed = bench.place(instIdCode=10_002, tdMode="cross", px="4000", sz="10")
    assert placed["sCode"] == "0", placed
    bench.exchange.background_market.trade("ETH-USDT", "sell", Decimal(4_000), Decimal(10))
    # The buyer's fee is taken from the coin: 10 x 0.0008.
    assert (bench.cash("USDT"), bench.cash("ETH")) == (-40_000, Decimal("9.992"))
    assert bench.pushes[UID_1][-1]["instType"] == "SPOT"
    assert bench.available("USDT") > 0


def test_margin_rows_stand_beside_their_pair(bench: Any) -> None:
    spot, margin = (bench.exchange.instruments.select(one, inst_id="BTC-USDT")[0].row() for one in ("SPOT", "MARGIN"))
    assert (margin["instType"], margin["instIdCode"], margin["lever"]) == ("MARGIN", spot["instIdCode"], "10")
    assert margin["tradeQuoteCcyList"] == [] and spot["tradeQuoteCcyList"] == ["USDT"]
    assert not bench.exchange.instruments.select("MARGIN", inst_id="SHIB-USDT")


def test_attached_stop_loss_stands_by_the_position_in_its_margin_currency(bench: Any) -> None:
    stop = {"slTriggerPx": "95000", "slOrdPx": "-1"}
    trade(bench, "buy", "100000", "0.5", attachAlgoOrds=[stop])
    (algo,) = bench.exchange.accounts[UID_1].algos.live.values()
    assert (algo.side, algo.sz, algo.is_live) == ("sell", Decimal("0.5"), True)
    bench.exchange.background_market.quote("BTC-USDT", "buy", Decimal(94_000), Decimal(2))
    bench.exchange.background_market.trade("BTC-USDT", "sell", Decimal(94_000), Decimal("0.1"))
    bench.exchange.flush()
    assert (algo.state, algo.fail_code) == ("effective", "")
    # Sold at 94,000: 0.5 x 6,000 lost; fees 50,000 x 0.0008 as maker and 47,000 x 0.001 as taker.
    assert not bench.exchange.accounts[UID_1].positions
    assert bench.cash("USDT") == 10_000 - 3_000 - 40 - 47


def test_margin_of_a_sale_is_counted_at_the_price_that_it_meets(new_bench: Any) -> None:
    """A market sell has no price of its own; held at the band's edge it would take the money of other orders."""
    bench = new_bench(accounts=tuple(replace(one, balances={"USDT": Decimal(1_000)}) for one in default_accounts()))
    order = {"instIdCode": 10_459, "tdMode": "cross"}
    # 5 contracts of 0.01 BTC at 90,000: 4,500 / 10 and the taker's fee of 2.25; 547.75 are left.
    assert bench.place(**order, side="buy", px="90000", sz="5")["sCode"] == "0"
    bench.exchange.background_market.quote("BTC-USDT-SWAP", "buy", Decimal(100_000), Decimal(10))
    # 6 at 100,000: 600 + 3; 5: 500 + 2.5.
    assert bench.place(**order, side="sell", ordType="market", px=None, sz="6")["sCode"] == "51008"
    assert bench.place(**order, side="sell", px="90000", ordType="ioc", sz="6")["sCode"] == "51008"
    assert bench.place(**order, side="sell", ordType="market", px=None, sz="5")["sCode"] == "0"
    account = bench.exchange.accounts[UID_1]
    assert account.margin["USDT"] == 500
    assert [one.px for one in account.live.values()] == [90_000]
