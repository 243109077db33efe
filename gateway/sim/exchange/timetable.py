"""Events that the exchange's clock causes: funding every eight hours, interest every hour, expiry.

The clock is the skewed one, so a test moves it with the `clock` verb.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from gateway.sim.accounts.accounts import Account
from gateway.sim.base.clock import Clock
from gateway.sim.channels.publisher import CallLater
from gateway.sim.exchange.delivery import EXPIRING
from gateway.sim.exchange.funding import FUNDING_PERIOD_MS, INTEREST_PERIOD_MS
from gateway.sim.market.markets import Market
from gateway.sim.market.public_history import PublicHistory

LOOK_S = 1.0
PERIODS_LIMIT = 100  # funding times settled at once: about a month; a clock put years ahead must not stop the exchange


class ScheduledExchange(Protocol):
    """The actions of the exchange that fall due, and the state that decides when."""

    clock: Clock
    markets: dict[str, Market]
    accounts: dict[str, Account]
    history: PublicHistory

    def accrue_interest(self, account: Account, hours: int) -> None: ...

    def pay_funding(self, inst_id: str, rate: Decimal | None = None, funding_time: int | None = None) -> int: ...

    def deliver(self, inst_id: str, underlying_px: Decimal | None = None) -> Decimal: ...

    def flush(self) -> None: ...


class Timetable:
    """Looks at the clock every second."""

    def __init__(self, exchange: ScheduledExchange, call_later: CallLater) -> None:
        self._exchange = exchange
        self._call_later = call_later
        self._seen_ms = exchange.clock.now_ms()

    def start(self) -> None:
        self._call_later(LOOK_S, self._look)

    def _look(self) -> None:
        for market in self._exchange.markets.values():
            market.note_premium()
        self.run_due()
        self._exchange.flush()
        self.start()

    def run_due(self) -> None:
        """Do all that fell due since the last look; a clock that was put back makes nothing due twice."""
        exchange, before, now_ms = self._exchange, self._seen_ms, self._exchange.clock.now_ms()
        self._seen_ms = now_ms
        if now_ms <= before:
            return
        exchange.history.note_prices(now_ms)
        hours = now_ms // INTEREST_PERIOD_MS - before // INTEREST_PERIOD_MS
        if hours:
            for account in exchange.accounts.values():
                exchange.accrue_interest(account, hours)
        first, last = before // FUNDING_PERIOD_MS + 1, now_ms // FUNDING_PERIOD_MS
        for period in range(max(first, last - PERIODS_LIMIT + 1), last + 1):
            for inst_id, market in exchange.markets.items():
                if market.instrument.inst_type == "SWAP":
                    exchange.pay_funding(inst_id, funding_time=period * FUNDING_PERIOD_MS)
        for inst_id, market in exchange.markets.items():
            instrument = market.instrument
            expires = instrument.inst_type in EXPIRING and instrument.state != "expired"
            if expires and int(instrument.exp_time) <= now_ms:
                exchange.deliver(inst_id)
