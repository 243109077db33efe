"""Pure. The exchange's own side of the money: fees taken, insurance fund, interest, conversions, remainders.

It takes every loss of an account that no other account gains, so the money of all accounts and of the house together
never changes, to the last digit. OKX keeps such an insurance fund (OKX docs, "Get security fund"); its books are ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from gateway.sim.base.formats import ZERO

FEES = "fees"
INSURANCE = "insurance"  # negative: the fund has paid for bankrupt accounts
INTEREST = "interest"
CONVERSION = "conversion"  # profits and debts turned into another currency at the price of the moment
REMAINDER = "remainder"  # the remainder when payments of both sides are cut to 16 places


class HouseAccount:
    """One set of balances per purpose."""

    def __init__(self) -> None:
        self._accounts: dict[str, dict[str, Decimal]] = {
            name: defaultdict(lambda: ZERO) for name in (FEES, INSURANCE, INTEREST, CONVERSION, REMAINDER)
        }

    def take(self, purpose: str, ccy: str, amount: Decimal) -> None:
        """Book `amount` from an account to the house (negative: the house paid)."""
        self._accounts[purpose][ccy] += amount

    def balance(self, purpose: str, ccy: str) -> Decimal:
        return self._accounts[purpose].get(ccy, ZERO)

    def balances(self) -> Mapping[str, Mapping[str, Decimal]]:
        return self._accounts
