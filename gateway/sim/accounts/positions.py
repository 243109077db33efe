"""Pure. A position in one instrument: signed size, signed entry cost, realised profit.

`cost` is the sum of entry values with the sign of the position, in the currency in which the instrument is valued
(quote for MARGIN, settlement currency for contracts). A trade moves the same value into one side's cost and out of the
other's, so profit and loss of all accounts together is zero to the last digit, also where a quotient was cut.

A MARGIN position holds an asset bought with borrowed money. A long holds `pos` of base currency and owes `cost` of
quote currency; a short owes `pos` of base currency and holds `cost` of quote currency. Source: OKX docs, "Get
positions".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from gateway.sim.base.formats import ZERO, quotient, share
from gateway.sim.market.instruments import Instrument

PositionKey = tuple[str, ...]  # instId, mgnMode, posSide; for MARGIN the margin currency too

# A short option is margined at this part of its face; OKX's own formula depends on its volatility surface.
SHORT_OPTION_MARGIN = Decimal("0.15")
# Maintenance margin by instrument type: the first tier of OKX's tables, roughly ("Get position tiers").
MAINTENANCE_RATES = {
    "SWAP": Decimal("0.004"),
    "FUTURES": Decimal("0.004"),
    "MARGIN": Decimal("0.03"),
    "OPTION": Decimal("0.075"),
}


@dataclass(slots=True)
class Turnover:
    """All that was opened, or closed, of one position."""

    sz: Decimal = ZERO
    value: Decimal = ZERO

    def add(self, sz: Decimal, value: Decimal) -> None:
        self.sz += sz
        self.value += value

    def avg_px(self, instrument: Instrument) -> Decimal:
        if not self.value:
            return ZERO
        face = self.sz * instrument.face
        return quotient(face, self.value) if instrument.ct_type == "inverse" else quotient(self.value, face)


class Trading(Protocol):
    """The members of an order or an algo order that identify the position."""

    instrument: Instrument
    td_mode: str
    pos_side: str
    ccy: str


@dataclass(slots=True, eq=False)
class Position:
    """`pos_side` is net, long or short; `pos` is negative for any short, in every position mode. `ccy` is the
    margin currency, in which profit, fees and interest are booked."""

    instrument: Instrument
    mgn_mode: str
    pos_side: str
    ccy: str
    pos_id: str
    lever: Decimal
    c_time_ms: int
    u_time_ms: int
    pos: Decimal = ZERO
    cost: Decimal = ZERO
    trade_id: str = ""
    pnl: Decimal = ZERO
    fee: Decimal = ZERO
    funding_fee: Decimal = ZERO
    liq_penalty: Decimal = ZERO
    opened: Turnover = field(default_factory=Turnover)
    closed: Turnover = field(default_factory=Turnover)
    max_pos: Decimal = ZERO
    direction: str = ""  # long or short: the last opening
    closed_by_category: str = ""  # of the last order that closed something
    trigger_px: Decimal = ZERO  # the mark price when it was last taken away
    interest: Decimal = ZERO  # owed in the borrowed currency, deducted as the position shrinks

    def apply(self, side: str, sz: Decimal, px: Decimal) -> Decimal:
        """Book a fill and return the profit that it realises, in the currency of the instrument's value."""
        direction = 1 if side == "buy" else -1
        value = self.instrument.value(sz, px)
        pnl = ZERO
        if self.pos * direction < 0:
            closed = min(sz, abs(self.pos))
            closed_value = value if closed == sz else self.instrument.value(closed, px)
            closed_cost = share(self.cost, closed, abs(self.pos))
            pnl = self._profit(closed_value * -direction, closed_cost)
            self.pos += direction * closed
            self.closed.add(closed, closed_value)
            self.cost -= closed_cost
            sz -= closed
            value -= closed_value
        if sz:
            self.pos += direction * sz
            self.cost += direction * value
            self.opened.add(sz, value)
            self.max_pos = max(self.max_pos, abs(self.pos))
            self.direction = "long" if direction > 0 else "short"
        return pnl

    @property
    def realized_pnl(self) -> Decimal:
        return self.pnl + self.fee + self.funding_fee + self.liq_penalty

    def closed_by(self, side: str, sz: Decimal) -> Decimal:
        """How much of the position a fill of `sz` would close."""
        return min(sz, abs(self.pos)) if (self.pos > 0) == (side == "sell") else ZERO

    def deduct_interest(self, closed: Decimal) -> Decimal:
        """The part of the interest that falls due with `closed`, in the borrowed currency."""
        if not self.interest or not closed:
            return ZERO
        part = share(self.interest, closed, abs(self.pos))
        self.interest -= part
        return part

    def _profit(self, exit_value: Decimal, entry_cost: Decimal) -> Decimal:
        """Both with the sign of the position. An inverse contract gains as its value in coin falls."""
        inverse = self.instrument.ct_type == "inverse"
        return entry_cost - exit_value if inverse else exit_value - entry_cost

    def upl(self, mark_px: Decimal) -> Decimal:
        """Open profit in the margin currency, interest not yet deducted."""
        if not self.pos:
            return ZERO
        value = self.instrument.value(abs(self.pos), mark_px)
        return self.in_margin_ccy(self._profit(value if self.pos > 0 else -value, self.cost), mark_px)

    def in_margin_ccy(self, amount: Decimal, px: Decimal) -> Decimal:
        """An amount of the value currency, in the margin currency: another one only for MARGIN on base currency."""
        return quotient(amount, px) if self.on_base_ccy else amount

    def owed_interest(self, px: Decimal) -> Decimal:
        """The undeducted interest in the margin currency."""
        if not self.interest or self.liab_ccy == self.ccy:
            return self.interest
        return quotient(self.interest, px) if self.on_base_ccy else self.interest * px

    @property
    def on_base_ccy(self) -> bool:
        return self.instrument.inst_type == "MARGIN" and self.ccy == self.instrument.base_ccy

    @property
    def pos_ccy(self) -> str:
        """The asset that a MARGIN position holds."""
        if self.instrument.inst_type != "MARGIN":
            return ""
        return self.instrument.base_ccy if self.pos > 0 else self.instrument.quote_ccy

    @property
    def liab_ccy(self) -> str:
        """The debt of a MARGIN position."""
        if self.instrument.inst_type != "MARGIN":
            return ""
        return self.instrument.quote_ccy if self.pos > 0 else self.instrument.base_ccy

    @property
    def liab(self) -> Decimal:
        """How much of `liab_ccy` is owed, interest apart."""
        return abs(self.cost if self.pos > 0 else self.pos)

    @property
    def avg_px(self) -> Decimal:
        if not self.pos:
            return ZERO
        face = abs(self.pos) * self.instrument.face
        cost = abs(self.cost)
        return quotient(face, cost) if self.instrument.ct_type == "inverse" else quotient(cost, face)

    @property
    def margin(self) -> Decimal:
        """The initial margin in the margin currency, counted on the entry value."""
        if self.instrument.inst_type == "OPTION":
            return option_margin(self.instrument, -self.pos) if self.pos < 0 else ZERO
        return quotient(abs(self.pos if self.on_base_ccy else self.cost), self.lever)

    def maintenance_margin(self, mark_px: Decimal) -> Decimal:
        """In the margin currency, at the mark price; long options need none."""
        rate = MAINTENANCE_RATES[self.instrument.inst_type]
        if self.instrument.inst_type == "OPTION":
            return -self.pos * self.instrument.face * rate if self.pos < 0 else ZERO
        return self.in_margin_ccy(self.instrument.value(abs(self.pos), mark_px), mark_px) * rate

    def option_value(self, mark_px: Decimal) -> Decimal:
        """The value of an option now, negative for a short; its premium has moved as cash."""
        return self.instrument.value(self.pos, mark_px) if self.instrument.inst_type == "OPTION" else ZERO


def option_margin(instrument: Instrument, sz: Decimal) -> Decimal:
    return sz * instrument.face * SHORT_OPTION_MARGIN


def position_key(order: Trading) -> PositionKey:
    """The position that an order belongs to; MARGIN positions differ by margin currency, by default the quote."""
    instrument = order.instrument
    key = instrument.inst_id, order.td_mode, order.pos_side or "net"
    return (*key, order.ccy or instrument.quote_ccy) if instrument.inst_type == "MARGIN" else key


def key_of(position: Position) -> PositionKey:
    key = position.instrument.inst_id, position.mgn_mode, position.pos_side
    return (*key, position.ccy) if position.instrument.inst_type == "MARGIN" else key
