"""REST endpoints that need no key.

Source: OKX docs, "Get system time", "Get instruments", "Get limit price", "Get mark price", "Get ticker",
"Get tickers", "Get order book", "Get full order book", "Get trades",
"Get trades history", "Get funding rate", "Get open interest", "Get option market data",
"Get index tickers", "Get candlesticks", "Status".
"""

from __future__ import annotations

from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import parse_integer
from gateway.sim.channels.channels import ANY, indices
from gateway.sim.channels.market_data import STATUS_STATES
from gateway.sim.market.candles import BARS
from gateway.sim.market.instruments import INST_TYPES, Instrument
from gateway.sim.market.markets import Market, Trade
from gateway.sim.rest.calls import Call, Reply, page, reply
from gateway.sim.rows.market import index_ticker_row, mark_price_row

BOOK_LEVELS_LIMIT = 400
FULL_BOOK_LEVELS_LIMIT = 5000
CANDLES_LIMIT = 300


def time(call: Call) -> Reply:
    return reply([{"ts": str(call.exchange.clock.now_ms())}])


def instruments(call: Call) -> Reply:
    """Public and account list are the same here: every account can trade every listed instrument."""
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
    """instType is documented as required, but clients leave it out or send ANY beside an instId, and are answered."""
    exchange, inst_type = call.exchange, call.param("instType")
    chosen = [_market(call).instrument] if inst_type in ("", ANY) else _selected(call, inst_type)
    now_ms = exchange.clock.now_ms()
    return reply([mark_price_row(exchange.markets[one.inst_id], now_ms) for one in chosen])


def ticker(call: Call) -> Reply:
    return reply([_market(call).ticker_row(call.exchange.clock.now_ms())])


def tickers(call: Call) -> Reply:
    exchange = call.exchange
    now_ms = exchange.clock.now_ms()
    chosen = _selected(call, call.required("instType"))
    return reply([exchange.markets[one.inst_id].ticker_row(now_ms) for one in chosen])


def books(call: Call) -> Reply:
    return reply([_market(call).book_row(_levels(call, BOOK_LEVELS_LIMIT), call.exchange.clock.now_ms())])


def books_full(call: Call) -> Reply:
    """Levels are [price, size, orders] here, and there is no seqId."""
    row = _market(call).book_row(_levels(call, FULL_BOOK_LEVELS_LIMIT), call.exchange.clock.now_ms())
    asks, bids = ([[px, sz, orders] for px, sz, _, orders in row[side]] for side in ("asks", "bids"))
    return reply([{"asks": asks, "bids": bids, "ts": row["ts"]}])


def _levels(call: Call, most: int) -> int:
    levels = parse_integer(call.param("sz") or "1")
    if levels is None or not 1 <= levels <= most:
        raise Refusal("51000", param="sz")
    return levels


def trades(call: Call) -> Reply:
    market = _market(call)
    limit = parse_integer(call.param("limit") or "100")
    if limit is None:
        raise Refusal("51000", param="limit")
    newest_first = list(reversed(market.trades))[: min(limit, 500)]
    return reply([market.trade_row(one) for one in newest_first])


def history_trades(call: Call) -> Reply:
    """In pages by tradeId, with type 2 by time."""
    market, kind = _market(call), call.param("type") or "1"
    if kind not in ("1", "2"):
        raise Refusal("51000", param="type")
    key = _trade_id if kind == "1" else _trade_time
    return reply([market.trade_row(one) for one in page(list(reversed(market.trades)), key, _trade_time, call)])


def _trade_id(one: Trade) -> int:
    return int(one.trade_id)


def _trade_time(one: Trade) -> int:
    return one.time_ms


def funding_rate(call: Call) -> Reply:
    """Of one perpetual, or of all with instId ANY."""
    exchange, wanted = call.exchange, call.required("instId")
    chosen = [one for one in exchange.markets.values() if one.instrument.inst_type == "SWAP"]
    if wanted != "ANY":
        chosen = [one for one in chosen if one.instrument.inst_id == wanted]
        if not chosen:
            raise Refusal("51001")
    return reply([exchange.market_data.funding_rate(one, exchange.clock.now_ms()) for one in chosen])


def open_interest(call: Call) -> Reply:
    inst_type = call.required("instType")
    if inst_type not in ("SWAP", "FUTURES", "OPTION"):
        raise Refusal("51000", param="instType")
    exchange = call.exchange
    now_ms = exchange.clock.now_ms()
    markets = [exchange.markets[one.inst_id] for one in _selected(call, inst_type)]
    return reply([exchange.market_data.open_interest(one, now_ms) for one in markets])


def opt_summary(call: Call) -> Reply:
    family = call.param("instFamily") or call.param("uly")
    if not family:
        raise Refusal("50014", param="instFamily")
    return reply(call.exchange.market_data.option_summary(family, call.exchange.clock.now_ms()))


def index_tickers(call: Call) -> Reply:
    """One index by instId, or all in a quoteCcy."""
    exchange = call.exchange
    name, quote = call.param("instId"), call.param("quoteCcy")
    if not name and not quote:
        raise Refusal("50015", param="quoteCcy", other="instId")
    known = sorted(indices(exchange.instruments))
    chosen = [one for one in known if name in ("", one) and (not quote or one.endswith(f"-{quote}"))]
    if not chosen:
        raise Refusal("51001")
    now_ms = exchange.clock.now_ms()
    return reply([index_ticker_row(one, exchange.market_data.index_px(one), now_ms) for one in chosen])


def candles(call: Call) -> Reply:
    """Newest first; `after` asks for older, `before` for newer openings, both exclusive."""
    market = _market(call)
    bar = call.param("bar") or "1m"
    if bar not in BARS:
        raise Refusal("51000", param="bar")
    now_ms = call.exchange.clock.now_ms()
    rows = call.exchange.market_data.candles(market.instrument.inst_id, bar, now_ms)[::-1]
    return reply(page(rows, lambda row: int(row[0]), lambda row: int(row[0]), call, CANDLES_LIMIT))


def status(call: Call) -> Reply:
    """Without `state`, only scheduled and ongoing maintenance."""
    asked = call.param("state")
    if asked and asked not in STATUS_STATES:
        raise Refusal("51000", param="state")
    wanted = (asked,) if asked else ("scheduled", "ongoing", "pre_open")
    return reply([one for one in call.exchange.market_data.statuses if one["state"] in wanted])


def spreads(call: Call) -> Reply:
    """No spreads are traded here; clients ask for the list when they start (OKX docs, "Get Spreads (Public)")."""
    return reply([])


def _market(call: Call) -> Market:
    market = call.exchange.markets.get(call.required("instId"))
    if market is None:
        raise Refusal("51001")
    return market


def _selected(call: Call, inst_type: str) -> list[Instrument]:
    if inst_type not in INST_TYPES:
        raise Refusal("51000", param="instType")
    return call.exchange.instruments.select(inst_type, call.param("instFamily"), call.param("instId"))
