"""Pure. What strategies have been told of balances and positions, and what OKX's REST shows that they have not.

Compared is what only an event changes: cash and liabilities of a currency, size and entry price of a position. What
follows the market is pushed every few seconds anyway. OKX docs, Trading Account: Account channel, Positions channel.
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
    """`take` the pushes in the order in which they were told; the questions are about REST's answers."""

    def __init__(self) -> None:
        self._balances: dict[str, Row] = {}  # by ccy
        self._positions: dict[str, Row] = {}  # by posId

    def take(self, frame: bytes) -> None:
        """A push of the channels `account` or `positions`, whole. What is not of their shape is passed over."""
        push = orjson.loads(frame)
        rows = _rows_of(push.get("data"))
        if push.get("arg", {}).get("channel") == "positions":
            _keep_newest(self._positions, "posId", rows)
        else:
            _keep_newest(self._balances, "ccy", [one for row in rows for one in _rows_of(row.get("details"))])

    def balances_unpublished(self, account: Row, settled_ms: int) -> Row | None:
        """REST's account row with those currencies alone that have not been told so; None if all have been."""
        details = [
            detail
            for detail in _rows_of(account.get("details"))
            if _is_update(self._balances.get(str(detail.get("ccy"))), detail, BALANCE_MEMBERS, settled_ms)
        ]
        return {**account, "details": details} if details else None

    def positions_unpublished(self, rows: Iterable[Row], settled_ms: int) -> list[Row]:
        """REST's rows of positions that have not been told so."""
        return [
            row
            for row in rows
            if _is_update(self._positions.get(str(row.get("posId"))), row, POSITION_MEMBERS, settled_ms)
        ]

    def currencies_missing(self, account: Row, settled_ms: int) -> list[str]:
        """Told as held, and not in REST's list, which leaves out what is zero: to be asked for by name."""
        listed = {str(detail.get("ccy")) for detail in _rows_of(account.get("details"))}
        return _held(self._balances, BALANCE_MEMBERS[0], listed, settled_ms)

    def positions_missing(self, rows: Iterable[Row], settled_ms: int) -> list[str]:
        """The `posId`s of positions told as open and not in REST's list, which leaves out closed ones."""
        return _held(self._positions, POSITION_MEMBERS[0], {str(row.get("posId")) for row in rows}, settled_ms)


def _rows_of(rows: Any) -> list[Row]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _keep_newest(known: dict[str, Row], key: str, rows: Sequence[Row]) -> None:
    for row in rows:
        name = str(row.get(key, ""))
        if name and (name not in known or _time_of(row) >= _time_of(known[name])):
            known[name] = row


def _held(known: dict[str, Row], member: str, listed: set[str], settled_ms: int) -> list[str]:
    return [
        name
        for name, row in known.items()
        if name not in listed and _number(row.get(member)) and _time_of(row) <= settled_ms
    ]


def _is_update(published: Row | None, row: Row, members: Sequence[str], settled_ms: int) -> bool:
    """REST may lag behind the pushes: only what is newer than they were counts, and no younger than `settled_ms`."""
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
