"""What account and position rows say, by numbers worked out by hand; greeks by textbook values."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.accounts.greeks import greeks_of, premium
from gateway.sim.base.configuration import default_accounts
from gateway.sim.market.listing import default_instruments
from gateway.sim.rows.account import balance_row
from gateway.sim.rows.market import option_summary_row
from gateway.sim.rows.position import position_row
from gateway.sim.rows.private import greeks_row

UID_1, UID_2 = "1000000000000001", "1000000000000002"
NOW_MS = 1_700_000_000_000


@pytest.fixture
def bench(modest_bench: Any) -> Any:
    return modest_bench


def row_of(bench: Any, uid: str = UID_1) -> dict[str, Any]:
    account = bench.exchange.accounts[uid]
    (position,) = account.positions.values()
    market = bench.exchange.markets[position.instrument.inst_id]
    return position_row(account, position, market, NOW_MS, push=False)


def near(text: str, wanted: str) -> bool:
    return abs(Decimal(text) - Decimal(wanted)) < Decimal("0.01")


def test_a_cross_swap(bench: Any) -> None:
    bench.match(10_459, "100000", "50")  # 0.5 BTC; taker fee 25, maker fee 10
    bench.exchange.markets["BTC-USDT-SWAP"].commanded_mark_px = Decimal(101_000)
    long, short = row_of(bench), row_of(bench, UID_2)
    wanted = {
        "imr": "5000", "margin": "", "mmr": "202", "upl": "500", "uplRatio": "0.1", "notionalUsd": "50500",
        "fee": "-25", "realizedPnl": "-25", "avgPx": "100000", "lever": "10", "usdPx": "1", "pos": "50",
    }  # fmt: skip
    assert {name: long[name] for name in wanted} == wanted
    # Equity 10,475 over 50,500 x 0.0045.
    assert near(long["mgnRatio"], "46.09") and (short["pos"], short["upl"]) == ("-50", "-500")
    # (50,000 - 9,975) / (0.5 x 0.9955) and (50,000 + 9,990) / (0.5 x 1.0045)
    assert near(long["liqPx"], "80411.85") and near(short["liqPx"], "119442.51")


def test_an_isolated_inverse_swap(bench: Any) -> None:
    bench.match(10_458, "100000", "100", tdMode="isolated")  # 10,000 USD, 0.1 BTC, margin 0.01
    long = row_of(bench)
    assert (long["imr"], long["margin"], long["mmr"], long["ccy"]) == ("", "0.01", "0.0004", "BTC")
    # 0.01 + 0.1 - 10,000/p = 0.0045 x 10,000/p  =>  p = 10,045 / 0.11
    assert near(long["liqPx"], "91318.18")


def test_margin_rows_say_what_is_held_and_owed(bench: Any) -> None:
    bench.exchange.background_market.quote("BTC-USDT", "buy", Decimal(100_000), Decimal(1))
    bench.place(instIdCode=10_001, tdMode="cross", ccy="USDT", side="sell", px="100000", sz="0.2")
    short = row_of(bench)
    wanted = {"pos": "20000", "posCcy": "USDT", "liab": "-0.2", "liabCcy": "BTC", "imr": "2000", "instType": "MARGIN"}
    assert {name: short[name] for name in wanted} == wanted


def test_the_balance_of_one_currency(bench: Any) -> None:
    bench.match(10_459, "100000", "10", tdMode="isolated")
    bench.exchange.markets["BTC-USDT-SWAP"].commanded_mark_px = Decimal(99_000)
    row = balance_row(bench.exchange.accounts[UID_1], bench.exchange.usd_px, NOW_MS, ["USDT"])
    (usdt,) = row["details"]
    # 10,000 - fee 5; margin 1,000; 100 lost so far, which the isolated margin bears.
    wanted = {"cashBal": "9995", "eq": "9895", "isoEq": "900", "isoUpl": "-100", "imr": "1000", "availBal": "8995"}
    assert {name: usdt[name] for name in wanted} == wanted
    assert (row["isoEq"], row["totalEq"], row["mgnRatio"]) == ("900", "109895", "")


def test_a_multi_currency_account_in_debt(new_bench: Any) -> None:
    accounts = (replace(one, acct_lv="3", auto_loan=True, balances={"BTC": Decimal(1)}) for one in default_accounts())
    bench = new_bench(accounts=tuple(accounts))
    bench.exchange.background_market.quote("ETH-USDT", "sell", Decimal(4_000), Decimal(10))
    bench.place(instIdCode=10_002, tdMode="cross", px="4000", sz="10")
    row = balance_row(bench.exchange.accounts[UID_1], bench.exchange.usd_px, NOW_MS)
    usdt = next(one for one in row["details"] if one["ccy"] == "USDT")
    assert (usdt["liab"], usdt["crossLiab"], usdt["cashBal"]) == ("40000", "40000", "-40000")
    # 100,000 + 9.99 ETH x 4,000 - 40,000, over 5 % of 40,000.
    assert (row["adjEq"], row["mgnRatio"], row["notionalUsdForBorrow"]) == ("99960", "49.98", "40000")


def test_black_scholes() -> None:
    # Hull, "Options, Futures, and Other Derivatives": at the money, a year, 20 %, no interest: 7.97, delta 0.54.
    assert abs(premium(100, 100, 1, 0.2, call=True) - 7.9656) < 1e-4
    assert abs(premium(100, 100, 1, 0.2, call=False) - 7.9656) < 1e-4
    option = next(one for one in default_instruments(NOW_MS) if one.inst_id.endswith("-100000-C"))
    option.exp_time = str(NOW_MS + 365 * 86_400_000)
    at_20 = greeks_of(option, Decimal("0.079656"), Decimal(100_000), NOW_MS)
    assert abs(at_20.vol - 0.2) < 1e-4 and abs(at_20.delta - 0.5398) < 1e-4
    # vega 100,000 x 0.39695 / 100, theta -vega x vol x 100 / 2 / 365
    assert abs(at_20.vega - 396.95) < 0.1 and abs(at_20.theta + 10.875) < 0.01


def test_options_have_greeks_in_their_rows(bench: Any) -> None:
    bench.match(320_001, "0.05", "10")
    long, short = row_of(bench), row_of(bench, UID_2)
    assert 0.04 < float(long["deltaBS"]) < 0.07 and float(short["deltaBS"]) == -float(long["deltaBS"])
    assert (long["optVal"], short["optVal"], long["liqPx"]) == ("0.005", "-0.005", "")


def test_greeks_of_the_summary_and_of_the_account(bench: Any) -> None:
    """As above: 20 % a year at the money, so delta 0.5398, vega 396.95 dollars by point on one coin at 100,000."""
    bench.match(320_001, "0.05", "10")  # 0.1 BTC of face
    exchange = bench.exchange
    option, now_ms = exchange.instruments.by_inst_id_code[320_001], exchange.clock.now_ms()
    option.exp_time = str(now_ms + 365 * 86_400_000)
    market = exchange.markets[option.inst_id]
    market.commanded_mark_px = Decimal("0.079656")
    row = option_summary_row(market, now_ms)
    wanted = {
        "markVol": 0.2,
        "deltaBS": 0.5398,
        "delta": 0.4602,
        "vegaBS": 396.95,
        "vega": 0.0039695,
        "thetaBS": -10.875,
    }
    for name, value in wanted.items():
        assert abs(float(row[name]) / value - 1) < 1e-3, name
    assert (row["bidVol"], row["askVol"]) == ("", "")
    for uid, sign in ((UID_1, 1), (UID_2, -1)):
        account = exchange.accounts[uid]
        greeks = greeks_row(account, "BTC", exchange.markets, now_ms)
        cash = float(account.cash["BTC"])
        assert abs(float(greeks["deltaBS"]) - cash - sign * 0.05398) < 1e-4
        assert abs(float(greeks["deltaPA"]) - cash - sign * 0.04602) < 1e-4
        assert abs(float(greeks["vegaBS"]) - sign * 39.695) < 0.01
        assert abs(float(greeks["thetaBS"]) + sign * 1.0875) < 1e-3
