"""Pure. Positions that the exchange takes away: liquidation by margin ratio or on command, auto-deleveraging.

OKX's liquidation engine takes over at the bankruptcy price; here an account of the house does, at the mark price less
the maintenance margin, so a position that is taken in time costs its owner the remaining margin and no more. The
insurance fund pays the rest. These trades do not touch the book, the last price or the public trades, and their
tradeId is negative. Source: OKX docs, "Order channel" (category), "Fills channel" (negative tradeId), "Position risk
warning"; OKX help, "Liquidation".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from gateway.sim.accounts import margin
from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.fees import MAKER, TAKER
from gateway.sim.accounts.house_account import CONVERSION, INSURANCE
from gateway.sim.accounts.positions import MAINTENANCE_RATES, Position, key_of
from gateway.sim.base.clock import IdSource
from gateway.sim.base.formats import quotient
from gateway.sim.market.markets import Trade
from gateway.sim.market.orders import CANCELED, CANCELED_BY_ADL, CANCELED_MARGIN_SHORT, Order
from gateway.sim.trading.engine import Engine

FULL = "full_liquidation"
PARTIAL = "partial_liquidation"
ADL = "adl"


class Liquidations:
    """Watches the accounts of users; the account `liquidator` takes positions over."""

    def __init__(self, engine: Engine, accounts: Mapping[str, Account], liquidator: Account, ids: IdSource) -> None:
        self._engine = engine
        self._accounts = accounts
        self._liquidator = liquidator
        self._ids = ids
        self._seen: dict[str, tuple[int, list[Decimal]]] = {}
        self._warned: set[str] = set()  # posId of positions that were warned about and have not recovered

    def check(self) -> None:
        """Liquidate the positions that their margin no longer carries, and warn of those close to it."""
        for account in self._accounts.values():
            if not self._moved(account) and not account.is_pooled:
                continue
            for ccy in [one for one, frozen in account.frozen.items() if frozen]:
                self._engine.cover(account, ccy)
            if account.is_pooled or account.positions:
                self._check(account)

    def _moved(self, account: Account) -> bool:
        """Whether money, positions, closing orders or mark prices have changed since the last look."""
        mark_px = account.prices.mark_px
        now = account.revision, [mark_px(one.instrument) for one in account.positions.values()]
        moved = self._seen.get(account.uid) != now
        self._seen[account.uid] = now
        return moved

    def _check(self, account: Account) -> None:
        for position in list(account.positions.values()):
            ratio = margin.position_ratio(account, position)
            if ratio is not None and ratio <= margin.LIQUIDATION_RATIO and key_of(position) in account.positions:
                self._cancel_orders(account, position)
                self.take(account, position, abs(position.pos), FULL)
            else:
                self._warn(account, position, ratio)
        if account.is_pooled:
            ratio = margin.pooled_ratio(account)
            if ratio is not None and ratio <= margin.LIQUIDATION_RATIO:
                self._repay(account)

    def _warn(self, account: Account, position: Position, ratio: Decimal | None) -> None:
        near = ratio is not None and ratio <= margin.WARNING_RATIO
        if near and position.pos_id not in self._warned:
            self._warned.add(position.pos_id)
            self._engine.events.liquidation_warned(account, position, ratio)
        elif not near:
            self._warned.discard(position.pos_id)

    def _cancel_orders(self, account: Account, position: Position) -> None:
        """Orders on the same margin are cancelled first: the position's own orders, in cross mode all in its
        currency."""
        cross = position.mgn_mode == "cross"
        for order in list(account.live.values()):
            same_ccy = cross and order.frozen and (account.is_pooled or order.frozen_ccy == position.ccy)
            if same_ccy or order.ord_id in account.live_by_position[key_of(position)]:
                self._engine.finish(order, CANCELED, CANCELED_MARGIN_SHORT)

    def _repay(self, account: Account) -> None:
        """Forced repayment: coin is sold to the house at its dollar price until no debt is left."""
        for order in list(account.live.values()):
            self._engine.finish(order, CANCELED, CANCELED_MARGIN_SHORT)
        now_ms = self._engine.clock.now_ms()
        usd_px = account.prices.usd_px
        for debt_ccy in [ccy for ccy, cash in account.cash.items() if cash < 0]:
            for ccy in [one for one, cash in account.cash.items() if cash > 0 and usd_px(one)]:
                owed = -account.cash[debt_ccy]
                if not owed:
                    break
                sold = min(account.cash[ccy], quotient(owed * usd_px(debt_ccy), usd_px(ccy)))
                bought = min(owed, quotient(sold * usd_px(ccy), usd_px(debt_ccy)))
                for one, amount in ((ccy, -sold), (debt_ccy, bought)):
                    account.credit(one, amount, now_ms)
                    account.house_account.take(CONVERSION, one, -amount)
                account.bill_book.repaid(now_ms)
            if account.cash[debt_ccy] < 0:
                account.house_account.take(INSURANCE, debt_ccy, account.cash[debt_ccy])
                account.credit(debt_ccy, -account.cash[debt_ccy], now_ms)
                account.bill_book.covered(debt_ccy, now_ms)
        self._engine.events.balance_event(account, "liquidation", list(account.cash), ())

    # --- on command --------------------------------------------------------------------------------------------

    def take(self, account: Account, position: Position, sz: Decimal, category: str) -> Order:
        """The house takes `sz` of a position over: at the mark price when deleveraging, else at a loss.

        Orders that would close it go first.
        """
        mark_px = account.prices.mark_px(position.instrument)
        cause = CANCELED_BY_ADL if category == ADL else CANCELED_MARGIN_SHORT
        for order in list(account.live_by_position[key_of(position)].values()):
            if order.reduce_only or order.closing_sz:
                self._engine.finish(order, CANCELED, cause)
        position.trigger_px = mark_px
        px = mark_px if category == ADL else takeover_px(position, mark_px)
        return self._trade(account, position, sz, px, category)

    def _trade(self, account: Account, position: Position, sz: Decimal, px: Decimal, category: str) -> Order:
        engine, instrument = self._engine, position.instrument
        now_ms = engine.clock.now_ms()
        side, other_side = ("sell", "buy") if position.pos > 0 else ("buy", "sell")
        taken = Order(
            str(self._ids.next_id()), account, instrument, side, "market", position.mgn_mode, sz, None, now_ms,
            pos_side=position.pos_side, ccy=position.ccy, category=category, limit_px=px, u_time_ms=now_ms,
            frozen_ccy=position.ccy,
        )  # fmt: skip
        taking = Order(
            str(self._ids.next_id()), self._liquidator, instrument, other_side, "limit", position.mgn_mode, sz, px,
            now_ms, pos_side="net", ccy=position.ccy, limit_px=px, u_time_ms=now_ms, frozen_ccy=position.ccy,
        )  # fmt: skip
        key = key_of(position)
        trade_id = f"-{engine.markets[instrument.inst_id].next_trade_id()}"
        trade = Trade(trade_id, px, sz, side, now_ms)
        for owner, order, exec_type in ((account, taken, TAKER), (self._liquidator, taking, MAKER)):
            owner.add_live(order)
            engine.fill(order, trade, exec_type)
        engine.settle_down(account, key, taken, None)
        return taken


def takeover_px(position: Position, mark_px: Decimal) -> Decimal:
    """The mark price less the maintenance margin, on the tick that is better for the house."""
    tick = position.instrument.tick_sz
    rate = MAINTENANCE_RATES[position.instrument.inst_type]
    if position.pos > 0:
        px = mark_px * (1 - rate)
        return max(tick, px - px % tick)
    px = mark_px * (1 + rate)
    return px + -px % tick


def find_positions(account: Account, inst_id: str, mgn_mode: str = "", pos_side: str = "") -> Iterator[Position]:
    """The positions of an account in an instrument."""
    for one in account.positions.values():
        if one.instrument.inst_id == inst_id and mgn_mode in ("", one.mgn_mode) and pos_side in ("", one.pos_side):
            yield one
