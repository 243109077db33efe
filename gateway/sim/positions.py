"""Pure. A position in one instrument: signed size, signed entry cost, realised profit.

`cost` is the sum of entry values in the settlement currency with the sign of the position. A trade moves the same
value into one side's cost and out of the other's, so profit and loss of all accounts together is zero to the last
digit, also where a quotient was cut. Source: OKX docs, "Get positions".
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from gateway.sim.formats import ZERO, quotient, share
from gateway.sim.instruments import Instrument

# A short option is margined at this part of its face; OKX's own formula depends on its volatility surface.
SHORT_OPTION_MARGIN = Decimal("0.15")
MAINTENANCE_PART = Decimal("0.004")


@dataclass(slots=True, eq=False)
class Position:
    """`pos_side` is net, long or short; `pos` is negative for any short, whatever the position mode."""

    instrument: Instrument
    mgn_mode: str
    pos_side: str
    pos_id: str
    lever: Decimal
    c_time_ms: int
    u_time_ms: int
    pos: Decimal = ZERO
    cost: Decimal = ZERO
    trade_id: str = ""
    pnl: Decimal = ZERO
    fee: Decimal = ZERO

    def apply(self, side: str, sz: Decimal, px: Decimal) -> Decimal:
        """Book a fill and return the profit that it realises."""
        direction = 1 if side == "buy" else -1
        value = self.instrument.value(sz, px)
        pnl = ZERO
        if self.pos * direction < 0:
            closed = min(sz, abs(self.pos))
            closed_value = value if closed == sz else self.instrument.value(closed, px)
            closed_cost = share(self.cost, closed, abs(self.pos))
            pnl = self._profit(closed_value * -direction, closed_cost)
            self.pos += direction * closed
            self.cost -= closed_cost
            sz -= closed
            value -= closed_value
        self.pos += direction * sz
        self.cost += direction * value
        self.pnl += pnl
        return pnl

    def _profit(self, exit_value: Decimal, entry_cost: Decimal) -> Decimal:
        """Both with the sign of the position. An inverse contract gains as its value in coin falls."""
        inverse = self.instrument.ct_type == "inverse"
        return entry_cost - exit_value if inverse else exit_value - entry_cost

    def upl(self, mark_px: Decimal) -> Decimal:
        if not self.pos:
            return ZERO
        value = self.instrument.value(abs(self.pos), mark_px)
        return self._profit(value if self.pos > 0 else -value, self.cost)

    @property
    def avg_px(self) -> Decimal:
        if not self.pos:
            return ZERO
        face = abs(self.pos) * self.instrument.ct_val * self.instrument.ct_mult
        cost = abs(self.cost)
        return quotient(face, cost) if self.instrument.ct_type == "inverse" else quotient(cost, face)

    @property
    def margin(self) -> Decimal:
        """The initial margin, counted on the entry value."""
        if self.instrument.inst_type == "OPTION":
            return option_margin(self.instrument, -self.pos) if self.pos < 0 else ZERO
        return quotient(abs(self.cost), self.lever)

    @property
    def maintenance_margin(self) -> Decimal:
        return abs(self.cost) * MAINTENANCE_PART


def option_margin(instrument: Instrument, sz: Decimal) -> Decimal:
    return sz * instrument.ct_val * instrument.ct_mult * SHORT_OPTION_MARGIN
