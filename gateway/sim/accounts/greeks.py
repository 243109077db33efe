"""Pure. Greeks of options, for display alone: Black-Scholes without interest, at the volatility that the mark price
implies. Floats are good enough here; no money is computed from them.

Source: OKX docs, "Get positions" (deltaBS ... vegaPA: per position, BS in dollars, PA in coin),
"Get option market data".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from gateway.sim.base.formats import decimal_text
from gateway.sim.market.instruments import Instrument

YEAR_MS = 365 * 86_400_000
MIN_YEARS = 1 / 8_760  # an hour: nearer to expiry the formulas run away
VOL_RANGE = (0.01, 5.0)
HALVINGS = 40
PLACES = 10


@dataclass(frozen=True, slots=True)
class Greeks:
    """Of one coin of face: delta and gamma by dollar of the underlying, theta per day, vega per point of volatility."""

    vol: float
    delta: float
    gamma: float
    theta: float
    vega: float


def greeks_of(instrument: Instrument, mark_px: Decimal, underlying_px: Decimal, now_ms: int) -> Greeks:
    """`mark_px` in coin, as options are quoted."""
    spot, strike = float(underlying_px), float(instrument.stk)
    years = max(MIN_YEARS, (int(instrument.exp_time) - now_ms) / YEAR_MS)
    call = instrument.opt_type == "C"
    vol = _implied_vol(float(mark_px) * spot, spot, strike, years, call)
    d1, root = _d1(spot, strike, years, vol), math.sqrt(years)
    density = math.exp(-d1 * d1 / 2) / math.sqrt(2 * math.pi)
    return Greeks(
        vol,
        delta=_cdf(d1) if call else _cdf(d1) - 1,
        gamma=density / (spot * vol * root),
        theta=-spot * density * vol / (2 * root) / 365,
        vega=spot * density * root / 100,
    )


def position_greeks(
    instrument: Instrument, pos: Decimal, mark_px: Decimal, underlying_px: Decimal, now_ms: int
) -> dict[str, str]:
    """The eight members of a position row, signed with the position."""
    face = float(pos * instrument.face)
    per_coin = _per_coin(greeks_of(instrument, mark_px, underlying_px, now_ms), mark_px, underlying_px)
    return {name: _text(value * face) for name, value in per_coin.items()}


def summary_greeks(instrument: Instrument, mark_px: Decimal, underlying_px: Decimal, now_ms: int) -> dict[str, str]:
    """The members of "Get option market data", for one coin of face: the greeks in coin have no suffix there."""
    one = greeks_of(instrument, mark_px, underlying_px, now_ms)
    per_coin = _per_coin(one, mark_px, underlying_px)
    return {"markVol": _text(one.vol)} | {name.removesuffix("PA"): _text(value) for name, value in per_coin.items()}


def _per_coin(one: Greeks, mark_px: Decimal, underlying_px: Decimal) -> dict[str, float]:
    """By Black-Scholes in dollars, and in coin, where the premium is paid in it too."""
    spot = float(underlying_px)
    return {
        "deltaBS": one.delta,
        "deltaPA": one.delta - float(mark_px),
        "gammaBS": one.gamma,
        "gammaPA": one.gamma * spot,
        "thetaBS": one.theta,
        "thetaPA": one.theta / spot,
        "vegaBS": one.vega,
        "vegaPA": one.vega / spot,
    }


def _text(value: float) -> str:
    return decimal_text(round(Decimal(value), PLACES))


def premium(spot: float, strike: float, years: float, vol: float, call: bool) -> float:
    """The price of an option on one coin, in dollars."""
    d1 = _d1(spot, strike, years, vol)
    d2 = d1 - vol * math.sqrt(years)
    sign = 1 if call else -1
    return sign * (spot * _cdf(sign * d1) - strike * _cdf(sign * d2))


def _implied_vol(price: float, spot: float, strike: float, years: float, call: bool) -> float:
    """By halving; the edge of the range where no volatility gives the price."""
    low, high = VOL_RANGE
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if premium(spot, strike, years, middle, call) < price:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _d1(spot: float, strike: float, years: float, vol: float) -> float:
    return (math.log(spot / strike) + vol * vol * years / 2) / (vol * math.sqrt(years))


def _cdf(x: float) -> float:
    return (1 + math.erf(x / math.sqrt(2))) / 2
