"""Take-profits that rest as limit orders from the start (`tpOrdKind` `limit`): their stop-loss names their owner.

Nothing else names it, and the orders channel can push them before the business stream pushes that algo order. Their
pushes wait for it in order, and REST is asked for it. Source: OKX docs, WS / Order channel, `linkedAlgoOrd`,
`isTpLimit`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

from gateway._fast.control.algos import AlgoControl
from gateway.errors import GatewayError
from gateway.reconciliation.algos import AlgoReconciler

log = logging.getLogger(__name__)

# Two streams are rarely further apart than this.
LOOK_EVERY_S: Final = 0.02
ASK_AFTER_LOOKS: Final = 10
ASKS_MAX: Final = 5
# Pushes that wait at a time; further ones are published to the account.
PUSHES_MAX: Final = 1_000


class LinkedOrders:
    """The order path calls `hold`; `begin` starts a task."""

    def __init__(
        self,
        algos: AlgoControl,
        reconciler: AlgoReconciler,
        begin: Callable[[Coroutine[Any, Any, None]], Any],
        sleep: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._algos = algos
        self._reconciler = reconciler
        self._begin = begin
        self._sleep = sleep
        self._waiting: dict[str, list[bytes]] = {}  # rows by the algoId that they wait for
        self._publishing = ""

    def hold(self, algo_id: bytes, row: bytes) -> bool:
        """Takes a row of the orders channel whose owner is unknown; False: it is published to the account."""
        name = algo_id.decode("ascii", "replace")
        if name == self._publishing or sum(map(len, self._waiting.values())) >= PUSHES_MAX:
            return False
        rows = self._waiting.setdefault(name, [])
        rows.append(row)
        if len(rows) == 1:
            self._begin(self._wait(name))
        return True

    async def _wait(self, algo_id: str) -> None:
        """If cancelled, it publishes nothing: the next run asks OKX for missed updates."""
        for look in range(ASKS_MAX * ASK_AFTER_LOOKS):
            if self._algos.find(algo_id) is not None:
                break
            await self._sleep(LOOK_EVERY_S)
            if look % ASK_AFTER_LOOKS == ASK_AFTER_LOOKS - 1:
                await self._ask(algo_id)
        self._publishing = algo_id
        self._algos.publish_linked_orders(self._waiting.pop(algo_id))
        self._publishing = ""

    async def _ask(self, algo_id: str) -> None:
        try:
            await self._reconciler.look_up(algo_id, "")
        except GatewayError as error:
            log.warning("the question about an algo order failed", extra={"algoId": algo_id, "why": str(error)})
        except Exception:
            log.exception("the question about an algo order failed")
