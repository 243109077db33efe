"""Pure. The price of an option at a given volatility: Black's formula on the forward, in the underlying coin.

OKX does not publish its model; the forward is taken for the index and there is no interest. Source of the parameters:
OKX docs, "Place order", pxVol (1 is 100 % a year).
"""

from __future__ import annotations

from decimal import Decimal
from statistics import NormalDist

from gateway.sim.base.formats import parse_decimal
from gateway.sim.market.instruments import Instrument

YEAR_MS = 365 * 86_400_000


def px_of_volatility(instrument: Instrument, volatility: Decimal, forward: Decimal, now_ms: int) -> Decimal:
    """The price in coin per coin of face. The result is an approximation, to be rounded to a tick."""
    strike = parse_decimal(instrument.stk) or forward
    years = Decimal(max(int(instrument.exp_time) - now_ms, 1)) / YEAR_MS
    spread = volatility * years.sqrt()
    d1 = (forward / strike).ln() / spread + spread / 2
    sign = 1 if instrument.opt_type == "C" else -1
    probability = NormalDist().cdf
    paid = Decimal(probability(float(sign * d1)))
    struck = Decimal(probability(float(sign * (d1 - spread))))
    return sign * (paid - struck * strike / forward)
