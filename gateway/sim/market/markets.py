"""Pure. The trading state of one instrument: book, last trade, day statistics, price band."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from typing import Any, NamedTuple

from gateway.sim.base.formats import ZERO, decimal_text
from gateway.sim.base.switches import Switches
from gateway.sim.market.book import Book, BookSide
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.price_limits import PREMIUMS_KEPT, Limits, okx_limits, wide_limits

# A market order stops at this distance from the best price (OKX docs, "Order channel", cancelSource 27).
SLIPPAGE_LIMIT = Decimal("0.05")
TRADES_KEPT = 500


class Trade(NamedTuple):
    """A public trade; `side` is the taker's."""

    trade_id: str
    px: Decimal
    sz: Decimal
    side: str
    time_ms: int


class Market:
    """One instrument's trading state."""

    def __init__(self, instrument: Instrument, switches: Switches, underlying: Market | None = None) -> None:
        self.instrument = instrument
        self._switches = switches
        self._premiums: deque[Decimal] = deque(maxlen=PREMIUMS_KEPT)
        self._underlying = underlying
        self.book = Book()
        self.reference_px = instrument.reference_px
        self.last_px = instrument.reference_px
        self.last_sz = ZERO
        self.open_px = self.high_px = self.low_px = instrument.reference_px
        self.vol = ZERO
        self.vol_value = ZERO
        self.trades: deque[Trade] = deque(maxlen=TRADES_KEPT)
        self.seq_id = 0
        self.commanded_mark_px: Decimal | None = None
        self._last_trade_id = 1_000_000

    @property
    def index_px(self) -> Decimal:
        """The price of the underlying, in its quote currency."""
        return self.reference_px if self._underlying is None else self._underlying.reference_px

    @property
    def mark_px(self) -> Decimal:
        """The commanded price, else the middle of the book if it has both sides, else the last price."""
        if self.commanded_mark_px is not None:
            return self.commanded_mark_px
        bid, ask = self.book.bids.best_px, self.book.asks.best_px
        return (bid + ask) / 2 if bid is not None and ask is not None else self.last_px

    def px(self, px_type: str) -> Decimal:
        """The price that an algo order's `px_type` (last, index or mark) names."""
        return {"last": self.last_px, "index": self.index_px, "mark": self.mark_px}[px_type]

    def next_trade_id(self) -> str:
        self._last_trade_id += 1
        return str(self._last_trade_id)

    def max_buy_px(self) -> Decimal:
        return self._on_tick(self._limits()[0])

    def min_sell_px(self) -> Decimal:
        return max(self.instrument.tick_sz, self._on_tick(self._limits()[1]))

    def _limits(self) -> Limits:
        float_pct, max_pct = self.instrument.float_px_lmt_pct, self.instrument.max_px_lmt_pct
        if self._switches.price_band == "wide" or not max_pct:
            return wide_limits(self.reference_px)
        return okx_limits(self.index_px, self._premiums, Decimal(float_pct), Decimal(max_pct))

    def note_premium(self) -> None:
        """Once a second: note the distance of the middle of the book from the index, if there is a middle."""
        bid, ask = self.book.bids.best_px, self.book.asks.best_px
        if bid is not None and ask is not None:
            self._premiums.append((bid + ask) / 2 - self.index_px)

    def market_limit_px(self, side: str) -> Decimal:
        """Where a market order stops: 5 % from the best price for spot, the band's edge for contracts
        (OKX docs, "Place order")."""
        edge = self.max_buy_px() if side == "buy" else self.min_sell_px()
        if not self.instrument.is_spot:
            return edge
        best = self.book.other_side(side).best_px
        start = self.last_px if best is None else best
        return self._on_tick(start * (1 + SLIPPAGE_LIMIT if side == "buy" else 1 - SLIPPAGE_LIMIT))

    def _on_tick(self, px: Decimal) -> Decimal:
        return px - px % self.instrument.tick_sz

    def record(self, px: Decimal, sz: Decimal, side: str, now_ms: int) -> Trade:
        trade = Trade(self.next_trade_id(), px, sz, side, now_ms)
        self.trades.append(trade)
        self.last_px, self.last_sz = px, sz
        self.high_px, self.low_px = max(self.high_px, px), min(self.low_px, px)
        self.vol += sz
        self.vol_value += self.instrument.value(sz, px)
        self.seq_id += 1
        return trade

    # --- rows (OKX docs, "Get ticker", "Get order book", "Tickers channel", "Order book channel") --------------

    def ticker_row(self, now_ms: int) -> dict[str, Any]:
        bid, ask = self.book.bids.depth(1), self.book.asks.depth(1)
        return {
            "instType": self.instrument.inst_type,
            "instId": self.instrument.inst_id,
            "last": decimal_text(self.last_px),
            "lastSz": decimal_text(self.last_sz),
            "askPx": decimal_text(ask[0][0]) if ask else "",
            "askSz": decimal_text(ask[0][1]) if ask else "",
            "bidPx": decimal_text(bid[0][0]) if bid else "",
            "bidSz": decimal_text(bid[0][1]) if bid else "",
            "open24h": decimal_text(self.open_px),
            "high24h": decimal_text(self.high_px),
            "low24h": decimal_text(self.low_px),
            "sodUtc0": decimal_text(self.open_px),
            "sodUtc8": decimal_text(self.open_px),
            "volCcy24h": decimal_text(self.vol_value),
            "vol24h": decimal_text(self.vol),
            "ts": str(now_ms),
        }

    def book_row(self, levels: int, now_ms: int) -> dict[str, Any]:
        return {
            "asks": _levels(self.book.asks, levels),
            "bids": _levels(self.book.bids, levels),
            "ts": str(now_ms),
            "seqId": self.seq_id,
        }

    def price_limit_row(self, now_ms: int) -> dict[str, Any]:
        return {
            "instType": self.instrument.inst_type,
            "instId": self.instrument.inst_id,
            "buyLmt": decimal_text(self.max_buy_px()),
            "sellLmt": decimal_text(self.min_sell_px()),
            "ts": str(now_ms),
            "enabled": True,
        }

    def trade_row(self, trade: Trade) -> dict[str, Any]:
        return {
            "instId": self.instrument.inst_id,
            "tradeId": trade.trade_id,
            "px": decimal_text(trade.px),
            "sz": decimal_text(trade.sz),
            "side": trade.side,
            "count": "1",
            "source": "0",
            "ts": str(trade.time_ms),
        }


def _levels(side: BookSide, count: int) -> list[list[str]]:
    """Price, size, a deprecated zero, number of orders."""
    return [[decimal_text(px), decimal_text(sz), "0", str(orders)] for px, sz, orders in side.depth(count)]
