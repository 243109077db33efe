"""Pure. The price of an order: which parameter gives it, tick, band, slippage.

Source: OKX docs, "Place order" and "Amend order" (px, pxUsd, pxVol, pxAmendType, slippagePct), "Error Code".
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import ZERO, decimal_text, parse_decimal, quotient, text_param
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.markets import Market
from gateway.sim.market.option_prices import px_of_volatility
from gateway.sim.market.orders import PRICED_TYPES, Order

MAX_PX_DIGITS = 32
MAX_SLIPPAGE = Decimal("0.05")
VOLATILITY_RANGE = Decimal("0.01"), Decimal(10)  # the simulator's own choice; 0.5 is 50 %
PX_KINDS = ("px", "pxUsd", "pxVol")
PX_AMEND_TYPES = ("", "0", "1")


def set_price(order: Order, market: Market, row: dict[str, Any], now_ms: int) -> None:
    """Give the order its price, or the limit where it stops if it has none. Raises Refusal or TypeError."""
    moves = moves_into_band(row)
    if order.ord_type not in PRICED_TYPES:
        _set_limit_of_unpriced(order, market, row)
        return
    kind, text = _given_price(order, row)
    if kind == "px":
        order.px_type = "px" if order.instrument.inst_type == "OPTION" else ""
        order.px = checked_px(order.instrument, market, order.side, text, "px", moves=moves)
    else:
        order.px_type, order.px_given = kind, text
        order.px = option_px(order.instrument, market, kind, text, now_ms)
    order.limit_px = order.px


def moves_into_band(row: dict[str, Any]) -> bool:
    """pxAmendType 1: a price outside the band becomes the best that is allowed."""
    amend_type = text_param(row, "pxAmendType")
    if amend_type not in PX_AMEND_TYPES:
        raise Refusal("51000", param="pxAmendType")
    return amend_type == "1"


def _given_price(order: Order, row: dict[str, Any]) -> tuple[str, str]:
    """Options take exactly one of three parameters, everything else px."""
    given = {kind: text for kind in PX_KINDS if (text := text_param(row, kind))}
    if order.instrument.inst_type != "OPTION":
        if "pxUsd" in given or "pxVol" in given:
            raise Refusal("51537")
        return "px", given.get("px", "")
    if not given:
        raise Refusal("51175", param="px", other="pxUsd", third="pxVol")
    if len(given) > 1:
        raise Refusal("51176", param="px", other="pxUsd", third="pxVol")
    ((kind, text),) = given.items()
    if kind != "px" and order.ord_type != "limit":
        raise Refusal("51181", param=kind)
    return kind, text


def checked_px(
    instrument: Instrument, market: Market, side: str, px_text: str, param: str, *, moves: bool = False
) -> Decimal:
    """A limit price on the tick and inside the band. Shared by place and amend."""
    if not px_text:
        raise Refusal("50014", param=param)
    px = _number(px_text, param)
    if instrument.inst_type == "OPTION":
        return instrument.rounded_option_px(px)
    if not instrument.on_tick(px):
        raise Refusal("51150")
    highest, lowest = market.max_buy_px(), market.min_sell_px()
    if (side == "buy" and px > highest) or (side == "sell" and px < lowest):
        if moves:
            return highest if side == "buy" else lowest
        raise Refusal("51006", buy=decimal_text(highest), sell=decimal_text(lowest))
    return px


def option_px(instrument: Instrument, market: Market, kind: str, text: str, now_ms: int) -> Decimal:
    """The price in coin of an option order that was priced in USD or by its volatility."""
    given = _number(text, kind)
    if kind == "pxUsd":
        return instrument.rounded_option_px(quotient(given, market.index_px))
    low, high = VOLATILITY_RANGE
    if not low <= given <= high:
        raise Refusal("51180", param=kind, low=low, high=high)
    px = instrument.rounded_option_px(px_of_volatility(instrument, given, market.index_px, now_ms))
    return max(px, instrument.tick_sz)


def _number(text: str, param: str) -> Decimal:
    if len(text) > MAX_PX_DIGITS:
        raise Refusal("51514")
    px = parse_decimal(text)
    if px is None or px <= 0:
        raise Refusal("51000", param=param)
    return px


def _set_limit_of_unpriced(order: Order, market: Market, row: dict[str, Any]) -> None:
    instrument = order.instrument
    if instrument.inst_type == "OPTION":
        raise Refusal("51066")
    if order.ord_type == "optimal_limit_ioc" and instrument.inst_type not in ("FUTURES", "SWAP"):
        raise Refusal("51000", param="ordType")
    order.limit_px = market.market_limit_px(order.side)
    slippage = _slippage(order, row)
    if slippage is not None:
        best = market.book.other_side(order.side).best_px
        start = market.last_px if best is None else best
        limit = start * (1 + slippage if order.side == "buy" else 1 - slippage)
        order.limit_px = limit - limit % instrument.tick_sz
        if order.side == "sell" and order.limit_px < limit:
            order.limit_px += instrument.tick_sz


def _slippage(order: Order, row: dict[str, Any]) -> Decimal | None:
    """Only for spot market orders that are counted in the currency that they receive."""
    text = text_param(row, "slippagePct")
    received = (order.side, order.tgt_ccy) in (("buy", "base_ccy"), ("sell", "quote_ccy"))
    if not text or not order.instrument.is_spot or order.ord_type != "market" or not received:
        return None
    value = parse_decimal(text)
    if value is None or not ZERO <= value <= MAX_SLIPPAGE:
        raise Refusal("54084")
    if value * 10_000 % 1:
        raise Refusal("54085")
    return value
