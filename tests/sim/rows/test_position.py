"""Position rows by numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.rows.position import position_row

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


def test_margin_rows_show_asset_and_debt(bench: Any) -> None:
    bench.exchange.background_market.quote("BTC-USDT", "buy", Decimal(100_000), Decimal(1))
    bench.place(instIdCode=10_001, tdMode="cross", ccy="USDT", side="sell", px="100000", sz="0.2")
    short = row_of(bench)
    wanted = {"pos": "20000", "posCcy": "USDT", "liab": "-0.2", "liabCcy": "BTC", "imr": "2000", "instType": "MARGIN"}
    assert {name: short[name] for name in wanted} == wanted


def test_options_have_greeks_in_their_rows(bench: Any) -> None:
    bench.match(320_001, "0.05", "10")
    long, short = row_of(bench), row_of(bench, UID_2)
    assert 0.04 < float(long["deltaBS"]) < 0.07 and float(short["deltaBS"]) == -float(long["deltaBS"])
    assert (long["optVal"], short["optVal"], long["liqPx"]) == ("0.005", "-0.005", "")
