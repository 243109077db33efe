"""Pure. Turns one row of a place request into an order, or refuses it with OKX's code.

Source: OKX docs, "Place order" (parameters, account modes) and "Error Code". Which of several errors OKX reports
first is not documented; the order here is: parameters, instrument, account mode, price and size, ids, position.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from gateway.sim.accounts import Account, position_key
from gateway.sim.codes import Refusal
from gateway.sim.formats import flag_param, is_client_id, is_tag, parse_decimal, quotient, text_param
from gateway.sim.instruments import Instrument
from gateway.sim.markets import Market
from gateway.sim.orders import PRICED_TYPES, Order

SIDES = frozenset(("buy", "sell"))
STP_MODES = frozenset(("cancel_maker", "cancel_taker", "cancel_both"))
# Types that one book can take. Algo types (conditional, oco, trigger, ...) belong to another endpoint, and the MMP
# and RPI types need permissions that no simulated account has (OKX docs, "Place order").
ORD_TYPES = PRICED_TYPES - {"mmp", "mmp_and_post_only"} | {"market", "optimal_limit_ioc"}
MAX_PX_DIGITS = 32
MAX_ORDER_USD = Decimal(20_000_000)  # maxLmtAmt of every listed instrument
MAX_MARKET_USD = Decimal(1_000_000)  # maxMktAmt of spot instruments
LIVE_ORDERS_LIMIT = 4_000  # per account (OKX docs, "Overview", order limits)
LIVE_ORDERS_PER_INSTRUMENT = 500


def parse_place(
    row: dict[str, Any], instrument: Instrument, market: Market, account: Account, *, ord_id: str, now_ms: int
) -> Order:
    """The order that `row` asks for, checked in all but the balance."""
    try:
        instrument = account.product(instrument, text_param(row, "tdMode"))
        order = _parameters(row, instrument, ord_id, account, now_ms)
        order.reduce_only = flag_param(row, "reduceOnly")
        px_text, sz_text = text_param(row, "px"), text_param(row, "sz")
    except TypeError as wrong:
        raise Refusal("51000", param=wrong) from None
    _check_state(instrument, order)
    check_td_mode(account, instrument, order)
    order.pos_side = checked_pos_side(account, instrument, order.pos_side)
    _set_price(order, market, px_text)
    _set_size(order, market, sz_text)
    check_size(order, order.sz, order.limit_px, market)
    _check_live_orders(account, order)
    if order.reduce_only or closes_by_nature(order):
        check_reduction(account, order, order.sz)
    return order


def _parameters(row: dict[str, Any], instrument: Instrument, ord_id: str, account: Account, now_ms: int) -> Order:
    for name in ("tdMode", "side", "ordType", "sz"):
        if not text_param(row, name):
            raise Refusal("50014", param=name)
    text: Callable[[str], str] = lambda name: text_param(row, name)  # noqa: E731
    order = Order(
        ord_id, account, instrument, text("side"), text("ordType"), text("tdMode"), Decimal(0), None, now_ms,
        pos_side=text("posSide"), cl_ord_id=text("clOrdId"), tag=text("tag"), ccy=text("ccy"),
        tgt_ccy=text("tgtCcy"), stp_mode=text("stpMode") or account.spec.acct_stp_mode, u_time_ms=now_ms,
        trade_quote_ccy=text("tradeQuoteCcy"),
    )  # fmt: skip
    if order.cl_ord_id and not is_client_id(order.cl_ord_id):
        raise Refusal("51000", param="clOrdId")
    if order.tag and not is_tag(order.tag):
        raise Refusal("51000", param="tag")
    if order.side not in SIDES:
        raise Refusal("51000", param="side")
    if order.ord_type not in ORD_TYPES:
        raise Refusal("51000", param="ordType")
    if order.stp_mode not in STP_MODES:
        raise Refusal("51000", param="stpMode")
    if order.stp_mode == "cancel_both" and order.ord_type == "fok":
        raise Refusal("54036")
    _check_quote_parameters(order, instrument)
    return order


def _check_quote_parameters(order: Order, instrument: Instrument) -> None:
    if order.tgt_ccy not in ("", "base_ccy", "quote_ccy"):
        raise Refusal("51000", param="tgtCcy")
    if instrument.inst_type == "MARGIN":
        order.tgt_ccy = ("quote_ccy" if order.side == "buy" else "base_ccy") if order.ord_type == "market" else ""
        order.trade_quote_ccy, order.ccy = "", order.ccy or instrument.quote_ccy
        if order.ccy not in (instrument.base_ccy, instrument.quote_ccy):
            raise Refusal("51000", param="ccy")
    elif instrument.is_spot:
        order.trade_quote_ccy = order.trade_quote_ccy or instrument.quote_ccy
        if order.trade_quote_ccy != instrument.quote_ccy:
            raise Refusal("51000", param="tradeQuoteCcy")
        if order.ord_type == "market":
            order.tgt_ccy = order.tgt_ccy or ("quote_ccy" if order.side == "buy" else "base_ccy")
        else:
            order.tgt_ccy = ""
    else:
        order.tgt_ccy = order.trade_quote_ccy = ""
        order.ccy = instrument.settle_ccy


def _check_state(instrument: Instrument, order: Order) -> None:
    """An instrument in state post_only accepts only such orders (OKX docs, "Get instruments")."""
    if instrument.state == "expired":
        raise Refusal("51027")
    if instrument.state == "preopen":
        raise Refusal("51021", inst_type=instrument.inst_type)
    if instrument.state not in ("live", "post_only") or (
        instrument.state == "post_only" and order.ord_type != "post_only"
    ):
        raise Refusal("51022")


def check_td_mode(account: Account, instrument: Instrument, order: Order) -> None:
    """OKX docs, "Place order": trade mode by account mode."""
    allowed: tuple[str, ...]
    if instrument.is_spot:
        allowed = ("cash",) if account.acct_lv in ("1", "2") else ("cross",)
    elif account.acct_lv == "1":
        if instrument.inst_type != "OPTION" or order.side != "buy":
            raise Refusal("51010")
        allowed = ("cash",)
    else:
        allowed = ("cross", "isolated")
    if order.td_mode in allowed:
        return
    known = order.td_mode in ("cash", "cross", "isolated")
    raise Refusal("51010") if known else Refusal("51000", param="tdMode")


def checked_pos_side(account: Account, instrument: Instrument, pos_side: str) -> str:
    """The position that an order belongs to: none for spot, net or one of two for contracts."""
    if instrument.is_pair:
        if pos_side not in ("", "net"):
            raise Refusal("51000", param="posSide")
        return "" if instrument.is_spot else "net"
    hedged = account.pos_mode == "long_short_mode" and instrument.inst_type in ("SWAP", "FUTURES")
    if pos_side not in (("long", "short") if hedged else ("", "net")):
        raise Refusal("51000", param="posSide")
    return pos_side or "net"


def _set_price(order: Order, market: Market, px_text: str) -> None:
    if order.ord_type not in PRICED_TYPES:
        if order.instrument.inst_type == "OPTION":
            raise Refusal("51066")
        if order.ord_type == "optimal_limit_ioc" and order.instrument.inst_type not in ("FUTURES", "SWAP"):
            raise Refusal("51000", param="ordType")
        order.limit_px = market.market_limit_px(order.side)
        return
    order.px = order.limit_px = checked_px(order.instrument, market, order.side, px_text, "px")


def checked_px(instrument: Instrument, market: Market, side: str, px_text: str, param: str) -> Decimal:
    """A limit price on the tick and inside the band. Shared by place and amend."""
    if not px_text:
        raise Refusal("50014", param=param)
    if len(px_text) > MAX_PX_DIGITS:
        raise Refusal("51514")
    px = parse_decimal(px_text)
    if px is None or px <= 0:
        raise Refusal("51000", param=param)
    if instrument.inst_type == "OPTION":
        return instrument.rounded_option_px(px)
    if not instrument.on_tick(px):
        raise Refusal("51150")
    if (side == "buy" and px > market.max_buy_px()) or (side == "sell" and px < market.min_sell_px()):
        raise Refusal("51006", buy=market.max_buy_px(), sell=market.min_sell_px())
    return px


def _set_size(order: Order, market: Market, sz_text: str) -> None:
    sz = parse_decimal(sz_text)
    if sz is None or sz <= 0:
        raise Refusal("51000", param="sz")
    order.sz = sz
    if order.instrument.is_pair and order.ord_type == "market" and order.tgt_ccy == "quote_ccy":
        if order.side == "buy":
            order.quote_left = sz
        else:
            order.sz = _base_for_quote(order, market, sz)


def _base_for_quote(order: Order, market: Market, quote_sz: Decimal) -> Decimal:
    """A market sell counted in quote currency becomes the lots that fetch it at the best price."""
    best = market.book.bids.best_px
    base = quotient(quote_sz, market.last_px if best is None else best)
    return base - base % order.instrument.lot_sz


def check_size(order: Order, sz: Decimal, px: Decimal, market: Market) -> None:
    """Lot, minimum, maxima (OKX docs, "Error Code": 51121, 51020, 51202, 51101, 51005)."""
    instrument = order.instrument
    market_type = order.ord_type not in PRICED_TYPES
    if order.quote_left is not None:
        if sz < instrument.min_sz * market.last_px:
            raise Refusal("51020")
        if sz > MAX_MARKET_USD:
            raise Refusal("51202")
        return
    if sz % instrument.lot_sz != 0:
        raise Refusal("51121")
    if sz < instrument.min_sz:
        raise Refusal("51020")
    usd = instrument.notional_usd(sz, px, market.index_px)
    if market_type and (usd > MAX_MARKET_USD if instrument.is_pair else sz > instrument.max_mkt_sz):
        raise Refusal("51202")
    if sz > instrument.max_lmt_sz:
        raise Refusal("51005" if instrument.is_pair else "51101")
    if usd > MAX_ORDER_USD:
        raise Refusal("51005")


def _check_live_orders(account: Account, order: Order) -> None:
    if order.cl_ord_id and order.cl_ord_id in account.live_by_cl_ord_id:
        raise Refusal("51016")
    if account.unlimited:
        return
    if len(account.live) >= LIVE_ORDERS_LIMIT:
        raise Refusal("51025", limit=LIVE_ORDERS_LIMIT)
    inst_id = order.instrument.inst_id
    if account.live_count[inst_id] >= LIVE_ORDERS_PER_INSTRUMENT:
        raise Refusal("51174", inst_id=inst_id, limit=LIVE_ORDERS_PER_INSTRUMENT)


def closes_by_nature(order: Order) -> bool:
    """In long/short mode selling a long or buying a short only closes (OKX docs, "Place order", reduceOnly)."""
    return (order.pos_side, order.side) in (("long", "sell"), ("short", "buy"))


def check_reduction(account: Account, order: Order, sz: Decimal) -> None:
    """A closing order must find a position of the other direction that is at least as large; in long/short mode,
    where closing orders block what they close, as large as what is still available."""
    if order.instrument.is_spot:
        order.reduce_only = False
        return
    key = position_key(order)
    position = account.positions.get(key)
    pos = position.pos if position is not None else Decimal(0)
    if pos == 0:
        raise Refusal("51023" if order.pos_side in ("long", "short") else "51169")
    if (pos > 0) == (order.side == "buy"):
        raise Refusal("51170")
    blocked = account.closing_promised[key] - order.closing_sz if closes_by_nature(order) else Decimal(0)
    if order.quote_left is None and sz > abs(pos) - blocked:
        raise Refusal("51112")
