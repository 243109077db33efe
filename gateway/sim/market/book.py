"""Pure. A price-time order book of one instrument. Prices and sizes are decimals."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal

from gateway.sim.base.formats import ZERO
from gateway.sim.market.orders import Order


class Level:
    """The orders at one price, oldest first, and the sum of their open sizes."""

    __slots__ = ("orders", "sz")

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.sz = ZERO


class BookSide:
    """All levels of one side. `best` is the highest bid or the lowest ask."""

    __slots__ = ("_descending", "levels", "prices")

    def __init__(self, descending: bool) -> None:
        self._descending = descending
        self.levels: dict[Decimal, Level] = {}
        self.prices: list[Decimal] = []  # ascending

    @property
    def best_px(self) -> Decimal | None:
        if not self.prices:
            return None
        return self.prices[-1] if self._descending else self.prices[0]

    def add(self, order: Order) -> None:
        px = resting_px(order)
        level = self.levels.get(px)
        if level is None:
            level = self.levels[px] = Level()
            insort(self.prices, px)
        level.orders[order.ord_id] = order
        level.sz += order.left_sz

    def remove(self, order: Order) -> None:
        """Take an order out, with its present open size."""
        px = resting_px(order)
        level = self.levels[px]
        del level.orders[order.ord_id]
        level.sz -= order.left_sz
        if not level.orders:
            del self.levels[px]
            del self.prices[bisect_left(self.prices, px)]

    def reduce(self, order: Order, sz: Decimal) -> None:
        """Count `sz` less at the order's price; the order keeps its place."""
        self.levels[resting_px(order)].sz -= sz

    def first(self) -> Order | None:
        """The order that trades first."""
        px = self.best_px
        return None if px is None else next(iter(self.levels[px].orders.values()))

    def best_first(self) -> Iterator[tuple[Decimal, Level]]:
        for px in reversed(self.prices) if self._descending else iter(self.prices):
            yield px, self.levels[px]

    def depth(self, count: int) -> list[tuple[Decimal, Decimal, int]]:
        """Price, size and number of orders of the best `count` levels."""
        rows: list[tuple[Decimal, Decimal, int]] = []
        for px, level in self.best_first():
            if len(rows) == count:
                break
            rows.append((px, level.sz, len(level.orders)))
        return rows

    def reaches(self, px: Decimal, limit_px: Decimal) -> bool:
        """Whether a taker with `limit_px` can trade with this side at `px`."""
        return px >= limit_px if self._descending else px <= limit_px


class Book:
    """Bids and asks, never crossed."""

    __slots__ = ("asks", "bids")

    def __init__(self) -> None:
        self.bids = BookSide(descending=True)
        self.asks = BookSide(descending=False)

    def own_side(self, side: str) -> BookSide:
        return self.bids if side == "buy" else self.asks

    def other_side(self, side: str) -> BookSide:
        return self.asks if side == "buy" else self.bids

    def would_cross(self, side: str, px: Decimal) -> bool:
        other = self.other_side(side)
        return other.best_px is not None and other.reaches(other.best_px, px)

    def is_crossed(self) -> bool:
        bid, ask = self.bids.best_px, self.asks.best_px
        return bid is not None and ask is not None and bid >= ask


def resting_px(order: Order) -> Decimal:
    """Only priced orders rest."""
    if order.px is None:
        raise ValueError(f"order {order.ord_id} has no price and cannot rest")
    return order.px
