"""Pure. Public data of one instrument beyond book and ticker, as OKX writes it.

Source: OKX docs, "Mark price channel", "Index tickers channel", "Funding rate channel", "Open interest channel",
"Option summary channel", "Liquidation orders channel", "Estimated delivery/exercise price channel". There is no
volatility model behind the options, so their greeks and volatilities are zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from gateway.sim.accounts.greeks import summary_greeks
from gateway.sim.base.formats import ZERO, decimal_text, quotient
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.markets import Market
from gateway.sim.market.public_history import Liquidated

FUNDING_INTERVAL_MS = 8 * 3_600_000
FUNDING_RATE_LIMIT = Decimal("0.00375")


def mark_price_row(market: Market, now_ms: int) -> dict[str, Any]:
    return {
        "instType": market.instrument.inst_type,
        "instId": market.instrument.inst_id,
        "markPx": decimal_text(market.mark_px),
        "ts": str(now_ms),
    }


def index_ticker_row(name: str, px: Decimal, now_ms: int) -> dict[str, Any]:
    """The index has no day behind it: high, low and open are its price."""
    text = decimal_text(px)
    return {
        "instId": name,
        "idxPx": text,
        "high24h": text,
        "low24h": text,
        "open24h": text,
        "sodUtc0": text,
        "sodUtc8": text,
        "ts": str(now_ms),
    }


def funding_rate_row(market: Market, rate: Decimal, settled_rate: Decimal, now_ms: int) -> dict[str, Any]:
    """`rate` is due at the next of three times a day, `settled_rate` was paid at the last one."""
    due = (now_ms // FUNDING_INTERVAL_MS + 1) * FUNDING_INTERVAL_MS
    premium = quotient(market.mark_px - market.index_px, market.index_px)
    return {
        "formulaType": "noRate",
        "fundingRate": decimal_text(rate),
        "fundingTime": str(due),
        "impactValue": "",
        "instId": market.instrument.inst_id,
        "instType": market.instrument.inst_type,
        "interestRate": "",
        "maxFundingRate": decimal_text(FUNDING_RATE_LIMIT),
        "method": "current_period",
        "minFundingRate": decimal_text(-FUNDING_RATE_LIMIT),
        "nextFundingRate": "",
        "nextFundingTime": str(due + FUNDING_INTERVAL_MS),
        "premium": decimal_text(premium),
        "prevFundingTime": str(due - FUNDING_INTERVAL_MS),
        "settFundingRate": decimal_text(settled_rate),
        "settState": "settled",
        "ts": str(now_ms),
    }


def open_interest_row(market: Market, contracts: Decimal, now_ms: int) -> dict[str, Any]:
    instrument = market.instrument
    face = contracts * instrument.ct_val * instrument.ct_mult
    coins = quotient(face, market.mark_px) if instrument.ct_type == "inverse" else face
    return {
        "instId": instrument.inst_id,
        "instType": instrument.inst_type,
        "oi": decimal_text(contracts),
        "oiCcy": decimal_text(coins),
        "oiUsd": decimal_text(instrument.notional_usd(contracts, market.mark_px, market.index_px)),
        "ts": str(now_ms),
    }


_SUMMARY_MODEL = ("delta", "gamma", "vega", "theta")
_SUMMARY_MODEL_BS = ("deltaBS", "gammaBS", "thetaBS", "vegaBS")


def option_summary_row(market: Market, now_ms: int) -> dict[str, Any]:
    """Greeks and volatilities at the mark price, the best bid and the best ask; empty without a bid or an ask."""
    instrument, mark_px, index_px = market.instrument, market.mark_px, market.index_px
    model = summary_greeks(instrument, mark_px, index_px, now_ms)
    return {
        "instType": instrument.inst_type,
        "instId": instrument.inst_id,
        "uly": instrument.inst_family,
        **{name: model[name] for name in _SUMMARY_MODEL},
        "lever": decimal_text(quotient(Decimal(1), mark_px)) if mark_px != ZERO else "0",
        "markVol": model["markVol"],
        "bidVol": _vol(market, market.book.bids.best_px, now_ms),
        "askVol": _vol(market, market.book.asks.best_px, now_ms),
        "realVol": "",
        **{name: model[name] for name in _SUMMARY_MODEL_BS},
        "ts": str(now_ms),
        "fwdPx": decimal_text(index_px),
        "volLv": "0",
    }


def _vol(market: Market, px: Decimal | None, now_ms: int) -> str:
    return "" if px is None else summary_greeks(market.instrument, px, market.index_px, now_ms)["markVol"]


def liquidation_row(taken: Sequence[Liquidated]) -> dict[str, Any]:
    """Liquidations in one instrument. The price is that at which the house took over."""
    instrument = taken[0].instrument
    details = [
        {
            "bkLoss": "0",
            "bkPx": decimal_text(one.px),
            "ccy": "",
            "posSide": "long" if one.side == "sell" else "short",
            "side": one.side,
            "sz": decimal_text(one.sz),
            "ts": str(one.time_ms),
        }
        for one in taken
    ]
    return {
        "details": details,
        "instFamily": instrument.inst_family,
        "instId": instrument.inst_id,
        "instType": instrument.inst_type,
        "uly": instrument.inst_family,
    }


def estimated_price_row(instrument: Instrument, px: Decimal, now_ms: int) -> dict[str, Any]:
    return {
        "instId": instrument.inst_id,
        "instType": instrument.inst_type,
        "settlePx": decimal_text(px),
        "ts": str(now_ms),
    }


def trades_row(trade_row: dict[str, Any], seq_id: int) -> dict[str, Any]:
    """The push has the number of the book after the trade (OKX docs, "Trades channel")."""
    return {**trade_row, "seqId": seq_id}


def trades_all_row(trade_row: dict[str, Any]) -> dict[str, Any]:
    """One row per match; it has no `count` (OKX docs, "All trades channel")."""
    return {name: value for name, value in trade_row.items() if name != "count"}
