"""Pure. Maker and taker fees of a regular user without volume.

Source: OKX docs, "Get fee rates": a negative rate is charged, a positive one is a rebate.
"""

from __future__ import annotations

from decimal import Decimal

from gateway.sim.instruments import Instrument
from gateway.sim.orders import Order

MAKER = "M"
TAKER = "T"

RATES: dict[tuple[str, str], Decimal] = {
    ("SPOT", MAKER): Decimal("-0.0008"),
    ("SPOT", TAKER): Decimal("-0.001"),
    ("SWAP", MAKER): Decimal("-0.0002"),
    ("SWAP", TAKER): Decimal("-0.0005"),
    ("FUTURES", MAKER): Decimal("-0.0002"),
    ("FUTURES", TAKER): Decimal("-0.0005"),
    ("OPTION", MAKER): Decimal("-0.0002"),
    ("OPTION", TAKER): Decimal("-0.0003"),
}


def fee_rate(instrument: Instrument, exec_type: str) -> Decimal:
    return RATES[instrument.inst_type, exec_type]


def fee_of(order: Order, sz: Decimal, value: Decimal, exec_type: str) -> Decimal:
    """The fee of one fill in the order's `fee_ccy`: spot is charged on what is received, contracts on their value,
    options on the face of the underlying."""
    instrument = order.instrument
    rate = fee_rate(instrument, exec_type)
    if instrument.is_spot:
        return rate * (sz if order.side == "buy" else value)
    if instrument.inst_type == "OPTION":
        return rate * sz * instrument.ct_val * instrument.ct_mult
    return rate * value
