"""Public data by name, for the public channels and the public endpoints.

Source: OKX docs, "Public data" and "Market data" pages; "Status" for announced maintenance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from gateway.sim.accounts.accounts import Account
from gateway.sim.base.clock import Clock
from gateway.sim.base.formats import ZERO
from gateway.sim.channels.channels import INDEX_CANDLE, MARK_CANDLE, Subscription, indices
from gateway.sim.market.candles import HOUR_MS, Candles
from gateway.sim.market.instruments import Instrument, InstrumentList
from gateway.sim.market.markets import Market, Trade
from gateway.sim.market.public_history import PublicHistory
from gateway.sim.rows.market import (
    estimated_price_row,
    funding_rate_row,
    index_ticker_row,
    mark_price_row,
    open_interest_row,
    option_summary_row,
)

Row = dict[str, Any]
STATUS_STATES = ("scheduled", "ongoing", "pre_open", "completed", "canceled")
USUAL_FUNDING = Decimal("0.0001")  # longs pay it to shorts every eight hours while mark price and index agree


class MarketData:
    """Reads markets, and keeps the data that a market does not: candlesticks, funding rates, announcements."""

    def __init__(
        self,
        clock: Clock,
        markets: dict[str, Market],
        instruments: InstrumentList,
        accounts: Callable[[], Iterable[Account]],
    ) -> None:
        self._markets = markets
        self._instruments = instruments
        self._accounts = accounts
        self._candles = {
            inst_id: Candles(one.instrument, one.last_px, clock.now_ms()) for inst_id, one in markets.items()
        }
        self.history = PublicHistory(markets, indices(instruments), self.index_px, clock.now_ms())
        self.statuses: list[Row] = []
        # By instId: the rate that is due next and the one that was paid last.
        self.funding_rates: dict[str, tuple[Decimal, Decimal]] = defaultdict(lambda: (USUAL_FUNDING, USUAL_FUNDING))
        self._by_name: dict[str, Callable[[Market, int], Row]] = {
            "tickers": lambda market, now_ms: market.ticker_row(now_ms),
            "price-limit": lambda market, now_ms: market.price_limit_row(now_ms),
            "mark-price": mark_price_row,
            "bbo-tbt": lambda market, now_ms: market.book_row(1, now_ms),
            "books5": lambda market, now_ms: {**market.book_row(5, now_ms), "instId": market.instrument.inst_id},
            "funding-rate": self.funding_rate,
            "open-interest": self.open_interest,
        }

    def add(self, market: Market, now_ms: int) -> None:
        """A new instrument."""
        instrument = market.instrument
        self._candles[instrument.inst_id] = Candles(instrument, market.last_px, now_ms)
        self.history.add(market, instrument.inst_id if instrument.is_spot else instrument.inst_family, now_ms)

    def rows(self, name: str, subscription: Subscription, now_ms: int) -> list[Any]:
        """The rows of a channel now."""
        if name == "index-tickers":
            return [index_ticker_row(subscription.inst_id, self.index_px(subscription.inst_id), now_ms)]
        if name == "opt-summary":
            return self.option_summary(subscription.inst_family, now_ms)
        if name == "estimated-price":
            wanted = self._instruments.select(subscription.inst_type, subscription.inst_family, subscription.inst_id)
            return self.estimated_prices(wanted, now_ms)
        if name.startswith(MARK_CANDLE):
            bar = name.removeprefix(MARK_CANDLE)
            return self.history.mark_candles(subscription.inst_id, bar, now_ms)[-1:]
        if name.startswith(INDEX_CANDLE):
            bar = name.removeprefix(INDEX_CANDLE)
            return self.history.index_candles(subscription.inst_id, bar, now_ms)[-1:]
        if name.startswith("candle"):
            return self.candles(subscription.inst_id, name.removeprefix("candle"), now_ms)[-1:]
        return [self._by_name[name](self._markets[subscription.inst_id], now_ms)]

    def traded(self, market: Market, trade: Trade) -> None:
        self._candles[market.instrument.inst_id].add(trade)

    def candles(self, inst_id: str, bar: str, now_ms: int) -> list[list[str]]:
        """Oldest first."""
        candles = self._candles[inst_id]
        return [one.row(candles.length_ms(bar), now_ms) for one in candles.bars(bar, now_ms)]

    def index_px(self, name: str) -> Decimal:
        """The pair's own price, or that of the contracts on it."""
        market = self._markets.get(name)
        if market is not None:
            return market.index_px
        return next(one.index_px for one in self._markets.values() if one.instrument.inst_family == name)

    def funding_rate(self, market: Market, now_ms: int) -> Row:
        rate, settled_rate = self.funding_rates[market.instrument.inst_id]
        return funding_rate_row(market, rate, settled_rate, now_ms)

    def open_interest(self, market: Market, now_ms: int) -> Row:
        """Every long position has a short one, so the long side is all of it."""
        return open_interest_row(market, self._long(market.instrument), now_ms)

    def estimated_prices(self, instruments: Iterable[Instrument], now_ms: int) -> list[Row]:
        """The settlement prices, as of now, of contracts that expire within the hour."""
        return [
            estimated_price_row(one, self._markets[one.inst_id].index_px, now_ms)
            for one in instruments
            if one.exp_time and one.state != "expired" and 0 <= int(one.exp_time) - now_ms <= HOUR_MS
        ]

    def option_summary(self, family: str, now_ms: int) -> list[Row]:
        return [
            option_summary_row(self._markets[one.inst_id], now_ms) for one in self._instruments.select("OPTION", family)
        ]

    def _long(self, instrument: Instrument) -> Decimal:
        return sum(
            (
                position.pos
                for account in self._accounts()
                for position in account.positions.values()
                if position.instrument is instrument and position.pos > 0
            ),
            ZERO,
        )
