"""Pure. Turns one row of a place request into an order, or refuses it with OKX's code.

Source: OKX docs, "Place order" (parameters, account modes) and "Error Code". Which of several errors OKX reports
first is not documented; the order here is: parameters, instrument, account mode, price and size, ids, position.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.positions import position_key
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import flag_param, is_client_id, is_tag, text_param
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.markets import Market
from gateway.sim.market.orders import MMP_TYPES, NO_ORIGIN, POST_ONLY_TYPES, PRICED_TYPES, Order, Origin
from gateway.sim.trading.attached_validation import parse_attached
from gateway.sim.trading.price_checks import set_price
from gateway.sim.trading.size_checks import check_size, set_size, shrink_to_balance

SIDES = frozenset(("buy", "sell"))
STP_MODES = frozenset(("cancel_maker", "cancel_taker", "cancel_both"))
# Algo types (conditional, oco, trigger, ...) belong to another endpoint, op_fok only comes back in queries.
ORD_TYPES = PRICED_TYPES | {"market", "optimal_limit_ioc", "rpi"}
FLAGS = frozenset(("isElpTakerAccess", "rpiTakerAccess", "rpiPxRound"))  # no effect: there are no RPI orders to take
OLD_TPSL = frozenset(("tpTriggerPx", "tpOrdPx", "slTriggerPx", "slOrdPx"))
LIVE_ORDERS_LIMIT = 4_000  # per account (OKX docs, "Overview", order limits)
LIVE_ORDERS_PER_INSTRUMENT = 500


def parse_place(
    row: dict[str, Any],
    instrument: Instrument,
    market: Market,
    account: Account,
    *,
    ord_id: str,
    now_ms: int,
    origin: Origin = NO_ORIGIN,
) -> Order:
    """The order that `row` asks for, checked in all but the balance."""
    try:
        instrument = account.product(instrument, text_param(row, "tdMode"))
        order = _parameters(row, instrument, ord_id, account, now_ms)
        order.origin = origin
        check_state(instrument, order.ord_type)
        check_td_mode(account, instrument, order.td_mode, order.side)
        _check_ord_type(account, order)
        order.pos_side = checked_pos_side(account, instrument, order.pos_side)
        set_price(order, market, row, now_ms)
        set_size(order, market, text_param(row, "sz"))
        if not flag_param(row, "banAmend"):
            shrink_to_balance(order, account)
        check_size(order, order.sz, order.limit_px, market, any_size=origin.any_size)
        order.attached = parse_attached(row, order, market, account)
    except TypeError as wrong:
        raise Refusal("51000", param=wrong) from None
    _check_live_orders(account, order)
    if order.reduce_only or closes_by_nature(order):
        check_reduction(account, order, order.sz)
    return order


def _parameters(row: dict[str, Any], instrument: Instrument, ord_id: str, account: Account, now_ms: int) -> Order:
    for name in ("tdMode", "side", "ordType", "sz"):
        if not text_param(row, name):
            raise Refusal("50014", param=name)
    if not OLD_TPSL.isdisjoint(row) and any(text_param(row, name) for name in OLD_TPSL):
        raise Refusal("54070")
    if not FLAGS.isdisjoint(row):
        for name in FLAGS:
            flag_param(row, name)
    text: Callable[[str], str] = lambda name: text_param(row, name)  # noqa: E731
    order = Order(
        ord_id, account, instrument, text("side"), text("ordType"), text("tdMode"), Decimal(0), None, now_ms,
        pos_side=text("posSide"), cl_ord_id=text("clOrdId"), tag=text("tag"), ccy=text("ccy"),
        tgt_ccy=text("tgtCcy"), stp_mode=text("stpMode") or account.spec.acct_stp_mode, u_time_ms=now_ms,
        trade_quote_ccy=text("tradeQuoteCcy"), reduce_only=flag_param(row, "reduceOnly"),
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


def _check_ord_type(account: Account, order: Order) -> None:
    """MMP orders are for options market makers under portfolio margin (OKX docs, "Place order", ordType); no
    account here has the permission that RPI makers need."""
    if order.ord_type == "rpi":
        raise Refusal("54042", inst_id=order.instrument.inst_id)
    if order.ord_type not in MMP_TYPES:
        return
    if order.instrument.inst_type != "OPTION" or account.acct_lv != "4":
        raise Refusal("51036")
    if not account.mm_permission:
        raise Refusal("51035")
    if order.td_mode != "cross":
        raise Refusal("51042")


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


def check_state(instrument: Instrument, ord_type: str) -> None:
    """An instrument in state post_only accepts only such orders (OKX docs, "Get instruments")."""
    if instrument.state == "expired":
        raise Refusal("51027")
    if instrument.state == "preopen":
        raise Refusal("51021", inst_type=instrument.inst_type)
    if instrument.state not in ("live", "post_only") or (
        instrument.state == "post_only" and ord_type not in POST_ONLY_TYPES
    ):
        raise Refusal("51022")


def check_td_mode(account: Account, instrument: Instrument, td_mode: str, side: str) -> None:
    """OKX docs, "Place order": trade mode by account mode."""
    allowed: tuple[str, ...]
    if instrument.is_spot:
        allowed = ("cash",) if account.acct_lv in ("1", "2") else ("cross",)
    elif account.acct_lv == "1":
        if instrument.inst_type != "OPTION" or side != "buy":
            raise Refusal("51010")
        allowed = ("cash",)
    else:
        allowed = ("cross", "isolated")
    if td_mode in allowed:
        return
    if td_mode == "spot_isolated":  # for spot lead traders; no account here is one
        raise Refusal("51074")
    known = td_mode in ("cash", "cross", "isolated")
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


def _check_live_orders(account: Account, order: Order) -> None:
    if order.cl_ord_id and order.cl_ord_id in account.live_by_cl_ord_id:
        raise Refusal("51016")
    if account.unlimited:
        return
    if len(account.live) >= LIVE_ORDERS_LIMIT:
        raise Refusal("51025")
    inst_id = order.instrument.inst_id
    if account.live_count[inst_id] >= LIVE_ORDERS_PER_INSTRUMENT:
        raise Refusal("51174", inst_id=inst_id, limit=LIVE_ORDERS_PER_INSTRUMENT)


def closes_by_nature(order: Order) -> bool:
    """In long/short mode selling a long or buying a short only closes (OKX docs, "Place order", reduceOnly)."""
    return (order.pos_side, order.side) in (("long", "sell"), ("short", "buy"))


def check_reduction(account: Account, order: Order, sz: Decimal) -> None:
    """A closing order must find a position of the other direction that is at least as large; in long/short mode,
    where closing orders block the size that they close, as large as the size that is still available."""
    if order.instrument.is_spot:
        if account.acct_lv in _SPOT_REDUCE_ONLY:
            raise Refusal(_SPOT_REDUCE_ONLY[account.acct_lv])
        order.reduce_only = False
        return
    key = position_key(order)
    position = account.positions.get(key)
    pos = position.pos if position is not None else Decimal(0)
    if pos == 0:
        raise Refusal("51169")
    if (pos > 0) == (order.side == "buy"):
        raise Refusal("51170")
    blocked = account.closing_promised[key] - order.closing_sz if closes_by_nature(order) else Decimal(0)
    if order.quote_left is None and sz > abs(pos) - blocked:
        raise Refusal("51112")


# Where a spot order cannot be reduce-only (OKX docs, "Error Code"); elsewhere the flag means nothing for spot.
_SPOT_REDUCE_ONLY = {"1": "51139", "3": "51133"}
