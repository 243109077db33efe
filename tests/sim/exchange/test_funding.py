"""Funding and interest by numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.accounts.house_account import INTEREST
from gateway.sim.control.control import Control

UID_1, UID_2 = "1000000000000001", "1000000000000002"
SPOT, SWAP, INVERSE = 10_001, 10_459, 10_458


@pytest.fixture
def bench(modest_bench: Any) -> Any:
    return modest_bench


def position(bench: Any, uid: str, inst_id: str) -> Any:
    return next(one for key, one in bench.exchange.accounts[uid].positions.items() if key[0] == inst_id)


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
