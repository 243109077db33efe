"""Public channels: tickers, trades, books, instruments, mark price, price limit.

Source: OKX docs, "Tickers channel", "Trades channel", "Order book channel", "Instruments channel", "Mark price
channel". `checksum` is always 0, as OKX sends it since 2026-06-23.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import orjson

from gateway.sim.channels import Subscription
from gateway.sim.clock import Clock
from gateway.sim.formats import decimal_text
from gateway.sim.instruments import Instrument, InstrumentList
from gateway.sim.markets import Market, Trade

BOOK_WINDOW_S = 0.01  # changes of the best prices are gathered this long (OKX docs, "Order book channel", bbo-tbt)
SLOW_WINDOW_S = 0.1  # tickers, books and books5
LEVELS = {"bbo-tbt": 1, "books5": 5, "books": 400}
_SLOW = ("tickers", "books5", "books", "mark-price")


class MarketChannels:
    """Pushes of public data; cheap while nobody listens."""

    def __init__(
        self,
        clock: Clock,
        markets: dict[str, Market],
        instruments: InstrumentList,
        call_later: Callable[[float, Callable[[], None]], object],
    ) -> None:
        self._clock = clock
        self._markets = markets
        self._instruments = instruments
        self._call_later = call_later
        self._by_inst: dict[tuple[str, str], list[Subscription]] = defaultdict(list)
        self._by_type: dict[str, list[Subscription]] = defaultdict(list)
        self._sent_levels: dict[int, dict[str, dict[str, list[str]]]] = {}
        self._sent_seq: dict[int, int] = {}
        self._fast: set[str] = set()
        self._slow: set[str] = set()

    def subscribe(self, subscription: Subscription) -> None:
        if subscription.channel.needs_inst_id:
            self._by_inst[subscription.channel.name, subscription.inst_id].append(subscription)
        elif subscription.channel.name == "instruments":
            self._by_type[subscription.inst_type].append(subscription)

    def unsubscribe(self, subscription: Subscription) -> None:
        self._sent_levels.pop(id(subscription), None)
        if subscription.channel.needs_inst_id:
            self._by_inst[subscription.channel.name, subscription.inst_id].remove(subscription)
        elif subscription.channel.name == "instruments":
            self._by_type[subscription.inst_type].remove(subscription)

    def snapshot(self, subscription: Subscription) -> None:
        """The first push, right after the ack."""
        name = subscription.channel.name
        if name == "instruments":
            rows = [one.row() for one in self._instruments.select(subscription.inst_type)]
            subscription.push(subscription.frame(orjson.dumps(rows)))
        elif name in ("tickers", "mark-price", "price-limit", *LEVELS):
            self._push(subscription, self._markets[subscription.inst_id])

    def instrument_changed(self, instrument: Instrument) -> None:
        """Only what changed is pushed (as since 2026-09-30)."""
        payload = orjson.dumps([instrument.row()])
        for subscription in self._by_type.get(instrument.inst_type, ()):
            subscription.push(subscription.frame(payload))

    def traded(self, market: Market, trade: Trade) -> None:
        for subscription in self._by_inst.get(("trades", market.instrument.inst_id), ()):
            subscription.push(subscription.frame(orjson.dumps([market.trade_row(trade)])))

    def book_changed(self, market: Market) -> None:
        if not self._by_inst:
            return
        inst_id = market.instrument.inst_id
        if self._by_inst.get(("bbo-tbt", inst_id)):
            if not self._fast:
                self._call_later(BOOK_WINDOW_S, self._flush_fast)
            self._fast.add(inst_id)
        if any(self._by_inst.get((name, inst_id)) for name in _SLOW):
            if not self._slow:
                self._call_later(SLOW_WINDOW_S, self._flush_slow)
            self._slow.add(inst_id)

    def _flush_fast(self) -> None:
        changed, self._fast = self._fast, set()
        for inst_id in changed:
            for subscription in self._by_inst.get(("bbo-tbt", inst_id), ()):
                self._push(subscription, self._markets[inst_id])

    def _flush_slow(self) -> None:
        changed, self._slow = self._slow, set()
        for inst_id in changed:
            for name in _SLOW:
                for subscription in self._by_inst.get((name, inst_id), ()):
                    self._push(subscription, self._markets[inst_id])

    def _push(self, subscription: Subscription, market: Market) -> None:
        name = subscription.channel.name
        now_ms = self._clock.now_ms()
        if name == "books":
            self._push_book(subscription, market, now_ms)
            return
        subscription.push(subscription.frame(orjson.dumps([_row(name, market, now_ms)])))

    def _push_book(self, subscription: Subscription, market: Market, now_ms: int) -> None:
        """A snapshot first, then the levels that changed, size 0 for those that went."""
        row = market.book_row(LEVELS["books"], now_ms)
        levels = {side: {level[0]: level for level in row[side]} for side in ("asks", "bids")}
        key = id(subscription)
        before = self._sent_levels.get(key)
        self._sent_levels[key] = levels
        if before is not None:
            for side, now in levels.items():
                gone = [[px, "0", "0", "0"] for px in before[side] if px not in now]
                row[side] = [level for px, level in now.items() if before[side].get(px) != level] + gone
        row["checksum"] = 0
        row["prevSeqId"] = -1 if before is None else self._sent_seq[key]
        self._sent_seq[key] = market.seq_id
        head = b'"action":"snapshot",' if before is None else b'"action":"update",'
        subscription.push(subscription.frame(orjson.dumps([row]), head))


def _row(name: str, market: Market, now_ms: int) -> dict[str, Any]:
    if name == "tickers":
        return market.ticker_row(now_ms)
    if name == "price-limit":
        return market.price_limit_row(now_ms)
    instrument = market.instrument
    if name == "mark-price":
        return {
            "instType": instrument.inst_type,
            "instId": instrument.inst_id,
            "markPx": decimal_text(market.mark_px),
            "ts": str(now_ms),
        }
    row = market.book_row(LEVELS[name], now_ms)
    return {**row, "instId": instrument.inst_id} if name == "books5" else row
