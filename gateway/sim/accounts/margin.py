"""Pure. The worth and the requirements of an account: equity, margin, margin ratio, liquidation price.

In futures mode each currency counts by itself; in multi-currency and portfolio mode all currencies count together,
in USD and without OKX's discounts. Open profit is not available for new orders, open loss is taken off (OKX counts
both). Source: OKX docs, "Get balance", "Get positions"; OKX help, "Single-currency margin", "Multi-currency margin".
"""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from gateway.sim.accounts.fees import TAKER, FeeTier
from gateway.sim.accounts.positions import MAINTENANCE_RATES, Position, PositionKey
from gateway.sim.base.formats import ZERO, quotient
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.orders import Order

WARNING_RATIO = Decimal(3)  # liquidation-warning below 300 % (OKX docs, "Liquidation warning channel")
LIQUIDATION_RATIO = Decimal(1)
LIABILITY_RATE = Decimal("0.05")  # maintenance margin of borrowed money in multi-currency mode


class Prices(Protocol):
    """The prices by which an account is valued."""

    def mark_px(self, instrument: Instrument) -> Decimal: ...

    def usd_px(self, ccy: str) -> Decimal: ...

    def best_px(self, instrument: Instrument, side: str) -> Decimal | None: ...


class MarginAccount(Protocol):
    """The parts of an account that its worth and its requirements follow from."""

    cash: dict[str, Decimal]
    positions: dict[PositionKey, Position]
    prices: Prices
    fee_tier: FeeTier

    @property
    def is_pooled(self) -> bool: ...

    def isolated_margin(self, ccy: str) -> Decimal: ...


def counted_px(account: MarginAccount, order: Order) -> Decimal:
    """The price at which an order's money is counted: its own, but for margin on a sale (of inverse contracts: on a
    purchase) the best that it meets in the book, where that is worth more."""
    px = order.px if order.px is not None else order.limit_px
    instrument = order.instrument
    inverse = instrument.ct_type == "inverse"
    if instrument.is_spot or order.resting or order.side == ("sell" if inverse else "buy"):
        return px
    best = account.prices.best_px(instrument, order.side)
    if best is None or instrument.inst_type == "OPTION":
        return px
    return min(px, best) if inverse else max(px, best)


def equity(account: MarginAccount, ccy: str) -> Decimal:
    """Cash, open profit and option value in one currency; isolated positions included."""
    total = account.cash[ccy]
    for one in account.positions.values():
        if one.ccy == ccy:
            mark_px = account.prices.mark_px(one.instrument)
            total += _worth(one, mark_px)
    return total


def _worth(position: Position, mark_px: Decimal) -> Decimal:
    """The worth of a position beyond the cash; an option's premium has already moved."""
    if position.instrument.inst_type == "OPTION":
        return position.option_value(mark_px)
    return position.upl(mark_px) - position.owed_interest(mark_px)


def open_profit(account: MarginAccount, ccy: str, mgn_mode: str = "") -> Decimal:
    """Open profit of the positions with margin in `ccy`; an option's premium has already moved as cash."""
    return sum(
        (
            one.upl(account.prices.mark_px(one.instrument))
            for one in account.positions.values()
            if one.ccy == ccy and one.instrument.inst_type != "OPTION" and mgn_mode in ("", one.mgn_mode)
        ),
        ZERO,
    )


def open_loss(account: MarginAccount, ccy: str) -> Decimal:
    """The loss if all cross positions were closed now; never negative."""
    loss = -min(ZERO, open_profit(account, ccy, "cross"))
    for one in account.positions.values():
        if one.ccy == ccy and one.pos:
            mark_px = account.prices.mark_px(one.instrument)
            loss += one.owed_interest(mark_px) + max(ZERO, -one.option_value(mark_px))
    return loss


def maintenance(account: MarginAccount, ccy: str, mgn_mode: str) -> Decimal:
    """Maintenance margin and the fee of a liquidation, of the positions with margin in `ccy`."""
    total = ZERO
    for one in account.positions.values():
        if one.ccy == ccy and one.mgn_mode == mgn_mode:
            total += required(account, one)
    return total


def required(account: MarginAccount, position: Position) -> Decimal:
    """Maintenance margin and liquidation fee of one position, in its margin currency."""
    mark_px = account.prices.mark_px(position.instrument)
    return position.maintenance_margin(mark_px) + _liquidation_fee(account, position, mark_px)


