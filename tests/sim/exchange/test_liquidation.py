"""Liquidation, deleveraging and forced repayment by numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.accounts.house_account import INSURANCE
from gateway.sim.base.configuration import default_accounts

UID_1, UID_2 = "1000000000000001", "1000000000000002"
SPOT, SWAP = 10_001, 10_459


@pytest.fixture
def bench(modest_bench: Any) -> Any:
    return modest_bench


def position(bench: Any, uid: str, inst_id: str) -> Any:
    return next(one for key, one in bench.exchange.accounts[uid].positions.items() if key[0] == inst_id)


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


def test_forced_repayment_turns_collateral_into_the_debt_s_currency(new_bench: Any) -> None:
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
