"""The lifecycle of orders as the `orders` channel publishes it, case by case (OKX docs, "Order channel")."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import AccountSpec, Switches
from gateway.sim.base.configuration import default_accounts as defaults
from gateway.sim.rest import private
from gateway.sim.rest.private import fills

SPOT, SWAP, INVERSE, OPTION = 10_001, 10_459, 10_458, 320_001
UID_1, UID_2 = "1000000000000001", "1000000000000002"


def quotes(bench: Any, side: str, *levels: tuple[str, str]) -> None:
    """Resting orders of the second account."""
    for px, sz in levels:
        assert bench.place(UID_2, side=side, px=px, sz=sz)["sCode"] == "0"


def published_states(bench: Any, uid: str = UID_1) -> list[tuple[str, str, str]]:
    return [(one["state"], one["fillSz"], one["cancelSource"]) for one in bench.pushes[uid]]


@pytest.mark.parametrize(
    ("ord_type", "sz", "expected"),
    [
        ("limit", "0.1", [("live", "0", ""), ("filled", "0.1", "")]),
        ("limit", "0.3", [("live", "0", ""), ("partially_filled", "0.1", ""), ("filled", "0.2", "")]),
        ("limit", "0.4", [("live", "0", ""), ("partially_filled", "0.1", ""), ("partially_filled", "0.2", "")]),
        ("ioc", "0.3", [("live", "0", ""), ("partially_filled", "0.1", ""), ("filled", "0.2", "")]),
        (
            "ioc",
            "0.4",
            [
                ("live", "0", ""),
                ("partially_filled", "0.1", ""),
                ("partially_filled", "0.2", ""),
                ("canceled", "0", "14"),
            ],
        ),
        ("fok", "0.3", [("live", "0", ""), ("partially_filled", "0.1", ""), ("filled", "0.2", "")]),
        ("fok", "0.4", [("live", "0", ""), ("canceled", "0", "13")]),
        ("post_only", "0.1", [("canceled", "0", "31")]),
    ],
)
def test_a_crossing_buy(bench: Any, ord_type: str, sz: str, expected: list[tuple[str, str, str]]) -> None:
    quotes(bench, "sell", ("100000", "0.1"), ("100001", "0.2"), ("100002", "9"))
    row = bench.place(ordType=ord_type, px="100001", sz=sz)
    assert row["sCode"] == "0"
    assert published_states(bench) == expected


@pytest.mark.parametrize("ord_type", ["ioc", "fok"])
def test_nothing_to_take(bench: Any, ord_type: str) -> None:
    bench.place(ordType=ord_type)
    assert published_states(bench) == [("live", "0", ""), ("canceled", "0", "14" if ord_type == "ioc" else "13")]


def test_a_post_only_order_that_rests_and_the_older_push_of_one_that_would_take(new_bench: Any) -> None:
    bench = new_bench(switches=Switches(post_only_live_push=True))
    quotes(bench, "sell", ("100000", "0.1"))
    bench.place(ordType="post_only", px="99999.9")
    bench.place(ordType="post_only", px="100000")
    assert published_states(bench) == [("live", "0", ""), ("live", "0", ""), ("canceled", "0", "31")]


def test_fill_fields_describe_one_side_of_one_trade(bench: Any) -> None:
    quotes(bench, "sell", ("100000", "0.1"))
    bench.place(px="100000", sz="0.1")
    taker, maker = bench.pushes[UID_1][-1], bench.pushes[UID_2][-1]
    assert taker["tradeId"] == maker["tradeId"] != ""
    assert (taker["execType"], maker["execType"]) == ("T", "M")
    assert (taker["fillFee"], taker["fillFeeCcy"]) == ("-0.0001", "BTC")  # 0.1 % of 0.1 BTC
    assert (maker["fillFee"], maker["fillFeeCcy"]) == ("-8", "USDT")  # 0.08 % of 10000 USDT
    assert (taker["avgPx"], taker["accFillSz"], taker["fillPx"]) == ("100000", "0.1", "100000")
    assert bench.cash("BTC") == Decimal("1000.0999") and bench.cash("USDT") == Decimal("9990000")
    assert bench.cash("BTC", UID_2) == Decimal("999.9") and bench.cash("USDT", UID_2) == Decimal("10009992")


def test_price_improvement_gives_the_rest_of_the_money_back(bench: Any) -> None:
    quotes(bench, "sell", ("99000", "0.1"))
    before = bench.available("USDT")
    bench.place(px="100000", sz="0.1")
    assert before - bench.available("USDT") == Decimal("9900")


def test_a_market_buy_counted_in_quote_currency_ends_with_an_empty_fill(bench: Any) -> None:
    quotes(bench, "sell", ("100000", "0.1"), ("100001", "1"))
    bench.place(ordType="market", px=None, sz="15000")
    states = published_states(bench)
    assert [one[0] for one in states] == ["live", "partially_filled", "partially_filled", "filled"]
    assert states[-1] == ("filled", "0", "") and bench.pushes[UID_1][-1]["tradeId"] == ""
    spent = Decimal(10_000_000) - bench.cash("USDT")
    assert Decimal("14999.998") < spent <= 15_000
    assert bench.pushes[UID_1][0]["px"] == "" and bench.pushes[UID_1][0]["tgtCcy"] == "quote_ccy"
    assert bench.exchange.accounts[UID_1].frozen["USDT"] == 0


def test_a_market_buy_that_fits_exactly_ends_with_its_last_fill(bench: Any) -> None:
    quotes(bench, "sell", ("100000", "1"))
    bench.place(ordType="market", px=None, sz="10000")
    assert published_states(bench) == [("live", "0", ""), ("filled", "0.1", "")]


def test_a_market_sell(bench: Any) -> None:
    quotes(bench, "buy", ("99991", "0.2"), ("99990", "1"))
    bench.place(side="sell", ordType="market", px=None, sz="0.3", tgtCcy="base_ccy")
    assert [one[0] for one in published_states(bench)] == ["live", "partially_filled", "filled"]
    assert bench.cash("BTC") == Decimal("999.7")


def test_a_market_sell_counted_in_quote_currency_is_pushed_in_it_and_ends_without_a_trade(bench: Any) -> None:
    """As recorded on 2023-09-08: 10 USDT, sold at 26228.1; 10 / 26228.1 = 0.00038127 and a rest, so 0.00038128."""
    bench.command("reference_price", inst_id="BTC-USDT", px="26228.1")
    quotes(bench, "buy", ("26228.1", "1"))
    placed = bench.place(side="sell", ordType="market", px=None, sz="10", tgtCcy="quote_ccy")
    pushed = bench.pushes[UID_1]
    seen = [
        (one["state"], one["sz"], one["accFillSz"], one["fillSz"], bool(one["tradeId"]), one["notionalUsd"])
        for one in pushed
    ]
    assert seen == [
        ("live", "10", "0", "0", False, "10"),
        ("partially_filled", "10", "0.00038128", "0.00038128", True, "10"),
        ("filled", "10", "0.00038128", "0", False, "10"),
    ]
    assert {one["tgtCcy"] for one in pushed} == {"quote_ccy"}
    assert bench.cash("BTC") == Decimal("999.99961872") and bench.exchange.accounts[UID_1].frozen["BTC"] == 0
    order = bench.rest(private.order, instId="BTC-USDT", ordId=placed["ordId"])["data"][0]
    assert (order["state"], order["sz"], order["fillSz"]) == ("filled", "10", "0.00038128")


def test_a_market_order_stops_at_five_percent(bench: Any) -> None:
    quotes(bench, "sell", ("100000", "0.1"), ("105000", "0.1"), ("105000.1", "0.1"))
    bench.place(ordType="market", px=None, sz="1", tgtCcy="base_ccy")
    assert published_states(bench)[-1] == ("canceled", "0", "27")
    assert bench.pushes[UID_1][-1]["accFillSz"] == "0.2"
    assert bench.exchange.accounts[UID_1].frozen["USDT"] == 0


def test_optimal_limit_ioc_and_market_in_a_swap(bench: Any) -> None:
    swap = {"instIdCode": SWAP, "tdMode": "cross"}
    bench.place(UID_2, **swap, side="sell", px="100000", sz="5")
    bench.place(**swap, ordType="optimal_limit_ioc", px=None, sz="2")
    bench.place(**swap, ordType="market", px=None, sz="9")
    assert [one[0] for one in published_states(bench)] == ["live", "filled", "live", "partially_filled", "canceled"]
    assert published_states(bench)[-1][2] == "27"


@pytest.mark.parametrize(
    ("mode", "mine", "left"),
    [
        ("cancel_maker", [("canceled", "32"), ("filled", "")], []),
        ("cancel_taker", [("canceled", "32")], ["sell"]),
        ("cancel_both", [("canceled", "32"), ("canceled", "32")], []),
    ],
)
def test_self_trade_prevention(bench: Any, mode: str, mine: list[tuple[str, str]], left: list[str]) -> None:
    bench.place(side="sell", px="100000", sz="0.1")
    quotes(bench, "sell", ("100001", "0.1"))
    bench.pushes[UID_1].clear()
    bench.place(px="100001", sz="0.1", stpMode=mode)
    ended = [(one["state"], one["cancelSource"]) for one in bench.pushes[UID_1] if one["state"] != "live"]
    assert ended == mine
    assert [one.side for one in bench.exchange.accounts[UID_1].live.values()] == left


def test_a_fok_order_does_not_count_on_its_owner(bench: Any) -> None:
    bench.place(side="sell", px="100000", sz="0.1")
    quotes(bench, "sell", ("100001", "0.1"))
    assert bench.place(px="100001", sz="0.2", ordType="fok")["sCode"] == "0"
    assert published_states(bench)[-1] == ("canceled", "0", "13")
    bench.place(px="100001", sz="0.1", ordType="fok", stpMode="cancel_taker")
    assert published_states(bench)[-1] == ("canceled", "0", "13")
    bench.place(px="100001", sz="0.1", ordType="fok")
    assert published_states(bench)[-1] == ("filled", "0.1", "")


def test_more_than_a_thousand_makers(bench: Any) -> None:
    book_of = bench.exchange.background_market.quote
    for _ in range(1_001):
        book_of("BTC-USDT", "sell", Decimal(100_000), Decimal("0.0001"))
    bench.place(px="100000", sz="0.2", ordType="fok")
    assert published_states(bench)[-1][0] == "canceled"
    bench.place(px="100000", sz="0.1001", ordType="fok")
    assert published_states(bench)[-1] == ("canceled", "0", "33")
    bench.pushes[UID_1].clear()
    bench.place(px="100000", sz="0.1001")
    states = published_states(bench)
    assert len(states) == 1_002 and states[-1] == ("canceled", "0", "33")
    assert bench.pushes[UID_1][-1]["accFillSz"] == "0.1"


def test_cancelling(bench: Any) -> None:
    row = bench.place(clOrdId="a1")
    other = {"instIdCode": 10_002, "ordId": row["ordId"]}
    assert bench.run("cancel-order", other).rows[0]["sCode"] == "51400"
    assert bench.run("cancel-order", {"instIdCode": SPOT}).rows[0]["sCode"] == "51003"
    assert bench.run("cancel-order", {"instIdCode": SPOT, "ordId": "1", "clOrdId": "a1"}).rows[0]["sCode"] == "51400"
    assert bench.run("cancel-order", {"instIdCode": SPOT, "clOrdId": "a1"}, uid=UID_2).rows[0]["sCode"] == "51400"
    done = bench.run("cancel-order", {"instIdCode": SPOT, "clOrdId": "a1"}).rows[0]
    assert list(done) == ["ts", "ordId", "clOrdId", "sCode", "sMsg"]
    assert (done["ordId"], done["sCode"], done["sMsg"]) == (row["ordId"], "0", "")
    assert published_states(bench)[-1] == ("canceled", "0", "1")
    again = bench.run("cancel-order", {"instIdCode": SPOT, "ordId": row["ordId"]}).rows[0]
    assert (again["sCode"], again["ordId"], again["clOrdId"]) == ("51400", row["ordId"], "")


def test_reduce_only_orders_shrink_and_go_with_the_position(bench: Any) -> None:
    swap = {"instIdCode": SWAP, "tdMode": "cross", "px": "100000"}
    bench.place(UID_2, **swap, side="sell", sz="10")
    bench.place(**swap, sz="10")
    assert bench.place(**swap, sz="1", reduceOnly=True)["sCode"] == "51170"
    assert bench.place(**swap, side="sell", sz="11", reduceOnly=True)["sCode"] == "51112"
    up = {**swap, "side": "sell", "px": "100010", "reduceOnly": True}
    cut = bench.place(**up, sz="10")["ordId"]
    gone = bench.place(**{**up, "px": "100020"}, sz="3")["ordId"]
    bench.pushes[UID_1].clear()
    bench.place(UID_2, **swap, sz="4")
    bench.place(**swap, side="sell", sz="4")  # the position is 6 now
    resized = [(one["ordId"], one["sz"], one["amendSource"]) for one in bench.pushes[UID_1] if one["amendSource"]]
    assert resized == [(cut, "6", "4")]
    bench.place(UID_2, **{**swap, "px": "100010"}, sz="6")
    ended = {one["ordId"]: (one["state"], one["cancelSource"]) for one in bench.pushes[UID_1]}
    assert (ended[cut], ended[gone]) == (("filled", ""), ("canceled", "23"))
    assert not bench.exchange.accounts[UID_1].positions


def test_an_option_costs_its_premium(new_bench: Any) -> None:
    accounts = tuple(AccountSpec(one.uid, one.api_keys) for one in defaults())
    bench = new_bench(accounts=accounts)
    option = {"instIdCode": OPTION, "tdMode": "cross", "px": "0.05", "sz": "10"}
    bench.place(UID_2, **option, side="sell")
    bench.place(**option)
    # 10 contracts x 0.01 BTC x 0.05 = 0.005 BTC; fees 0.03 % and 0.02 % of 0.1 BTC
    assert bench.cash("BTC") == Decimal(1000) - Decimal("0.005") - Decimal("0.00003")
    assert bench.cash("BTC", UID_2) == Decimal(1000) + Decimal("0.005") - Decimal("0.00002")
    assert bench.exchange.accounts[UID_2].margin["BTC"] == Decimal("0.015")


def test_inverse_profit_is_paid_in_coin(bench: Any) -> None:
    swap = {"instIdCode": INVERSE, "tdMode": "cross", "sz": "100"}
    bench.place(UID_2, **swap, side="sell", px="100000")
    bench.place(**swap, px="100000")
    bench.place(UID_2, **swap, side="buy", px="110000")
    bench.place(**swap, side="sell", px="110000")
    profit = Decimal("0.1") - Decimal("0.0909090909090909")  # 10000 USD at both prices, in BTC
    assert bench.pushes[UID_1][-1]["fillPnl"] == str(profit)
    fees = Decimal("0.1") * Decimal("0.0005") + Decimal("0.0909090909090909") * Decimal("0.0005")
    assert bench.cash("BTC") == 1000 + profit - fees


def test_a_fill_keeps_the_prices_of_its_moment(bench: Any) -> None:
    """fillMarkPx and fillIdxPx are those when the order was filled (OKX docs, "Get transaction details")."""
    bench.exchange.markets["BTC-USDT-SWAP"].commanded_mark_px = Decimal("100200")
    bench.hold()
    bench.exchange.markets["BTC-USDT"].reference_px = Decimal("101000")  # the index
    bench.exchange.markets["BTC-USDT-SWAP"].commanded_mark_px = Decimal("103000")
    (row,) = bench.rest(fills, instId="BTC-USDT-SWAP")["data"]
    assert (row["fillMarkPx"], row["fillIdxPx"], row["fillPxVol"]) == ("100200", "100000", "")


def test_an_isolated_position_that_is_turned_round_pays_its_loss(bench: Any) -> None:
    swap = {"instIdCode": SWAP, "tdMode": "isolated"}
    bench.place(UID_2, **swap, side="sell", px="100000", sz="10")
    bench.place(**swap, px="100000", sz="10")  # 0.1 BTC
    bench.place(UID_2, **swap, side="buy", px="99000", sz="30")
    cash = bench.cash("USDT")
    bench.place(**swap, side="sell", px="99000", sz="30")
    assert bench.pushes[UID_1][-1]["fillPnl"] == "-100"
    assert bench.cash("USDT") == cash - 100 - Decimal("0.3") * 99_000 * Decimal("0.0005")
    assert bench.exchange.house_account.balance("insurance", "USDT") == 0
