"""Pure. Positions as OKX writes them.

Source: OKX docs, "Get positions", "Positions channel". Values that the simulator has no notion of are empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from gateway.sim.accounts import margin as margins
from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.greeks import position_greeks
from gateway.sim.accounts.positions import Position, key_of, position_key
from gateway.sim.base.formats import decimal_text, quotient
from gateway.sim.market.markets import Market
from gateway.sim.rows.algo import close_order_row

# The keys, with the values of all that the simulator has no notion of.
_POSITION: dict[str, Any] = {
    "adl": "1",
    "availPos": "",
    "avgPx": "",
    "baseBal": "",
    "baseBorrowed": "",
    "baseInterest": "",
    "bePx": "",
    "bizRefId": "",
    "bizRefType": "",
    "cTime": "",
    "ccy": "",
    "clSpotInUseAmt": "",
    "closeOrderAlgo": [],
    "deltaBS": "",
    "deltaPA": "",
    "fee": "",
    "fundingFee": "0",
    "gammaBS": "",
    "gammaPA": "",
    "hedgedPos": "",
    "idxPx": "",
    "imr": "",
    "instId": "",
    "instType": "",
    "interest": "",
    "last": "",
    "lever": "",
    "liab": "",
    "liabCcy": "",
    "liqPenalty": "0",
    "liqPx": "",
    "margin": "",
    "markPx": "",
    "maxSpotInUseAmt": "",
    "mgnMode": "",
    "mgnRatio": "",
    "mmr": "",
    "nonSettleAvgPx": "",
    "notionalUsd": "",
    "optVal": "",
    "pendingCloseOrdLiabVal": "",
    "pnl": "",
    "pos": "",
    "posCcy": "",
    "posId": "",
    "posSide": "",
    "quoteBal": "",
    "quoteBorrowed": "",
    "quoteInterest": "",
    "realizedPnl": "",
    "settledPnl": "",
    "spotInUseAmt": "",
    "spotInUseCcy": "",
    "thetaBS": "",
    "thetaPA": "",
    "tradeId": "",
    "uTime": "",
    "upl": "",
    "uplLastPx": "",
    "uplRatio": "",
    "uplRatioLastPx": "",
    "usdPx": "",
    "vegaBS": "",
    "vegaPA": "",
}


def _close_order_algo(account: Account, position: Position) -> list[dict[str, str]]:
    """The live algo orders that close the whole position."""
    key, algos = key_of(position), account.algos.live.values()
    return [close_order_row(one) for one in algos if one.sz is None and position_key(one) == key]


def position_row(account: Account, position: Position, market: Market, now_ms: int, *, push: bool) -> dict[str, Any]:
    """`push` adds the push time that only the channel has."""
    instrument, mark_px = position.instrument, market.mark_px
    margin = position.margin
    notional = instrument.notional_usd(abs(position.pos), mark_px, market.index_px)
    isolated = position.mgn_mode == "isolated"
    upl, upl_last = position.upl(mark_px), position.upl(market.last_px)
    row = _POSITION | {
        "availPos": "" if _is_signed(position) else decimal_text(account.available_pos(position)),
        "avgPx": decimal_text(position.avg_px) if position.pos else "",
        "bePx": decimal_text(position.avg_px) if position.pos else "",
        "cTime": str(position.c_time_ms),
        "ccy": position.ccy,
        "closeOrderAlgo": _close_order_algo(account, position),
        "fee": decimal_text(position.fee),
        "fundingFee": decimal_text(position.funding_fee),
        "idxPx": decimal_text(market.index_px),
        "imr": "" if isolated else decimal_text(margin),
        "instId": instrument.inst_id,
        "instType": instrument.inst_type,
        "last": decimal_text(market.last_px),
        "lever": "" if instrument.inst_type == "OPTION" else decimal_text(position.lever),
        "liqPenalty": decimal_text(position.liq_penalty),
        "liqPx": _text(margins.liquidation_px(account, position)),
        "margin": decimal_text(margin) if isolated else "",
        "markPx": decimal_text(mark_px),
        "mgnMode": position.mgn_mode,
        "mgnRatio": _text(margins.position_ratio(account, position)) if position.pos else "",
        "mmr": decimal_text(position.maintenance_margin(mark_px)),
        "notionalUsd": decimal_text(notional),
        "pnl": decimal_text(position.pnl),
        "pos": signed_pos(position),
        "posId": position.pos_id,
        "posSide": position.pos_side,
        "realizedPnl": decimal_text(position.realized_pnl),
        "tradeId": position.trade_id,
        "uTime": str(position.u_time_ms),
        "upl": decimal_text(upl),
        "uplLastPx": decimal_text(upl_last),
        "uplRatio": _ratio(upl, margin),
        "uplRatioLastPx": _ratio(upl_last, margin),
        "usdPx": decimal_text(account.prices.usd_px(position.ccy)),
    }
    row |= _members_by_type(position, market, now_ms)
    if push:
        row["pTime"] = str(now_ms)
    return row


def _members_by_type(position: Position, market: Market, now_ms: int) -> dict[str, str]:
    instrument = position.instrument
    if instrument.inst_type == "MARGIN" and position.pos:
        return {
            "interest": decimal_text(position.interest),
            "liab": decimal_text(-position.liab),
            "liabCcy": position.liab_ccy,
            "posCcy": position.pos_ccy,
        }
    if instrument.inst_type == "OPTION":
        value = {"optVal": decimal_text(instrument.value(position.pos, market.mark_px))}
        return value | position_greeks(instrument, position.pos, market.mark_px, market.index_px, now_ms)
    return {}


def _text(value: Decimal | None) -> str:
    return "" if value is None else decimal_text(value)


def _ratio(upl: Decimal, margin: Decimal) -> str:
    return decimal_text(quotient(upl, margin)) if margin else "0"


def _is_signed(position: Position) -> bool:
    return position.pos_side == "net" and position.instrument.inst_type != "MARGIN"


def signed_pos(position: Position) -> str:
    """Signed in net mode, positive with posSide in long/short mode. A MARGIN position shows the asset that it holds:
    posCcy identifies the side (OKX docs, "Get positions")."""
    if position.instrument.inst_type == "MARGIN":
        return decimal_text(position.pos if position.pos > 0 else abs(position.cost))
    return decimal_text(position.pos if position.pos_side == "net" else abs(position.pos))


def position_data(positions: Iterable[Position]) -> list[dict[str, Any]]:
    return [
        {
            "posId": one.pos_id,
            "tradeId": one.trade_id,
            "instId": one.instrument.inst_id,
            "instType": one.instrument.inst_type,
            "mgnMode": one.mgn_mode,
            "posSide": one.pos_side,
            "pos": signed_pos(one),
            "ccy": one.ccy,
            "posCcy": one.pos_ccy,
            "avgPx": decimal_text(one.avg_px),
            "nonSettleAvgPx": "",
            "settledPnl": "",
            "uTime": str(one.u_time_ms),
            "baseBal": "",
            "quoteBal": "",
        }
        for one in positions
    ]
