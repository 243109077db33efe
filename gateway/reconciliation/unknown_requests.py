"""Requests without an ack: OKX's REST is asked until it proves each result. An alarm names those that stay open.

Sources: OKX docs, Order Book Trading, "Get order details", "Get order list"; WS / Mass cancel order (MMP orders only).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from gateway._fast.base.wire_names import ENDED_STATES, USERS_CANCEL_SOURCES
from gateway._fast.control.pipeline import PipelineControl
from gateway.errors import TransportError, VenueError
from gateway.okx.rest_requests import Row
from gateway.reconciliation.not_found_evidence import NOT_FOUND_MARGIN_MS, NotFoundEvidence
from gateway.reconciliation.runner import OrderQueries, Reconciler
from gateway.reconciliation.unknown_algos import ALGO_OPS

log = logging.getLogger(__name__)

# After this long without proof an alarm is raised, once; the request stays unknown.
ALARM_AFTER_MS: Final = 60_000
CANCEL_OPS: Final = frozenset({"cancel-order", "batch-cancel-orders"})
AMEND_OPS: Final = frozenset({"amend-order", "batch-amend-orders"})
# OKX docs, WS / Place order, `ordType`: market maker protection, for options of portfolio margin accounts.
MMP_ORD_TYPES: Final = frozenset({"mmp", "mmp_and_post_only"})

Unknown = dict[str, Any]


class Rest(OrderQueries, Protocol):
    """The REST queries and requests that are needed: see `gateway.connections.rest.RestClient`."""

    async def cancel_batch_orders(self, rows: Sequence[Mapping[str, str]]) -> list[Row]: ...


class UnknownRequests:
    """Call `ask` repeatedly while anything is unknown. Raises as `Reconciler.run` does."""

    def __init__(
        self,
        rest: Rest,
        api: PipelineControl,
        reconciler: Reconciler,
        alarm: Callable[[str, str], None],
    ) -> None:
        self._rest = rest
        self._api = api
        self._reconciler = reconciler
        self._alarm = alarm
        self._amend_evidence = NotFoundEvidence()
        self._alarmed: set[tuple[int, str, int]] = set()

    async def ask(self) -> None:
        """Asks once about each order, and each instrument family of options, of an unknown row."""
        asked = set()
        rows = self._api.unknown_rows()
        self._publish_old(rows)
        rows = [row for row in rows if row["op"] not in ALGO_OPS]
        for row in rows:
            subject = (row["ordId"], row["clOrdId"], row["instFamily"])
            if row["op"] == "mass-cancel":
                await self._ask_about_mass_cancel(row)
            elif any(subject) and subject not in asked:
                asked.add(subject)
                await self._ask_about_order(row)
        for row in rows:
            if row["op"] in AMEND_OPS and self._api.okx_now_ms() > row["expTimeMs"] + NOT_FOUND_MARGIN_MS:
                await self._judge_amend(row)

    async def _ask_about_order(self, row: Unknown) -> None:
        order = self._api.find_order(row["ordId"], row["clOrdId"])
        if order is None:
            await self._ask_about_external_order(row)
        elif order["state"] not in ENDED_STATES:
            await self._reconciler.ask_once(order)
            if row["op"] in CANCEL_OPS:
                await self._repeat_cancel(row)

    async def _repeat_cancel(self, row: Unknown) -> None:
        """A cancel has no `expTime`: while its order lives, only a repeated cancel can prove something.

        If OKX accepts the repeated cancel, that is the proof. A refusal proves nothing; the order's end will.
        """
        order = self._api.find_order(row["ordId"], row["clOrdId"])
        if order is None or order["state"] in ENDED_STATES or not order["ordId"]:
            return
        if self._api.okx_now_ms() <= row["sentMs"] + NOT_FOUND_MARGIN_MS:
            return
        key = row["owner"], row["id"], row["row"]
        if not self._api.take_cancel_token(*key):
            return
        try:
            answers = await self._rest.cancel_batch_orders([{"instId": order["instId"], "ordId": order["ordId"]}])
        except (VenueError, TransportError) as error:
            log.warning("a cancel was not repeated yet", extra={"why": str(error)})
            return
        if len(answers) == 1 and answers[0].get("sCode") == "0":
            self._api.cancel_repeated(*key)

    async def _ask_about_external_order(self, row: Unknown) -> None:
        """A cancel or amend of an order that is not known here: OKX's row makes it known, and its end is the proof.

        Source: OKX docs, "Get order details": OKX knows an order that ends without a fill for two hours. An order that
        OKX does not know moments after the request was neither cancelled nor amended by it.
        """
        asked_at_ms = self._api.okx_now_ms()
        found = await self._rest.order(row["instId"], row["ordId"], "" if row["ordId"] else row["clOrdId"])
        if found is not None:
            await self._reconciler.feed_order(found)
            if row["op"] in CANCEL_OPS and found.get("state") in ENDED_STATES:
                is_cancelled = found["state"] != "filled" and found.get("cancelSource", "") in USERS_CANCEL_SOURCES
                self._resolve(row, accepted=is_cancelled, is_found=True)
        else:
            key = "ordId" if row["ordId"] else "clOrdId"
            last_ms = max(row["sentMs"], row["expTimeMs"])
            if await self._reconciler.is_nowhere(key, row[key], last_ms, asked_at_ms):
                self._resolve(row, accepted=False, is_found=False)

    async def _judge_amend(self, row: Unknown) -> None:
        """After its `expTime` an amend has been executed or never will be: a row read now can show which."""
        order = self._api.find_order(row["ordId"], row["clOrdId"])
        if order is None or order["state"] in ENDED_STATES:
            return
        asked_at_ms = self._api.okx_now_ms()
        found = await self._rest.order(order["instId"], order["ordId"], "" if order["ordId"] else order["clOrdId"])
        if found is not None:
            await self._reconciler.feed_order(found)
            key = row["owner"], row["id"], row["row"]
            is_sure = self._amend_evidence.is_enough(str(key), row["expTimeMs"], asked_at_ms)
            self._api.resolve_amend(*key, is_sure)

    async def _ask_about_mass_cancel(self, row: Unknown) -> None:
        """Done if none of the family's older MMP orders is left. If some are left, it can still be on its way."""
        if self._api.okx_now_ms() <= row["sentMs"] + NOT_FOUND_MARGIN_MS:
            return
        left = [
            order
            for order in await self._rest.orders_pending()
            if order.get("ordType") in MMP_ORD_TYPES
            and str(order.get("instId", "")).startswith(f"{row['instFamily']}-")
            and int(order.get("cTime") or 0) < row["sentMs"]
        ]
        if not left:
            self._resolve(row, accepted=True, is_found=True)

    def _resolve(self, row: Unknown, *, accepted: bool, is_found: bool) -> None:
        self._api.resolve_unknown(row["owner"], row["id"], row["row"], accepted, is_found)

    def _publish_old(self, rows: list[Unknown]) -> None:
        keys = {(row["owner"], row["id"], row["row"]): row for row in rows if row["ageMs"] > ALARM_AFTER_MS}
        for key in keys.keys() - self._alarmed:
            row = keys[key]
            order = row["ordId"] or row["clOrdId"] or row["instFamily"]
            request = f"{row['op']} {row['id']} row {row['row']} ({order})"
            self._alarm("unknown_unresolved", f"{request} has no proof after {ALARM_AFTER_MS // 1000} s: check at OKX")
        self._alarmed = set(keys)
