"""Balances and positions: published from OKX's REST if the stream has not delivered them.

Sources: OKX docs, Trading Account, "Get balance", "Get positions".
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final, Protocol

import orjson

from gateway._fast.control.pipeline import PipelineControl
from gateway.okx.rest_requests import Row
from gateway.reconciliation.account_view import AccountView

log = logging.getLogger(__name__)

# OKX docs, Get balance, `ccy`, and Get positions, `posId`: at most so many by name.
NAMES_MAX: Final = 20


class AccountQueries(Protocol):
    """The REST queries that are needed: see `gateway.connections.rest.RestClient`."""

    async def account_balance(self, currencies: Sequence[str] = ()) -> Row: ...
    async def account_positions(self, pos_ids: Sequence[str] = ()) -> list[Row]: ...


class AccountReconciler:
    """One per account. Raises TransportError or VenueError if OKX's REST does not answer: the caller tries again."""

    def __init__(self, rest: AccountQueries, api: PipelineControl) -> None:
        self._rest = rest
        self._api = api
        self._view = AccountView()

    def listen(self) -> None:
        """Takes note of the pushes published since the last call."""
        for frame in self._api.take_account_frames():
            try:
                self._view.take(frame)
            except (ValueError, AttributeError):
                log.warning("a push about the account is malformed", extra={"begins": repr(frame[:100])})

    async def compare(self, settled_ms: int) -> int:
        """Returns how many currencies and positions it published. Updates after `settled_ms` are left alone."""
        account = await self._rest.account_balance()
        positions = await self._rest.account_positions()
        self.listen()
        currencies = self._view.currencies_missing(account, settled_ms)[:NAMES_MAX]
        if currencies:
            named = await self._rest.account_balance(currencies)
            account = {**account, "details": [*account.get("details", ()), *named.get("details", ())]}
        closed = self._view.positions_missing(positions, settled_ms)[:NAMES_MAX]
        if closed:
            positions += await self._rest.account_positions(closed)
        self.listen()
        return self._publish(account, positions, settled_ms)

    def _publish(self, account: Row, positions: list[Row], settled_ms: int) -> int:
        balances = self._view.balances_unpublished(account, settled_ms)
        unpublished = self._view.positions_unpublished(positions, settled_ms)
        if balances is not None:
            self._api.publish_account(_push("account", [balances]))
        if unpublished:
            self._api.publish_positions(_push("positions", unpublished))
        self.listen()
        return len(unpublished) + (0 if balances is None else len(balances["details"]))


def _push(channel: str, rows: list[Row]) -> bytes:
    return orjson.dumps({"arg": {"channel": channel}, "eventType": "event_update", "data": rows})
