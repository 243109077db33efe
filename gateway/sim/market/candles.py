"""Pure. Candlesticks, kept by the minute and put together for longer bars.

Source: OKX docs, "Get candlesticks", "Candlesticks channel": [ts, o, h, l, c, vol, volCcy, volCcyQuote, confirm]; bars
named with `utc` open by UTC, the others at UTC+8 from six hours on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from gateway.sim.base.formats import ZERO, decimal_text
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.markets import Trade

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
KEPT_MINUTES = 1440  # OKX answers with the latest 1,440 candlesticks (OKX docs, "Get candlesticks")
HONG_KONG_MS = 8 * HOUR_MS

_MINUTES = {f"{n}m": n * MINUTE_MS for n in (1, 3, 5, 15, 30)}
_HOURS = {f"{n}H": n * HOUR_MS for n in (1, 2, 4)}
_LONG = {**{f"{n}H": n * HOUR_MS for n in (6, 12)}, "1D": DAY_MS}

# Length and offset of the opening from UTC, by the bar's name.
BARS: dict[str, tuple[int, int]] = {
    **{name: (length, 0) for name, length in {**_MINUTES, **_HOURS}.items()},
    **{name: (length, HONG_KONG_MS) for name, length in _LONG.items()},
    **{f"{name}utc": (length, 0) for name, length in _LONG.items()},
}


@dataclass(slots=True)
class Candle:
    """`vol` counts contracts or base currency, `vol_ccy` base currency, `vol_quote` quote currency."""

    ts: int
    open_px: Decimal
    high_px: Decimal
    low_px: Decimal
    close_px: Decimal
    vol: Decimal = ZERO
    vol_ccy: Decimal = ZERO
    vol_quote: Decimal = ZERO

    def join(self, later: Candle) -> None:
        self.high_px, self.low_px = max(self.high_px, later.high_px), min(self.low_px, later.low_px)
        self.close_px = later.close_px
        self.vol += later.vol
        self.vol_ccy += later.vol_ccy
        self.vol_quote += later.vol_quote

    def row(self, length_ms: int, now_ms: int) -> list[str]:
        prices = (self.open_px, self.high_px, self.low_px, self.close_px)
        amounts = (self.vol, self.vol_ccy, self.vol_quote)
        confirmed = "1" if now_ms >= self.ts + length_ms else "0"
        return [str(self.ts), *(decimal_text(one) for one in (*prices, *amounts)), confirmed]


class _Minutes:
    """A minute without a trade repeats the close before it."""

    def __init__(self, px: Decimal, now_ms: int) -> None:
        self._minutes: deque[Candle] = deque(maxlen=KEPT_MINUTES)
        self._minutes.append(_flat(now_ms // MINUTE_MS * MINUTE_MS, px))

    @staticmethod
    def length_ms(bar: str) -> int:
        return BARS[bar][0]

    def bars(self, bar: str, now_ms: int) -> list[Candle]:
        """Oldest first; the last one is still growing."""
        self._fill_up(now_ms)
        length, offset = BARS[bar]
        return _joined(self._minutes, length, offset)

    def _fill_up(self, now_ms: int) -> None:
        last = self._minutes[-1]
        missing = (now_ms - last.ts) // MINUTE_MS
        for n in range(max(1, missing - KEPT_MINUTES), missing + 1):
            self._minutes.append(_flat(last.ts + n * MINUTE_MS, last.close_px))


class PriceCandles(_Minutes):
    """The candlesticks of a price that is looked at, such as a mark price: they have no volume."""

    def note(self, px: Decimal, now_ms: int) -> None:
        self._fill_up(now_ms)
        self._minutes[-1].join(_flat(self._minutes[-1].ts, px))

    def rows(self, bar: str, now_ms: int) -> list[list[str]]:
        """[ts, o, h, l, c, confirm], oldest first."""
        rows = (one.row(self.length_ms(bar), now_ms) for one in self.bars(bar, now_ms))
        return [[*row[:5], row[-1]] for row in rows]


class Candles(_Minutes):
    """The candlesticks of one instrument."""

    def __init__(self, instrument: Instrument, px: Decimal, now_ms: int) -> None:
        super().__init__(px, now_ms)
        self._instrument = instrument

    def add(self, trade: Trade) -> None:
        self._fill_up(trade.time_ms)
        base, quote = _amounts(self._instrument, trade)
        ts, px = self._minutes[-1].ts, trade.px
        if not self._minutes[-1].vol:
            self._minutes[-1] = Candle(ts, px, px, px, px, trade.sz, base, quote)
        else:
            self._minutes[-1].join(Candle(ts, px, px, px, px, trade.sz, base, quote))


def _joined(minutes: Iterable[Candle], length: int, offset: int) -> list[Candle]:
    bars: list[Candle] = []
    for one in minutes:
        ts = (one.ts + offset) // length * length - offset
        if bars and bars[-1].ts == ts:
            bars[-1].join(one)
        else:
            prices = one.open_px, one.high_px, one.low_px, one.close_px
            bars.append(Candle(ts, *prices, one.vol, one.vol_ccy, one.vol_quote))
    return bars


def _flat(ts: int, px: Decimal) -> Candle:
    return Candle(ts, px, px, px, px)


def _amounts(instrument: Instrument, trade: Trade) -> tuple[Decimal, Decimal]:
    """In base and in quote currency."""
    if instrument.is_spot:
        return trade.sz, trade.sz * trade.px
    if instrument.ct_type == "inverse":
        return instrument.value(trade.sz, trade.px), trade.sz * instrument.ct_val * instrument.ct_mult
    base = trade.sz * instrument.ct_val * instrument.ct_mult
    return base, base * trade.px
