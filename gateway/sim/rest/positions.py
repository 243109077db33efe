"""REST endpoints on positions as they were, and on the risk of those that are.

Source: OKX docs, "Get positions history", "Get account and position risk", "Get account risk state".
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.sim.accounts import margin
from gateway.sim.accounts.positions import Position
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import ZERO, decimal_text, quotient
from gateway.sim.rest.calls import Call, Reply, page, reply
from gateway.sim.rows.position import signed_pos

HISTORY_MS = 90 * 24 * 3_600_000
POSITION_TYPES = ("", "MARGIN", "SWAP", "FUTURES", "OPTION")
_WHOLE, _PART = 0, 1
# `type` of a row by the category of the last order that closed something: all of it, a part of it.
_CLOSING_TYPES = {"full_liquidation": ("3", "4"), "partial_liquidation": ("3", "4"), "adl": ("6", "5")}
_USUAL = ("2", "1")


def history(call: Call) -> Reply:
    """Positions that were closed, in whole or in part, within three months; pages go by uTime."""
    inst_type, account = call.param("instType"), call.account
    if inst_type not in POSITION_TYPES:
        raise Refusal("51000", param="instType")
    since_ms = call.exchange.clock.now_ms() - HISTORY_MS
    touched = [*account.position_history, *(one for one in account.positions.values() if one.closed.sz)]
    wanted = [
        one
        for one in sorted(touched, key=lambda one: (one.u_time_ms, int(one.pos_id)), reverse=True)
        if one.u_time_ms >= since_ms
        and inst_type in ("", one.instrument.inst_type)
        and call.param("instId") in ("", one.instrument.inst_id)
        and call.param("mgnMode") in ("", one.mgn_mode)
        and call.param("type") in ("", closing_type(one))
        and call.param("posId") in ("", one.pos_id)
    ]
    rows = page(wanted, lambda one: one.u_time_ms, lambda one: one.u_time_ms, call, nearest=())
    return reply([history_row(one) for one in rows])


def closing_type(position: Position) -> str:
    """1 partly closed, 2 closed, 3 liquidated, 4 partly liquidated, 5 partly deleveraged, 6 deleveraged."""
    return _CLOSING_TYPES.get(position.closed_by_category, _USUAL)[_PART if position.pos else _WHOLE]


def history_row(position: Position) -> dict[str, Any]:
    """`pnlRatio` is the realized profit over the margin of the closed part."""
    instrument = position.instrument
    open_px, close_px = (one.avg_px(instrument) for one in (position.opened, position.closed))
    cost = instrument.value(position.closed.sz, open_px) if open_px else ZERO
    margin_of_closed = quotient(position.in_margin_ccy(cost, open_px or Decimal(1)), position.lever)
    forced = closing_type(position) in ("3", "4", "5", "6")
    realized = position.realized_pnl
    return {
        "cTime": str(position.c_time_ms),
        "ccy": position.ccy,
        "closeAvgPx": decimal_text(close_px),
        "closeTotalPos": decimal_text(position.closed.sz),
        "direction": position.direction,
        "fee": decimal_text(position.fee),
        "fundingFee": decimal_text(position.funding_fee),
        "instId": instrument.inst_id,
        "instType": instrument.inst_type,
        "lever": "" if instrument.inst_type == "OPTION" else decimal_text(position.lever),
        "liqPenalty": decimal_text(position.liq_penalty),
        "mgnMode": position.mgn_mode,
        "nonSettleAvgPx": "",
        "openAvgPx": decimal_text(open_px),
        "openMaxPos": decimal_text(position.max_pos),
        "pnl": decimal_text(position.pnl),
        "pnlRatio": decimal_text(quotient(realized, margin_of_closed)) if margin_of_closed else "0",
        "posId": position.pos_id,
        "posSide": position.pos_side,
        "realizedPnl": decimal_text(realized),
        "settledPnl": "",
        "triggerPx": decimal_text(position.trigger_px) if forced else "",
        "type": closing_type(position),
        "uTime": str(position.u_time_ms),
        "uly": instrument.inst_family,
    }


def account_position_risk(call: Call) -> Reply:
    """Equity and positions of one moment."""
    exchange, account = call.exchange, call.account
    if call.param("instType") not in POSITION_TYPES:
        raise Refusal("51000", param="instType")
    balances = []
    for ccy in account.currencies():
        worth = margin.equity(account, ccy)
        discounted = decimal_text(worth * exchange.usd_px(ccy))
        balances.append({"ccy": ccy, "disEq": discounted, "eq": decimal_text(worth)})
    positions = [
        _risk_row(call, one)
        for one in account.positions.values()
        if call.param("instType") in ("", one.instrument.inst_type)
    ]
    row = {
        "adjEq": decimal_text(margin.pooled_equity(account)) if account.is_pooled else "",
        "balData": balances,
        "posData": positions,
        "ts": str(exchange.clock.now_ms()),
    }
    return reply([row])


def _risk_row(call: Call, position: Position) -> dict[str, str]:
    instrument = position.instrument
    market = call.exchange.markets[instrument.inst_id]
    value = instrument.value(abs(position.pos), market.mark_px)
    return {
        "baseBal": "",
        "ccy": position.ccy,
        "instId": instrument.inst_id,
        "instType": instrument.inst_type,
        "mgnMode": position.mgn_mode,
        "notionalCcy": decimal_text(value),
        "notionalUsd": decimal_text(instrument.notional_usd(abs(position.pos), market.mark_px, market.index_px)),
        "pos": signed_pos(position),
        "posCcy": position.pos_ccy,
        "posId": position.pos_id,
        "posSide": position.pos_side,
        "quoteBal": "",
    }


def risk_state(call: Call) -> Reply:
    """Only under portfolio margin. No single risk unit of an account is at risk here."""
    if call.account.acct_lv != "4":
        raise Refusal("51010")
    return reply([{"atRisk": False, "atRiskIdx": [], "atRiskMgn": [], "ts": str(call.exchange.clock.now_ms())}])
