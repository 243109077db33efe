"""The simulated exchange as one object, without any socket. Sessions, REST and the control API work on it."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.house_account import HouseAccount
from gateway.sim.base.auth import KeyRing
from gateway.sim.base.clock import Clock, IdSource
from gateway.sim.base.configuration import AccountSpec, SimConfig
from gateway.sim.base.switches import Switches
from gateway.sim.channels.ledger import Ledger
from gateway.sim.channels.market_channels import MarketChannels
from gateway.sim.channels.market_data import MarketData
from gateway.sim.channels.publisher import CallLater, Publisher
from gateway.sim.exchange.background_market import BackgroundMarket
from gateway.sim.exchange.delivery import EXPIRING, deliver
from gateway.sim.exchange.funding import accrue_interest, pay_funding
from gateway.sim.exchange.liquidation import Liquidations
from gateway.sim.exchange.timetable import Timetable
from gateway.sim.faults.faults import Faults
from gateway.sim.market.instruments import Instrument, InstrumentList
from gateway.sim.market.listing import default_instruments
from gateway.sim.market.markets import Market
from gateway.sim.market.public_history import Delivered, FundingPaid
from gateway.sim.trading.algo_engine import AlgoEngine
from gateway.sim.trading.amendments import Amendments
from gateway.sim.trading.cancel_after import CancelAfterTimers
from gateway.sim.trading.engine import Engine
from gateway.sim.trading.limits import RateLimits
from gateway.sim.trading.order_entry import OrderEntry

STABLE_COINS = frozenset(("USDT", "USDC", "USD"))


class Exchange:
    """Owns all parts. `call_later(seconds, callback)` is its only tie to an event loop."""

    def __init__(self, config: SimConfig, call_later: CallLater) -> None:
        self.config = config
        self.call_later = call_later
        self.switches = config.switches
        self.clock = Clock(config.skew_ms)
        self.ids = IdSource(self.clock.now_ms())
        self.ledger = Ledger(config.ledger_limit, config.ledger_path)
        self.limits = RateLimits()
        self.faults = Faults(config.seed, self.clock.arrival_ns, self._log_fault)
        self._ordinals: Counter[tuple[str, str]] = Counter()
        self.instruments = InstrumentList(default_instruments(self.clock.now_ms()))
        self.markets = _markets(self.instruments, self.switches)
        self.house_account = HouseAccount()
        self.accounts = {spec.uid: self._new_account(spec) for spec in config.accounts}
        self.quoter, self.taker, self.liquidator = map(self._participant, ("quoter", "taker", "liquidator"))
        self.all_accounts = {**self.accounts, **{one.uid: one for one in (self.quoter, self.taker, self.liquidator)}}
        keys = {key.key: (spec.uid, key) for spec in config.accounts for key in spec.api_keys}
        self.key_ring = KeyRing(keys, config.demo)
        self.market_data = MarketData(self.clock, self.markets, self.instruments, self.everyone)
        self.history = self.market_data.history
        self.market_channels = MarketChannels(self.clock, self.markets, self.instruments, self.market_data, call_later)
        self.publisher = Publisher(self, self.market_channels, call_later)
        self.engine = Engine(self.markets, self.all_accounts, self.clock, self.ids, self.switches, self.publisher)
        self.algo_engine = AlgoEngine(self.engine, self.ids.next_id, self.publisher.algo_changed)
        amends = Amendments(self.engine, call_later, self.flush)
        self.order_entry = OrderEntry(
            self.engine, amends, self.algo_engine, self.instruments, self.limits, self.switches, self.clock
        )
        self.cancel_after = CancelAfterTimers(self.engine, self.clock, call_later, self.flush)
        self.background_market = BackgroundMarket(self.engine, self.quoter, self.taker, config.market_seed, self.flush)
        self.liquidations = Liquidations(self.engine, self.accounts, self.liquidator, self.ids)
        self.timetable = Timetable(self, call_later)

    def everyone(self) -> list[Account]:
        """All accounts, the other participants' too."""
        return list(self.all_accounts.values())

    def _new_account(self, spec: AccountSpec, *, unlimited: bool = False) -> Account:
        return Account(spec, self, self.house_account, self.ids.next_id, unlimited=unlimited)

    def _participant(self, name: str) -> Account:
        return self._new_account(AccountSpec(f"background-{name}", (), balances={}), unlimited=True)

    def mark_px(self, instrument: Instrument) -> Decimal:
        return self.markets[instrument.inst_id].mark_px

    def best_px(self, instrument: Instrument, side: str) -> Decimal | None:
        """The best price on the other side of the book, or None."""
        return self.markets[instrument.inst_id].book.other_side(side).best_px

    def usd_px(self, ccy: str) -> Decimal:
        """The value of one unit of a currency in USD; 0 for a currency without a USDT market."""
        if ccy in STABLE_COINS:
            return Decimal(1)
        market = self.markets.get(f"{ccy}-USDT")
        return Decimal(0) if market is None else market.last_px

    def next_ordinal(self, uid: str, scope: str) -> int:
        """Counts the sessions of an account on a path, its logins and its REST requests; the seed
        decides by these numbers."""
        self._ordinals[uid, scope] += 1
        return self._ordinals[uid, scope]

    def _log_fault(self, record: dict[str, Any]) -> None:
        self.ledger.add({**record, "time_ns": self.clock.now_ns()})

    def flush(self) -> None:
        """Ends every step: algo orders fire, positions are liquidated, then all pushes are sent."""
        self.algo_engine.settle()
        self.liquidations.check()
        self.algo_engine.settle()  # for the positions that a liquidation changed
        self.publisher.flush()

    def list_instrument(self, instrument: Instrument) -> Instrument:
        """A pair or a swap is listed from now on."""
        market = Market(instrument, self.switches)
        self.instruments.add(instrument)
        self.markets[instrument.inst_id] = market
        self.market_data.add(market, self.clock.now_ms())
        self.market_channels.instrument_changed(instrument)
        return instrument

    # --- events for all accounts --------------------------------------------------------------------------------

    def pay_funding(self, inst_id: str, rate: Decimal | None = None, funding_time: int | None = None) -> int:
        """Settle one funding period of a swap at `rate`, by default the one that was announced, as of `funding_time`,
        by default now."""
        rates = self.market_data.funding_rates
        due = rates[inst_id][0] if rate is None else rate
        rates[inst_id] = rates[inst_id][0], due
        time_ms = self.clock.now_ms() if funding_time is None else funding_time
        self.history.fundings[inst_id].append(FundingPaid(time_ms, due))
        return pay_funding(
            self.everyone(), self.house_account, self.markets[inst_id], due, clock=self.clock, events=self.publisher
        )

    def accrue_interest(self, account: Account, hours: int) -> None:
        accrue_interest(account, hours, self.clock, self.publisher)

    def deliver(self, inst_id: str, underlying_px: Decimal | None = None) -> Decimal:
        """A future or an option expires, by default at the price of its underlying."""
        market = self.markets[inst_id]
        underlying_px = market.index_px if underlying_px is None else underlying_px
        px = deliver(self.engine, market.instrument, self.everyone(), self.house_account, underlying_px)
        kind = "delivery" if market.instrument.inst_type == "FUTURES" else "exercised" if px else "expired_otm"
        self.history.deliveries.append(Delivered(self.clock.now_ms(), market.instrument, underlying_px, kind))
        self.instruments.set_state(inst_id, "expired")
        self.market_channels.instrument_changed(market.instrument)
        return px


def _markets(instruments: InstrumentList, switches: Switches) -> dict[str, Market]:
    """Dated contracts look at the spot market of their underlying coin."""
    markets = {one.inst_id: Market(one, switches) for one in instruments if one.inst_type not in EXPIRING}
    for one in instruments:
        if one.inst_type in EXPIRING:
            markets[one.inst_id] = Market(one, switches, markets.get(f"{one.inst_family.split('-')[0]}-USDT"))
    return markets
