"""Algo orders: finds the updates that the stream missed, after every (re)connect of the business stream and in sweeps.

It first reads OKX's open algo orders, then asks about each one that is open here and that OKX does not list. Every row
enters where pushes do, which drops known ones. Attached algo orders can be created and end without a push: OKX's
history is read for them before the fills of their orders, so that these fills find their owner.

Sources: OKX docs, Algo Trading, "Get algo order list", "Get algo order details", "Get algo order history".
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

import orjson

from gateway._fast.base.wire_names import ENDED_ALGO_STATES
from gateway._fast.control.algos import AlgoControl
from gateway.okx.rest_requests import Row
from gateway.reconciliation.not_found_evidence import NotFoundEvidence
from gateway.reconciliation.runner import time_of

log = logging.getLogger(__name__)

# Asked for at each comparison; other types only while one is open here. OKX takes the first two together.
ORD_TYPES: Final = ("conditional,oco", "trigger", "move_order_stop")
# OKX docs, Get algo order details and list: 20 requests per 2 s each, by user. The rest is left to other clients.
QUESTION_EVERY_S: Final = 0.125
# The types that OKX makes of `attachAlgoOrds` (OKX docs, Place order), and their ends (Get algo order history).
ATTACHED_TYPES: Final = ("conditional", "oco", "move_order_stop")
HISTORY_STATES: Final = ("effective", "canceled", "order_failed")
# Clocks differ, and OKX can push algo orders a little after it creates them.
OVERLAP_MS: Final = 60_000
SETTLED_ALWAYS_MS: Final = 1 << 62

Algo = dict[str, Any]


class AlgoQueries(Protocol):
    """The REST queries that are needed: see `gateway.connections.rest.RestClient`."""

    async def algos_pending(self, ord_types: str) -> list[Row]: ...
    async def algo_order(self, algo_id: str = "", algo_cl_ord_id: str = "") -> Row | None: ...
    async def ended_algo(self, ord_type: str, algo_id: str) -> Row | None: ...
    async def ended_algos(self, ord_type: str, state: str, since_ms: int) -> list[Row]: ...


class AlgoReconciler:
    """One per account. Raises TransportError or VenueError if OKX's REST does not answer: the caller tries again."""

    def __init__(
        self,
        rest: AlgoQueries,
        api: AlgoControl,
        okx_now_ms: Callable[[], int],
        alarm: Callable[[str, str], None],
        sleep: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._rest = rest
        self._api = api
        self._okx_now_ms = okx_now_ms
        self._alarm = alarm
        self._sleep = sleep
        self._busy = asyncio.Lock()
        self._gone: set[str] = set()
        self._without_push: set[str] = set()  # at the last sweep
        self._not_found_evidence = NotFoundEvidence()
        self._gap_began_ms: int | None = None
        self._looked_ms: int | None = None  # OKX's history has been read until this time

    def note_gap(self, okx_now_ms: int) -> None:
        """The stream is lost from this time on (OKX's clock). An earlier gap that was not reconciled continues."""
        if self._gap_began_ms is None:
            self._gap_began_ms = okx_now_ms

    async def run(self) -> None:
        """Reconciles after a gap."""
        async with self._busy:
            began_ms = self._gap_began_ms
            await self._look_back(SETTLED_ALWAYS_MS)
            await self._compare(self._api.open_algos(), SETTLED_ALWAYS_MS)
            if self._gap_began_ms == began_ms:
                self._gap_began_ms = None
        log.info("algo orders reconciled")

    async def look_back(self, margin_ms: int) -> int:
        """While connected: finds attached algo orders that were created and ended, before the sweep asks for fills.

        Returns how many states the stream lost. Updates younger than `margin_ms` are left to the next call.
        """
        async with self._busy:
            published = self._api.corrections()
            await self._look_back(self._okx_now_ms() - margin_ms)
            return self._api.corrections() - published

    async def _look_back(self, settled_ms: int) -> None:
        now_ms = self._okx_now_ms()
        known = [since_ms for since_ms in (self._gap_began_ms, self._looked_ms) if since_ms is not None]
        if known and self._api.attaches():
            since_ms = min(known) - OVERLAP_MS
            for state in HISTORY_STATES:
                for ord_type in ATTACHED_TYPES:
                    rows = await self._rest.ended_algos(ord_type, state, since_ms)
                    rows = [row for row in rows[::-1] if time_of(row, "cTime") >= since_ms]
                    self._feed([row for row in rows if time_of(row, "uTime") <= settled_ms])
        self._looked_ms = min(now_ms, settled_ms)

    async def sweep(self, margin_ms: int = 0) -> int:
        """While connected. Returns how many states the stream lost.

        Updates younger than `margin_ms` are left to the next sweep, since pushes and REST can both be late. So is an
        algo order without a push, the first time that OKX does not list it.
        """
        async with self._busy:
            published = self._api.corrections()
            settled_ms = self._okx_now_ms() - margin_ms if margin_ms else SETTLED_ALWAYS_MS
            known = [algo for algo in self._api.open_algos() if algo["algoId"]]
            held = [algo for algo in known if self._is_settled(algo, settled_ms, margin_ms)]
            self._without_push = {algo["algoId"] for algo in known if not algo["uTime"]}
            await self._compare(held, settled_ms)
            return self._api.corrections() - published

    def _is_settled(self, algo: Algo, settled_ms: int, margin_ms: int) -> bool:
        if not algo["uTime"]:
            return not margin_ms or algo["algoId"] in self._without_push
        return time_of(algo, "uTime") <= settled_ms

    async def _compare(self, held: list[Algo], settled_ms: int) -> None:
        """`held` are the orders open here before OKX was asked. Rows later than `settled_ms` are left alone."""
        rows = await self._pending(algo["ordType"] for algo in held)
        self._feed([row for row in rows if time_of(row, "uTime") <= settled_ms])
        listed = {str(row.get("algoId")) for row in rows}
        for algo in held:
            if algo["unsent"] or algo["algoId"] in listed:
                continue
            now = self._api.find(algo["algoId"], algo["algoClOrdId"])
            if now is not None and now["state"] not in ENDED_ALGO_STATES and now["algoId"] not in listed:
                await self._ask_once(now)
        log.debug("algo orders compared", extra={"open": len(rows), "held": len(held)})

    async def _pending(self, held_types: Iterable[str] = ()) -> list[Row]:
        usual = ",".join(ORD_TYPES).split(",")
        unusual = sorted({ord_type for ord_type in held_types if ord_type and ord_type not in usual})
        rows: list[Row] = []
        for ord_types in (*ORD_TYPES, *unusual):
            rows += await self._rest.algos_pending(ord_types)
        return rows[::-1]

    def _feed(self, rows: list[Row]) -> None:
        if rows:
            self._api.reconcile(orjson.dumps(rows))

    async def ask_once(self, algo: Algo) -> None:
        """Asks once about an algo order that is known here."""
        async with self._busy:
            await self._ask_once(algo)

    async def _ask_once(self, algo: Algo) -> None:
        await self._sleep(QUESTION_EVERY_S)
        asked_at_ms = self._okx_now_ms()
        row = await self._rest.algo_order(algo["algoId"], algo["algoClOrdId"])
        if row is None and algo["algoId"]:
            row = await self._find_ended(algo)
        if row is not None:
            self._not_found_evidence.forget(algo["algoClOrdId"])
            self._feed([row])
        elif not algo["algoId"] and await self.is_nowhere(
            "algoClOrdId", algo["algoClOrdId"], algo["lastMs"], asked_at_ms
        ):
            self._api.not_found(algo["algoClOrdId"])

    async def look_up(self, algo_id: str, algo_cl_ord_id: str) -> Row | None:
        """Asks once about an algo order that is not known here: OKX's row makes it known."""
        async with self._busy:
            await self._sleep(QUESTION_EVERY_S)
            row = await self._rest.algo_order(algo_id, algo_cl_ord_id)
            self._feed([] if row is None else [row])
            return row

    async def is_nowhere(self, key: str, name: str, last_ms: int, asked_at_ms: int) -> bool:
        """Whether OKX's not-found answers, the last to a question at `asked_at_ms`, are proof: `NotFoundEvidence`."""
        if not self._not_found_evidence.is_enough(name, last_ms, asked_at_ms):
            return False
        return all(str(row.get(key)) != name for row in await self._pending())

    async def _find_ended(self, algo: Algo) -> Row | None:
        algo_id = algo["algoId"]
        row = await self._rest.ended_algo(algo["ordType"], algo_id) if algo["ordType"] else None
        if row is None and algo_id not in self._gone:
            self._gone.add(algo_id)
            msg = f"OKX no longer knows algo order {algo_id} of {algo['instId']}, live or ended: it stays open here"
            self._alarm("order_gone", msg)
        return row
