"""After every (re)connect, before new orders, and now and then while connected: what did OKX do that we did not hear?

Fills first, so that each is published before the state that it led to; then the open orders; then, one by one, those
that we hold open and OKX does not list. Every row enters the pipeline where pushes do, which drops what is known.
Balances and positions last.

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

from gateway._fast.control.pipeline import PipelineControl
from gateway.okx.rest_requests import Row
from gateway.reconciliation.account import AccountReconciler
from gateway.reconciliation.not_found_evidence import NotFoundEvidence

log = logging.getLogger(__name__)

# REST shows a fill a little after the stream does, and clocks differ: fills are asked for from this much earlier.
FILLS_OVERLAP_MS: Final = 60_000
ENDED_STATES: Final = frozenset({"filled", "canceled", "mmp_canceled", "rejected"})
# Nothing is too young: a comparison after a gap tells all.
SETTLED_ALWAYS_MS: Final = 1 << 62
# REST's fills may lag behind its orders for moments. After this many questions a human is told.
FILLS_ATTEMPTS: Final = 5
FILLS_RETRY_S: Final = 0.4


class OrderQueries(Protocol):
    """What is asked of OKX's REST: see `gateway.connections.rest.RestClient`."""

    async def orders_pending(self) -> list[Row]: ...
    async def order(self, inst_id: str, ord_id: str = "", cl_ord_id: str = "") -> Row | None: ...
    async def ended_order(self, inst_type: str, inst_id: str, ord_id: str) -> Row | None: ...
    async def fills(
        self, *, ord_id: str = "", begin_ms: int = 0, is_enough: Callable[[list[Row]], bool] | None = None
    ) -> list[Row]: ...


async def _nothing() -> None:
    pass


