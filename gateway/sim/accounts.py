"""Pure. A trading account: cash, money set aside, positions, orders and fills.

Source: OKX docs, "Get balance", "Get positions", "Place order" (what an order freezes).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from gateway.sim.configuration import AccountSpec
from gateway.sim.fees import TAKER, FeeTier, fee_of
from gateway.sim.formats import ZERO, quotient, share
from gateway.sim.instruments import Instrument
from gateway.sim.markets import Trade
from gateway.sim.orders import Fill, Order
from gateway.sim.positions import Position, option_margin

FINISHED_LIMIT = 200_000  # finished orders and fills kept per account; a long benchmark must not eat the memory

PositionKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one side of one trade did to its account."""

    fee: Decimal
    pnl: Decimal
    position: Position | None


class Account:
    """One trading account. `unlimited` is for the other participants of the background market, who always have."""

    def __init__(
        self,
        spec: AccountSpec,
        mark_px: Callable[[Instrument], Decimal],
        next_id: Callable[[], int],
        *,
        unlimited: bool = False,
    ) -> None:
        self.spec = spec
        self.uid = spec.uid
        self.acct_lv = spec.acct_lv
        self.pos_mode = spec.pos_mode
        self.unlimited = unlimited
        self.fee_tier = FeeTier()
        self._mark_px = mark_px
        self._next_id = next_id
        self.cash: dict[str, Decimal] = defaultdict(lambda: ZERO, spec.balances)
        self.frozen: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self.margin: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self.balance_time_ms: dict[str, int] = {}
        self.positions: dict[PositionKey, Position] = {}
        self.closed_positions: dict[PositionKey, Position] = {}
        self.live: dict[str, Order] = {}
        self.live_by_cl_ord_id: dict[str, Order] = {}
        self.latest_by_cl_ord_id: dict[str, Order] = {}
        self.orders: dict[str, Order] = {}
        self.live_count: dict[str, int] = defaultdict(int)
        self.reduce_only_live: dict[PositionKey, dict[str, Order]] = defaultdict(dict)
        self.closing_promised: dict[PositionKey, Decimal] = defaultdict(lambda: ZERO)
        self.finished: deque[Order] = deque()
        self.fills: deque[Fill] = deque(maxlen=FINISHED_LIMIT)
        self.cancel_after: dict[str, int] = {}

    # --- money -------------------------------------------------------------------------------------------------

    def available(self, ccy: str) -> Decimal:
        """What a new order may use: cash less what orders and positions hold, less an open loss."""
        free = self.cash[ccy] - self.frozen[ccy] - self.margin[ccy]
        return free + min(ZERO, self.upl(ccy)) if self.positions else free

    def upl(self, ccy: str) -> Decimal:
        """Open profit of the positions settled in `ccy`; an option's premium has already moved as cash."""
        return sum(
            (
                one.upl(self._mark_px(one.instrument))
                for one in self.positions.values()
                if one.pos and one.instrument.settle_ccy == ccy and one.instrument.inst_type != "OPTION"
            ),
            ZERO,
        )

    def currencies(self) -> Iterable[str]:
        return [ccy for ccy, cash in self.cash.items() if cash or self.frozen[ccy] or self.margin[ccy]]

    def requirement(self, order: Order) -> tuple[str, Decimal, Decimal]:
        """What the open part of `order` needs: currency, amount, and the size that only closes a position."""
        instrument = order.instrument
        px = order.px if order.px is not None else order.limit_px
        if instrument.is_spot:
            if order.side == "sell":
                return instrument.base_ccy, order.left_sz, ZERO
            budget = order.quote_left if order.quote_left is not None else order.left_sz * px
            return instrument.quote_ccy, budget, ZERO
        closing = self._closable(order)
        opening = order.left_sz - closing
        return instrument.settle_ccy, self._contract_margin(order, opening, px), closing

    def _closable(self, order: Order) -> Decimal:
        key = position_key(order)
        position = self.positions.get(key)
        if position is None or position.pos * (1 if order.side == "buy" else -1) >= 0:
            return ZERO
        return min(order.left_sz, max(ZERO, abs(position.pos) - self.closing_promised[key]))

    def _contract_margin(self, order: Order, opening: Decimal, px: Decimal) -> Decimal:
        instrument = order.instrument
        if instrument.inst_type == "OPTION":
            premium = instrument.value(order.left_sz, px) if order.side == "buy" else option_margin(instrument, opening)
            return premium - fee_of(order, order.left_sz, ZERO, TAKER)
        value = instrument.value(opening, px)
        return quotient(value, self.spec.lever) - value * self.fee_tier.rate(instrument, TAKER)

    def freeze(self, order: Order, ccy: str, amount: Decimal, closing: Decimal) -> None:
        order.frozen_ccy, order.frozen, order.closing_sz = ccy, amount, closing
        self.frozen[ccy] += amount
        if closing:
            self.closing_promised[position_key(order)] += closing

    def release(self, order: Order) -> None:
        """Give back all that the order still holds."""
        self.frozen[order.frozen_ccy] -= order.frozen
        if order.closing_sz:
            self.closing_promised[position_key(order)] -= order.closing_sz
        order.frozen = order.closing_sz = ZERO

    def _release_part(self, order: Order, px: Decimal, sz: Decimal) -> None:
        """Give back what the order held for `sz`; called before the fill is counted."""
        if order.instrument.is_spot:
            part = sz if order.side == "sell" else sz * (order.px if order.px is not None else px)
            part = min(part, order.frozen)
        else:
            closing = min(order.closing_sz, sz)
            opening_before = order.left_sz - order.closing_sz
            part = share(order.frozen, sz - closing, opening_before) if sz > closing else ZERO
            if closing:
                order.closing_sz -= closing
                self.closing_promised[position_key(order)] -= closing
        order.frozen -= part
        self.frozen[order.frozen_ccy] -= part

    def settle(self, order: Order, trade: Trade, exec_type: str) -> Settlement:
        """Book one side of a trade: release, cash, position, fee."""
        instrument, px, sz, now_ms = order.instrument, trade.px, trade.sz, trade.time_ms
        self._release_part(order, px, sz)
        value = instrument.value(sz, px)
        fee = fee_of(order, sz, value, exec_type)
        pnl, position = ZERO, None
        if instrument.is_spot:
            sign = 1 if order.side == "buy" else -1
            self._credit(instrument.base_ccy, sign * sz, now_ms)
            self._credit(instrument.quote_ccy, -sign * value, now_ms)
        else:
            position = self._position(order, now_ms)
            margin = position.margin
            pnl = position.apply(order.side, sz, px)
            self.margin[instrument.settle_ccy] += position.margin - margin
            position.fee += fee
            position.trade_id, position.u_time_ms = trade.trade_id, now_ms
            if not position.pos:
                # Opened again it will be a new position; the old one can still be asked for.
                self.closed_positions[position_key(order)] = self.positions.pop(position_key(order))
            premium = -value if order.side == "buy" else value
            self._credit(instrument.settle_ccy, premium if instrument.inst_type == "OPTION" else pnl, now_ms)
        self._credit(order.fee_ccy, fee, now_ms)
        return Settlement(fee, pnl, position)

    def _credit(self, ccy: str, amount: Decimal, now_ms: int) -> None:
        self.cash[ccy] += amount
        self.balance_time_ms[ccy] = now_ms

    def _position(self, order: Order, now_ms: int) -> Position:
        key = position_key(order)
        position = self.positions.get(key)
        if position is None:
            position = self.positions[key] = Position(
                order.instrument, order.td_mode, key[2], str(self._next_id()), self.spec.lever, now_ms, now_ms
            )
        return position

    def available_pos(self, position: Position) -> Decimal:
        """What closing orders may still be placed for."""
        key = position.instrument.inst_id, position.mgn_mode, position.pos_side
        return abs(position.pos) - self.closing_promised[key]

    # --- orders ------------------------------------------------------------------------------------------------

    def add_live(self, order: Order) -> None:
        self.orders[order.ord_id] = self.live[order.ord_id] = order
        self.live_count[order.instrument.inst_id] += 1
        if order.cl_ord_id:
            self.live_by_cl_ord_id[order.cl_ord_id] = self.latest_by_cl_ord_id[order.cl_ord_id] = order
        if order.reduce_only:
            self.reduce_only_live[position_key(order)][order.ord_id] = order

    def finish(self, order: Order) -> None:
        """The order is terminal: give back its money and file it."""
        self.release(order)
        del self.live[order.ord_id]
        self.live_count[order.instrument.inst_id] -= 1
        if order.cl_ord_id:
            del self.live_by_cl_ord_id[order.cl_ord_id]
        if order.reduce_only:
            self.reduce_only_live[position_key(order)].pop(order.ord_id, None)
        self.finished.append(order)
        if len(self.finished) > FINISHED_LIMIT:
            oldest = self.finished.popleft()
            del self.orders[oldest.ord_id]
            if self.latest_by_cl_ord_id.get(oldest.cl_ord_id) is oldest:
                del self.latest_by_cl_ord_id[oldest.cl_ord_id]

    def find(self, ord_id: str, cl_ord_id: str) -> Order | None:
        """ordId wins if both are given; of several orders with one clOrdId the latest (OKX docs, "Get order")."""
        return self.orders.get(ord_id) if ord_id else self.latest_by_cl_ord_id.get(cl_ord_id)


def position_key(order: Order) -> PositionKey:
    return order.instrument.inst_id, order.td_mode, order.pos_side or "net"
