"""Orders whose published fills add up to less than OKX's `accFillSz`: REST is asked for the missing fills."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway._fast.control.pipeline import PipelineControl
from gateway.reconciliation.runner import Reconciler

# OKX docs, Get transaction details: 60 requests per 2 s. Further orders wait for the next time.
QUESTIONS_MAX: Final = 10
# REST's fills can lag. After so many questions about an order an alarm is raised; after more of them asking ends.
ALARM_AFTER: Final = 10
LEFT_AFTER: Final = 100


class MissingFills:
    """`note` orders as they are found, `ask` a little later and as long as `waits`. Raises as `Reconciler.run` does.

    `on_lost` receives the number of fills found by each `ask`, if any.
    """

    def __init__(self, api: PipelineControl, reconciler: Reconciler, on_lost: Callable[[int], None]) -> None:
        self._api = api
        self._reconciler = reconciler
        self._on_lost = on_lost
        self._noted: dict[str, int] = {}

    def note(self, ord_id: str) -> None:
        self._noted.setdefault(ord_id, 0)

    @property
    def waits(self) -> bool:
        return bool(self._noted)

    async def ask(self) -> None:
        """Asks once about each order whose fills have not arrived in the meantime."""
        published = self._api.corrections()
        for ord_id in list(self._noted)[:QUESTIONS_MAX]:
            asked = self._noted.pop(ord_id)
            try:
                is_complete = await self._reconciler.ask_fills(ord_id)
            except BaseException:
                self._noted[ord_id] = asked
                raise
            if not is_complete and asked < LEFT_AFTER:
                self._noted[ord_id] = asked + 1
            if not is_complete and asked == ALARM_AFTER:
                self._alarm(ord_id)
        found = int(self._api.corrections() - published)
        if found:
            self._on_lost(found)

    def _alarm(self, ord_id: str) -> None:
        order = self._api.find_order(ord_id)
        if order is not None:
            self._reconciler.alarm_lacking(order)
