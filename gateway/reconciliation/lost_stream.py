"""While the private stream is lost, REST replaces it: it compares again and again until the stream is complete."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from gateway.errors import GatewayError
from gateway.reconciliation.runner import Reconciler

log = logging.getLogger(__name__)

# A new connection is mostly ready sooner. Also the wait after a REST answer: OKX's queries lag a little.
GRACE_S: Final = 0.5
PERIOD_S: Final = 1.0


class LostStream:
    """`run` is a task for the gateway's life. It passes to `allow_orders` whether REST takes new orders.

    New orders are allowed from the first comparison after the loss until a comparison fails or the stream is complete.
    """

    def __init__(self, reconciler: Reconciler, allow_orders: Callable[[bool], None], *, orders: bool) -> None:
        self._reconciler = reconciler
        self._allow_orders = allow_orders
        self._orders = orders
        self._lost = asyncio.Event()
        self._lost.set()
        self._asked = asyncio.Event()
        self.is_watched = False  # the last comparison since the loss published everything

    @property
    def takes_orders(self) -> bool:
        return self.is_watched and self._orders

    def on_state(self, *, is_complete: bool) -> None:
        """`is_complete`: the stream delivers everything that OKX does."""
        if is_complete:
            self._lost.clear()
            self._note(is_watched=False)
        else:
            self._lost.set()

    def look_soon(self) -> None:
        """Something was sent by REST: its result must be published soon."""
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
            log.warning("OKX's REST cannot replace the lost stream", extra={"why": str(error)})
            self._note(is_watched=False)
        except Exception:
            log.exception("REST cannot replace the lost stream")
            self._note(is_watched=False)
        else:
            self._note(is_watched=self._lost.is_set())

    def _note(self, *, is_watched: bool) -> None:
        if is_watched != self.is_watched:
            self.is_watched = is_watched
            self._allow_orders(self.takes_orders)
