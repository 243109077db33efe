"""Pure. Amending a live order.

Source: OKX docs, "Amend order" (cxlOnFail, reqId, newSz) and "Order channel" (amendResult, amendSource). OKX does
not document what an amend does to the place in the queue; here a smaller size at the same price keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateway.sim.codes import Refusal, text_of
from gateway.sim.engine import Engine
from gateway.sim.formats import flag_param, is_client_id, parse_decimal, text_param
from gateway.sim.orders import CANCELED, CANCELED_BY_SYSTEM, FILLED, Change, Order
from gateway.sim.validation import check_reduction, check_size, checked_px, closes_by_nature

AMENDED_BY_USER = "1"
AMEND_OK = "0"
AMEND_FAILED = "-1"
AMEND_FAILED_AND_CANCELED = "1"


@dataclass(frozen=True, slots=True)
class AmendRequest:
    """The part of an amend row that is not the order's identity."""

    req_id: str
    cxl_on_fail: bool
    new_sz: str
    new_px: str


def parse_amend(row: dict[str, Any]) -> AmendRequest:
    try:
        request = AmendRequest(
            text_param(row, "reqId"), flag_param(row, "cxlOnFail"), text_param(row, "newSz"), text_param(row, "newPx")
        )
    except TypeError as wrong:
        raise Refusal("51000", param=wrong) from None
    if request.req_id and not is_client_id(request.req_id):
        raise Refusal("51000", param="reqId")
    if not request.new_sz and not request.new_px:
        raise Refusal("51500")
    return request


def amend(engine: Engine, order: Order, request: AmendRequest) -> None:
    """Amend a live order. A refusal leaves it as it was, or cancelled if the request says so."""
    try:
        sz, px = _checked(engine, order, request)
        crossing = order.ord_type == "post_only" and _crosses(engine, order, px)
        if not crossing:
            _apply(engine, order, request, sz, px)
    except Refusal:
        # Refused in the ack and cxlOnFail: the push has an empty amendResult (OKX docs, "Order channel").
        if request.cxl_on_fail:
            engine.finish(order, CANCELED, CANCELED_BY_SYSTEM)
        raise
    if crossing:
        _fail_after_ack(engine, order, request, "51511")


def _fail_after_ack(engine: Engine, order: Order, request: AmendRequest, code: str) -> None:
    """Accepted, then found impossible: only the channel tells."""
    result = AMEND_FAILED_AND_CANCELED if request.cxl_on_fail else AMEND_FAILED
    change = Change(
        amend_source=AMENDED_BY_USER, req_id=request.req_id, amend_result=result, code=code, msg=text_of(code)
    )
    if request.cxl_on_fail:
        engine.finish(order, CANCELED, CANCELED_BY_SYSTEM, change)
    else:
        engine.events.order_changed(order, change)


def _checked(engine: Engine, order: Order, request: AmendRequest) -> tuple[Decimal, Decimal]:
    market = engine.markets[order.instrument.inst_id]
    px = order.limit_px
    if request.new_px:
        px = checked_px(order.instrument, market, order.side, request.new_px, "newPx")
    if not request.new_sz:
        return order.sz, px
    sz = parse_decimal(request.new_sz)
    if sz is None or sz <= 0:
        raise Refusal("51000", param="newSz")
    if sz <= order.acc_fill_sz:
        if engine.switches.amend_below_filled == "refuse":
            raise Refusal("51000", param="newSz")
        return sz, px
    check_size(order, sz, px, market)
    if order.reduce_only or closes_by_nature(order):
        check_reduction(order.account, order, sz - order.acc_fill_sz)
    return sz, px


def _crosses(engine: Engine, order: Order, px: Decimal) -> bool:
    return px != order.limit_px and engine.markets[order.instrument.inst_id].book.would_cross(order.side, px)


def _apply(engine: Engine, order: Order, request: AmendRequest, sz: Decimal, px: Decimal) -> None:
    change = Change(amend_source=AMENDED_BY_USER, req_id=request.req_id, amend_result=AMEND_OK)
    if sz <= order.acc_fill_sz:
        # A total size that is already filled completes the order (OKX docs, "Amend order").
        order.fill_sz = Decimal(0)
        engine.finish(order, FILLED, "", change)
        return
    market = engine.markets[order.instrument.inst_id]
    side = market.book.own_side(order.side)
    keeps_place = px == order.limit_px and sz <= order.sz
    if keeps_place:
        side.reduce(order, order.sz - sz)
        order.sz = sz
        order.account.release(order)
        order.account.freeze(order, *order.account.requirement(order))
        engine.events.account_changed(order.account, order.frozen_ccy)
        engine.events.book_changed(market)
    else:
        side.remove(order)
        try:
            _refreeze(engine, order, sz, px)
        except Refusal:
            side.add(order)
            raise
        order.resting = False
    order.u_time_ms = engine.clock.now_ms()
    engine.events.order_changed(order, change)
    if not keeps_place:
        engine.match(market, order)


def _refreeze(engine: Engine, order: Order, sz: Decimal, px: Decimal) -> None:
    """Give the order its new size and price and set aside what it needs then; on failure all is as before."""
    account = order.account
    before = order.sz, order.limit_px
    account.release(order)
    order.sz, order.px, order.limit_px = sz, px, px
    try:
        engine.freeze(order)
    except Refusal as refused:
        order.sz, order.limit_px = before
        order.px = order.limit_px
        account.freeze(order, *account.requirement(order))
        raise Refusal("51502", sub_code=_AMEND_SUB_CODES.get(refused.sub_code, "")) from None


# subCode of 51008 to subCode of 51502 (OKX docs, "Error Code").
_AMEND_SUB_CODES = {"1000": "1030"}
