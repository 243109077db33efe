"""Pure. Rows of the smaller private channels.

Source: OKX docs, "Fills channel", "Position risk warning", "Account greeks channel".
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.greeks import position_greeks
from gateway.sim.accounts.positions import Position
from gateway.sim.base.formats import ZERO, decimal_text, quotient
from gateway.sim.market.markets import Market
from gateway.sim.market.orders import Fill
from gateway.sim.rows.position import signed_pos

_INT64_MAX = 2**63 - 1
_GREEKS = ("deltaBS", "deltaPA", "gammaBS", "gammaPA", "thetaBS", "thetaPA", "vegaBS", "vegaPA")


def fills_row(fill: Fill, sz: Decimal, count: int) -> dict[str, Any]:
    """`fill` is the last of `count` matches at one price, `sz` all that they filled."""
    order = fill.order
    return {
        "instId": order.instrument.inst_id,
        "fillSz": decimal_text(sz),
        "fillPx": decimal_text(fill.px),
        "side": order.side,
        "ts": str(fill.time_ms),
        "ordId": order.ord_id,
        "clOrdId": _numeric(order.cl_ord_id),
        "tradeId": fill.trade_id,
        "execType": fill.exec_type,
        "count": str(count),
    }


def _numeric(cl_ord_id: str) -> str:
    """Only a positive 64-bit integer is echoed, anything else is 0."""
    fits = cl_ord_id.isdigit() and cl_ord_id[0] != "0" and int(cl_ord_id) <= _INT64_MAX
    return cl_ord_id if fits else "0"


def warning_row(position: Position, market: Market, mgn_ratio: Decimal | None, now_ms: int) -> dict[str, Any]:
    """A position whose margin ratio has come close to liquidation."""
    instrument = position.instrument
    return {
        "cTime": str(position.c_time_ms),
        "ccy": position.ccy,
        "instId": instrument.inst_id,
        "instType": instrument.inst_type,
        "lever": decimal_text(position.lever),
        "markPx": decimal_text(market.mark_px),
        "mgnMode": position.mgn_mode,
        "mgnRatio": "" if mgn_ratio is None else decimal_text(mgn_ratio),
        "pTime": str(now_ms),
        "pos": signed_pos(position),
        "posCcy": position.pos_ccy,
        "posId": position.pos_id,
        "posSide": position.pos_side,
        "uTime": str(position.u_time_ms),
    }


def greeks_row(account: Account, ccy: str, markets: Mapping[str, Market], now_ms: int) -> dict[str, Any]:
    """Cash and futures count for delta alone, options by the greeks of their positions."""
    delta = account.cash[ccy] + sum((_delta(one, ccy) for one in account.positions.values()), ZERO)
    totals = {name: delta if name.startswith("delta") else ZERO for name in _GREEKS}
    for one in account.positions.values():
        instrument = one.instrument
        if instrument.inst_type == "OPTION" and instrument.ct_val_ccy == ccy:
            market = markets[instrument.inst_id]
            greeks = position_greeks(instrument, one.pos, market.mark_px, market.index_px, now_ms)
            totals = {name: total + Decimal(greeks[name]) for name, total in totals.items()}
    row = {name: decimal_text(total) for name, total in totals.items()}
    return dict(sorted({"ccy": ccy, "ts": str(now_ms), **row}.items()))


def _delta(position: Position, ccy: str) -> Decimal:
    """In coins: the face of a linear contract, the value of an inverse one."""
    instrument = position.instrument
    coin = instrument.settle_ccy if instrument.ct_type == "inverse" else instrument.ct_val_ccy
    if coin != ccy or instrument.inst_type == "OPTION" or not position.pos:
        return ZERO
    face = position.pos * instrument.ct_val * instrument.ct_mult
    return quotient(face, position.avg_px) if instrument.ct_type == "inverse" else face
