"""Orders that OKX calls gone (51400, 51503, …) but that are open here: asks REST unless a push brings their end."""

from __future__ import annotations

from typing import Final

from gateway._fast.base.wire_names import ENDED_STATES
from gateway._fast.control.pipeline import PipelineControl
from gateway.reconciliation.runner import Reconciler

# OKX docs, Get order details: 60 requests per 2 s. Further orders wait for a sweep.
QUESTIONS_MAX: Final = 20


class GoneOrders:
    """`note` orders as they are reported, `ask` a little later. Raises as `Reconciler.run` does."""

    def __init__(self, api: PipelineControl, reconciler: Reconciler) -> None:
        self._api = api
        self._reconciler = reconciler
        self._noted: dict[tuple[str, str], None] = {}

    def note(self, ord_id: str, cl_ord_id: str) -> None:
        self._noted[ord_id, cl_ord_id] = None

    async def ask(self) -> None:
        """Asks once about each noted order that is still open here."""
        noted, self._noted = list(self._noted)[:QUESTIONS_MAX], {}
        for ord_id, cl_ord_id in noted:
            order = self._api.find_order(ord_id, cl_ord_id)
            if order is not None and order["ordId"] and order["state"] not in ENDED_STATES:
                await self._reconciler.ask_once(order)
