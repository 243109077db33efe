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


class LinkedRows:
    """Rows of the orders channel by the `algoId` that their owner depends on. `new` gets each `algoId` once.

    The order path puts them in; `LinkedOrders` takes them out.
    """

    def __init__(self, rows_max: int = PUSHES_MAX) -> None:
        self._rows_max = rows_max
        self._kept: dict[str, list[bytes]] = {}
        self._publishing = ""
        self.new: asyncio.Queue[str] = asyncio.Queue()

    def keep(self, algo_id: bytes, row: bytes) -> bool:
        """Keeps a row whose owner is not known yet; False: it is published as nobody's."""
        name = algo_id.decode("ascii", "replace")
        if name == self._publishing or sum(map(len, self._kept.values())) >= self._rows_max:
            return False
        rows = self._kept.setdefault(name, [])
        rows.append(row)
        if len(rows) == 1:
            self.new.put_nowait(name)
        return True

    def publish(self, algo_id: str, publish: Callable[[list[bytes]], None]) -> None:
        """Gives the rows of this `algoId` to `publish`, in their order. What still has no owner is not kept again."""
        self._publishing = algo_id
        publish(self._kept.pop(algo_id))
        self._publishing = ""


class LinkedOrders:
    """`run` is a task for the gateway's life; `begin` starts a task for each `algoId`."""

    def __init__(
        self,
        rows: LinkedRows,
        algos: AlgoControl,
        reconciler: AlgoReconciler,
        begin: Callable[[Coroutine[Any, Any, None]], Any],
        sleep: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._rows = rows
        self._algos = algos
        self._reconciler = reconciler
        self._begin = begin
        self._sleep = sleep

    async def run(self) -> None:
        while True:
            self._begin(self.wait_for(await self._rows.new.get()))

    async def wait_for(self, algo_id: str) -> None:
        """Publishes the rows once the algo order is known, or OKX was asked often enough.

        Cancelled, it publishes nothing: the next run asks OKX for what it did not receive.
        """
        for look in range(ASKS_MAX * ASK_AFTER_LOOKS):
            if self._algos.find(algo_id) is not None:
                break
            await self._sleep(LOOK_EVERY_S)
            if look % ASK_AFTER_LOOKS == ASK_AFTER_LOOKS - 1:
                await self._ask(algo_id)
        self._rows.publish(algo_id, self._algos.publish_linked_orders)

    async def _ask(self, algo_id: str) -> None:
        try:
            await self._reconciler.look_up(algo_id, "")
        except GatewayError as error:
            log.warning("the question about an algo order failed", extra={"algoId": algo_id, "why": str(error)})
        except Exception:
            log.exception("the question about an algo order failed")
