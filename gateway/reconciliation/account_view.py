"""Pure. The published balances and positions, and the differences of OKX's REST answers from them.

It compares only members that an event changes: cash and liabilities of a currency, size and entry price of a position.
OKX pushes the members that follow the market every few seconds anyway. OKX docs, Trading Account: Account channel,
Positions channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson

from gateway.okx.rest_requests import Row

BALANCE_MEMBERS: Final = ("cashBal", "liab")
POSITION_MEMBERS: Final = ("pos", "avgPx")


class AccountView:
    """`take` receives the pushes in the order of publication; the other methods compare REST's answers with them."""

    def __init__(self) -> None:
        self._balances: dict[str, Row] = {}  # by ccy
        self._positions: dict[str, Row] = {}  # by posId

    def take(self, frame: bytes) -> None:
        """A complete push of the channels `account` or `positions`. Malformed rows are skipped."""
        push = orjson.loads(frame)
        rows = _rows_of(push.get("data"))
        if push.get("arg", {}).get("channel") == "positions":
            _keep_newest(self._positions, "posId", rows)
        else:
            _keep_newest(self._balances, "ccy", [one for row in rows for one in _rows_of(row.get("details"))])

    def balances_unpublished(self, account: Row, settled_ms: int) -> Row | None:
        """REST's account row with only the currencies that are not published so; None if all are."""
        details = [
            detail
            for detail in _rows_of(account.get("details"))
            if _is_update(self._balances.get(str(detail.get("ccy"))), detail, BALANCE_MEMBERS, settled_ms)
        ]
        return {**account, "details": details} if details else None

    def positions_unpublished(self, rows: Iterable[Row], settled_ms: int) -> list[Row]:
        """REST's rows of positions that are not published so."""
        return [
            row
            for row in rows
            if _is_update(self._positions.get(str(row.get("posId"))), row, POSITION_MEMBERS, settled_ms)
        ]

    def currencies_missing(self, account: Row, settled_ms: int) -> list[str]:
        """Published with a balance, but not in REST's list, which omits zero balances: ask for these by name."""
        listed = {str(detail.get("ccy")) for detail in _rows_of(account.get("details"))}
        return _open_names(self._balances, BALANCE_MEMBERS[0], listed, settled_ms)

    def positions_missing(self, rows: Iterable[Row], settled_ms: int) -> list[str]:
        """The `posId`s of positions published as open, but not in REST's list, which omits closed ones."""
        return _open_names(self._positions, POSITION_MEMBERS[0], {str(row.get("posId")) for row in rows}, settled_ms)


def _rows_of(rows: Any) -> list[Row]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _keep_newest(known: dict[str, Row], key: str, rows: Sequence[Row]) -> None:
    for row in rows:
        name = str(row.get(key, ""))
        if name and (name not in known or _time_of(row) >= _time_of(known[name])):
            known[name] = row


def _open_names(known: dict[str, Row], member: str, listed: set[str], settled_ms: int) -> list[str]:
    return [
        name
        for name, row in known.items()
        if name not in listed and _number(row.get(member)) and _time_of(row) <= settled_ms
    ]


def _is_update(published: Row | None, row: Row, members: Sequence[str], settled_ms: int) -> bool:
    """REST can lag behind the pushes: only a row that is newer than they are counts, and no later than `settled_ms`."""
    if _time_of(row) > settled_ms:
        return False
    if published is None:
        return any(_number(row.get(member)) for member in members)
    changed = any(_number(row.get(member)) != _number(published.get(member)) for member in members)
    return changed and _time_of(row) > _time_of(published)


def _time_of(row: Row) -> int:
    text = str(row.get("uTime") or "")
    return int(text) if text.isdecimal() else 0


def _number(text: Any) -> Decimal:
    try:
        return Decimal(text or 0)
    except (InvalidOperation, TypeError, ValueError):
        return Decimal(0)
