"""Pure. Public events that are queried later: funding, deliveries, liquidations, mark and index prices.

Source: OKX docs, "Get funding rate history", "Get delivery/exercise history", "Get liquidation orders", "Get mark price
candlesticks", "Get index candlesticks".
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from gateway.sim.market.candles import PriceCandles
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.markets import Market

KEPT = 10_000  # of each kind; per instrument for funding


@dataclass(frozen=True, slots=True)
class FundingPaid:
    time_ms: int
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Delivered:
    """`px` is that of the underlying; `kind` is delivery, exercised or expired_otm."""

    time_ms: int
    instrument: Instrument
    px: Decimal
    kind: str


@dataclass(frozen=True, slots=True)
class Liquidated:
    time_ms: int
    instrument: Instrument
    side: str
    sz: Decimal
    px: Decimal


class PublicHistory:
    """`index_px` gives the price of an index by its name."""

    def __init__(
        self, markets: Mapping[str, Market], indices: set[str], index_px: Callable[[str], Decimal], now_ms: int
    ) -> None:
        self.fundings: dict[str, deque[FundingPaid]] = defaultdict(lambda: deque(maxlen=KEPT))
        self.deliveries: deque[Delivered] = deque(maxlen=KEPT)
        self.liquidations: deque[Liquidated] = deque(maxlen=KEPT)
        self._markets = markets
        self._index_px = index_px
        self._mark = {inst_id: PriceCandles(one.mark_px, now_ms) for inst_id, one in markets.items()}
        self._index = {name: PriceCandles(index_px(name), now_ms) for name in indices}

    def add(self, market: Market, index: str, now_ms: int) -> None:
        """A new instrument and the name of its index, known already or new."""
        self._mark[market.instrument.inst_id] = PriceCandles(market.mark_px, now_ms)
        if index not in self._index:
            self._index[index] = PriceCandles(market.index_px, now_ms)

    def note_prices(self, now_ms: int) -> None:
        """Look at all prices; a query looks at its own price again."""
        for inst_id, candles in self._mark.items():
            candles.note(self._markets[inst_id].mark_px, now_ms)
        for name, candles in self._index.items():
            candles.note(self._index_px(name), now_ms)

    def mark_candles(self, inst_id: str, bar: str, now_ms: int) -> list[list[str]]:
        """Oldest first."""
        candles = self._mark[inst_id]
        candles.note(self._markets[inst_id].mark_px, now_ms)
        return candles.rows(bar, now_ms)

    def index_candles(self, name: str, bar: str, now_ms: int) -> list[list[str]]:
        candles = self._index[name]
        candles.note(self._index_px(name), now_ms)
        return candles.rows(bar, now_ms)
