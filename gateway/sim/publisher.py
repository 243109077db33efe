"""Private channels: turns what the engine tells into pushes, and enters it into the ledger.

Pushes are collected and leave with `flush`, so that whoever runs a request decides whether its ack goes before them.
Source: OKX docs, "Order channel", "Account channel", "Positions channel", "Balance and position channel".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

import orjson

from gateway.sim import account_rows
from gateway.sim.accounts import Account
from gateway.sim.channels import Subscription
from gateway.sim.clock import Clock
from gateway.sim.faults import Faults
from gateway.sim.instruments import Instrument
from gateway.sim.ledger import Ledger, fill_record, order_record
from gateway.sim.market_channels import MarketChannels
from gateway.sim.markets import Market, Trade
from gateway.sim.order_rows import push_row
from gateway.sim.orders import Change, Fill, Order
from gateway.sim.positions import Position

EVENT_WINDOW_S = 0.05  # account and positions gather events for about 50 ms (OKX docs, "Account channel")
REGULAR_S = 5.0  # and repeat everything about every 5 s
DUPLICATE_DELAY_MS = 1

CallLater = Callable[[float, Callable[[], None]], object]


class Exchange(Protocol):
    """What the publisher reads."""

    clock: Clock
    faults: Faults
    ledger: Ledger
    markets: dict[str, Market]
    accounts: dict[str, Account]

    def usd_px(self, ccy: str) -> Decimal: ...


class Publisher:
    """The engine's `Events`."""

    def __init__(self, exchange: Exchange, public: MarketChannels, call_later: CallLater) -> None:
        self._exchange = exchange
        self._public = public
        self._call_later = call_later
        self._subscriptions: dict[tuple[str, str], list[Subscription]] = defaultdict(list)
        self._pending: list[tuple[Subscription, bytes]] = []
        self._changed_ccys: dict[str, set[str]] = defaultdict(set)
        self._changed_positions: dict[str, dict[int, Position]] = defaultdict(dict)
        self._window_open = False

    # --- subscriptions -----------------------------------------------------------------------------------------

    def subscribe(self, subscription: Subscription) -> None:
        self._subscriptions[subscription.uid, subscription.channel.name].append(subscription)

    def unsubscribe(self, subscription: Subscription) -> None:
        self._subscriptions[subscription.uid, subscription.channel.name].remove(subscription)

    def connections(self, uid: str, channel: str) -> int:
        """How many connections of an account listen to a channel, however many arguments each subscribed."""
        return len({one.push for one in self._subscriptions[uid, channel]})

    def snapshot(self, subscription: Subscription) -> None:
        """The first push after the ack; `orders` has none."""
        account = self._exchange.accounts.get(subscription.uid)
        if account is None:
            return
        now_ms = self._exchange.clock.now_ms()
        if subscription.channel.name == "account":
            self._push_account(subscription, account, None)
        elif subscription.channel.name == "positions":
            self._push_positions(subscription, [one for one in account.positions.values() if one.pos], snapshot=True)
        elif subscription.channel.name == "balance_and_position":
            held = [one for one in account.positions.values() if one.pos]
            ccys = account.currencies()
            row = account_rows.balance_and_position_row(account, "snapshot", ccys, held, fills=(), now_ms=now_ms)
            self._pending.append((subscription, subscription.frame_one(orjson.dumps(row))))

    def flush(self) -> None:
        """Send all pushes gathered so far."""
        pending, self._pending = self._pending, []
        for subscription, payload in pending:
            subscription.push(payload)

    # --- what happens ------------------------------------------------------------------------------------------

    def order_changed(self, order: Order, change: Change) -> None:
        exchange = self._exchange
        exchange.ledger.add(order_record(order, change, exchange.clock.now_ns()))
        subscriptions = self._subscriptions.get((order.account.uid, "orders"))
        if not subscriptions:
            return
        market = exchange.markets[order.instrument.inst_id]
        copies = [order.u_time_ms]
        fate = exchange.faults.push_fate()
        if fate == "duplicate":
            copies.append(order.u_time_ms + DUPLICATE_DELAY_MS)
        elif fate == "lose":
            copies = []
        for u_time_ms in copies:
            row = orjson.dumps(push_row(order, change, market, u_time_ms))
            for subscription in subscriptions:
                if subscription.matches(order.instrument):
                    self._pending.append((subscription, subscription.frame_one(row)))

    def filled(self, fill: Fill) -> None:
        self._exchange.ledger.add(fill_record(fill, self._exchange.clock.now_ns()))

    def traded(self, market: Market, trade: Trade) -> None:
        self._public.traded(market, trade)

    def book_changed(self, market: Market) -> None:
        self._public.book_changed(market)

    def account_changed(self, account: Account, ccy: str) -> None:
        if self._subscriptions.get((account.uid, "account")):
            self._changed_ccys[account.uid].add(ccy)
            self._open_window()

    def settled(self, account: Account, instrument: Instrument, fill: Fill, position: Position | None) -> None:
        ccys = (instrument.base_ccy, instrument.quote_ccy) if position is None else (instrument.settle_ccy,)
        for ccy in ccys:
            self.account_changed(account, ccy)
        if position is not None and self._subscriptions.get((account.uid, "positions")):
            self._changed_positions[account.uid][id(position)] = position
            self._open_window()
        subscriptions = self._subscriptions.get((account.uid, "balance_and_position"))
        if subscriptions:
            held = () if position is None else (position,)
            now_ms = self._exchange.clock.now_ms()
            row = account_rows.balance_and_position_row(account, "filled", ccys, held, fills=(fill,), now_ms=now_ms)
            encoded = orjson.dumps(row)
            self._pending.extend((one, one.frame_one(encoded)) for one in subscriptions)

    # --- account and positions ---------------------------------------------------------------------------------

    def _open_window(self) -> None:
        if not self._window_open:
            self._window_open = True
            self._call_later(EVENT_WINDOW_S, self._close_window)

    def _close_window(self) -> None:
        self._window_open = False
        changed_ccys, self._changed_ccys = self._changed_ccys, defaultdict(set)
        changed_positions, self._changed_positions = self._changed_positions, defaultdict(dict)
        for uid, ccys in changed_ccys.items():
            for subscription in self._subscriptions.get((uid, "account"), ()):
                self._push_account(subscription, self._exchange.accounts[uid], sorted(ccys))
        for uid, positions in changed_positions.items():
            for subscription in self._subscriptions.get((uid, "positions"), ()):
                self._push_positions(subscription, list(positions.values()), snapshot=False)
        self.flush()

    def start_regular(self) -> None:
        self._call_later(REGULAR_S, self._regular)

    def _regular(self) -> None:
        for (_, channel), subscriptions in list(self._subscriptions.items()):
            if channel in ("account", "positions"):
                for subscription in subscriptions:
                    if subscription.regular:
                        self.snapshot(subscription)
        self.flush()
        self.start_regular()

    def _push_account(self, subscription: Subscription, account: Account, ccys: list[str] | None) -> None:
        """`ccys` None: all of them, as a snapshot; else only what changed."""
        wanted = subscription.arg.get("ccy", "")
        if ccys is None:
            listed = [ccy for ccy in account.currencies() if wanted in ("", ccy)]
            head = b'"eventType":"snapshot","curPage":1,"lastPage":true,'
        else:
            listed = [ccy for ccy in ccys if wanted in ("", ccy)]
            if not listed:
                return
            head = b'"eventType":"event_update",'
        exchange = self._exchange
        row = account_rows.balance_row(account, exchange.usd_px, exchange.clock.now_ms(), listed)
        self._pending.append((subscription, subscription.frame(orjson.dumps([row]), head)))

    def _push_positions(self, subscription: Subscription, positions: list[Position], *, snapshot: bool) -> None:
        exchange = self._exchange
        now_ms = exchange.clock.now_ms()
        account = exchange.accounts[subscription.uid]
        rows = [
            account_rows.position_row(account, one, exchange.markets[one.instrument.inst_id], now_ms, push=True)
            for one in positions
            if subscription.matches(one.instrument)
        ]
        if not rows and not snapshot:
            return
        head = b'"eventType":"snapshot","curPage":1,"lastPage":true,' if snapshot else b'"eventType":"event_update",'
        self._pending.append((subscription, subscription.frame(orjson.dumps(rows), head)))
