"""Pure. The conditions of an algo order: take-profit, stop-loss, trigger price, trailing price.

Source: OKX docs, "Place algo order", "Place order" (attachAlgoOrds), "Amend algo order", "Error Code".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from gateway.sim.base.formats import ZERO

TAKE_PROFIT, STOP_LOSS, TRIGGER = "tp", "sl", ""
MARKET_PX = "-1"  # as an order price: at the market


@dataclass(slots=True)
class Leg:
    """Fires when the price of `px_type` comes to `trigger_px` from below (`rises`) or from above. `ord_px` None is
    a market order. With a `ratio` the trigger price follows from the entry price. `limit` is a take-profit that
    rests as a limit order from the start (tpOrdKind)."""

    kind: str
    rises: bool
    trigger_px: Decimal
    px_type: str = "last"
    ord_px: Decimal | None = None
    ratio: Decimal | None = None
    limit: bool = False

    def is_hit(self, px: Decimal) -> bool:
        return px >= self.trigger_px if self.rises else px <= self.trigger_px

    def at_entry(self, entry_px: Decimal, buys: bool, tick: Decimal) -> Leg:
        """The leg of an order that was filled at `entry_px`: a ratio becomes a price on the tick. A buy's stop-loss
        ratio counts downwards."""
        if self.ratio is None:
            return replace(self)
        change = -self.ratio if self.kind == STOP_LOSS and buys else self.ratio
        px = entry_px * (1 + change)
        return replace(self, trigger_px=px - px % tick, ratio=None)


@dataclass(slots=True)
class Trail:
    """A distance to the best price since activation, as a ratio or in price units; `active_px` None: at once."""

    ratio: Decimal | None
    spread: Decimal | None
    active_px: Decimal | None
    active: bool = False
    extreme_px: Decimal = ZERO

    def trigger_px(self, sells: bool) -> Decimal:
        distance = self.spread if self.spread is not None else self.extreme_px * (self.ratio or ZERO)
        return self.extreme_px - distance if sells else self.extreme_px + distance

    def follow(self, px: Decimal, sells: bool) -> bool:
        """Follow a traded price; returns whether it came back far enough."""
        if not self.active:
            reached = self.active_px is None or (px >= self.active_px if sells else px <= self.active_px)
            if not reached:
                return False
            self.active, self.extreme_px = True, px
        self.extreme_px = max(self.extreme_px, px) if sells else min(self.extreme_px, px)
        return px <= self.trigger_px(sells) if sells else px >= self.trigger_px(sells)


@dataclass(slots=True)
class Attached:
    """One item of attachAlgoOrds. `sz` is only given for split take-profits; `at_cost` moves the stop-loss to the
    entry price after the first take-profit (amendPxOnTriggerType 1)."""

    cl_ord_id: str
    tp: Leg | None
    sl: Leg | None
    trail: Trail | None
    sz: Decimal | None = None
    at_cost: bool = False
    attach_algo_id: str = ""

    @property
    def legs(self) -> list[Leg]:
        return [leg for leg in (self.tp, self.sl) if leg is not None]
