"""Loans: OKX's members, numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.rest import loans as rest_loans

UID_1 = "1000000000000001"
SPOT = 10_001


def test_interest_accrued(bench: Any) -> None:
    bench.exchange.background_market.quote("BTC-USDT", "sell", Decimal(100_000), Decimal(1))
    bench.place(instIdCode=SPOT, tdMode="cross", ccy="USDT", px="100000", sz="0.5")
    for _ in range(2):
        bench.exchange.clock.skew_ms += 3_600_000
        bench.command("accrue_interest", uid=UID_1, hours=1)
    newest, oldest = bench.rest(rest_loans.interest_accrued)["data"]
    assert " ".join(oldest) == "ccy instId interest interestFreeLiab interestRate liab mgnMode totalLiab ts type"
    names = "ccy", "instId", "interest", "interestRate", "liab", "mgnMode", "type"
    assert [oldest[name] for name in names] == ["USDT", "BTC-USDT", "0.5", "0.00001", "50000", "cross", "2"]
    assert bench.rest(rest_loans.interest_accrued, after=newest["ts"])["data"] == [oldest]
    assert bench.rest(rest_loans.interest_accrued, type="1")["data"] == []
    assert bench.rest(rest_loans.interest_accrued, mgnMode="cash")["code"] == "51000"
    assert bench.rest(rest_loans.interest_rate, ccy="BTC")["data"] == [{"ccy": "BTC", "interestRate": "0.00001"}]


def test_the_largest_loan_is_that_of_the_largest_order(bench: Any) -> None:
    asked = {"instId": "BTC-USDT", "mgnMode": "cross", "mgnCcy": "USDT"}
    buy, sell = bench.rest(rest_loans.max_loan, **asked)["data"]
    # 10,000,000 USDT at leverage 10 with a taker fee of 0.1 %: 10,000,000 / (0.1 + 0.001).
    assert Decimal(buy["maxLoan"]) == pytest.approx(Decimal("99009900.99"), abs=1)
    assert (buy["ccy"], buy["side"], sell["ccy"], sell["side"]) == ("USDT", "buy", "BTC", "sell")
    assert bench.rest(rest_loans.max_loan, instId="BTC-USDT")["code"] == "50014"
    assert bench.rest(rest_loans.max_loan, **{**asked, "instId": "BTC-USDT-SWAP"})["code"] == "51000"
    assert bench.rest(rest_loans.max_loan, **{**asked, "mgnCcy": "ETH"})["code"] == "51000"
    bench.command("account_mode", uid=UID_1, acct_lv="1")
    assert bench.rest(rest_loans.max_loan, **asked)["code"] == "51010"
