"""While the private stream is lost, REST says what OKX does: one comparison after another until it is whole again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from gateway.errors import GatewayError
from gateway.reconciliation.runner import Reconciler

log = logging.getLogger(__name__)

# A new connection is mostly there sooner. As long after an answer by REST: OKX's queries are a little behind.
GRACE_S: Final = 0.5
PERIOD_S: Final = 1.0


class LostStream:
    """`run` is a task for the gateway's life. `allow_orders` is told whether new orders may go by REST, if `orders`.

    They may from the first comparison after the loss on, until one fails or the stream is whole.
    """

    def __init__(self, reconciler: Reconciler, allow_orders: Callable[[bool], None], *, orders: bool) -> None:
        self._reconciler = reconciler
        self._allow_orders = allow_orders
        self._orders = orders
        self._lost = asyncio.Event()
        self._lost.set()
        self._asked = asyncio.Event()
        self.is_watched = False  # the last comparison since the loss has told all

    @property
    def takes_orders(self) -> bool:
        return self.is_watched and self._orders

    def on_state(self, *, is_complete: bool) -> None:
        """The stream brings all that OKX does, or does so no longer."""
        if is_complete:
            self._lost.clear()
            self._note(is_watched=False)
        else:
            self._lost.set()

    def look_soon(self) -> None:
        """Something was done by REST: what became of it is to be told soon."""
        self._asked.set()

    async def run(self) -> None:
        while True:
            await self._lost.wait()
            await asyncio.sleep(GRACE_S)
            while self._lost.is_set():
                self._asked.clear()
                await self._compare()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._asked.wait(), PERIOD_S)
                    await asyncio.sleep(GRACE_S)

    async def _compare(self) -> None:
        try:
            await self._reconciler.run_while_lost()
        except GatewayError as error:
            log.warning("OKX's REST does not stand in for the stream", extra={"why": str(error)})
            self._note(is_watched=False)
        except Exception:
            log.exception("REST could not stand in for the stream")
            self._note(is_watched=False)
        else:
            self._note(is_watched=self._lost.is_set())

    def _note(self, *, is_watched: bool) -> None:
        if is_watched != self.is_watched:
            self.is_watched = is_watched
            self._allow_orders(self.takes_orders)
