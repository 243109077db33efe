"""Pure. An algo order as the exchange holds it, and all of an account's.

States and fields: OKX docs, "Algo orders channel", "Get algo order details".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gateway.sim.market.algo_legs import STOP_LOSS, TAKE_PROFIT, Leg, Trail
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.markets import Trade
from gateway.sim.market.orders import Order, OrderAccount

LIVE = "live"
EFFECTIVE = "effective"
CANCELED = "canceled"
ORDER_FAILED = "order_failed"
PARTIALLY_FAILED = "partially_failed"
FINISHED_LIMIT = 10_000  # ended algo orders kept per account

TPSL_TYPES = frozenset(("conditional", "oco"))
TRAILING = "move_order_stop"
ALGO_TYPES = TPSL_TYPES | {"trigger", TRAILING}
ADVANCE_TYPES = frozenset((TRAILING,))  # published on algo-advance, the others on orders-algo


@dataclass(slots=True, eq=False)
class AlgoOrder:
    """`sz` None: the whole position when it fires (closeFraction). `seen` is the newest trade that was looked at."""

    algo_id: str
    account: OrderAccount
    instrument: Instrument
    ord_type: str
    side: str
    td_mode: str
    sz: Decimal | None
    c_time_ms: int
    pos_side: str = ""
    algo_cl_ord_id: str = ""
    tag: str = ""
    ccy: str = ""
    tgt_ccy: str = ""
    trade_quote_ccy: str = ""
    reduce_only: bool = False
    follows_position: bool = False  # cancelled when the position is closed
    at_cost: bool = False
    legs: list[Leg] = field(default_factory=list)
    trail: Trail | None = None
    advance_ord_type: str = ""
    attach_rows: list[dict[str, Any]] = field(default_factory=list)
    parent_ord_id: str = ""
    entry_px: Decimal = Decimal(0)
    linked_ord: Order | None = None  # the resting take-profit of a stop-loss
    last_px: Decimal = Decimal(0)  # when it was placed
    seen: Trade | None = None
    state: str = LIVE
    u_time_ms: int = 0
    trigger_time_ms: int = 0
    fail_code: str = ""
    actual_side: str = ""
    actual_px: str = ""
    actual_sz: Decimal = Decimal(0)
    ord_ids: list[str] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        return self.state == LIVE

    def leg(self, kind: str) -> Leg | None:
        return next((one for one in self.legs if one.kind == kind), None)

    @property
    def tp(self) -> Leg | None:
        return self.leg(TAKE_PROFIT)

    @property
    def sl(self) -> Leg | None:
        return self.leg(STOP_LOSS)


class AlgoOrders:
    """The algo orders of one account."""

    def __init__(self) -> None:
        self.live: dict[str, AlgoOrder] = {}
        self.by_id: dict[str, AlgoOrder] = {}
        self._latest_by_cl_ord_id: dict[str, AlgoOrder] = {}
        self.finished: deque[AlgoOrder] = deque()

    def add(self, algo: AlgoOrder) -> None:
        self.live[algo.algo_id] = self.by_id[algo.algo_id] = algo
        if algo.algo_cl_ord_id:
            self._latest_by_cl_ord_id[algo.algo_cl_ord_id] = algo

    def finish(self, algo: AlgoOrder) -> None:
        del self.live[algo.algo_id]
        self.finished.append(algo)
        if len(self.finished) > FINISHED_LIMIT:
            oldest = self.finished.popleft()
            del self.by_id[oldest.algo_id]
            if self._latest_by_cl_ord_id.get(oldest.algo_cl_ord_id) is oldest:
                del self._latest_by_cl_ord_id[oldest.algo_cl_ord_id]

    def find(self, algo_id: str, algo_cl_ord_id: str) -> AlgoOrder | None:
        """algoId wins if both are given; of several with one algoClOrdId the latest."""
        return self.by_id.get(algo_id) if algo_id else self._latest_by_cl_ord_id.get(algo_cl_ord_id)

    def is_taken(self, algo_cl_ord_id: str, live_orders: Iterable[Order]) -> bool:
        """Whether a live algo order or an item attached to one of the live orders has this client id."""
        latest = self._latest_by_cl_ord_id.get(algo_cl_ord_id)
        if latest is not None and latest.is_live:
            return True
        return any(item.cl_ord_id == algo_cl_ord_id for order in live_orders for item in order.attached)