def _liquidation_fee(account: MarginAccount, position: Position, mark_px: Decimal) -> Decimal:
    instrument = position.instrument
    if instrument.inst_type == "OPTION":
        return ZERO
    value = position.in_margin_ccy(instrument.value(abs(position.pos), mark_px), mark_px)
    return value * -account.fee_tier.rate(instrument, TAKER)


def pooled_equity(account: MarginAccount) -> Decimal:
    """The worth of all currencies together in USD."""
    return sum((equity(account, ccy) * account.prices.usd_px(ccy) for ccy in list(account.cash)), ZERO)


def pooled_ratio(account: MarginAccount) -> Decimal | None:
    """Equity over the requirements of positions and debts; None without requirements."""
    usd_px = account.prices.usd_px
    need = sum((maintenance(account, ccy, "cross") * usd_px(ccy) for ccy in list(account.cash)), ZERO)
    need += sum((-cash * usd_px(ccy) * LIABILITY_RATE for ccy, cash in account.cash.items() if cash < 0), ZERO)
    return quotient(pooled_equity(account), need) if need > 0 else None


def cross_ratio(account: MarginAccount, ccy: str) -> Decimal | None:
    """Futures mode: one currency's equity without the isolated margin, over the requirements of its cross positions."""
    need = maintenance(account, ccy, "cross")
    return quotient(_cross_equity(account, ccy), need) if need > 0 else None


def _cross_equity(account: MarginAccount, ccy: str) -> Decimal:
    worth = account.cash[ccy] - account.isolated_margin(ccy)
    for one in account.positions.values():
        if one.ccy == ccy and one.mgn_mode == "cross":
            worth += _worth(one, account.prices.mark_px(one.instrument))
    return worth


def position_ratio(account: MarginAccount, position: Position) -> Decimal | None:
    """The ratio that decides about this position."""
    if position.mgn_mode == "isolated":
        need = required(account, position)
        mark_px = account.prices.mark_px(position.instrument)
        held = position.margin + _worth(position, mark_px)
        return quotient(held, need) if need > 0 else None
    return pooled_ratio(account) if account.is_pooled else cross_ratio(account, position.ccy)


def liquidation_px(account: MarginAccount, position: Position) -> Decimal | None:
    """The mark price at which the ratio would be 1 with all else as it is; None if there is none.

    With E the money beside the position's own profit, F its face, C its cost and r its requirement per
    value: long linear E + F p - C = F p r, inverse E + C - F/p = r F/p, and so on.
    """
    instrument = position.instrument
    if instrument.inst_type == "OPTION" or not position.pos:
        return None
    rate = MAINTENANCE_RATES[instrument.inst_type] - account.fee_tier.rate(instrument, TAKER)
    face, cost = abs(position.pos) * instrument.face, abs(position.cost)
    sign = 1 if position.pos > 0 else -1
    beside = _beside(account, position)
    if instrument.ct_type == "inverse":
        # sign * (C - F/p) + E = r F/p
        top, bottom = face * (rate + sign), beside + sign * cost
    elif position.on_base_ccy:
        # sign * (F p - C)/p + E = r F
        top, bottom = sign * cost, beside + face * (sign - rate)
    else:
        # sign * (F p - C) + E = r F p
        top, bottom = sign * cost - beside, face * (sign - rate)
    px = quotient(top, bottom) if bottom else ZERO
    return px if px > 0 else None


def _beside(account: MarginAccount, position: Position) -> Decimal:
    """The money that supports the position beside its own profit, in its margin currency."""
    mark_px = account.prices.mark_px(position.instrument)
    if position.mgn_mode == "isolated":
        return position.margin - position.owed_interest(mark_px)
    if account.is_pooled:
        usd_px = account.prices.usd_px
        others = sum((maintenance(account, ccy, "cross") * usd_px(ccy) for ccy in list(account.cash)), ZERO)
        worth = quotient(pooled_equity(account) - others, usd_px(position.ccy) or Decimal(1))
    else:
        worth = _cross_equity(account, position.ccy) - maintenance(account, position.ccy, "cross")
    return worth - position.upl(mark_px) + required(account, position)
