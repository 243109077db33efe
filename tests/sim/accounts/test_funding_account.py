"""Transfers between funding and trading account (OKX docs, "Funds transfer")."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.accounts.funding_account import FUNDING, TRADING, transferable
from gateway.sim.base.codes import Refusal

UID_1 = "1000000000000001"


@pytest.fixture
def account(modest_bench: Any) -> Any:
    return modest_bench.exchange.accounts[UID_1]


def test_money_goes_out_and_comes_back(account: Any) -> None:
    funding = account.funding_account
    out = funding.transfer(account, "USDT", Decimal(4_000), TRADING, client_id="c1", now_ms=7)
    assert (out.remitter, out.beneficiary, out.bal, out.client_id, out.time_ms) == ("18", "6", 4_000, "c1", 7)
    assert (account.cash["USDT"], funding.balances["USDT"]) == (6_000, 4_000)
    back = funding.transfer(account, "USDT", Decimal(1_000), FUNDING, now_ms=8)
    assert (back.remitter, back.beneficiary, back.bal) == ("6", "18", 3_000)
    assert (account.cash["USDT"], funding.balances["USDT"]) == (7_000, 3_000)
    assert list(funding.transfers) == [out, back] and back.trans_id > out.trans_id


def test_each_transfer_is_billed(account: Any) -> None:
    account.funding_account.transfer(account, "USDT", Decimal(4_000), TRADING, now_ms=7)
    (bill,) = account.bills
    assert (bill.type, bill.sub_type, bill.bal_chg, bill.bal) == ("1", "12", -4_000, 6_000)


@pytest.mark.parametrize("remitter", [FUNDING, TRADING])
def test_a_transfer_beyond_the_balance_is_refused(account: Any, remitter: str) -> None:
    with pytest.raises(Refusal) as refused:
        account.funding_account.transfer(account, "USDT", Decimal("10000.01"), remitter, now_ms=7)
    assert refused.value.code == "58350"
    assert account.cash["USDT"] == 10_000 and not account.funding_account.transfers


def test_the_money_of_orders_stays(modest_bench: Any, account: Any) -> None:
    modest_bench.place(px="99000", sz="0.05")  # sets 4950 aside
    assert transferable(account, "USDT") == 5_050
