"""Pure. The end of a dated contract: orders go, positions are settled at the delivery price, the instrument expires.

A future is closed at the price of its underlying. An option is settled at its intrinsic value, paid in coin; the
long is exercised, the short is assigned. Source: OKX docs, "Get delivery/exercise history", "Balance and position
channel" (eventType), "Order channel" (cancelSource), "Instruments channel" (state).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.house_account import REMAINDER, HouseAccount
from gateway.sim.base.formats import ZERO, quotient
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.orders import CANCELED, CANCELED_FUTURES_EXPIRY, CANCELED_OPTION_EXPIRY
from gateway.sim.trading.engine import Engine

EXPIRING = ("FUTURES", "OPTION")


def deliver(
    engine: Engine,
    instrument: Instrument,
    accounts: Iterable[Account],
    house_account: HouseAccount,
    underlying_px: Decimal,
) -> Decimal:
    """Settle everything in the instrument; returns the price at which positions were closed."""
    option = instrument.inst_type == "OPTION"
    px = exercise_px(instrument, underlying_px) if option else underlying_px
    source = CANCELED_OPTION_EXPIRY if option else CANCELED_FUTURES_EXPIRY
    accounts = list(accounts)
    for account in accounts:
        for order in [one for one in account.live.values() if one.instrument is instrument]:
            engine.finish(order, CANCELED, source)
    moved = ZERO
    for account in accounts:
        moved += _close(engine, account, instrument, px)
    # Inverse values are cut to 16 places per position: the house account takes the remainder.
    house_account.take(REMAINDER, instrument.settle_ccy, moved if instrument.ct_type == "inverse" else -moved)
    return px


def exercise_px(instrument: Instrument, underlying_px: Decimal) -> Decimal:
    """The value of one option at expiry, in coin per coin of face."""
    strike = Decimal(instrument.stk)
    inside = underlying_px - strike if instrument.opt_type == "C" else strike - underlying_px
    return quotient(max(ZERO, inside), underlying_px)


def _close(engine: Engine, account: Account, instrument: Instrument, px: Decimal) -> Decimal:
    """Close the positions of an account; returns the signed value that left them."""
    now_ms = engine.clock.now_ms()
    event_type = "exercised" if instrument.inst_type == "OPTION" else "delivered"
    moved = ZERO
    held = [one for one in account.positions.values() if one.instrument is instrument]
    for position in held:
        side, sign = ("sell", 1) if position.pos > 0 else ("buy", -1)
        sz = abs(position.pos)
        value = instrument.value(sz, px) if px else ZERO
        position.closed_by_category = event_type
        moved += sign * value
        pnl = account.change_position(position, side, sz, px, now_ms)
        if instrument.inst_type == "OPTION":
            account.credit(position.ccy, sign * value, now_ms)
        account.bill_book.delivered(position, sign * sz, px, pnl, now_ms)
    if held:
        engine.events.balance_event(account, event_type, [instrument.settle_ccy], held)
    return moved
