"""Black's formula by textbook values."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.sim.market.instruments import Instrument
from gateway.sim.market.option_prices import px_of_volatility


def option(kind: str, stk: str, years: int) -> Instrument:
    numbers = [Decimal(1)] * 6
    exp_time = str(years * 365 * 86_400_000)
    return Instrument("BTC-USD-X", 1, "OPTION", *numbers, opt_type=kind, stk=stk, exp_time=exp_time)


@pytest.mark.parametrize(
    ("kind", "stk", "expected"),
    [
        # Black's formula on a forward of 100, one year, 20 % and no interest, per textbook tables: 7.9656 at the money;
        # in coin that is a hundredth. Put and call differ by (F - K) / F.
        ("C", "100", "0.079656"),
        ("P", "100", "0.079656"),
        ("C", "90", "0.135891"),
        ("P", "90", "0.035891"),
    ],
)
def test_blacks_formula(kind: str, stk: str, expected: str) -> None:
    px = px_of_volatility(option(kind, stk, 1), Decimal("0.2"), Decimal(100), 0)
    assert abs(px - Decimal(expected)) < Decimal("0.00001")
