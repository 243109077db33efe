"""REST endpoints that need no key.

Source: OKX docs, "Get system time", "Get instruments", "Get limit price", "Get mark price", "Get ticker",
"Get tickers", "Get order book", "Get trades", "Status".
"""

from __future__ import annotations

from gateway.sim.codes import Refusal
from gateway.sim.formats import decimal_text
from gateway.sim.instruments import INST_TYPES, Instrument
from gateway.sim.market_data import STATUS_STATES
from gateway.sim.markets import Market
from gateway.sim.rest_calls import Call, Reply, reply

BOOK_LEVELS_LIMIT = 400


def time(call: Call) -> Reply:
    return reply([{"ts": str(call.exchange.clock.now_ms())}])


def instruments(call: Call) -> Reply:
    """Public and account list are the same here: every account may trade everything that is listed."""
    inst_type = call.required("instType")
    if inst_type not in INST_TYPES:
        raise Refusal("51000", param="instType")
    inst_id = call.param("instId")
    if inst_id and inst_id not in call.exchange.instruments.by_inst_id:
        raise Refusal("51001")
    family = call.param("instFamily") or call.param("uly")
    return reply([one.row() for one in call.exchange.instruments.select(inst_type, family, inst_id)])


def underlying(call: Call) -> Reply:
    inst_type = call.required("instType")
    return reply([sorted({one.inst_family for one in call.exchange.instruments.select(inst_type)})])


def price_limit(call: Call) -> Reply:
    return reply([_market(call).price_limit_row(call.exchange.clock.now_ms())])


def mark_price(call: Call) -> Reply:
    inst_type = call.required("instType")
    now_ms = str(call.exchange.clock.now_ms())
    return reply(
        [
            {
                "instType": inst_type,
                "instId": one.inst_id,
                "markPx": decimal_text(call.exchange.mark_px(one)),
                "ts": now_ms,
            }
            for one in _selected(call, inst_type)
        ]
    )


def ticker(call: Call) -> Reply:
    return reply([_market(call).ticker_row(call.exchange.clock.now_ms())])


def tickers(call: Call) -> Reply:
    exchange = call.exchange
    now_ms = exchange.clock.now_ms()
    chosen = _selected(call, call.required("instType"))
    return reply([exchange.markets[one.inst_id].ticker_row(now_ms) for one in chosen])


def books(call: Call) -> Reply:
    text = call.param("sz") or "1"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= BOOK_LEVELS_LIMIT:
        raise Refusal("51000", param="sz")
    return reply([_market(call).book_row(int(text), call.exchange.clock.now_ms())])


def trades(call: Call) -> Reply:
    market = _market(call)
    text = call.param("limit") or "100"
    if not text.isascii() or not text.isdigit():
        raise Refusal("51000", param="limit")
    newest_first = list(reversed(market.trades))[: min(int(text), 500)]
    return reply([market.trade_row(one) for one in newest_first])


def status(call: Call) -> Reply:
    """Without `state` only what is to come or going on."""
    asked = call.param("state")
    if asked and asked not in STATUS_STATES:
        raise Refusal("51000", param="state")
    wanted = (asked,) if asked else ("scheduled", "ongoing", "pre_open")
    return reply([one for one in call.exchange.market_data.statuses if one["state"] in wanted])


def _market(call: Call) -> Market:
    market = call.exchange.markets.get(call.required("instId"))
    if market is None:
        raise Refusal("51001")
    return market


def _selected(call: Call, inst_type: str) -> list[Instrument]:
    if inst_type not in INST_TYPES:
        raise Refusal("51000", param="instType")
    return call.exchange.instruments.select(inst_type, call.param("instFamily"), call.param("instId"))
