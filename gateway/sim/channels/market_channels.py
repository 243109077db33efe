"""Public channels: pushes when the market moves, and repetitions when it does not.

Source: OKX docs, the pages of the channels. Pushes are gathered for 10 ms (bbo-tbt and the tick-by-tick books) or
100 ms; channels of slow data are looked at once a second. Nothing is pushed twice unless its repeat time has come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from gateway.sim.base.clock import Clock
from gateway.sim.channels.book_updates import push_book
from gateway.sim.channels.channels import FULL_BOOKS, INDEX_CANDLE, MARK_CANDLE, Subscription
from gateway.sim.channels.market_data import MarketData
from gateway.sim.market.candles import BARS
from gateway.sim.market.instruments import Instrument, InstrumentList
from gateway.sim.market.markets import Market, Trade
from gateway.sim.market.public_history import Liquidated
from gateway.sim.rows.market import liquidation_row, trades_all_row, trades_row

FAST_WINDOW_S = 0.01
SLOW_WINDOW_S = 0.1
TICK_S = 1.0
FAST = ("bbo-tbt", "books-l2-tbt", "books50-l2-tbt")
ON_TRADES = ("tickers", "books5", "books", "mark-price")
# After so many seconds without a change the last content is published again.
REPEAT_S = {
    "bbo-tbt": 60,
    "books5": 60,
    **dict.fromkeys(FULL_BOOKS, 60),
    "mark-price": 10,
    "index-tickers": 60,
    "funding-rate": 60,
    "open-interest": 0,
    "price-limit": 0,
    "opt-summary": 0,
    "estimated-price": 0,
    **dict.fromkeys((f"{kind}{bar}" for kind in (MARK_CANDLE, INDEX_CANDLE) for bar in BARS), 0),
}
_WITHOUT_SNAPSHOT = ("trades", "trades-all", "liquidation-orders")


class MarketChannels:
    """Pushes of public data; cheap while there is no subscription."""

    def __init__(
        self,
        clock: Clock,
        markets: dict[str, Market],
        instruments: InstrumentList,
        data: MarketData,
        call_later: Callable[[float, Callable[[], None]], object],
    ) -> None:
        self._clock = clock
        self._markets = markets
        self._instruments = instruments
        self._data = data
        self._call_later = call_later
        self._by_inst: dict[tuple[str, str], list[Subscription]] = defaultdict(list)
        self._by_type: dict[str, list[Subscription]] = defaultdict(list)
        self._liquidations: dict[str, list[Subscription]] = defaultdict(list)
        self._status: list[Subscription] = []
        self._candles: dict[str, int] = defaultdict(int)
        self._fast: set[str] = set()
        self._slow: set[str] = set()
        self._tick = 0

    # --- subscriptions -----------------------------------------------------------------------------------------

    def subscribe(self, subscription: Subscription) -> None:
        self._listeners(subscription).append(subscription)
        if subscription.channel.name.startswith("candle"):
            self._candles[subscription.inst_id] += 1

    def unsubscribe(self, subscription: Subscription) -> None:
        self._listeners(subscription).remove(subscription)
        if subscription.channel.name.startswith("candle"):
            self._candles[subscription.inst_id] -= 1

    def _listeners(self, subscription: Subscription) -> list[Subscription]:
        name = subscription.channel.name
        if name == "instruments":
            return self._by_type[subscription.inst_type]
        if name == "liquidation-orders":
            return self._liquidations[subscription.inst_type]
        if name == "status":
            return self._status
        return self._by_inst[name, subscription.inst_id or subscription.inst_family]

    def snapshot(self, subscription: Subscription) -> None:
        """The first push, right after the ack."""
        name = subscription.channel.name
        if name == "instruments":
            rows = [one.row() for one in self._instruments.select(subscription.inst_type)]
            subscription.push(subscription.frame(orjson.dumps(rows)))
        elif name == "status":
            # Only the latest announcement (OKX docs, "Status channel").
            if self._data.statuses:
                self._push_status(subscription, self._data.statuses[-1])
        elif name not in _WITHOUT_SNAPSHOT:
            subscription.published = None
            self._push(subscription)

    # --- events of the market -----------------------------------------------------------------------------------

    def instrument_changed(self, instrument: Instrument) -> None:
        """Only changed instruments are pushed (as since 2026-09-30)."""
        payload = orjson.dumps([instrument.row()])
        for subscription in self._by_type.get(instrument.inst_type, ()):
            subscription.push(subscription.frame(payload))

    def status_changed(self, row: dict[str, Any]) -> None:
        for subscription in self._status:
            self._push_status(subscription, row)

    def _push_status(self, subscription: Subscription, row: dict[str, Any]) -> None:
        subscription.push(subscription.frame_one(orjson.dumps({**row, "ts": str(self._clock.now_ms())})))

    def traded(self, market: Market, trade: Trade) -> None:
        inst_id = market.instrument.inst_id
        self._data.traded(market, trade)
        if not self._by_inst:
            return
        row = market.trade_row(trade)
        for subscription in self._by_inst.get(("trades", inst_id), ()):
            subscription.push(subscription.frame_one(orjson.dumps(trades_row(row, market.seq_id))))
        for subscription in self._by_inst.get(("trades-all", inst_id), ()):
            subscription.push(subscription.frame_one(orjson.dumps(trades_all_row(row))))

    def liquidated(self, taken: Liquidated) -> None:
        self._data.history.liquidations.append(taken)
        payload = orjson.dumps(liquidation_row([taken]))
        for subscription in self._liquidations.get(taken.instrument.inst_type, ()):
            subscription.push(subscription.frame_one(payload))

    def book_changed(self, market: Market) -> None:
        if not self._by_inst:
            return
        inst_id = market.instrument.inst_id
        if any(self._by_inst.get((name, inst_id)) for name in FAST):
            if not self._fast:
                self._call_later(FAST_WINDOW_S, self._flush_fast)
            self._fast.add(inst_id)
        if self._candles.get(inst_id) or any(self._by_inst.get((name, inst_id)) for name in ON_TRADES):
            if not self._slow:
                self._call_later(SLOW_WINDOW_S, self._flush_slow)
            self._slow.add(inst_id)

    def _flush_fast(self) -> None:
        changed, self._fast = self._fast, set()
        self._push_all(FAST, changed)

    def _flush_slow(self) -> None:
        changed, self._slow = self._slow, set()
        candles = {name for name, key in self._by_inst if name.startswith("candle") and key in changed}
        self._push_all((*ON_TRADES, *sorted(candles)), changed)

    def _push_all(self, names: Iterable[str], inst_ids: Iterable[str]) -> None:
        for inst_id in inst_ids:
            for name in names:
                for subscription in self._by_inst.get((name, inst_id), ()):
                    self._push(subscription)

    # --- repeating ---------------------------------------------------------------------------------------------

    def start_regular(self) -> None:
        self._call_later(TICK_S, self._regular)

    def _regular(self) -> None:
        """Look at slow data, and repeat content that has not changed for long."""
        self._tick += 1
        for (name, _), subscriptions in list(self._by_inst.items()):
            repeat_s = REPEAT_S.get(name)
            if repeat_s is None:
                continue
            for subscription in subscriptions:
                due = repeat_s > 0 and self._tick - subscription.published_tick >= repeat_s
                self._push(subscription, again=due)
        self.start_regular()

    def _push(self, subscription: Subscription, *, again: bool = False) -> None:
        """Publish the present content, unless the client has it already and no repetition is due (`again`)."""
        name = subscription.channel.name
        now_ms = self._clock.now_ms()
        if name in FULL_BOOKS:
            published = push_book(subscription, self._markets[subscription.inst_id], now_ms, again=again)
        else:
            published = self._push_rows(subscription, self._data.rows(name, subscription, now_ms), again)
        if published:
            subscription.published_tick = self._tick

    def _push_rows(self, subscription: Subscription, rows: list[Any], again: bool) -> bool:
        """The time and the number of the book do not count as a change; empty content is not published."""
        known = [_content(row) for row in rows]
        if not rows or (known == subscription.published and not again):
            return False
        subscription.published = known
        subscription.push(subscription.frame(orjson.dumps(rows)))
        return True


def _content(row: Any) -> Any:
    return {key: row[key] for key in row if key not in ("ts", "seqId")} if isinstance(row, dict) else row
