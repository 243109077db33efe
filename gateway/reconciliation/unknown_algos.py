"""Algo requests without an answer: OKX's REST is asked until it proves each result.

OKX takes no `expTime` for them, but refuses a request 30 s after its signed timestamp (OKX docs, Overview, REST
authentication; 50102): a request that OKX does not know after that, plus a margin, was not executed.
"""

from __future__ import annotations

from typing import Any, Final

from gateway._fast.base.wire_names import ENDED_ALGO_STATES
from gateway._fast.control.algos import SIGNED_FOR_MS, AlgoControl
from gateway._fast.control.pipeline import PipelineControl
from gateway.reconciliation.algos import AlgoReconciler
from gateway.reconciliation.not_found_evidence import NOT_FOUND_MARGIN_MS

ALGO_OPS: Final = frozenset({"order-algo", "amend-algos", "cancel-algos"})

Unknown = dict[str, Any]


class UnknownAlgos:
    """Call `ask` repeatedly while anything is unknown. Raises as `AlgoReconciler.run` does."""

    def __init__(self, api: PipelineControl, algos: AlgoControl, reconciler: AlgoReconciler) -> None:
        self._api = api
        self._algos = algos
        self._reconciler = reconciler

    async def ask(self) -> None:
        """Asks once about each algo order of an unknown row."""
        rows = [row for row in self._api.unknown_rows() if row["op"] in ALGO_OPS]
        for name in dict.fromkeys((row["ordId"], row["clOrdId"]) for row in rows):
            algo = self._algos.find(*name)
            if algo is None:
                await self._ask_about_external_order([row for row in rows if (row["ordId"], row["clOrdId"]) == name])
            elif algo["state"] not in ENDED_ALGO_STATES:
                await self._reconciler.ask_once(algo)
        for row in rows:
            past_ms = row["sentMs"] + SIGNED_FOR_MS + NOT_FOUND_MARGIN_MS
            if row["op"] == "amend-algos" and self._api.okx_now_ms() > past_ms:
                self._api.resolve_amend(row["owner"], row["id"], row["row"])

    async def _ask_about_external_order(self, rows: list[Unknown]) -> None:
        """A cancel or amend of an algo order that is not known here: OKX's row makes it known, its end is the proof."""
        asked_at_ms = self._api.okx_now_ms()
        first = rows[0]
        found = await self._reconciler.look_up(first["ordId"], first["clOrdId"])
        key = "algoId" if first["ordId"] else "algoClOrdId"
        name = first["ordId"] or first["clOrdId"]
        last_ms = max(row["sentMs"] for row in rows) + SIGNED_FOR_MS
        if found is None and await self._reconciler.is_nowhere(key, name, last_ms, asked_at_ms):
            for row in rows:
                self._api.resolve_unknown(row["owner"], row["id"], row["row"], False, False)
        for row in rows:
            if found is not None and row["op"] == "cancel-algos" and found.get("state") in ENDED_ALGO_STATES:
                accepted = found["state"] == "canceled"
                self._api.resolve_unknown(row["owner"], row["id"], row["row"], accepted, True)
