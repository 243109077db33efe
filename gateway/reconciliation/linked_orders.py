"""Take-profits that rest as limit orders from the start (`tpOrdKind` `limit`): their stop-loss tells whose they are.

Nothing else does, and the orders channel may bring them before the business stream brings that algo order: their pushes
wait for it, in their order, and it is asked for. Source: OKX docs, WS / Order channel, `linkedAlgoOrd`, `isTpLimit`.
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

# Two streams are rarely further apart.
LOOK_EVERY_S: Final = 0.02
ASK_AFTER_LOOKS: Final = 10
ASKS_MAX: Final = 5
# Pushes that wait at a time; what is more goes to the account.
PUSHES_MAX: Final = 1_000


class LinkedOrders:
    """`hold` is asked by the order path; `begin` starts a task."""

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
        self._held: dict[str, list[bytes]] = {}  # rows by the algoId that they wait for
        self._telling = ""

    def hold(self, algo_id: bytes, row: bytes) -> bool:
        """A row of the orders channel whose order nobody here is known to own; False: it is told as nobody's."""
        name = algo_id.decode("ascii", "replace")
        if name == self._telling or sum(map(len, self._held.values())) >= PUSHES_MAX:
            return False
        rows = self._held.setdefault(name, [])
        rows.append(row)
        if len(rows) == 1:
            self._begin(self._wait(name))
        return True

    async def _wait(self, algo_id: str) -> None:
        """Cancelled, it tells nothing: the next run asks OKX what it has not heard."""
        for look in range(ASKS_MAX * ASK_AFTER_LOOKS):
            if self._algos.find(algo_id) is not None:
                break
            await self._sleep(LOOK_EVERY_S)
            if look % ASK_AFTER_LOOKS == ASK_AFTER_LOOKS - 1:
                await self._ask(algo_id)
        self._telling = algo_id
        self._algos.publish_linked_orders(self._held.pop(algo_id))
        self._telling = ""

    async def _ask(self, algo_id: str) -> None:
        try:
            await self._reconciler.look_up(algo_id, "")
        except GatewayError as error:
            log.warning("an algo order could not be asked about", extra={"algoId": algo_id, "why": str(error)})
        except Exception:
            log.exception("an algo order could not be asked about")
