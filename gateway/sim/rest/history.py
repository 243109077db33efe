"""Public REST endpoints on the past: funding, deliveries, liquidations, candlesticks of mark price and index.

Source: OKX docs, "Get funding rate history", "Get delivery/exercise history", "Get liquidation orders", "Get mark price
candlesticks", "Get index candlesticks" and their histories.
"""

from __future__ import annotations

from typing import Any

from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import decimal_text
from gateway.sim.channels.channels import indices
from gateway.sim.exchange.delivery import EXPIRING
from gateway.sim.market.candles import BARS
from gateway.sim.market.public_history import Liquidated
from gateway.sim.rest.calls import Call, Reply, page, reply
from gateway.sim.rows.market import liquidation_row

FUNDING_ROWS_LIMIT = 400
LIQUIDATED_TYPES = ("MARGIN", "SWAP", "FUTURES", "OPTION")


def funding_rates(call: Call) -> Reply:
    """Funding paid since the start of the exchange, newest first; pages go by fundingTime."""
    market = call.exchange.markets.get(call.required("instId"))
    if market is None or market.instrument.inst_type != "SWAP":
        raise Refusal("51001")
    inst_id = market.instrument.inst_id
    paid = list(reversed(call.exchange.history.fundings[inst_id]))
    rows = page(paid, lambda one: one.time_ms, lambda one: one.time_ms, call, FUNDING_ROWS_LIMIT)
    return reply(
        [
            {
                "formulaType": "noRate",
                "fundingRate": decimal_text(one.rate),
                "fundingTime": str(one.time_ms),
                "instId": inst_id,
                "instType": "SWAP",
                "method": "current_period",
                "realizedRate": decimal_text(one.rate),
            }
            for one in rows
        ]
    )


def deliveries(call: Call) -> Reply:
    inst_type, family = call.required("instType"), call.param("instFamily") or call.param("uly")
    if inst_type not in EXPIRING:
        raise Refusal("51000", param="instType")
    if not family:
        raise Refusal("50014", param="instFamily")
    done = [
        one
        for one in reversed(call.exchange.history.deliveries)
        if (one.instrument.inst_type, one.instrument.inst_family) == (inst_type, family)
    ]
    rows = page(done, lambda one: one.time_ms, lambda one: one.time_ms, call)
    by_time: dict[int, list[dict[str, str]]] = {}
    for one in rows:
        detail = {"insId": one.instrument.inst_id, "px": decimal_text(one.px), "type": one.kind}
        by_time.setdefault(one.time_ms, []).append(detail)
    return reply([{"details": details, "ts": str(time_ms)} for time_ms, details in by_time.items()])


def liquidations(call: Call) -> Reply:
    """One row per instrument with all liquidations there; each is filled completely."""
    inst_type, state = call.required("instType"), call.param("state")
    if inst_type not in LIQUIDATED_TYPES:
        raise Refusal("51000", param="instType")
    if state not in ("", "filled", "unfilled"):
        raise Refusal("51000", param="state")
    family = call.param("instFamily") or call.param("uly")
    taken = [
        one
        for one in reversed(call.exchange.history.liquidations)
        if one.instrument.inst_type == inst_type
        and family in ("", one.instrument.inst_family)
        and call.param("instId") in ("", one.instrument.inst_id)
        and state != "unfilled"
    ]
    rows = page(taken, lambda one: one.time_ms, lambda one: one.time_ms, call)
    by_inst: dict[str, list[Liquidated]] = {}
    for one in rows:
        by_inst.setdefault(one.instrument.inst_id, []).append(one)
    return reply([liquidation_row(group) | {"totalLoss": "0"} for group in by_inst.values()])


def mark_candles(call: Call) -> Reply:
    inst_id = call.required("instId")
    if inst_id not in call.exchange.markets:
        raise Refusal("51001")
    return _candles(call, call.exchange.history.mark_candles(inst_id, _bar(call), call.exchange.clock.now_ms()))


def index_candles(call: Call) -> Reply:
    name = call.required("instId")
    if name not in indices(call.exchange.instruments):
        raise Refusal("51001")
    return _candles(call, call.exchange.history.index_candles(name, _bar(call), call.exchange.clock.now_ms()))


def _candles(call: Call, oldest_first: list[list[str]]) -> Reply:
    """A lone `before` gives the newest (OKX docs, "Get index candlesticks")."""
    rows: list[Any] = oldest_first[::-1]
    return reply(page(rows, lambda row: int(row[0]), lambda row: int(row[0]), call, nearest=()))


def _bar(call: Call) -> str:
    bar = call.param("bar") or "1m"
    if bar not in BARS:
        raise Refusal("51000", param="bar")
    return bar
