"""Pure. The funding account of a user, and transfers between it and the trading account.

Source: OKX docs, "Funds transfer", "Get the state of funds transfer", "Asset bills details".
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from gateway.sim.accounts.bills import BillBook
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import ZERO

FUNDING, TRADING = "6", "18"
FROM_TRADING, TO_TRADING = "130", "131"  # types of asset bills
TRANSFERS_KEPT = 10_000


class TradingAccount(Protocol):
    """The other side of a transfer."""

    cash: dict[str, Decimal]
    frozen: dict[str, Decimal]
    bill_book: BillBook

    def available_margin(self, ccy: str) -> Decimal: ...

    def credit(self, ccy: str, amount: Decimal, now_ms: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Transfer:
    """`bal` is the balance of the funding account after it."""

    trans_id: int
    ccy: str
    amt: Decimal
    remitter: str
    beneficiary: str
    client_id: str
    bal: Decimal
    time_ms: int


class FundingAccount:
    """Empty at first: all money begins in the trading account."""

    def __init__(self, next_id: Callable[[], int]) -> None:
        self.balances: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self.transfers: deque[Transfer] = deque(maxlen=TRANSFERS_KEPT)
        self._next_id = next_id

    def transfer(
        self, account: TradingAccount, ccy: str, amt: Decimal, remitter: str, *, client_id: str = "", now_ms: int
    ) -> Transfer:
        """Move `amt` out of the account that `remitter` names into the other. Borrowed money and the margin of orders
        and positions cannot leave the trading account (58350)."""
        outward = remitter == TRADING
        if amt > (transferable(account, ccy) if outward else self.balances[ccy]):
            raise Refusal("58350")
        beneficiary = FUNDING if outward else TRADING
        change = -amt if outward else amt
        self.balances[ccy] -= change
        account.credit(ccy, change, now_ms)
        account.bill_book.transferred(ccy, remitter, beneficiary, now_ms)
        done = Transfer(self._next_id(), ccy, amt, remitter, beneficiary, client_id, self.balances[ccy], now_ms)
        self.transfers.append(done)
        return done


def transferable(account: TradingAccount, ccy: str) -> Decimal:
    """The amount that can leave the trading account without borrowing."""
    return min(account.available_margin(ccy), max(ZERO, account.cash[ccy] - account.frozen[ccy]))
