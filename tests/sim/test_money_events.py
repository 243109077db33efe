"""Funding, interest, delivery, liquidation and deleveraging by numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.accounts.house_account import INSURANCE, INTEREST
from gateway.sim.base.configuration import default_accounts
from gateway.sim.control.control import Control

UID_1, UID_2 = "1000000000000001", "1000000000000002"
SPOT, SWAP, INVERSE, OPTION = 10_001, 10_459, 10_458, 320_001
HOUR_MS = 3_600_000


@pytest.fixture
def bench(modest_bench: Any) -> Any:
    return modest_bench


def position(bench: Any, uid: str, inst_id: str) -> Any:
    return next(one for key, one in bench.exchange.accounts[uid].positions.items() if key[0] == inst_id)


def dated(bench: Any, start: str) -> str:
    return next(one for one in bench.exchange.markets if one.startswith(start) and one != "BTC-USDT-SWAP")


def test_longs_pay_funding_to_shorts(bench: Any) -> None:
    bench.match(SWAP, "100000", "20")  # 0.2 BTC, 20,000 USDT
    cash = [bench.cash("USDT", uid) for uid in (UID_1, UID_2)]
    published = bench.listen(UID_1, "balance_and_position")
    assert bench.command("pay_funding", inst_id="BTC-USDT-SWAP", rate="0.0003") == 2
    assert [bench.cash("USDT", uid) - was for uid, was in zip((UID_1, UID_2), cash, strict=True)] == [-6, 6]
    assert position(bench, UID_1, "BTC-USDT-SWAP").funding_fee == -6
    assert [(one["eventType"], one["balData"][0]["ccy"]) for one in published] == [("funding_fee", "USDT")]
    bench.command("pay_funding", inst_id="BTC-USDT-SWAP", rate="-0.0001")
    assert bench.cash("USDT") == cash[0] - 4


def test_inverse_funding_is_paid_in_coin(bench: Any) -> None:
    bench.match(INVERSE, "100000", "50")  # 5,000 USD, 0.05 BTC
    cash = bench.cash("BTC")
    bench.command("pay_funding", inst_id="BTC-USD-SWAP", rate="0.0002")
    assert bench.cash("BTC") - cash == Decimal("-0.00001")


def test_interest_is_owed_until_the_position_shrinks(bench: Any) -> None:
    bench.exchange.background_market.quote("BTC-USDT", "sell", Decimal(100_000), Decimal(1))
    bench.place(instIdCode=SPOT, tdMode="cross", ccy="USDT", px="100000", sz="0.5")
    bench.command("accrue_interest", uid=UID_1, hours=10)
    assert position(bench, UID_1, "BTC-USDT").interest == 5  # 50,000 x 0.00001 x 10
    cash = bench.cash("USDT")
    bench.exchange.background_market.quote("BTC-USDT", "buy", Decimal(100_000), Decimal(1))
    bench.place(instIdCode=SPOT, tdMode="cross", ccy="USDT", side="sell", px="100000", sz="0.2")
    # Two fifths fall due; taker fee 20,000 x 0.001.
    assert bench.cash("USDT") == cash - 2 - 20
    assert bench.exchange.house_account.balance(INTEREST, "USDT") == 2
    assert Control(bench.exchange, list).view("house", {})["interest"] == {"USDT": "2"}


def test_the_clock_fires_funding_and_interest(bench: Any) -> None:
    bench.match(SWAP, "100000", "20")
    cash = bench.cash("USDT")
    clock = bench.exchange.clock
    to_boundary = 8 * HOUR_MS - clock.now_ms() % (8 * HOUR_MS)
    clock.skew_ms += to_boundary + 1
    bench.exchange.timetable.run_due()
    assert bench.cash("USDT") == cash - 2  # 20,000 x 0.0001
    bench.exchange.timetable.run_due()
    assert bench.cash("USDT") == cash - 2
    clock.skew_ms += 24 * HOUR_MS  # three periods at once
    bench.exchange.timetable.run_due()
    assert bench.cash("USDT") == cash - 8


def test_a_future_is_delivered_at_the_price_of_its_underlying(bench: Any) -> None:
    inst_id = dated(bench, "BTC-USDT-")
    bench.match(310_001, "100000", "10")  # 0.1 BTC
    bench.place(UID_1, instIdCode=310_001, tdMode="cross", px="90000", sz="1")
    cash = bench.cash("USDT"), bench.cash("USDT", UID_2)
    published = bench.listen(UID_2, "balance_and_position")
    assert bench.command("deliver", inst_id=inst_id, px="103000") == "103000"
    assert (bench.cash("USDT"), bench.cash("USDT", UID_2)) == (cash[0] + 300, cash[1] - 300)
    assert not bench.exchange.accounts[UID_1].positions
    assert (bench.pushes[UID_1][-1]["state"], bench.pushes[UID_1][-1]["cancelSource"]) == ("canceled", "7")
    assert [one["eventType"] for one in published] == ["delivered"]
    assert bench.place(instIdCode=310_001, tdMode="cross", px="90000", sz="1")["sCode"] == "51027"
    assert inst_id not in [one.inst_id for one in bench.exchange.instruments.select("FUTURES")]


@pytest.mark.parametrize(("px", "paid"), [("125000", "0.02"), ("90000", "0")])
def test_an_option_is_exercised_for_what_it_is_in_the_money(bench: Any, px: str, paid: str) -> None:
    inst_id = next(one for one in bench.exchange.markets if one.endswith("-100000-C"))
    bench.match(OPTION, "0.05", "10")  # face 10 x 0.01 BTC
    cash = bench.cash("BTC"), bench.cash("BTC", UID_2)
    bench.command("deliver", inst_id=inst_id, px=px)
    # (125,000 - 100,000) / 125,000 x 0.1
    assert bench.cash("BTC") - cash[0] == Decimal(paid) == cash[1] - bench.cash("BTC", UID_2)


def test_expiry_comes_by_the_clock(bench: Any) -> None:
    inst_id = dated(bench, "BTC-USDT-")
    expires = int(bench.exchange.markets[inst_id].instrument.exp_time)
    bench.exchange.clock.skew_ms += expires - bench.exchange.clock.now_ms() + 1_000
    bench.exchange.timetable.run_due()
    states = {one.instrument.state for one in bench.exchange.markets.values() if one.instrument.exp_time}
    assert states == {"expired"}


def test_a_position_that_its_margin_no_longer_carries_is_taken_away(bench: Any) -> None:
    bench.match(SWAP, "100000", "50")  # 0.5 BTC, 50,000 USDT, margin 5,000
    bench.place(UID_1, instIdCode=SPOT, px="90000", sz="0.01")
    warnings = bench.listen(UID_1, "liquidation-warning", instType="ANY")
    # Cash is 10,000 - 25 (fee 0.0005). At 83,000: equity 1,475; required 41,500 x 0.0045 = 186.75.
    bench.command("mark_price", inst_id="BTC-USDT-SWAP", px="83000")
    assert bench.states()[-1] == "live" and warnings == []
    # At 81,000: equity 475; required 40,500 x 0.0045 = 182.25: 260.6 %.
    bench.command("mark_price", inst_id="BTC-USDT-SWAP", px="81000")
    assert [Decimal(one["mgnRatio"]).quantize(Decimal("0.001")) for one in warnings] == [Decimal("2.606")]
    # At 80,200: equity 75; required 180.45. Taken over at 80,200 x 0.996 = 79,879.2.
    bench.command("mark_price", inst_id="BTC-USDT-SWAP", px="80200")
    cancelled, taken = bench.pushes[UID_1][-2:]
    assert (cancelled["state"], cancelled["cancelSource"]) == ("canceled", "3")
    wanted = {
        "category": "full_liquidation", "state": "filled", "ordType": "market", "side": "sell", "px": "",
        "execType": "T", "fillPx": "79879.2", "accFillSz": "50", "sz": "50", "pnl": "-10060.4", "clOrdId": "",
    }  # fmt: skip
    assert {name: taken[name] for name in wanted} == wanted
    assert taken["tradeId"].startswith("-")
    # 9,975 - 10,060.4 - fee 39,939.6 x 0.0005: the fund pays what is missing, in two bookings.
    assert bench.cash("USDT") == 0
    assert bench.exchange.house_account.balance(INSURANCE, "USDT") == Decimal("-85.4") - Decimal("19.9698")
    assert bench.exchange.liquidator.positions["BTC-USDT-SWAP", "cross", "net"].pos == 50


def test_an_isolated_position_loses_its_margin_and_no_more(bench: Any) -> None:
    bench.match(SWAP, "100000", "50", mode="isolated")
    cash = bench.cash("USDT")
    bench.command("mark_price", inst_id="BTC-USDT-SWAP", px="70000")
    assert not bench.exchange.accounts[UID_1].positions
    # The margin of 5,000 is gone; the fee of the liquidation, 0.5 x 69,720 x 0.0005, is paid beside it.
    assert bench.cash("USDT") == cash - 5_000 - Decimal("17.43")
    assert bench.exchange.house_account.balance(INSURANCE, "USDT") == -10_140  # 0.5 x 30,280 lost, less 5,000


def test_liquidation_in_part_and_deleveraging_on_command(bench: Any) -> None:
    bench.match(SWAP, "100000", "10")
    row = bench.command("liquidate", uid=UID_2, inst_id="BTC-USDT-SWAP", sz="4")
    assert (row["category"], row["side"], row["accFillSz"], row["avgPx"]) == (
        "partial_liquidation",
        "buy",
        "4",
        "100400",
    )
    published = bench.listen(UID_1, "balance_and_position")
    row = bench.command("adl", uid=UID_1, inst_id="BTC-USDT-SWAP", sz="3")
    assert (row["category"], row["side"], row["avgPx"]) == ("adl", "sell", "100000")
    assert [one["eventType"] for one in published] == ["adl"]
    pos = [position(bench, uid, "BTC-USDT-SWAP").pos for uid in (UID_1, UID_2)]
    assert pos == [7, -6]


def test_forced_repayment_turns_collateral_into_what_is_owed(new_bench: Any) -> None:
    accounts = (replace(one, acct_lv="3", auto_loan=True, balances={"BTC": Decimal(1)}) for one in default_accounts())
    bench = new_bench(accounts=tuple(accounts))
    bench.place(instIdCode=10_002, tdMode="cross", px="4000", sz="20")
    bench.exchange.background_market.trade("ETH-USDT", "sell", Decimal(4_000), Decimal(20))
    assert bench.cash("USDT") == -80_000
    # ETH at 10: worth 100,000 + 199.8 - 80,000. At BTC 80,000 and ETH 10 equity is 199.8 < 5 % of 80,000.
    bench.exchange.markets["ETH-USDT"].last_px = Decimal(10)
    bench.exchange.flush()
    assert bench.cash("USDT") == -80_000
    bench.exchange.markets["BTC-USDT"].last_px = Decimal(80_000)
    bench.exchange.flush()
    assert (bench.cash("BTC"), bench.cash("USDT")) == (0, 0)
    assert bench.cash("ETH") == Decimal("19.984")


def test_order_margin_follows_the_position(bench: Any) -> None:
    bench.match(SWAP, "100000", "10")
    account = bench.exchange.accounts[UID_1]
    bench.place(instIdCode=SWAP, tdMode="cross", side="sell", px="110000", sz="10")
    assert account.frozen["USDT"] == 0  # it only closes
    bench.exchange.background_market.quote("BTC-USDT-SWAP", "buy", Decimal(100_000), Decimal(6))
    bench.place(instIdCode=SWAP, tdMode="cross", side="sell", px="100000", sz="6", reduceOnly=True)
    # Six of ten would open a short now: 6 x 1,100 x (0.1 + 0.0005).
    assert account.frozen["USDT"] == Decimal("663.3")


def test_what_closes_is_passed_on_when_an_order_goes(bench: Any) -> None:
    bench.match(SWAP, "100000", "10")
    frozen = bench.exchange.accounts[UID_1].frozen
    first, second = (
        bench.place(instIdCode=SWAP, tdMode="cross", side="sell", px="110000", sz="10")["ordId"] for _ in range(2)
    )
    assert frozen["USDT"] == Decimal("1105.5")  # the second would open a short: 11,000 x (0.1 + 0.0005)
    bench.run("cancel-order", {"instIdCode": SWAP, "ordId": first})
    assert frozen["USDT"] == 0
    bench.run("cancel-order", {"instIdCode": SWAP, "ordId": second})


def test_orders_on_money_that_was_lost_are_cancelled(bench: Any) -> None:
    bench.match(SWAP, "100000", "50")
    bench.place(instIdCode=SPOT, px="49000", sz="0.1")  # holds 4,900 of the 4,975 that are left
    assert bench.states()[-1] == "live"
    bench.exchange.background_market.quote("BTC-USDT-SWAP", "buy", Decimal(82_000), Decimal(50))
    bench.exchange.markets["BTC-USDT-SWAP"].commanded_mark_px = Decimal(100_000)
    bench.place(instIdCode=SWAP, tdMode="cross", side="sell", px="82000", sz="50", reduceOnly=True)
    assert (bench.pushes[UID_1][-1]["instId"], bench.pushes[UID_1][-1]["cancelSource"]) == ("BTC-USDT", "3")
    assert bench.cash("USDT") > 0 and bench.available("USDT") == bench.cash("USDT")
