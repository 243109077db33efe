"""Order precheck: the effect of an order on its account, without placing it.

Source: OKX docs, "Order precheck": for multi-currency and portfolio margin only (51010).
"""

from __future__ import annotations

from copy import copy
from decimal import Decimal

from gateway.sim.accounts import margin
from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.fees import TAKER, fee_of
from gateway.sim.accounts.positions import Position, Turnover, position_key
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import ZERO, decimal_text, quotient
from gateway.sim.market.orders import Order
from gateway.sim.rest.calls import Call, Reply, reply


def precheck(call: Call) -> Reply:
    """As if the order were filled at once at its price, a market order at the mark price; it is refused as the order
    itself would be. Members that only borrowing or isolated margin have are empty."""
    if not isinstance(call.body, dict):
        raise Refusal("50002")
    call.need_trade()
    account = call.account
    if not account.is_pooled:
        raise Refusal("51010")
    inst_id = call.body.get("instId")
    if not inst_id:
        raise Refusal("50014", param="instId")
    instrument = call.exchange.instruments.by_inst_id.get(str(inst_id))
    if instrument is None:
        raise Refusal("51001")
    promised: dict[str, Decimal] = {}
    order = call.exchange.engine.check(account, instrument, call.body, promised)
    usd_px = account.prices.usd_px
    in_use = sum(((account.frozen[ccy] + account.margin[ccy]) * usd_px(ccy) for ccy in list(account.cash)), ZERO)
    needed = sum((amount * usd_px(ccy) for ccy, amount in promised.items()), ZERO)
    return reply([_row(account, order, in_use, needed)])


def _row(account: Account, order: Order, in_use: Decimal, needed: Decimal) -> dict[str, str]:
    equity = margin.pooled_equity(account)
    fee, mmr_change, mark_px = _effect(account, order)
    mmr = sum(
        (margin.required(account, one) * account.prices.usd_px(one.ccy) for one in account.positions.values()), ZERO
    )
    ratio = quotient(equity, mmr) if mmr else None
    later = quotient(equity + fee, mmr + mmr_change) if mmr + mmr_change > 0 else None
    position = account.positions.get(position_key(order)) if not order.instrument.is_spot else None
    liq_px = None if position is None else margin.liquidation_px(account, position)
    return {
        "adjEq": decimal_text(equity),
        "adjEqChg": decimal_text(fee),
        "availBal": "",
        "availBalChg": "",
        "imr": decimal_text(in_use),
        "imrChg": decimal_text(needed),
        "liab": "",
        "liabChg": "",
        "liabChgCcy": "",
        "liqPx": "" if liq_px is None else decimal_text(liq_px),
        "liqPxDiff": "" if liq_px is None else decimal_text(liq_px - mark_px),
        "liqPxDiffRatio": "" if liq_px is None else decimal_text(quotient(liq_px - mark_px, mark_px)),
        "mgnRatio": "" if ratio is None else decimal_text(ratio),
        "mgnRatioChg": "" if ratio is None or later is None else decimal_text(later - ratio),
        "mmr": decimal_text(mmr),
        "mmrChg": decimal_text(mmr_change),
        "posBal": "",
        "posBalChg": "",
        "type": "",
    }


def _effect(account: Account, order: Order) -> tuple[Decimal, Decimal, Decimal]:
    """The fee and the change of the maintenance margin, both in USD, and the mark price."""
    instrument, prices = order.instrument, account.prices
    mark_px = prices.mark_px(instrument)
    px = order.px if order.px is not None else mark_px
    sz = order.sz if order.quote_left is None else quotient(order.quote_left, px)
    fee = fee_of(account.fee_tier, order, sz, instrument.value(sz, px), TAKER) * prices.usd_px(order.fee_ccy)
    if instrument.is_spot:
        return fee, ZERO, mark_px
    held = account.positions.get(position_key(order))
    lever = account.lever_of(instrument, order.td_mode, order.pos_side)
    after = Position(instrument, order.td_mode, order.pos_side or "net", order.margin_ccy, "", lever, 0, 0)
    if held is not None:
        after = copy(held)
        after.opened, after.closed = Turnover(), Turnover()
    after.apply(order.side, sz, px)
    required = margin.required(account, after) - (ZERO if held is None else margin.required(account, held))
    return fee, required * prices.usd_px(order.margin_ccy), mark_px
