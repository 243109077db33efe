"""Pure. Copies of accounts, for a REST server that lags behind the matching engine."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from gateway.sim.accounts.accounts import Account


def frozen(accounts: Mapping[str, Account]) -> dict[str, Account]:
    """Copies that later orders, fills and positions do not touch."""
    return {uid: _frozen(account) for uid, account in accounts.items()}


def _frozen(account: Account) -> Account:
    still = copy(account)
    for name, value in vars(account).items():
        setattr(still, name, _copied(value))
    return still


def _copied(value: Any) -> Any:
    """Containers with copies of their items. Orders and positions change in place; fills and numbers do not."""
    if isinstance(value, dict):
        still = copy(value)
        for key, one in value.items():
            still[key] = copy(one)
        return still
    return copy(value) if isinstance(value, list | set) or type(value).__name__ == "deque" else value
