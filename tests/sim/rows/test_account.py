"""Balance rows by numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import default_accounts
from gateway.sim.rest import account
from gateway.sim.rows.account import balance_row

UID_1 = "1000000000000001"
NOW_MS = 1_700_000_000_000


@pytest.fixture
def bench(modest_bench: Any) -> Any:
    return modest_bench


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


def test_an_account_without_anything(new_bench: Any) -> None:
    """As recorded: no currencies, and zeros for the sums."""
    bench = new_bench(accounts=tuple(replace(one, balances={}) for one in default_accounts()))
    (row,) = bench.rest(account.balance)["data"]
    assert (row["details"], row["totalEq"], row["isoEq"]) == ([], "0", "0")
    assert bench.place()["sCode"] == "51008"
