"""Private channels: turns the events of the engine into pushes and ledger records.

Pushes are collected and leave with `flush`, so the code that runs a request decides whether its ack goes first.
Source: OKX docs, "Order channel", "Account channel", "Positions channel", "Balance and position channel",
"Fills channel", "Position risk warning", "Account greeks channel".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import orjson

from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.fees import TAKER
from gateway.sim.accounts.positions import Position
from gateway.sim.base.clock import Clock
from gateway.sim.base.switches import Switches
from gateway.sim.channels.channels import Subscription
from gateway.sim.channels.ledger import Ledger, balance_record, fill_record, order_record
from gateway.sim.channels.market_channels import MarketChannels
from gateway.sim.market.algo_orders import ADVANCE_TYPES, AlgoOrder
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.markets import Market, Trade
from gateway.sim.market.orders import Change, Fill, Order
from gateway.sim.market.public_history import Liquidated
from gateway.sim.rows import account as account_rows
from gateway.sim.rows.algo import advance_push_row, rest_row
from gateway.sim.rows.algo import push_row as algo_push_row
from gateway.sim.rows.order import push_row
from gateway.sim.rows.position import position_row
from gateway.sim.rows.private import fills_row, greeks_row, warning_row

EVENT_WINDOW_S = 0.05  # account and positions gather events for about 50 ms (OKX docs, "Account channel")
TICK_S = 1.0
GREEKS_REPEAT_S = 10
# eventType of `balance_and_position` by the category of the order that was filled.
EVENT_TYPES = {"full_liquidation": "liquidation", "partial_liquidation": "liquidation", "adl": "adl"}

CallLater = Callable[[float, Callable[[], None]], object]


class Exchange(Protocol):
    """The parts of the exchange that the publisher reads."""

    clock: Clock
    switches: Switches
    ledger: Ledger
    markets: dict[str, Market]
    accounts: dict[str, Account]

    def usd_px(self, ccy: str) -> Decimal: ...


@dataclass(slots=True)
class FillCount:
    """The content of one message of `fills`: the last match, and the size and number of all matches in it."""

    last: Fill
    sz: Decimal
    count: int = 1


class Publisher:
    """The engine's `Events`."""

    def __init__(self, exchange: Exchange, public: MarketChannels, call_later: CallLater) -> None:
        self._exchange = exchange
        self._public = public
        self._call_later = call_later
        self._subscriptions: dict[tuple[str, str], list[Subscription]] = defaultdict(list)
        self._pending: list[tuple[Subscription, bytes]] = []
        self._unsent_fills: list[FillCount] = []
        self._changed_ccys: dict[str, set[str]] = defaultdict(set)
        self._changed_positions: dict[str, dict[int, Position]] = defaultdict(dict)
        self._changed_greeks: dict[str, set[str]] = defaultdict(set)
        self._window_open = False
        self._tick = 0

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
        elif subscription.channel.name == "algo-advance":
            for algo in account.algos.live.values():
                if algo.ord_type in ADVANCE_TYPES and subscription.matches(algo.instrument):
                    row = advance_push_row(algo, self._exchange.markets[algo.instrument.inst_id], now_ms)
                    self._pending.append((subscription, subscription.frame_one(orjson.dumps(row))))
        elif subscription.channel.name == "account-greeks":
            self._push_greeks(subscription, account, account.currencies())

    def flush(self) -> None:
        """Send all pushes gathered so far; those of `fills` first, it is the faster channel."""
        unsent, self._unsent_fills = self._unsent_fills, []
        for one in unsent:
            row = orjson.dumps(fills_row(one.last, one.sz, one.count))
            for subscription in self._subscriptions.get((one.last.order.account.uid, "fills"), ()):
                if subscription.inst_id in ("", one.last.order.instrument.inst_id):
                    subscription.push(subscription.frame_one(row))
        pending, self._pending = self._pending, []
        for subscription, payload in pending:
            subscription.push(payload)

    # --- events of the engine -----------------------------------------------------------------------------------

    def order_changed(self, order: Order, change: Change) -> None:
        exchange = self._exchange
        exchange.ledger.add(order_record(order, change, exchange.clock.now_ns()))
        subscriptions = self._subscriptions.get((order.account.uid, "orders"))
        if not subscriptions:
            return
        market = exchange.markets[order.instrument.inst_id]
        row = orjson.dumps(push_row(order, change, market, order.u_time_ms))
        if not order.is_live:
            order.push_base = None  # no push follows, and the order is kept for long
        served = set()
        for subscription in subscriptions:
            if not subscription.matches(order.instrument):
                continue
            if subscription.push not in served or exchange.switches.overlap_duplicates:
                self._pending.append((subscription, subscription.frame_one(row)))
            served.add(subscription.push)

    def algo_changed(self, algo: AlgoOrder, req_id: str, amend_result: str) -> None:
        """`orders-algo`, and `algo-advance` for trailing stops."""
        exchange, uid = self._exchange, algo.account.uid
        row = rest_row(algo)
        exchange.ledger.add({"type": "algo", "time_ns": exchange.clock.now_ns(), "uid": uid, **row})
        advance = algo.ord_type in ADVANCE_TYPES
        subscriptions = self._subscriptions.get((uid, "algo-advance" if advance else "orders-algo"))
        if not subscriptions:
            return
        market = exchange.markets[algo.instrument.inst_id]
        if advance:
            encoded = orjson.dumps(advance_push_row(algo, market, exchange.clock.now_ms()))
        else:
            encoded = orjson.dumps(algo_push_row(algo, market, req_id, amend_result))
        for subscription in subscriptions:
            if subscription.matches(algo.instrument) and subscription.arg.get("algoId", "") in ("", algo.algo_id):
                self._pending.append((subscription, subscription.frame_one(encoded)))

    def filled(self, fill: Fill) -> None:
        self._exchange.ledger.add(fill_record(fill, self._exchange.clock.now_ns()))
        if EVENT_TYPES.get(fill.order.category) == "liquidation":
            order = fill.order
            self._public.liquidated(Liquidated(fill.time_ms, order.instrument, order.side, fill.sz, fill.px))
        # Fills of liquidation and ADL have negative ids and are not published here (OKX docs, "Fills channel").
        if self._subscriptions.get((fill.order.account.uid, "fills")) and not fill.trade_id.startswith("-"):
            self._count_fill(fill)

    def _count_fill(self, fill: Fill) -> None:
        """One message for all matches of a taker at one price; one message for each match of a maker."""
        if fill.exec_type == TAKER:
            for one in self._unsent_fills:
                if one.last.order is fill.order and one.last.px == fill.px:
                    one.last, one.sz, one.count = fill, one.sz + fill.sz, one.count + 1
                    return
        self._unsent_fills.append(FillCount(fill, fill.sz))

    def traded(self, market: Market, trade: Trade) -> None:
        self._public.traded(market, trade)

    def book_changed(self, market: Market) -> None:
        self._public.book_changed(market)

    def account_changed(self, account: Account, ccy: str) -> None:
        if self._subscriptions.get((account.uid, "account")):
            self._changed_ccys[account.uid].add(ccy)
            self._open_window()

    def liquidation_warned(self, account: Account, position: Position, mgn_ratio: Decimal | None) -> None:
        """A position has come close to liquidation."""
        exchange = self._exchange
        market = exchange.markets[position.instrument.inst_id]
        row = orjson.dumps(warning_row(position, market, mgn_ratio, exchange.clock.now_ms()))
        for subscription in self._subscriptions.get((account.uid, "liquidation-warning"), ()):
            if subscription.matches(position.instrument):
                self._pending.append((subscription, subscription.frame_one(row)))

    def balance_event(
        self,
        account: Account,
        event_type: str,
        ccys: Iterable[str],
        positions: Iterable[Position],
        fills: Iterable[Fill] = (),
    ) -> None:
        """Balances and positions changed for a reason that `balance_and_position` names, e.g. filled, funding_fee,
        liquidation, adl, transferred; `account`, `positions` and `account-greeks` follow in their own time."""
        ccys, positions = list(ccys), list(positions)
        if not fills:
            record = balance_record(account, event_type, ccys, positions, self._exchange.clock.now_ns())
            self._exchange.ledger.add(record)
        for ccy in ccys:
            self.account_changed(account, ccy)
        if positions and self._subscriptions.get((account.uid, "positions")):
            self._changed_positions[account.uid] |= {id(one): one for one in positions}
            self._open_window()
        if self._subscriptions.get((account.uid, "account-greeks")):
            self._changed_greeks[account.uid] |= {*ccys, *(one.instrument.ct_val_ccy for one in positions)}
            self._open_window()
        subscriptions = self._subscriptions.get((account.uid, "balance_and_position"))
        if subscriptions:
            now_ms = self._exchange.clock.now_ms()
            row = account_rows.balance_and_position_row(
                account, event_type, ccys, positions, fills=fills, now_ms=now_ms
            )
            encoded = orjson.dumps(row)
            self._pending.extend((one, one.frame_one(encoded)) for one in subscriptions)

    def settled(self, account: Account, instrument: Instrument, fill: Fill, position: Position | None) -> None:
        ccys = (instrument.base_ccy, instrument.quote_ccy) if position is None else (position.ccy,)
        event_type = EVENT_TYPES.get(fill.order.category, "filled")
        self.balance_event(account, event_type, ccys, () if position is None else (position,), (fill,))

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
        changed_greeks, self._changed_greeks = self._changed_greeks, defaultdict(set)
        for uid, ccys in changed_greeks.items():
            for subscription in self._subscriptions.get((uid, "account-greeks"), ()):
                self._push_greeks(subscription, self._exchange.accounts[uid], sorted(ccys - {""}))
        self.flush()

    def start_regular(self) -> None:
        self._call_later(TICK_S, self._regular)

    def _regular(self) -> None:
        self._tick += 1
        for (_, channel), subscriptions in list(self._subscriptions.items()):
            for subscription in subscriptions:
                period_s = GREEKS_REPEAT_S if channel == "account-greeks" else subscription.regular_s
                if period_s and self._tick % period_s == 0:
                    self.snapshot(subscription)
        self.flush()
        self.start_regular()

    def _push_account(self, subscription: Subscription, account: Account, ccys: list[str] | None) -> None:
        """`ccys` None: all of them, as a snapshot; else only the changed ones."""
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

    def _push_greeks(self, subscription: Subscription, account: Account, ccys: Iterable[str]) -> None:
        wanted = subscription.arg.get("ccy", "")
        now_ms = self._exchange.clock.now_ms()
        rows = [greeks_row(account, ccy, self._exchange.markets, now_ms) for ccy in ccys if wanted in ("", ccy)]
        if rows:
            self._pending.append((subscription, subscription.frame(orjson.dumps(rows))))

    def _push_positions(self, subscription: Subscription, positions: list[Position], *, snapshot: bool) -> None:
        exchange = self._exchange
        now_ms = exchange.clock.now_ms()
        account = exchange.accounts[subscription.uid]
        rows = [
            position_row(account, one, exchange.markets[one.instrument.inst_id], now_ms, push=True)
            for one in positions
            if subscription.matches(one.instrument)
        ]
        if not rows and not snapshot:
            return
        head = b'"eventType":"snapshot","curPage":1,"lastPage":true,' if snapshot else b'"eventType":"event_update",'
        self._pending.append((subscription, subscription.frame(orjson.dumps(rows), head)))
