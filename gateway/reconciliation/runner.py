"""Finds OKX's updates that the stream missed: after every (re)connect, before new orders, and in connected sweeps.

Fills come first, so that each is published before the state that it led to. Then come the open orders, then each order
that is open here and that OKX does not list. Every row enters the pipeline where pushes do, which drops known ones.
Balances and positions come last.

Sources: OKX docs, Order Book Trading, "Get order list", "Get order details", "Get transaction details (last 3 days)",
"Get order history (last 7 days)", "Get order history (last 3 months)".
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol

import orjson

from gateway._fast.base.wire_names import ENDED_STATES
from gateway._fast.control.pipeline import PipelineControl
from gateway.okx.rest_requests import Row
from gateway.reconciliation.account import AccountReconciler
from gateway.reconciliation.not_found_evidence import NotFoundEvidence

log = logging.getLogger(__name__)

# REST shows a fill a little after the stream does, and clocks differ: fills are read from this much earlier.
FILLS_OVERLAP_MS: Final = 60_000
# A comparison after a gap publishes everything: no update is too young.
SETTLED_ALWAYS_MS: Final = 1 << 62
# REST's fills can lag behind its orders for moments. After this many questions an alarm is raised.
FILLS_ATTEMPTS: Final = 5
FILLS_RETRY_S: Final = 0.4


class OrderQueries(Protocol):
    """The REST queries that are needed: see `gateway.connections.rest.RestClient`."""

    async def orders_pending(self) -> list[Row]: ...
    async def order(self, inst_id: str, ord_id: str = "", cl_ord_id: str = "") -> Row | None: ...
    async def ended_order(self, inst_type: str, inst_id: str, ord_id: str) -> Row | None: ...
    async def fills(
        self, *, ord_id: str = "", begin_ms: int = 0, is_enough: Callable[[list[Row]], bool] | None = None
    ) -> list[Row]: ...


async def _nothing() -> None:
    pass


class Reconciler:
    """One per account. `run` raises TransportError or VenueError if OKX's REST does not answer: try again then."""

    def __init__(
        self,
        rest: OrderQueries,
        api: PipelineControl,
        account: AccountReconciler,
        inst_type_of: Callable[[str], str],
        alarm: Callable[[str, str], None],
        sleep: Callable[[float], Any] = asyncio.sleep,
        *,
        first: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        """`first` is done before each comparison: it finds out who owns which orders."""
        self._rest = rest
        self._account = account
        self._api = api
        self._inst_type_of = inst_type_of
        self._alarm = alarm
        self._sleep = sleep
        self._first = first
        self._gap_began_ms: int | None = None
        self._compared_ms: int | None = None
        self._first_ms = 0  # this run does not publish earlier fills
        self._busy = asyncio.Lock()  # one comparison or question at a time: they share the counts of fills
        self._gone: set[str] = set()
        self._without_push: set[str] = set()  # at the last sweep
        self._not_found_evidence = NotFoundEvidence()  # by ordId or clOrdId

    def note_gap(self, okx_now_ms: int) -> None:
        """The stream is lost from this time on (OKX's clock). An earlier gap that was not reconciled continues."""
        if self._gap_began_ms is None:
            self._gap_began_ms = okx_now_ms

    async def run(self) -> None:
        """After a gap: asks OKX, and feeds the pipeline."""
        async with self._busy:
            began_ms = self._gap_began_ms
            await self._compare_gap()
            if self._gap_began_ms == began_ms:
                self._gap_began_ms = None
        log.info("reconciled")

    async def run_while_lost(self) -> None:
        """The same while the gap lasts. The gap then begins again at this comparison."""
        async with self._busy:
            now_ms = self._api.okx_now_ms()
            await self._compare_gap()
            # minus the overlap, but not before the first comparison: this run does not publish earlier fills
            self._gap_began_ms = max(now_ms, self._first_ms + FILLS_OVERLAP_MS)

    async def _compare_gap(self) -> None:
        """New orders wait for this. Fills are read back to published ones; the next sweep reads the rest."""
        await self._first()
        began_ms, held = self._gap_began_ms, self._api.open_orders()
        if began_ms is None:
            await self._compare(None, held)
        else:
            swept_ms, begin_ms = self._compared_ms, began_ms - FILLS_OVERLAP_MS
            await self._compare(begin_ms, held, is_enough=lambda page: self._are_published(page, began_ms))
            self._compared_ms = began_ms if swept_ms is None else min(swept_ms, began_ms)
        await self._account.compare(SETTLED_ALWAYS_MS)

    def _are_published(self, fills: list[Row], before_ms: int) -> bool:
        """A gap loses the newest fills: if a complete page from before the gap was published, older ones were too."""
        return time_of(fills[-1], "ts", "fillTime") < before_ms and all(
            self._api.knows_fill(*(str(fill.get(key, "")) for key in ("instId", "ordId", "tradeId"))) for fill in fills
        )

    async def sweep(self, margin_ms: int = 0) -> int:
        """While connected: a stream can lose pushes and answer every ping. Returns how many fills and states it lost.

        Updates younger than `margin_ms` are left to the next sweep, since pushes and REST can both be late. So is an
        order without a push, the first time that OKX does not list it.
        """
        async with self._busy:
            await self._first()
            since_ms, published = self._compared_ms, self._api.corrections()
            settled_ms = self._api.okx_now_ms() - margin_ms if margin_ms else SETTLED_ALWAYS_MS
            known = [order for order in self._api.open_orders() if order["ordId"]]
            is_settled = {order["ordId"]: self._is_settled(order, settled_ms, margin_ms) for order in known}
            self._without_push = {order["ordId"] for order in known if not order["uTime"]}
            held = [order for order in known if is_settled[order["ordId"]]]
            begin_ms = None if since_ms is None else max(since_ms - FILLS_OVERLAP_MS, self._first_ms)
            await self._compare(begin_ms, held, settled_ms)
            published_account = await self._account.compare(settled_ms)
            return int(self._api.corrections() - published) + published_account

    def _is_settled(self, order: dict[str, Any], settled_ms: int, margin_ms: int) -> bool:
        if not order["uTime"]:
            return not margin_ms or order["ordId"] in self._without_push
        return time_of(order, "uTime") <= settled_ms

    async def _compare(
        self,
        begin_ms: int | None,
        held: list[dict[str, Any]],
        settled_ms: int = SETTLED_ALWAYS_MS,
        is_enough: Callable[[list[Row]], bool] | None = None,
    ) -> None:
        """Reads fills from `begin_ms` on, or to a page that `is_enough`; open orders; then those of `held` not listed.

        `held` are the orders open here before OKX was asked: OKX's answer can lack newer ones. Rows later than
        `settled_ms` are left alone.
        """
        started_ms = min(self._api.okx_now_ms(), settled_ms)
        if begin_ms is not None:
            fills = await self._rest.fills(begin_ms=max(begin_ms, 0), is_enough=is_enough)
            self._feed_fills([fill for fill in fills if time_of(fill, "ts", "fillTime") <= settled_ms])
        pending = await self._rest.orders_pending()
        listed = {str(row.get("ordId")) for row in pending}
        missing = [order for order in held if is_askable(order) and order["ordId"] not in listed]
        for row in pending:
            if time_of(row, "uTime") <= settled_ms:
                await self._feed_order(row)
        placed = {str(row.get("clOrdId")) for row in pending}
        for order in missing:
            now = self._api.find_order(order["ordId"], order["clOrdId"])
            has_ended = now is None or now["state"] in ENDED_STATES
            if not has_ended and (order["ordId"] or order["clOrdId"] not in placed):
                await self._ask_once(order)
        if self._compared_ms is None:
            self._first_ms = started_ms if begin_ms is None else begin_ms
        self._compared_ms = started_ms
        log.debug("compared", extra={"open": len(pending), "asked": len(missing)})

    async def feed_order(self, row: Row) -> None:
        """Feeds REST's row of an order, after those of its fills that are not published."""
        async with self._busy:
            await self._feed_order(row)

    async def ask_once(self, order: dict[str, Any]) -> None:
        """Asks once about an order that is known here. `is_nowhere` decides whether OKX never had it."""
        async with self._busy:
            await self._ask_once(order)

    async def _feed_order(self, row: Row) -> None:
        if self._lacking(row) > 0:
            await self._complete_fills(row)
        self._api.reconcile_orders(orjson.dumps([row]))

    async def _ask_once(self, order: dict[str, Any]) -> None:
        asked_at_ms = self._api.okx_now_ms()
        row = await self._rest.order(order["instId"], order["ordId"], "" if order["ordId"] else order["clOrdId"])
        if row is None and order["ordId"]:
            row = await self._find_ended(order)
        if row is not None:
            self._not_found_evidence.forget(order["clOrdId"])
            await self._feed_order(row)
        elif not order["ordId"] and await self.is_nowhere("clOrdId", order["clOrdId"], order["expTimeMs"], asked_at_ms):
            self._api.not_found(order["clOrdId"])

    async def is_nowhere(self, key: str, name: str, last_ms: int, asked_at_ms: int) -> bool:
        """Whether OKX's not-found answer to a question at `asked_at_ms` proves that the order does not exist.

        A request can have reached the order until `last_ms`: its `expTime`, or the time of sending. The proof needs the
        answers of `NotFoundEvidence`, and that neither the open orders nor the fills since then name the order.
        """
        if not self._not_found_evidence.is_enough(name, last_ms, asked_at_ms):
            return False
        rows = await self._rest.orders_pending()
        rows += await self._rest.fills(begin_ms=max(last_ms - FILLS_OVERLAP_MS, 0))
        return all(str(row.get(key)) != name for row in rows)

    async def _find_ended(self, order: dict[str, Any]) -> Row | None:
        """OKX has forgotten an order that is open here (51603). Its history can have the end; fills are fed anyway."""
        ord_id, inst_id = order["ordId"], order["instId"]
        row = await self._rest.ended_order(self._inst_type_of(inst_id), inst_id, ord_id)
        if row is not None:
            return row
        self._feed_fills(await self._rest.fills(ord_id=ord_id))
        if ord_id not in self._gone:
            self._gone.add(ord_id)
            msg = f"OKX no longer knows order {ord_id} of {inst_id}, neither live nor ended: it stays open here"
            self._alarm("order_gone", msg)
        return None

    def _feed_fills(self, rows: list[Row]) -> None:
        """Feeds REST's fills; REST lists the newest first."""
        self._api.reconcile_fills(orjson.dumps(rows[::-1]))

    def _lacking(self, row: Row) -> Decimal:
        """An order row's `accFillSz` minus the published fills; 0 for an order that is not known here."""
        known = self._api.find_order(str(row.get("ordId", "")), str(row.get("clOrdId", "")))
        if known is None or known["publishedFillSz"] is None:
            return Decimal(0)
        return size_of(row, "accFillSz") - size_of(known, "publishedFillSz")

    async def _ask_fills(self, row: Row) -> bool:
        """Feeds REST's fills of an order. True if they are complete: nothing is lacking, or REST lists all of them."""
        fills = await self._rest.fills(ord_id=str(row["ordId"]))
        self._feed_fills(fills)
        return self._lacking(row) <= 0 or size_of(row, "accFillSz") <= sum(size_of(fill, "fillSz") for fill in fills)

    async def _complete_fills(self, row: Row) -> None:
        """Publishes the fills of an order row before the row itself."""
        for attempt in range(FILLS_ATTEMPTS):
            if attempt:
                await self._sleep(FILLS_RETRY_S)
            if await self._ask_fills(row):
                return
        self.alarm_lacking(row)

    async def ask_fills(self, ord_id: str) -> bool:
        """Asks once for an order's missing fills, if any. True if all are published now."""
        async with self._busy:
            order = self._api.find_order(ord_id)
            return order is None or self._lacking(order) <= 0 or await self._ask_fills(order)

    def alarm_lacking(self, row: Row) -> None:
        lacking = f"{self._lacking(row).normalize():f}"
        msg = f"OKX's fills of order {row['ordId']} lack {lacking} of its accFillSz {row['accFillSz']}"
        self._alarm("fills_missing", msg)


def is_askable(order: dict[str, Any]) -> bool:
    """True if OKX can have it and it has a name there. If the journal lost the record of its sending, it has none."""
    return not order["unsent"] and bool(order["ordId"] or order["clOrdId"])


def time_of(row: Row, *names: str) -> int:
    """The first of these times that is set, in ms; 0 if none is."""
    return next((int(text) for name in names if (text := str(row.get(name) or "")).isdecimal()), 0)


def size_of(row: Row, name: str) -> Decimal:
    """A size from OKX; 0 if there is none."""
    try:
        return Decimal(row.get(name) or 0)
    except (InvalidOperation, TypeError, ValueError):
        return Decimal(0)
