"""The balances of the exchange itself."""

from __future__ import annotations

from decimal import Decimal

from gateway.sim.accounts.house_account import FEES, INSURANCE, HouseAccount


def test_balances_by_purpose_and_currency() -> None:
    house_account = HouseAccount()
    house_account.take(FEES, "USDT", Decimal(5))
    house_account.take(FEES, "BTC", Decimal(1))
    house_account.take(INSURANCE, "USDT", Decimal(-7))
    house_account.take(INSURANCE, "USDT", Decimal(2))
    assert [house_account.balance(one, "USDT") for one in (FEES, INSURANCE)] == [5, -5]
    assert house_account.balance(INSURANCE, "BTC") == 0
    assert house_account.balances()[FEES] == {"USDT": 5, "BTC": 1}
