"""Pure. The limits of a price on the crossing side.

`wide` is the simulator's own band around the reference price, so that tests can choose their prices. `okx` follows
OKX: with I the index price, P the average premium of the last two minutes, and Y and Z the instrument's floatPxLmtPct
and maxPxLmtPct, nothing is bought above min(max(I, I (1 + Y) + P), I (1 + Z)) nor sold below
max(min(I, I (1 - Y) + P), I (1 - Z)). The wider band of an instrument's first ten minutes (initPxLmtPct) and the rules
that OKX does not publish are left out. Source: OKX help, "Price limit rules"; OKX docs, "Get limit price", "Get
instruments".
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from gateway.sim.base.formats import ZERO, quotient

WIDE = Decimal("0.2")
PREMIUMS_KEPT = 120  # one a second

Limits = tuple[Decimal, Decimal]  # highest to buy at, lowest to sell at; not yet on a tick


def wide_limits(reference_px: Decimal) -> Limits:
    return reference_px * (1 + WIDE), reference_px * (1 - WIDE)


def okx_limits(index_px: Decimal, premiums: Collection[Decimal], float_pct: Decimal, max_pct: Decimal) -> Limits:
    """`premiums` are middle prices less index prices, of the last two minutes."""
    premium = quotient(sum(premiums, ZERO), Decimal(len(premiums))) if premiums else ZERO
    highest = min(max(index_px, index_px * (1 + float_pct) + premium), index_px * (1 + max_pct))
    lowest = max(min(index_px, index_px * (1 - float_pct) + premium), index_px * (1 - max_pct))
    return highest, lowest
