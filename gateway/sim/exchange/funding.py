"""Pure. Funding payments between longs and shorts of a swap, and interest on debts.

A long pays value at mark price x rate to the shorts, a short receives it. Interest is simple: every full hour a fixed
part of the debt. Source: OKX docs, "Get funding rate", "Balance and position channel" (eventType), "Get interest
rate".
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.accruals import Accrual
from gateway.sim.accounts.house_account import INTEREST, REMAINDER, HouseAccount
from gateway.sim.base.clock import Clock
from gateway.sim.base.formats import ZERO, quotient
from gateway.sim.market.markets import Market
from gateway.sim.trading.engine import Events

FUNDING_PERIOD_MS = 8 * 3_600_000  # at 00:00, 08:00 and 16:00 UTC
INTEREST_PERIOD_MS = 3_600_000
HOURLY_INTEREST = Decimal("0.00001")  # of the debt; OKX's rates float per currency
ONE = Decimal(1)


def pay_funding(
    accounts: Iterable[Account],
    house_account: HouseAccount,
    market: Market,
    rate: Decimal,
    *,
    clock: Clock,
    events: Events,
) -> int:
    """Settle one funding period of a swap; returns how many positions took part."""
    instrument, mark_px, now_ms = market.instrument, market.mark_px, clock.now_ms()
    paid, count = ZERO, 0
    for account in accounts:
        held = [one for one in account.positions.values() if one.instrument is instrument]
        for position in held:
            value = instrument.value(abs(position.pos), mark_px)
            payment = quotient(-value * rate if position.pos > 0 else value * rate, ONE)
            position.funding_fee += payment
            position.u_time_ms = now_ms
            paid += payment
            count += 1
            account.credit(position.ccy, payment, now_ms)
            account.bill_book.funded(position, payment, mark_px, now_ms)
        if held:
            events.balance_event(account, "funding_fee", [instrument.settle_ccy], held)
    house_account.take(REMAINDER, instrument.settle_ccy, -paid)
    return count


def accrue_interest(account: Account, hours: int, clock: Clock, events: Events) -> None:
    """On MARGIN positions interest is owed until the position shrinks; on borrowed cash it is deducted at once."""
    now_ms = clock.now_ms()
    owing = [one for one in account.positions.values() if one.instrument.inst_type == "MARGIN"]
    for position in owing:
        account.revision += 1
        interest = quotient(position.liab * HOURLY_INTEREST * hours, ONE)
        position.interest += interest
        inst_id, mgn_mode = position.instrument.inst_id, position.mgn_mode
        account.accruals.append(Accrual(position.liab_ccy, inst_id, mgn_mode, position.liab, interest, now_ms))
        position.u_time_ms = now_ms
    debts = [ccy for ccy, cash in account.cash.items() if cash < 0] if not account.unlimited else []
    for ccy in debts:
        amount = quotient(-account.cash[ccy] * HOURLY_INTEREST * hours, ONE)
        account.interest[ccy] += amount
        account.accruals.append(Accrual(ccy, "", "cross", -account.cash[ccy], amount, now_ms))
        account.house_account.take(INTEREST, ccy, amount)
        account.credit(ccy, -amount, now_ms)
        account.bill_book.charged(ccy, now_ms)
    if owing or debts:
        events.balance_event(account, "interest_deduction", debts, owing)
