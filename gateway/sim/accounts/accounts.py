"""Pure. A trading account: cash, money set aside, positions, orders and fills.

Source: OKX docs, "Get balance", "Get positions", "Place order" (what an order freezes).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import NamedTuple

from gateway.sim.accounts import margin as margins
from gateway.sim.accounts.accruals import Accrual
from gateway.sim.accounts.bills import CHARGED, COVERED, BillBook
from gateway.sim.accounts.fees import TAKER, FeeTier, fee_of
from gateway.sim.accounts.finished_orders import BACKGROUND_KEPT, ORDERS_KEPT, file_away
from gateway.sim.accounts.funding_account import FundingAccount
from gateway.sim.accounts.house_account import CONVERSION, FEES, INSURANCE, INTEREST, HouseAccount
from gateway.sim.accounts.margin import MarginAccount, Prices
from gateway.sim.accounts.positions import Position, PositionKey, key_of, option_margin, position_key
from gateway.sim.base.configuration import AccountSpec
from gateway.sim.base.formats import ZERO, quotient, share
from gateway.sim.market.algo_orders import AlgoOrders
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.markets import Trade
from gateway.sim.market.orders import Fill, Order

RECORDS_KEPT = 50_000  # fills, accruals and closed positions per account: some 700 B each, so 35 MB of each kind

LeverageKey = tuple[str, str, str]


class Settlement(NamedTuple):
    """The effect of one side of a trade on its account; `pnl` is in the margin currency."""

    fee: Decimal
    pnl: Decimal
    position: Position | None


class Account:
    """One trading account. `unlimited` is for the background market, whose funds never end."""

    def __init__(
        self,
        spec: AccountSpec,
        prices: Prices,
        house_account: HouseAccount,
        next_id: Callable[[], int],
        *,
        unlimited: bool = False,
    ) -> None:
        self.spec = spec
        self.uid = spec.uid
        self.acct_lv = spec.acct_lv
        self.pos_mode = spec.pos_mode
        self.auto_loan = spec.auto_loan
        self.unlimited = unlimited
        self.fee_tier = FeeTier()
        self.prices = prices
        self.house_account = house_account
        self._next_id = next_id
        self.leverage: dict[LeverageKey, Decimal] = {}
        self.cash: dict[str, Decimal] = defaultdict(lambda: ZERO, spec.balances)
        self.frozen: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self.margin: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self.interest: dict[str, Decimal] = defaultdict(lambda: ZERO)  # deducted so far on borrowed cash
        self.spot_traded: dict[str, Decimal] = {}  # bought less sold, by base currency
        self.balance_time_ms: dict[str, int] = {}
        self.revision = 0  # grows whenever cash or a position changes, or orders are given money without asking
        self.positions: dict[PositionKey, Position] = {}
        self.closed_positions: dict[PositionKey, Position] = {}
        self.mm_permission = spec.mm_permission
        self.algos = AlgoOrders()
        self.live: dict[str, Order] = {}
        self.live_by_cl_ord_id: dict[str, Order] = {}
        self.latest_by_cl_ord_id: dict[str, Order] = {}
        self.orders: dict[str, Order] = {}
        self.live_count: dict[str, int] = defaultdict(int)
        self.live_reduce_only = 0
        self.live_by_position: dict[PositionKey, dict[str, Order]] = defaultdict(dict)
        self.closing_promised: dict[PositionKey, Decimal] = defaultdict(lambda: ZERO)
        self.finished: deque[Order] = deque()
        self.unfilled: deque[Order] = deque()  # ended by a cancel without any fill
        self._orders_kept = BACKGROUND_KEPT if unlimited else ORDERS_KEPT
        records_kept = BACKGROUND_KEPT if unlimited else RECORDS_KEPT
        self.fills: deque[Fill] = deque(maxlen=records_kept)
        self.bill_book = BillBook(self.cash, next_id)
        self.bills = self.bill_book.bills
        self.funding_account = FundingAccount(next_id)
        self.accruals: deque[Accrual] = deque(maxlen=records_kept)
        self.position_history: deque[Position] = deque(maxlen=records_kept)
        self.cancel_after: dict[str, int] = {}

    # --- money -------------------------------------------------------------------------------------------------

    @property
    def is_pooled(self) -> bool:
        """Multi-currency and portfolio mode: all currencies are collateral together, and cash can be borrowed."""
        return self.acct_lv in ("3", "4")

    def product(self, instrument: Instrument, td_mode: str) -> Instrument:
        """The instrument that an order for a pair trades: MARGIN if it is on margin in futures mode, else SPOT (OKX
        docs, "Place order", trade mode)."""
        on_margin = self.acct_lv == "2" and td_mode in ("cross", "isolated")
        return instrument.margin if on_margin and instrument.margin is not None else instrument

    def available(self, ccy: str) -> Decimal:
        """The money that a new spot order can use."""
        if self.is_pooled and not self.auto_loan:
            return min(self.available_margin(ccy), max(ZERO, self.cash[ccy] - self.frozen[ccy]))
        return self.available_margin(ccy)

    def available_margin(self, ccy: str) -> Decimal:
        """The money that a new position can use: cash less the margin of orders and positions and less open losses; at
        least 0."""
        return max(ZERO, -self.lacking(ccy))

    def lacking(self, ccy: str) -> Decimal:
        """How much orders, positions and open losses hold beyond the cash; negative if cash remains."""
        return self._missing(ccy, margins.open_loss)

    def uncovered(self, ccy: str) -> Decimal:
        """The same without open losses."""
        return self._missing(ccy, None)

    def _missing(self, ccy: str, loss: Callable[[MarginAccount, str], Decimal] | None) -> Decimal:
        if not self.is_pooled:
            held = self.frozen[ccy] + self.margin[ccy] - self.cash[ccy]
            return held if loss is None or not self.positions else held + loss(self, ccy)
        px = self.prices.usd_px(ccy)
        total = ZERO
        for one, cash in list(self.cash.items()):
            held = self.frozen[one] + self.margin[one] - cash + (ZERO if loss is None else loss(self, one))
            total += held * self.prices.usd_px(one)
        return quotient(total, px) if px else ZERO

    def isolated_margin(self, ccy: str) -> Decimal:
        return sum(
            (one.margin for one in self.positions.values() if one.ccy == ccy and one.mgn_mode == "isolated"), ZERO
        )

    def upl(self, ccy: str) -> Decimal:
        return margins.open_profit(self, ccy)

    def currencies(self) -> Iterable[str]:
        return [ccy for ccy, cash in self.cash.items() if cash or self.frozen[ccy] or self.margin[ccy]]

    def credit(self, ccy: str, amount: Decimal, now_ms: int) -> None:
        """Book `amount` (negative: a debit). If the account cannot borrow, the insurance fund pays the shortfall."""
        self.cash[ccy] += amount
        self.balance_time_ms[ccy] = now_ms
        self.revision += 1
        if self.unlimited:
            return
        self.bill_book.move(ccy, amount)
        if amount < 0 and not self.is_pooled:
            short = self.isolated_margin(ccy) - self.cash[ccy] if self.positions else -self.cash[ccy]
            if short > 0:
                self.cash[ccy] += short
                self.bill_book.set_apart(COVERED, ccy, short)
                self.house_account.take(INSURANCE, ccy, -short)

    # --- leverage ----------------------------------------------------------------------------------------------

    def leverage_key(self, instrument: Instrument, mgn_mode: str, pos_side: str) -> LeverageKey:
        """Cross leverage counts for the whole family, isolated for the instrument and, when hedged, the side
        (OKX docs, "Set leverage")."""
        if mgn_mode == "isolated":
            return instrument.inst_id, mgn_mode, pos_side or "net"
        return instrument.inst_family or instrument.inst_id, mgn_mode, instrument.inst_type

    def lever_of(self, instrument: Instrument, mgn_mode: str, pos_side: str) -> Decimal:
        """The leverage set, else the account's default as far as the instrument allows it."""
        lever = self.leverage.get(self.leverage_key(instrument, mgn_mode, pos_side))
        return lever if lever is not None else min(self.spec.lever, Decimal(instrument.lever or 1))

    def set_position_lever(self, position: Position, lever: Decimal) -> None:
        self.revision += 1
        self.margin[position.ccy] -= position.margin
        position.lever = lever
        self.margin[position.ccy] += position.margin

    # --- money of orders ----------------------------------------------------------------------------------------

    def requirement(self, order: Order) -> tuple[str, Decimal, Decimal]:
        """The need of the open part of `order`: currency, amount, and the size that only closes a position."""
        instrument = order.instrument
        px = margins.counted_px(self, order)
        if instrument.is_spot:
            if order.side == "sell":
                return instrument.base_ccy, order.left_sz, ZERO
            budget = order.quote_left if order.quote_left is not None else order.left_sz * px
            return instrument.quote_ccy, budget, ZERO
        if order.quote_left is not None:
            return order.margin_ccy, self._margin_for(order, quotient(order.quote_left, px), px), ZERO
        closing = self._closable(order)
        return order.margin_ccy, self._margin_for(order, order.left_sz - closing, px), closing

    def may_use(self, order: Order, ccy: str) -> Decimal:
        return self.available(ccy) if order.instrument.is_spot else self.available_margin(ccy)

    def _closable(self, order: Order) -> Decimal:
        key = position_key(order)
        position = self.positions.get(key)
        if position is None or position.pos * (1 if order.side == "buy" else -1) >= 0:
            return ZERO
        return min(order.left_sz, max(ZERO, abs(position.pos) - self.closing_promised[key]))

    def _margin_for(self, order: Order, opening: Decimal, px: Decimal) -> Decimal:
        instrument = order.instrument
        if order.reduce_only:
            return ZERO
        if instrument.inst_type == "OPTION":
            premium = instrument.value(order.left_sz, px) if order.side == "buy" else option_margin(instrument, opening)
            return premium - fee_of(self.fee_tier, order, order.left_sz, ZERO, TAKER)
        on_base = instrument.is_pair and order.ccy == instrument.base_ccy
        value = opening if on_base else instrument.value(opening, px)
        lever = self.lever_of(instrument, order.td_mode, order.pos_side)
        return quotient(value, lever) - value * self.fee_tier.rate(instrument, TAKER)

    def freeze(self, order: Order, ccy: str, amount: Decimal, closing: Decimal) -> None:
        order.frozen_ccy, order.frozen, order.closing_sz = ccy, amount, closing
        self.frozen[ccy] += amount
        if closing:
            self.closing_promised[position_key(order)] += closing

    def release(self, order: Order) -> None:
        """Release all money that the order still holds."""
        self.frozen[order.frozen_ccy] -= order.frozen
        if order.closing_sz:
            self.closing_promised[position_key(order)] -= order.closing_sz
        order.frozen = order.closing_sz = ZERO

    def refreeze(self, order: Order) -> None:
        """Set aside the present need of the order, without a check of the balance."""
        self.revision += 1
        self.release(order)
        self.freeze(order, *self.requirement(order))

    def refit(self, key: PositionKey) -> None:
        """A position changed: allocate it again to the orders that would close it, oldest first."""
        waiting = self.live_by_position[key]
        if not waiting:
            return
        position = self.positions.get(key)
        closes = "" if position is None else "sell" if position.pos > 0 else "buy"
        orders = [one for one in waiting.values() if one.side == closes or one.closing_sz]
        fits = position is not None and self.closing_promised[key] <= abs(position.pos)
        if fits and all(one.side == closes and one.closing_sz == one.left_sz for one in orders):
            return  # each order closes its full size, as after a fill of one of them
        self.revision += 1
        for order in orders:
            self.release(order)
        for order in orders:
            self.freeze(order, *self.requirement(order))

    def _release_part(self, order: Order, px: Decimal, sz: Decimal) -> None:
        """Release the money that the order held for `sz`; called before the fill is counted."""
        if order.instrument.is_spot:
            part = sz if order.side == "sell" else sz * (order.px if order.px is not None else px)
            part = min(part, order.frozen)
        elif order.quote_left is not None:
            part = share(order.frozen, px * sz, order.quote_left)
        else:
            closing = min(order.closing_sz, sz)
            opening_before = order.left_sz - order.closing_sz
            if order.instrument.inst_type == "OPTION":
                part = share(order.frozen, sz, order.left_sz)  # a premium is paid for closing too
            else:
                part = share(order.frozen, sz - closing, opening_before) if sz > closing else ZERO
            if closing:
                order.closing_sz -= closing
                self.closing_promised[position_key(order)] -= closing
        order.frozen -= part
        self.frozen[order.frozen_ccy] -= part

    # --- fills -------------------------------------------------------------------------------------------------

    def settle(self, order: Order, trade: Trade, exec_type: str) -> Settlement:
        """Book one side of a trade: release, cash, position, fee."""
        instrument, px, sz, now_ms = order.instrument, trade.px, trade.sz, trade.time_ms
        self._release_part(order, px, sz)
        value = instrument.value(sz, px)
        fee = fee_of(self.fee_tier, order, sz, value, exec_type)
        pnl, position = ZERO, None
        if instrument.is_spot:
            sign = 1 if order.side == "buy" else -1
            self.spot_traded[instrument.base_ccy] = self.spot_traded.get(instrument.base_ccy, ZERO) + sign * sz
            self.credit(instrument.base_ccy, sign * sz, now_ms)
            self.credit(instrument.quote_ccy, -sign * value, now_ms)
        else:
            position = self._position(order, now_ms)
            position.trade_id = trade.trade_id
            if position.closed_by(order.side, sz):
                position.closed_by_category = order.category
            pnl = self.change_position(position, order.side, sz, px, now_ms)
            position.fee += fee
            if instrument.inst_type == "OPTION":
                self.credit(instrument.settle_ccy, -value if order.side == "buy" else value, now_ms)
        self.house_account.take(FEES, order.fee_ccy, -fee)
        self.credit(order.fee_ccy, fee, now_ms)
        return Settlement(fee, pnl, position)

    def change_position(self, position: Position, side: str, sz: Decimal, px: Decimal, now_ms: int) -> Decimal:
        """Move a position by a fill or a delivery, book its profit and return it, in the margin currency."""
        self.revision += 1
        margin = position.margin
        closed = position.closed_by(side, sz)
        freed = share(margin, closed, abs(position.pos)) if closed else ZERO
        interest = self._due_interest(position, closed, px)
        gained = position.apply(side, sz, px)
        pnl = position.in_margin_ccy(gained, px)
        if position.on_base_ccy and gained:
            self.house_account.take(CONVERSION, position.instrument.quote_ccy, gained)
            self.house_account.take(CONVERSION, position.ccy, -pnl)
        position.pnl += pnl
        position.u_time_ms = now_ms
        self.margin[position.ccy] += position.margin - margin
        if not position.pos:
            # Opened again it will be a new position; the old one can still be asked for.
            key = key_of(position)
            self.closed_positions[key] = self.positions.pop(key)
            self.position_history.append(position)
        if position.instrument.inst_type != "OPTION":
            self._book_profit(position, pnl - interest, freed, now_ms)
            if interest and not self.unlimited:
                self.bill_book.split_off(CHARGED, position.ccy, -interest)
        return pnl

    def _due_interest(self, position: Position, closed: Decimal, px: Decimal) -> Decimal:
        """Deduct the interest that falls due with `closed`; returned in the margin currency."""
        owed_before = position.owed_interest(px)
        if not position.deduct_interest(closed):
            return ZERO
        due = owed_before - position.owed_interest(px)
        self.house_account.take(INTEREST, position.ccy, due)
        return due

    def _book_profit(self, position: Position, amount: Decimal, freed: Decimal, now_ms: int) -> None:
        """The closed part of an isolated position cannot lose more than its margin, `freed`; the insurance fund bears
        the rest."""
        beyond = -amount - freed
        if position.mgn_mode == "isolated" and beyond > 0 and not self.unlimited:
            self.house_account.take(INSURANCE, position.ccy, -beyond)
            amount += beyond
            self.bill_book.split_off(COVERED, position.ccy, beyond)
        self.credit(position.ccy, amount, now_ms)

    def _position(self, order: Order, now_ms: int) -> Position:
        key = position_key(order)
        position = self.positions.get(key)
        if position is None:
            lever = self.lever_of(order.instrument, order.td_mode, order.pos_side)
            position = self.positions[key] = Position(
                order.instrument, order.td_mode, key[2], order.margin_ccy, str(self._next_id()), lever, now_ms, now_ms
            )
        return position

    def available_pos(self, position: Position) -> Decimal:
        """The size for which closing orders can still be placed."""
        return max(ZERO, abs(position.pos) - self.closing_promised[key_of(position)])

    # --- orders ------------------------------------------------------------------------------------------------

    def add_live(self, order: Order) -> None:
        self.orders[order.ord_id] = self.live[order.ord_id] = order
        self.live_count[order.instrument.inst_id] += 1
        self.live_reduce_only += order.reduce_only
        if order.cl_ord_id:
            self.live_by_cl_ord_id[order.cl_ord_id] = self.latest_by_cl_ord_id[order.cl_ord_id] = order
        if not order.instrument.is_spot:
            self.live_by_position[position_key(order)][order.ord_id] = order

    def finish(self, order: Order) -> None:
        """The order is terminal: release its money and file it."""
        self.release(order)
        del self.live[order.ord_id]
        self.live_count[order.instrument.inst_id] -= 1
        self.live_reduce_only -= order.reduce_only
        if order.cl_ord_id:
            del self.live_by_cl_ord_id[order.cl_ord_id]
        if not order.instrument.is_spot:
            self.live_by_position[position_key(order)].pop(order.ord_id, None)
        for oldest in file_away(order, self.finished, self.unfilled, self._orders_kept):
            del self.orders[oldest.ord_id]
            if self.latest_by_cl_ord_id.get(oldest.cl_ord_id) is oldest:
                del self.latest_by_cl_ord_id[oldest.cl_ord_id]

    def find(self, ord_id: str, cl_ord_id: str) -> Order | None:
        """ordId wins if both are given; of several orders with one clOrdId the latest (OKX docs, "Get order")."""
        return self.orders.get(ord_id) if ord_id else self.latest_by_cl_ord_id.get(cl_ord_id)
