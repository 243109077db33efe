"""The other participants: a seeded background market, and single trades and quotes on command.

One account quotes and another one takes, so that no self-trade prevention applies between their orders. The seed alone
decides the sequence of actions; the rate decides only when they happen.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from gateway.sim.accounts.accounts import Account
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import ZERO, decimal_text
from gateway.sim.market.book import resting_px
from gateway.sim.market.markets import Market
from gateway.sim.market.orders import CANCELED_BY_USER, Order
from gateway.sim.trading.engine import Engine

DEFAULT_LEVELS = 10  # on each side, when a rate is given but no number of levels
LEVEL_STEP_TICKS = 5
QUOTES_KEPT = 4  # per instrument, side and level: older ones are cancelled
TAKE_SHARE = 0.35  # of all actions
DRIFT_SHARE = 0.2
QUOTE_VALUE = Decimal(20_000)  # largest value of one quote, in USD
TAKE_VALUE = Decimal(5_000)


class BackgroundMarket:
    """All orders that do not come from a user's account. `flush` ends a step of the exchange."""

    def __init__(self, engine: Engine, quoter: Account, taker: Account, seed: int, flush: Callable[[], None]) -> None:
        self._engine = engine
        self._quoter = quoter
        self._taker = taker
        self._seed = seed
        self._flush = flush
        self._random = random.Random(seed)
        self._actions = 0
        self._quotes: dict[str, deque[Order]] = {}

    def open(self, levels: int) -> None:
        """Quote a ladder on both sides of every instrument."""
        for market in self._open_markets():
            for level in range(1, levels + 1):
                for side in ("buy", "sell"):
                    self._quote(market, side, level, levels)

    def act(self, levels: int) -> None:
        """One action in one instrument: drift, take or quote. The seed and the number of the action decide it, not the
        state of the books."""
        self._actions += 1
        self._random.seed(f"{self._seed}:{self._actions}")
        market = self._random.choice(self._open_markets())
        if self._random.random() < DRIFT_SHARE:
            self._drift(market)
        side = self._random.choice(("buy", "sell"))
        if self._random.random() < TAKE_SHARE:
            self._take(market, side)
        else:
            self._quote(market, side, self._random.randint(1, levels), levels)
        self._flush()

    def _open_markets(self) -> list[Market]:
        return [one for one in self._engine.markets.values() if one.instrument.state == "live"]

    def trade(self, inst_id: str, side: str, px: Decimal, sz: Decimal) -> Order:
        """Another participant takes the orders of the book up to `px`, and rests nothing."""
        return self._send(self._taker, self._engine.markets[inst_id], side, "ioc", px=px, sz=sz)

    def quote(self, inst_id: str, side: str, px: Decimal, sz: Decimal) -> Order:
        """Another participant places a limit order, which rests in the book."""
        return self._send(self._quoter, self._engine.markets[inst_id], side, "limit", px=px, sz=sz)

    def fill(self, order: Order, sz: Decimal | None = None) -> Order:
        """Another participant trades with a resting order, and first with all orders that have priority over it; `sz`
        None: the whole open size."""
        market = self._engine.markets[order.instrument.inst_id]
        px = resting_px(order)
        ahead = ZERO
        for level_px, level in market.book.own_side(order.side).best_first():
            for other in level.orders.values():
                if other is order:
                    side = "sell" if order.side == "buy" else "buy"
                    return self._send(self._taker, market, side, "ioc", px=px, sz=ahead + (sz or order.left_sz))
                ahead += other.left_sz
            if level_px == px:
                break
        raise Refusal("51603")

    def withdraw(self, inst_id: str) -> int:
        """Cancel all orders of the background market in an instrument and return their number."""
        live = [
            one
            for account in (self._quoter, self._taker)
            for one in account.live.values()
            if one.instrument.inst_id == inst_id
        ]
        for order in live:
            self._engine.cancel(order, CANCELED_BY_USER)
        return len(live)

    def _drift(self, market: Market) -> None:
        step = market.instrument.tick_sz * self._random.randint(-3, 3)
        if market.reference_px + step > market.instrument.tick_sz:
            market.reference_px += step

    def _take(self, market: Market, side: str) -> None:
        best = market.book.other_side(side).best_px
        if best is not None:
            sz = self._size(market, TAKE_VALUE)
            self._try(self._taker, market, side, "ioc", px=best, sz=sz)

    def _quote(self, market: Market, side: str, level: int, levels: int) -> None:
        tick = market.instrument.tick_sz
        middle = market.reference_px - market.reference_px % tick
        offset = tick * LEVEL_STEP_TICKS * level
        px = middle - offset if side == "buy" else middle + offset
        if px <= 0:
            return
        order = self._try(self._quoter, market, side, "limit", px=px, sz=self._size(market, QUOTE_VALUE))
        if order is None:
            return
        quotes = self._quotes.setdefault(market.instrument.inst_id, deque())
        quotes.append(order)
        while len(quotes) > QUOTES_KEPT * levels:
            oldest = quotes.popleft()
            if oldest.is_live:
                self._engine.cancel(oldest, CANCELED_BY_USER)

    def _size(self, market: Market, value: Decimal) -> Decimal:
        """A random size worth up to `value`, in whole lots and at least the minimum."""
        instrument = market.instrument
        one_lot = instrument.notional_usd(instrument.lot_sz, market.reference_px, market.index_px)
        lots = max(1, int(value / one_lot) * self._random.randint(1, 100) // 100)
        return max(instrument.min_sz, instrument.lot_sz * lots)

    def _try(
        self, account: Account, market: Market, side: str, ord_type: str, *, px: Decimal, sz: Decimal
    ) -> Order | None:
        """The background market ignores refusals, e.g. in a suspended instrument."""
        try:
            return self._send(account, market, side, ord_type, px=px, sz=sz)
        except Refusal:
            return None

    def _send(self, account: Account, market: Market, side: str, ord_type: str, *, px: Decimal, sz: Decimal) -> Order:
        row: dict[str, Any] = {
            "tdMode": "cash" if market.instrument.is_spot else "cross",
            "side": side,
            "ordType": ord_type,
            "px": decimal_text(px),
            "sz": decimal_text(sz),
        }
        return self._engine.place(account, market.instrument, row)
