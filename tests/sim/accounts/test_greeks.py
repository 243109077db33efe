"""Greeks by textbook values."""

from __future__ import annotations

from decimal import Decimal

from gateway.sim.accounts.greeks import greeks_of, premium
from gateway.sim.market.listing import default_instruments

NOW_MS = 1_700_000_000_000


def test_black_scholes() -> None:
    # Hull, "Options, Futures, and Other Derivatives": at the money, a year, 20 %, no interest: 7.97, delta 0.54.
    assert abs(premium(100, 100, 1, 0.2, call=True) - 7.9656) < 1e-4
    assert abs(premium(100, 100, 1, 0.2, call=False) - 7.9656) < 1e-4
    option = next(one for one in default_instruments(NOW_MS) if one.inst_id.endswith("-100000-C"))
    option.exp_time = str(NOW_MS + 365 * 86_400_000)
    at_20 = greeks_of(option, Decimal("0.079656"), Decimal(100_000), NOW_MS)
    assert abs(at_20.vol - 0.2) < 1e-4 and abs(at_20.delta - 0.5398) < 1e-4
    # vega 100,000 x 0.39695 / 100, theta -vega x vol x 100 / 2 / 365
    assert abs(at_20.vega - 396.95) < 0.1 and abs(at_20.theta + 10.875) < 0.01
