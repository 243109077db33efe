"""Pure. Maker and taker fees: those of a regular user without volume, and the tier that an account was given.

Source: OKX docs, "Get fee rates": a negative rate is charged, a positive one is a rebate; "Get account configuration",
level. OKX publishes the rates of its tiers outside its API and changes them often, so a tier here has the rates of
a regular user unless rates are commanded along with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from gateway.sim.market.instruments import Instrument
from gateway.sim.market.orders import Order

MAKER = "M"
TAKER = "T"
VIP_LEVELS = 9

_LEVEL = re.compile(r"Lv[1-5]|VIP[1-9]", re.ASCII)

Rates = dict[tuple[str, str], Decimal]  # by instType and execType

REGULAR_RATES: Rates = {
    ("SPOT", MAKER): Decimal("-0.0008"),
    ("SPOT", TAKER): Decimal("-0.001"),
    ("MARGIN", MAKER): Decimal("-0.0008"),
    ("MARGIN", TAKER): Decimal("-0.001"),
    ("SWAP", MAKER): Decimal("-0.0002"),
    ("SWAP", TAKER): Decimal("-0.0005"),
    ("FUTURES", MAKER): Decimal("-0.0002"),
    ("FUTURES", TAKER): Decimal("-0.0005"),
    ("OPTION", MAKER): Decimal("-0.0002"),
    ("OPTION", TAKER): Decimal("-0.0003"),
}


RATIO_VIP = 5  # from here on the fill ratio may raise the limit of orders


@dataclass(slots=True)
class FeeTier:
    """The trading fee tier of one account: `level` is Lv1 to Lv5 or VIP1 to VIP9."""

    level: str = "Lv1"
    fill_ratio: Decimal = Decimal(0)  # that of the account itself and that of its main account, as commanded
    main_fill_ratio: Decimal = Decimal(0)
    rates: Rates = field(default_factory=lambda: dict(REGULAR_RATES))

    def promote(self, level: str) -> None:
        """Raises ValueError for a level that OKX does not have."""
        if _LEVEL.fullmatch(level) is None:
            raise ValueError(f"no such fee tier: {level!r}; it is Lv1 to Lv5 or VIP1 to VIP{VIP_LEVELS}")
        self.level = level

    @property
    def vip(self) -> int:
        """0 for a regular user."""
        return int(self.level[3:]) if self.level.startswith("VIP") else 0

    def rate(self, instrument: Instrument, exec_type: str) -> Decimal:
        return self.rates[instrument.inst_type, exec_type]


def fee_of(tier: FeeTier, order: Order, sz: Decimal, value: Decimal, exec_type: str) -> Decimal:
    """The fee of one fill in the order's `fee_ccy`: spot is charged on the currency received, contracts on their value,
    options on the face of the underlying, MARGIN on its value in the margin currency (the simulator's choice: so the
    position holds exactly the size bought)."""
    instrument = order.instrument
    rate = tier.rate(instrument, exec_type)
    if instrument.is_spot:
        return rate * (sz if order.side == "buy" else value)
    if instrument.inst_type == "MARGIN":
        return rate * (sz if order.ccy == instrument.base_ccy else value)
    if instrument.inst_type == "OPTION":
        return rate * sz * instrument.ct_val * instrument.ct_mult
    return rate * value