class Reconciler:
    """One per account. `run` raises TransportError or VenueError when OKX's REST does not answer: to be tried again."""

    def __init__(
        self,
        rest: OrderQueries,
        api: PipelineControl,
        account: AccountReconciler,
        inst_type_of: Callable[[str], str],
        alarm: Callable[[str, str], None],
        sleep: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._rest = rest
        self._account = account
        self._api = api
        self._inst_type_of = inst_type_of
        self._alarm = alarm
        self._sleep = sleep
        self._first: Callable[[], Awaitable[None]] = _nothing
        self._gap_began_ms: int | None = None
        self._compared_ms: int | None = None
        self._first_ms = 0  # earlier fills are not this run's to tell
        self._busy = asyncio.Lock()  # one comparison or question at a time: they share what is counted of fills
        self._gone: set[str] = set()
        self._without_push: set[str] = set()  # at the last sweep
        self._not_found_evidence = NotFoundEvidence()  # by ordId or clOrdId

    def go_after(self, first: Callable[[], Awaitable[None]]) -> None:
        """`first` is to be done before each comparison: what tells whose orders are whose."""
        self._first = first

    def note_gap(self, okx_now_ms: int) -> None:
        """The stream is lost from here on, on OKX's clock; an earlier gap that was never reconciled goes on."""
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
        """The same while the gap lasts: it begins anew with this."""
        async with self._busy:
            now_ms = self._api.okx_now_ms()
            await self._compare_gap()
            # with the overlap not from before the first comparison: that is not this run's to tell
            self._gap_began_ms = max(now_ms, self._first_ms + FILLS_OVERLAP_MS)

    async def _compare_gap(self) -> None:
        """New orders wait for it: fills are read back to those that have been told; the next sweep reads on."""
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
        """What breaks loses the newest: where a whole page from before the gap has been told, so have older ones."""
        return time_of(fills[-1], "ts", "fillTime") < before_ms and all(
            self._api.knows_fill(*(str(fill.get(key, "")) for key in ("instId", "ordId", "tradeId"))) for fill in fills
        )

    async def sweep(self, margin_ms: int = 0) -> int:
        """While connected: a stream can lose pushes and answer every ping. Returns how many fills and states it lost.

        What is younger than `margin_ms` is left to the next sweep, since pushes and REST may both be late; so is an
        order of which no push has come yet, the first time that OKX does not list it.
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
        """Fills from `begin_ms` on, or a page that `is_enough`; open orders; those of `held` that are not among them.

        `held` are ours from before OKX was asked: what is newer may be missing in its answer. Rows later than
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
        """REST's row of an order, after those of its fills that have not been told."""
        async with self._busy:
            await self._feed_order(row)

    async def ask_once(self, order: dict[str, Any]) -> None:
        """One question about an order that is held. What proves that OKX never had it: see `is_nowhere`."""
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
        """Whether OKX's denial of an order, given when asked at `asked_at_ms`, is proof that it is not there.

        `last_ms` is when a request can have reached it last: `expTime`, or the sending. Beside the not-found answers of
        `NotFoundEvidence` it takes that neither the open orders nor the fills since then name it.
        """
        if not self._not_found_evidence.is_enough(name, last_ms, asked_at_ms):
            return False
        rows = await self._rest.orders_pending()
        rows += await self._rest.fills(begin_ms=max(last_ms - FILLS_OVERLAP_MS, 0))
        return all(str(row.get(key)) != name for row in rows)

    async def _find_ended(self, order: dict[str, Any]) -> Row | None:
        """OKX has forgotten an order that we hold open (51603): its history may know the end; fills are told anyway."""
        ord_id, inst_id = order["ordId"], order["instId"]
        row = await self._rest.ended_order(self._inst_type_of(inst_id), inst_id, ord_id)
        if row is not None:
            return row
        self._feed_fills(await self._rest.fills(ord_id=ord_id))
        if ord_id not in self._gone:
            self._gone.add(ord_id)
            msg = f"OKX knows order {ord_id} of {inst_id} no longer, neither live nor ended: it stays open here"
            self._alarm("order_gone", msg)
        return None

    def _feed_fills(self, rows: list[Row]) -> None:
        """REST's fills, newest first as it gives them."""
        self._api.reconcile_fills(orjson.dumps(rows[::-1]))

    def _lacking(self, row: Row) -> Decimal:
        """How much more an order row says is filled than has been told in fills; 0 for an order that is not held."""
        known = self._api.find_order(str(row.get("ordId", "")), str(row.get("clOrdId", "")))
        if known is None or known["publishedFillSz"] is None:
            return Decimal(0)
        return size_of(row, "accFillSz") - size_of(known, "publishedFillSz")

    async def _ask_fills(self, row: Row) -> bool:
        """Tells REST's fills of an order. True if they are complete: nothing is lacking, or REST lists the whole."""
        fills = await self._rest.fills(ord_id=str(row["ordId"]))
        self._feed_fills(fills)
        return self._lacking(row) <= 0 or size_of(row, "accFillSz") <= sum(size_of(fill, "fillSz") for fill in fills)

    async def _complete_fills(self, row: Row) -> None:
        """Tells the fills that an order row speaks of before it is told itself."""
        for attempt in range(FILLS_ATTEMPTS):
            if attempt:
                await self._sleep(FILLS_RETRY_S)
            if await self._ask_fills(row):
                return
        self.alarm_lacking(row)

    async def ask_fills(self, ord_id: str) -> bool:
        """One question about the fills that are missing of an order, if they are. True if they are told now."""
        async with self._busy:
            order = self._api.find_order(ord_id)
            return order is None or self._lacking(order) <= 0 or await self._ask_fills(order)

    def alarm_lacking(self, row: Row) -> None:
        lacking = f"{self._lacking(row).normalize():f}"
        msg = f"OKX's fills of order {row['ordId']} lack {lacking} of its accFillSz {row['accFillSz']}"
        self._alarm("fills_missing", msg)


def is_askable(order: dict[str, Any]) -> bool:
    """It may be at OKX, and has a name there. It has none where the journal has lost the record of what was sent."""
    return not order["unsent"] and bool(order["ordId"] or order["clOrdId"])


def time_of(row: Row, *names: str) -> int:
    """The first of these times that is given, in ms; 0 for none."""
    return next((int(text) for name in names if (text := str(row.get(name) or "")).isdecimal()), 0)


def size_of(row: Row, name: str) -> Decimal:
    """A size of OKX's; 0 where there is none."""
    try:
        return Decimal(row.get(name) or 0)
    except (InvalidOperation, TypeError, ValueError):
        return Decimal(0)
