"""After every (re)connect, before new orders are taken: what did OKX do while we could not hear it?

Fills first, so that each is published before the state that it led to; then the open orders; then, one by one, those
that we hold open and OKX does not list. Every row enters the pipeline where pushes do, which drops what is known.

Sources: OKX docs, Order Book Trading, "Get order list", "Get order details", "Get transaction details (last 3 days)".
"""

from __future__ import annotations

import logging
from typing import Any, Final, Protocol

import orjson

from gateway._fast.pipeline_handle import PipelineHandle
from gateway.okx.rest_requests import Row

log = logging.getLogger(__name__)

# REST shows a fill a little after the stream does, and clocks differ: fills are asked for from this much earlier.
FILLS_OVERLAP_MS: Final = 60_000
# An order request may be executed until its expTime; OKX's REST may show it a little later.
NOT_FOUND_MARGIN_MS: Final = 2_000
ENDED_STATES: Final = frozenset({"filled", "canceled", "mmp_canceled", "rejected"})


class OrderQueries(Protocol):
    """What is asked of OKX's REST: see `gateway.connections.rest.RestClient`."""

    async def orders_pending(self) -> list[Row]: ...
    async def order(self, inst_id: str, ord_id: str = "", cl_ord_id: str = "") -> Row | None: ...
    async def fills(self, *, begin_ms: int) -> list[Row]: ...


class Reconciler:
    """One per account. `run` raises TransportError or VenueError when OKX's REST does not answer: to be tried again."""

    def __init__(self, rest: OrderQueries, handle: PipelineHandle) -> None:
        self._rest = rest
        self._handle = handle
        self._gap_began_ms: int | None = None

    def note_gap(self, okx_now_ms: int) -> None:
        """The stream is lost from here on, on OKX's clock; an earlier gap that was never reconciled goes on."""
        if self._gap_began_ms is None:
            self._gap_began_ms = okx_now_ms

    async def run(self) -> None:
        """Asks OKX, and feeds the pipeline."""
        if self._gap_began_ms is not None:
            await self._fetch_fills(self._gap_began_ms - FILLS_OVERLAP_MS)
        pending = await self._rest.orders_pending()
        listed = {str(row.get("ordId")) for row in pending}
        missing = [
            order for order in self._handle.open_orders() if not order["unsent"] and order["ordId"] not in listed
        ]
        self._feed_orders(pending)
        placed = {str(row.get("clOrdId")) for row in pending}
        for order in missing:
            if not order["ordId"] and order["clOrdId"] in placed:
                continue
            await self._ask_once(order)
        self._gap_began_ms = None
        log.info("reconciled", extra={"open": len(pending), "asked": len(missing)})

    async def ask_about_unknown(self) -> None:
        """One question about each order that an unknown request is about. Raises as `run` does."""
        asked = set()
        for row in self._handle.unknown_rows():
            order = self._handle.find_order(row["ordId"], row["clOrdId"])
            if order is None or order["state"] in ENDED_STATES or (order["ordId"], order["clOrdId"]) in asked:
                continue
            asked.add((order["ordId"], order["clOrdId"]))
            await self._ask_once(order)

    async def _fetch_fills(self, begin_ms: int) -> None:
        rows = await self._rest.fills(begin_ms=max(begin_ms, 0))
        self._handle.reconcile_fills(orjson.dumps(rows[::-1]))

    def _feed_orders(self, rows: list[Any]) -> None:
        self._handle.reconcile_orders(orjson.dumps(rows))

    async def _ask_once(self, order: dict[str, Any]) -> bool:
        """True when OKX's answer settles it. That it does not know the order is proof only after the `expTime`."""
        asked_at_ms = self._handle.okx_now_ms()
        row = await self._rest.order(order["instId"], order["ordId"], "" if order["ordId"] else order["clOrdId"])
        if row is not None:
            self._feed_orders([row])
            return True
        if order["ordId"]:
            log.warning(
                "an order is gone from OKX's records", extra={"ordId": order["ordId"], "instId": order["instId"]}
            )
            return True
        if asked_at_ms > order["expTimeMs"] + NOT_FOUND_MARGIN_MS:
            self._handle.not_found(order["clOrdId"])
            return True
        return False
