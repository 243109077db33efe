"""Pure. Holds algo orders, fires them when their price comes, and turns attached TP/SL into algo orders.

Source: OKX docs, "Place algo order", "Cancel algo order", "Amend algo order", "Place order" (attachAlgoOrds).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.positions import position_key
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import ZERO, decimal_text
from gateway.sim.market.algo_legs import STOP_LOSS, TAKE_PROFIT, Attached, Leg
from gateway.sim.market.algo_orders import (
    CANCELED,
    EFFECTIVE,
    LIVE,
    ORDER_FAILED,
    PARTIALLY_FAILED,
    TRAILING,
    AlgoOrder,
)
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.markets import Market, Trade
from gateway.sim.market.orders import (
    CANCELED_TP_BY_SL,
    CANCELED_TP_WITH_SL,
    SOURCE_TPSL,
    SOURCE_TRAILING,
    SOURCE_TRIGGER,
    Order,
    Origin,
)
from gateway.sim.trading.algo_validation import parse_algo, parse_amended
from gateway.sim.trading.attached_validation import closing_side
from gateway.sim.trading.engine import Engine

# Publishes a change: the algo order, and the request id and the result of the amend that caused it.
AlgoChanged = Callable[[AlgoOrder, str, str], None]


class AlgoEngine:
    """All algo orders of the exchange. `settle` must run after every step of the engine."""

    def __init__(self, engine: Engine, next_id: Callable[[], int], publish: AlgoChanged) -> None:
        self._engine = engine
        self._next_id = next_id
        self._publish = publish
        self._live: dict[str, dict[str, AlgoOrder]] = defaultdict(dict)  # by instId and algoId
        self._parents: dict[str, Order] = {}

    # --- requests ----------------------------------------------------------------------------------------------

    def place(self, account: Account, instrument: Instrument, row: dict[str, Any]) -> AlgoOrder:
        market = self._engine.markets[instrument.inst_id]
        now_ms = self._engine.clock.now_ms()
        algo = parse_algo(row, instrument, market, account, algo_id=str(self._next_id()), now_ms=now_ms)
        self._rest_take_profit(algo)
        self._enter(algo)
        return algo

    def cancel(self, algo: AlgoOrder) -> None:
        self._cancel_take_profit(algo, CANCELED_TP_WITH_SL)
        self._finish(algo, CANCELED)

    def fail(self, algo: AlgoOrder, code: str) -> None:
        """The order that it was to place is refused with `code`."""
        self._cancel_take_profit(algo, CANCELED_TP_WITH_SL)
        algo.fail_code, algo.trigger_time_ms = code, self._engine.clock.now_ms()
        self._finish(algo, ORDER_FAILED)

    def amend(self, algo: AlgoOrder, row: dict[str, Any], req_id: str, cxl_on_fail: bool) -> None:
        """Raises Refusal; then the algo order is as it was, or cancelled if `cxl_on_fail`."""
        try:
            sz, legs = parse_amended(algo, row, self._engine.markets[algo.instrument.inst_id])
        except (Refusal, TypeError) as error:
            if cxl_on_fail:
                self.cancel(algo)
            if isinstance(error, TypeError):
                raise Refusal("51000", param=error) from None
            raise
        algo.sz, algo.legs = sz, legs
        if algo.ord_type == "oco" and len(legs) == 1:
            algo.ord_type = "conditional"
        algo.u_time_ms = self._engine.clock.now_ms()
        self._publish(algo, req_id, "0")

    def adopt(self, order: Order) -> None:
        """An order with attached TP/SL was placed."""
        self._parents[order.ord_id] = order

    # --- events -------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Run all consequences of the last step, until there are no more."""
        if not self._live and not self._parents:
            return
        while self._activate_attached() or self._leave_closed_positions() or self._fire():
            pass

    def _activate_attached(self) -> bool:
        """Attached TP/SL become algo orders when their order has ended with a fill; without a fill they end with it."""
        ended = [order for order in self._parents.values() if not order.is_live]
        for order in ended:
            del self._parents[order.ord_id]
            if order.acc_fill_sz:
                for item in order.attached:
                    self._activate(order, item)
        return bool(ended)

    def _activate(self, order: Order, item: Attached) -> None:
        instrument, buys = order.instrument, order.side == "buy"
        legs = [leg.at_entry(order.avg_px, buys, instrument.tick_sz) for leg in item.legs]
        bought = order.acc_fill_sz
        if instrument.is_spot and buys and order.fee_ccy == instrument.base_ccy:
            bought += order.fee  # charged in the currency bought
            bought -= bought % instrument.lot_sz
        algo = AlgoOrder(
            str(self._next_id()), order.account, instrument, "oco" if len(legs) > 1 else "conditional",
            closing_side(order), order.td_mode, bought if item.sz is None else min(item.sz, bought),
            self._engine.clock.now_ms(), pos_side=order.pos_side, algo_cl_ord_id=item.cl_ord_id, tag=order.tag,
            ccy=order.ccy, tgt_ccy="base_ccy" if instrument.is_pair else "", trade_quote_ccy=order.trade_quote_ccy,
            reduce_only=order.pos_side == "net", follows_position=not instrument.is_spot, at_cost=item.at_cost,
            legs=legs, parent_ord_id=order.ord_id, entry_px=order.avg_px,
        )  # fmt: skip
        algo.u_time_ms = algo.c_time_ms
        if item.trail is not None:
            trailing = replace(algo, ord_type=TRAILING, legs=[], trail=replace(item.trail), ord_ids=[])
            if not legs:
                self._enter(trailing)
                return
            trailing.algo_id, trailing.algo_cl_ord_id = str(self._next_id()), ""
            self._enter(trailing)
        try:
            self._rest_take_profit(algo)
        except Refusal as refusal:
            algo.fail_code = refusal.code
        self._enter(algo)
        if algo.fail_code:
            self._finish(algo, ORDER_FAILED)

    def _leave_closed_positions(self) -> bool:
        left = [
            algo
            for algos in self._live.values()
            for algo in algos.values()
            if algo.follows_position and not self._position_sz(algo) and not self._outlives(algo)
        ]
        for algo in left:
            self.cancel(algo)
        return bool(left)

    def _outlives(self, algo: AlgoOrder) -> bool:
        return self._engine.switches.attached_outlive_close and bool(algo.parent_ord_id)

    def _fire(self) -> bool:
        """Fire one algo order; its effect can decide whether the next one fires."""
        for inst_id, algos in list(self._live.items()):
            market = self._engine.markets[inst_id]
            for algo in list(algos.values()):
                leg = self._hit_leg(algo, market) if algo.is_live else None
                if leg is not None:
                    self._place_order(algo, leg)
                    return True
        return False

    def _hit_leg(self, algo: AlgoOrder, market: Market) -> Leg | None:
        trades = trades_since(market, algo.seen)
        if market.trades:
            algo.seen = market.trades[-1]
        if algo.trail is not None:
            sells = algo.side == "sell"
            back = [algo.trail.follow(px, sells) for px in (*(one.px for one in trades), market.last_px)]
            return Leg("", not sells, algo.trail.trigger_px(sells)) if any(back) else None
        for leg in algo.legs:
            px = market.px(leg.px_type)
            seen = [one.px for one in trades] if leg.px_type == "last" else []
            if not leg.limit and any(leg.is_hit(one) for one in (*seen, px)):
                return leg
        return None

    # --- the orders that follow --------------------------------------------------------------------------------

    def _place_order(self, algo: AlgoOrder, leg: Leg) -> None:
        """Fire: place the order, in parts if it exceeds the largest market order."""
        if leg.kind == STOP_LOSS:
            self._cancel_take_profit(algo, CANCELED_TP_BY_SL)
        algo.trigger_time_ms = self._engine.clock.now_ms()
        algo.actual_side = leg.kind
        algo.actual_px = "" if leg.ord_px is None else decimal_text(leg.ord_px)
        left = self._order_sz(algo)
        largest = algo.instrument.max_mkt_sz
        splits = leg.ord_px is None and not algo.instrument.is_pair
        try:
            if not left:
                raise Refusal("51169")
            while left:
                sz = min(left, largest) if splits else left
                self._send(algo, leg, sz)
                left -= sz
        except Refusal as refusal:
            algo.fail_code = refusal.code
            self._finish(algo, PARTIALLY_FAILED if algo.ord_ids else ORDER_FAILED)
        else:
            self._finish(algo, EFFECTIVE)
        if leg.kind == TAKE_PROFIT and algo.ord_ids:
            self._move_to_cost(algo)

    def _send(self, algo: AlgoOrder, leg: Leg, sz: Decimal) -> None:
        source = SOURCE_TRAILING if algo.trail is not None else SOURCE_TPSL if leg.kind else SOURCE_TRIGGER
        origin = Origin(algo.algo_id, algo.algo_cl_ord_id, source)
        order = self._engine.place(self._engine.account_of(algo), algo.instrument, _order_row(algo, leg, sz), origin)
        algo.ord_ids.append(order.ord_id)
        algo.actual_sz += order.sz
        if leg.ord_px is None and order.acc_fill_sz:
            algo.actual_px = decimal_text(order.avg_px)
        if order.attached:
            self.adopt(order)

    def _order_sz(self, algo: AlgoOrder) -> Decimal:
        """closeFraction closes the whole position, reduce-only at most that."""
        if algo.sz is None:
            return self._position_sz(algo)
        return min(algo.sz, self._position_sz(algo)) if algo.reduce_only and not algo.instrument.is_spot else algo.sz

    def _position_sz(self, algo: AlgoOrder) -> Decimal:
        """The size of the position that the algo order would close; 0 if there is none of that direction."""
        position = self._engine.account_of(algo).positions.get(position_key(algo))
        if position is None or (position.pos > 0) == (algo.side == "buy"):
            return ZERO
        return abs(position.pos)

    def _move_to_cost(self, algo: AlgoOrder) -> None:
        """amendPxOnTriggerType 1: after the first take-profit the stop-loss moves to the entry price."""
        for sibling in self._live.get(algo.instrument.inst_id, {}).values():
            leg = sibling.sl
            if algo.parent_ord_id and sibling.parent_ord_id == algo.parent_ord_id and sibling.at_cost and leg:
                tick = algo.instrument.tick_sz
                leg.trigger_px = sibling.entry_px - sibling.entry_px % tick
                self._publish(sibling, "", "")

    def _rest_take_profit(self, algo: AlgoOrder) -> None:
        """tpOrdKind limit: the take-profit is an ordinary order from the start, linked to the stop-loss."""
        leg = algo.tp
        if leg is None or not leg.limit:
            return
        row = _order_row(algo, leg, self._order_sz(algo))
        origin = Origin(source=SOURCE_TPSL, linked_algo_id=algo.algo_id)
        algo.linked_ord = self._engine.place(self._engine.account_of(algo), algo.instrument, row, origin)

    def _cancel_take_profit(self, algo: AlgoOrder, reason: str) -> None:
        if algo.linked_ord is not None and algo.linked_ord.is_live:
            self._engine.cancel(algo.linked_ord, reason)

    # --- books -------------------------------------------------------------------------------------------------

    def _enter(self, algo: AlgoOrder) -> None:
        market = self._engine.markets[algo.instrument.inst_id]
        algo.last_px = market.last_px
        algo.seen = market.trades[-1] if market.trades else None
        if algo.trail is not None:
            algo.trail.follow(market.last_px, algo.side == "sell")
        self._engine.account_of(algo).algos.add(algo)
        self._live[algo.instrument.inst_id][algo.algo_id] = algo
        self._publish(algo, "", "")

    def _finish(self, algo: AlgoOrder, state: str) -> None:
        if algo.state != LIVE:
            return
        algo.state = state
        algo.u_time_ms = max(algo.u_time_ms, self._engine.clock.now_ms())
        self._engine.account_of(algo).algos.finish(algo)
        algos = self._live[algo.instrument.inst_id]
        del algos[algo.algo_id]
        if not algos:
            del self._live[algo.instrument.inst_id]
        self._publish(algo, "", "")


def trades_since(market: Market, seen: Trade | None) -> list[Trade]:
    """The trades after `seen` that are still known, oldest first."""
    trades: list[Trade] = []
    for trade in reversed(market.trades):
        if trade is seen:
            break
        trades.append(trade)
    return trades[::-1]


def _order_row(algo: AlgoOrder, leg: Leg, sz: Decimal) -> dict[str, Any]:
    """The place row of the order that an algo order becomes."""
    at_market = leg.ord_px is None
    return {
        "tdMode": algo.td_mode,
        "ccy": algo.ccy,
        "side": algo.side,
        "posSide": algo.pos_side,
        "ordType": "market" if at_market else algo.advance_ord_type or "limit",
        "px": "" if leg.ord_px is None else decimal_text(leg.ord_px),
        "sz": decimal_text(sz),
        "reduceOnly": algo.reduce_only,
        "tag": algo.tag,
        "tgtCcy": algo.tgt_ccy if at_market else "",
        "tradeQuoteCcy": algo.trade_quote_ccy,
        "attachAlgoOrds": algo.attach_rows,
    }
