"""Pure. Takes orders, matches them by price and time, settles trades and emits events.

Source: OKX docs, "Place order", "Cancel order", "Order channel" (lifecycle, cancelSource), "Self trade prevention".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.fees import MAKER, TAKER
from gateway.sim.accounts.positions import Position, PositionKey, position_key
from gateway.sim.base.clock import Clock, IdSource
from gateway.sim.base.codes import Refusal
from gateway.sim.base.configuration import Switches
from gateway.sim.base.formats import ZERO
from gateway.sim.market.algo_orders import AlgoOrder
from gateway.sim.market.book import resting_px
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.markets import Market, Trade
from gateway.sim.market.orders import (
    CANCELED,
    CANCELED_FOK,
    CANCELED_IOC,
    CANCELED_MARGIN_SHORT,
    CANCELED_MMP,
    CANCELED_POST_ONLY,
    CANCELED_REDUCE_ONLY,
    CANCELED_SLIPPAGE,
    CANCELED_STP,
    CANCELED_TOO_MANY_MAKERS,
    FILLED,
    MMP_CANCELED,
    MMP_TYPES,
    NO_ORIGIN,
    PARTIALLY_FILLED,
    POST_ONLY_TYPES,
    RESTING_TYPES,
    Change,
    Fill,
    Order,
    Origin,
)
from gateway.sim.trading.mmp import MarketMakerProtection, live_mmp_orders
from gateway.sim.trading.validation import parse_place

MAKERS_LIMIT = 1_000  # makers that one taker may meet (OKX docs, "Order channel", cancelSource 33)
INSUFFICIENT_SUB_CODE = "1000"  # subCode of 51008

NO_CHANGE = Change()


class Events(Protocol):
    """Receives the events of the engine, in their order."""

    def order_changed(self, order: Order, change: Change) -> None: ...

    def filled(self, fill: Fill) -> None: ...

    def traded(self, market: Market, trade: Trade) -> None: ...

    def book_changed(self, market: Market) -> None: ...

    def account_changed(self, account: Account, ccy: str) -> None: ...

    def liquidation_warned(self, account: Account, position: Position, mgn_ratio: Decimal | None) -> None: ...

    def balance_event(
        self,
        account: Account,
        event_type: str,
        ccys: Iterable[str],
        positions: Iterable[Position],
        fills: Iterable[Fill] = (),
    ) -> None: ...

    def settled(self, account: Account, instrument: Instrument, fill: Fill, position: Position | None) -> None: ...


class Engine:
    """All markets and their trading. One call is one indivisible step of the exchange."""

    def __init__(
        self,
        markets: dict[str, Market],
        accounts: Mapping[str, Account],
        clock: Clock,
        ids: IdSource,
        switches: Switches,
        events: Events,
    ) -> None:
        self.markets = markets
        self._accounts = accounts  # all of them by uid, the other participants' too
        self.clock = clock
        self.switches = switches
        self.events = events
        self.mmp = MarketMakerProtection(clock)
        self._protected: list[Order] = []
        self._ids = ids

    def account_of(self, order: Order | AlgoOrder) -> Account:
        return self._accounts[order.account.uid]

    def place(self, account: Account, instrument: Instrument, row: dict[str, Any], origin: Origin = NO_ORIGIN) -> Order:
        """A new order: refused, or live and matched."""
        order = self._parsed(account, instrument, row, origin)
        for item in order.attached:
            item.attach_algo_id = str(self._ids.next_id())
        self.freeze(order)
        account.add_live(order)
        self._execute(self.markets[instrument.inst_id], order)
        return order

    def check(
        self, account: Account, instrument: Instrument, row: dict[str, Any], promised: dict[str, Decimal]
    ) -> Order:
        """The order that `place` would take. Raises the Refusal that `place` would raise if others used `promised` of
        each currency first; adds the need of this order to it."""
        order = self._parsed(account, instrument, row, NO_ORIGIN)
        ccy, amount, _ = self._requirement(order, promised)
        promised[ccy] = promised.get(ccy, ZERO) + amount
        return order

    def _parsed(self, account: Account, instrument: Instrument, row: dict[str, Any], origin: Origin) -> Order:
        market, ord_id, now_ms = self.markets[instrument.inst_id], str(self._ids.next_id()), self.clock.now_ms()
        order = parse_place(row, instrument, market, account, ord_id=ord_id, now_ms=now_ms, origin=origin)
        if order.ord_type in MMP_TYPES:
            self.mmp.check(order)
        return order

    def freeze(self, order: Order) -> None:
        """Set aside the money that the order needs, or refuse it."""
        ccy, amount, closing = self._requirement(order, {})
        account = self.account_of(order)
        account.freeze(order, ccy, amount, closing)
        self.events.account_changed(account, ccy)

    def _requirement(self, order: Order, promised: dict[str, Decimal]) -> tuple[str, Decimal, Decimal]:
        account = self.account_of(order)
        ccy, amount, closing = account.requirement(order)
        if not account.unlimited and amount + promised.get(ccy, ZERO) > account.may_use(order, ccy):
            kind = "balance" if order.instrument.is_spot else "margin"
            raise Refusal("51008", sub_code=INSUFFICIENT_SUB_CODE, ccy=ccy, kind=kind)
        return ccy, amount, closing

    def _execute(self, market: Market, order: Order) -> None:
        if order.ord_type in POST_ONLY_TYPES and market.book.would_cross(order.side, order.limit_px):
            if self.switches.post_only_live_push:
                self.events.order_changed(order, NO_CHANGE)
            self.finish(order, CANCELED, CANCELED_POST_ONLY)
            return
        self.events.order_changed(order, NO_CHANGE)
        if order.ord_type == "fok":
            reason = self._fok_obstacle(market, order)
            if reason:
                self.finish(order, CANCELED, reason)
                return
        self.match(market, order)

    def _fok_obstacle(self, market: Market, order: Order) -> str:
        """Why a fill-or-kill order cannot be filled at once ('' if it can). Own resting orders do not count."""
        open_sz, makers = order.left_sz, 0
        other = market.book.other_side(order.side)
        for px, level in other.best_first():
            if not other.reaches(px, order.limit_px):
                break
            for maker in level.orders.values():
                if maker.account is order.account:
                    if order.stp_mode == "cancel_taker":
                        return CANCELED_FOK
                    continue
                makers += 1
                open_sz -= maker.left_sz
                if open_sz <= 0:
                    return CANCELED_TOO_MANY_MAKERS if makers > MAKERS_LIMIT else ""
        return CANCELED_FOK

    def match(self, market: Market, order: Order) -> None:
        """Trade a live order that is not in the book against the other side, then rest or cancel the remaining size."""
        other = market.book.other_side(order.side)
        makers = 0
        spent = met = False
        while order.is_live and not spent:
            maker = other.first()
            if maker is None or not other.reaches(resting_px(maker), order.limit_px):
                break
            met = True
            if maker.account is order.account:
                self._prevent_self_trade(order, maker)
                continue
            if makers == MAKERS_LIMIT:
                self.finish(order, CANCELED, CANCELED_TOO_MANY_MAKERS)
                return
            sz = min(_takeable(order, self.account_of(order), resting_px(maker)), maker.left_sz)
            spent = sz == 0
            if not spent:
                self._trade(market, maker, order, sz)
                makers += 1
        if self._protected:
            self._protect()
        if order.is_live:
            self._after_match(market, order, spent, met)

    def _after_match(self, market: Market, order: Order, spent: bool, met: bool) -> None:
        if order.ord_type in RESTING_TYPES:
            market.book.own_side(order.side).add(order)
            order.resting = True
            account = self.account_of(order)
            if met and not order.instrument.is_spot and not account.unlimited:
                account.refreeze(order)  # its margin was counted at the price that it met
            self._book_changed(market)
        elif spent:
            # A budget in quote currency is used up to less than a lot: the closing push carries no fill
            # (OKX docs, "Order channel", state of market orders).
            self.finish(order, FILLED, "")
        else:
            self.finish(order, CANCELED, CANCELED_SLIPPAGE if order.ord_type == "market" else CANCELED_IOC)

    def _prevent_self_trade(self, taker: Order, maker: Order) -> None:
        """The taker's mode decides (OKX docs, "Self trade prevention")."""
        if taker.stp_mode in ("cancel_maker", "cancel_both"):
            self.finish(maker, CANCELED, CANCELED_STP)
        if taker.stp_mode in ("cancel_taker", "cancel_both"):
            self.finish(taker, CANCELED, CANCELED_STP)

    def _trade(self, market: Market, maker: Order, taker: Order, sz: Decimal) -> None:
        px = resting_px(maker)
        now_ms = self.clock.now_ms()
        trade = market.record(px, sz, taker.side, now_ms)
        side = market.book.own_side(maker.side)
        if maker.left_sz == sz:
            side.remove(maker)
            maker.resting = False
        else:
            side.reduce(maker, sz)
        self.fill(taker, trade, TAKER)
        self.fill(maker, trade, MAKER)
        self.events.traded(market, trade)
        self._book_changed(market)
        if maker.ord_type in MMP_TYPES and self.mmp.filled(maker, sz):
            self._protected.append(maker)
            if taker.ord_type != "fok":  # the depth that its check found must stay until it has traded
                self._protect()
        for order in (taker, maker):
            self.settle_down(self.account_of(order), position_key(order), order, taker)

    def settle_down(self, account: Account, key: PositionKey, filled: Order, taker: Order | None) -> None:
        """After a fill: cut or cancel the orders whose position or money is gone."""
        if account.unlimited:
            return
        if not filled.instrument.is_spot:
            if account.live_reduce_only:
                self._fit_reduce_only(account, key, taker)
            account.refit(key)
            if filled.is_live:
                account.refreeze(filled)
        self.cover(account, filled.margin_ccy)

    def cover(self, account: Account, ccy: str) -> None:
        """Cancel orders, the newest first, whose money is gone."""
        while account.frozen[ccy] and account.uncovered(ccy) > 0:
            funded = (one for one in reversed(account.live.values()) if one.frozen)
            newest = next((one for one in funded if account.is_pooled or one.frozen_ccy == ccy), None)
            if newest is None:
                break
            self.finish(newest, CANCELED, CANCELED_MARGIN_SHORT)

    def _protect(self) -> None:
        """Cancel the MMP orders of the accounts whose protection was triggered."""
        for maker in self._protected:
            for order in live_mmp_orders(self.account_of(maker), maker.instrument.inst_family):
                self.finish(order, MMP_CANCELED, CANCELED_MMP)
        self._protected.clear()

    def fill(self, order: Order, trade: Trade, exec_type: str) -> None:
        """Count one side of a trade, settle it and emit the events."""
        account, instrument, px, sz = self.account_of(order), order.instrument, trade.px, trade.sz
        done = account.settle(order, trade, exec_type)
        order.acc_fill_sz += sz
        order.fill_px_sz += px * sz
        if done.fee > 0:
            order.rebate += done.fee
        else:
            order.fee += done.fee
        order.pnl += done.pnl
        order.u_time_ms = order.fill_time_ms = trade.time_ms
        order.fill_px, order.fill_sz, order.trade_id = px, sz, trade.trade_id
        order.fill_fee, order.fill_pnl, order.exec_type = done.fee, done.pnl, exec_type
        if order.quote_left is None:
            finished = order.left_sz == 0
        else:
            order.quote_left -= px * sz
            finished = order.quote_left == 0
        closes_apart = finished and self._closes_apart(order)
        order.state = FILLED if finished and not closes_apart else PARTIALLY_FILLED
        market = self.markets[instrument.inst_id]
        fill = Fill(
            self._ids.next_id(), trade.trade_id, order, px, sz, done.fee, account.fee_tier.rate(instrument, exec_type),
            done.pnl, exec_type, _sub_type(order), trade.time_ms, market.mark_px, market.index_px,
        )  # fmt: skip
        account.fills.append(fill)
        account.bill_book.filled(fill)
        if order.state == FILLED:
            account.finish(order)
        self.events.filled(fill)
        self.events.order_changed(order, Change(fill=fill))
        self.events.settled(account, instrument, fill, done.position)
        if closes_apart:
            self.finish(order, FILLED, "")

    def _closes_apart(self, order: Order) -> bool:
        """Whether a push without a trade tells the end of a spot market order (recorded in 2023 and 2024)."""
        if not order.instrument.is_spot or order.ord_type != "market":
            return False
        return order.quote_sz is not None or self.switches.market_close_push == "apart"

    def cancel(self, order: Order, reason: str) -> None:
        """Cancel a live order; `reason` is its cancelSource."""
        self.finish(order, CANCELED, reason)

    def finish(self, order: Order, state: str, cancel_source: str, change: Change = NO_CHANGE) -> None:
        """The one way in which an order ends other than by its last fill."""
        if order.resting:
            market = self.markets[order.instrument.inst_id]
            market.book.own_side(order.side).remove(order)
            order.resting = False
            self._book_changed(market)
        order.state = state
        order.cancel_source = cancel_source
        order.u_time_ms = max(order.u_time_ms, self.clock.now_ms())
        ccy, closing = order.frozen_ccy, order.closing_sz
        account = self.account_of(order)
        account.finish(order)
        if closing:
            account.refit(position_key(order))
        self.events.order_changed(order, change)
        self.events.account_changed(account, ccy)

    def _fit_reduce_only(self, account: Account, key: PositionKey, taker: Order | None) -> None:
        """Reduce-only orders never exceed the position: they are cut, or cancelled without a position."""
        waiting = [one for one in account.live_by_position[key].values() if one.reduce_only]
        position = account.positions.get(key)
        pos = ZERO if position is None else position.pos
        for order in waiting:
            if order is taker or not order.resting:
                continue
            room = abs(pos) if (pos > 0) == (order.side == "sell") else ZERO
            if room == 0:
                self.finish(order, CANCELED, CANCELED_REDUCE_ONLY)
            elif order.left_sz > room:
                self._cut(order, room)

    def _cut(self, order: Order, left_sz: Decimal) -> None:
        market = self.markets[order.instrument.inst_id]
        market.book.own_side(order.side).reduce(order, order.left_sz - left_sz)
        order.sz = order.acc_fill_sz + left_sz
        order.u_time_ms = self.clock.now_ms()
        self._book_changed(market)
        self.events.order_changed(order, Change(amend_source="4", amend_result="0"))

    def _book_changed(self, market: Market) -> None:
        market.seq_id += 1
        self.events.book_changed(market)


def _takeable(order: Order, account: Account, px: Decimal) -> Decimal:
    """The size that the order can still take at `px`; a quote budget buys whole lots."""
    if order.quote_left is None:
        return order.left_sz
    lot = order.instrument.lot_sz
    lots = order.quote_left // (px * lot) * lot
    if not order.reduce_only:
        return lots
    position = account.positions.get(position_key(order))
    return min(lots, position.closed_by(order.side, lots)) if position is not None else ZERO


def _sub_type(order: Order) -> str:
    """OKX docs, "Get transaction details", subType: 1 buy, 2 sell, 3-6 open and close of long and short."""
    if order.pos_side not in ("long", "short"):
        return "1" if order.side == "buy" else "2"
    opens = (order.side == "buy") == (order.pos_side == "long")
    return {"long": ("5", "3"), "short": ("6", "4")}[order.pos_side][opens]
