"""Pure. Amending a live order.

Source: OKX docs, "Amend order" (cxlOnFail, reqId, newSz, attachAlgoOrds) and "Order channel" (amendResult,
amendSource). OKX does not document the effect of an amend on the place in the queue; here a smaller size at the same
price keeps it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import flag_param, is_client_id, parse_decimal, text_param
from gateway.sim.market.algo_legs import Attached
from gateway.sim.market.orders import CANCELED, CANCELED_BY_SYSTEM, FILLED, POST_ONLY_TYPES, Change, Order
from gateway.sim.trading.attached_validation import amended, row_list
from gateway.sim.trading.engine import Engine
from gateway.sim.trading.price_checks import PX_KINDS, checked_px, moves_into_band, option_px
from gateway.sim.trading.size_checks import check_size
from gateway.sim.trading.validation import check_reduction, closes_by_nature

AMENDED_BY_USER = "1"
AMEND_OK = "0"
AMEND_FAILED = "-1"
AMEND_FAILED_AND_CANCELED = "1"
OLD_TPSL = ("newTpTriggerPx", "newTpOrdPx", "newSlTriggerPx", "newSlOrdPx")  # moved into attachAlgoOrds
IN_FLIGHT_LIMIT = 3  # amends under way for one order (OKX docs, "Error Code", 51513)

CallLater = Callable[[float, Callable[[], None]], object]


@dataclass(frozen=True, slots=True)
class AmendRequest:
    """The part of an amend row that is not the order's identity. `new_px` is in the kind `px_kind`."""

    req_id: str
    cxl_on_fail: bool
    new_sz: str
    new_px: str
    px_kind: str
    moves_into_band: bool
    attached: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Target:
    """The order after the amend."""

    sz: Decimal
    px: Decimal
    px_given: str
    attached: list[Attached]


def parse_amend(row: dict[str, Any]) -> AmendRequest:
    try:
        prices = {kind: text for kind in PX_KINDS if (text := text_param(row, f"newP{kind[1:]}"))}
        if len(prices) > 1:
            raise Refusal("51176", param="newPx", other="newPxUsd", third="newPxVol")
        kind, new_px = next(iter(prices.items()), ("", ""))
        if any(text_param(row, name) for name in OLD_TPSL):
            raise Refusal("51538")
        flag_param(row, "rpiTakerAccess")
        request = AmendRequest(
            text_param(row, "reqId"), flag_param(row, "cxlOnFail"), text_param(row, "newSz"), new_px, kind,
            moves_into_band(row), row_list(row),
        )  # fmt: skip
    except TypeError as wrong:
        raise Refusal("51000", param=wrong) from None
    if request.req_id and not is_client_id(request.req_id):
        raise Refusal("51000", param="reqId")
    if not request.new_sz and not request.new_px and not request.attached:
        raise Refusal("51500")
    return request


class Amendments:
    """Runs amends, at once or `amend_delay_ms` after their acks."""

    def __init__(self, engine: Engine, call_later: CallLater, flush: Callable[[], None]) -> None:
        self._engine = engine
        self._call_later = call_later
        self._flush = flush

    def amend(self, order: Order, request: AmendRequest) -> None:
        """Amend a live order. A refusal leaves it as it was, or cancelled if the request says so."""
        if order.amends_in_flight >= IN_FLIGHT_LIMIT:
            raise Refusal("51513")
        delay_ms = self._engine.switches.amend_delay_ms
        try:
            target = _checked(self._engine, order, request)
            if delay_ms <= 0:
                self._run(order, request, target)
        except Refusal:
            # Refused in the ack and cxlOnFail: the push has an empty amendResult (OKX docs, "Order channel").
            if request.cxl_on_fail:
                self._engine.finish(order, CANCELED, CANCELED_BY_SYSTEM)
            raise
        if delay_ms > 0:
            order.amends_in_flight += 1
            self._call_later(delay_ms / 1000, lambda: self._run_late(order, request))

    def _run(self, order: Order, request: AmendRequest, target: _Target) -> None:
        if order.ord_type in POST_ONLY_TYPES and _crosses(self._engine, order, target.px):
            _fail_after_ack(self._engine, order, request, Refusal("51511"))
        else:
            _apply(self._engine, order, request, target)

    def _run_late(self, order: Order, request: AmendRequest) -> None:
        """Accepted some time ago: only the channel reports the result, and nothing if the order has ended."""
        order.amends_in_flight -= 1
        if order.is_live:
            try:
                self._run(order, request, _checked(self._engine, order, request))
            except Refusal as refusal:
                _fail_after_ack(self._engine, order, request, refusal)
        self._flush()


def _fail_after_ack(engine: Engine, order: Order, request: AmendRequest, reason: Refusal) -> None:
    """Accepted, then found impossible: only the channel reports it."""
    result = AMEND_FAILED_AND_CANCELED if request.cxl_on_fail else AMEND_FAILED
    change = Change(
        amend_source=AMENDED_BY_USER, req_id=request.req_id, amend_result=result, code=reason.code, msg=reason.msg
    )
    if request.cxl_on_fail:
        engine.finish(order, CANCELED, CANCELED_BY_SYSTEM, change)
    else:
        engine.events.order_changed(order, change)


def _checked(engine: Engine, order: Order, request: AmendRequest) -> _Target:
    market = engine.markets[order.instrument.inst_id]
    try:
        attached = amended(order, request.attached, market)
    except TypeError as wrong:
        raise Refusal("51000", param=wrong) from None
    px, px_given = _checked_px(engine, order, request)
    if not request.new_sz:
        return _Target(order.sz, px, px_given, attached)
    if order.px_type in ("pxUsd", "pxVol"):
        raise Refusal("51536")
    sz = parse_decimal(request.new_sz)
    if sz is None or sz <= 0:
        raise Refusal("51000", param="newSz")
    if sz <= order.acc_fill_sz:
        if engine.switches.amend_below_filled == "refuse":
            raise Refusal("51000", param="newSz")
        return _Target(sz, px, px_given, attached)
    check_size(order, sz, px, market)
    if order.reduce_only or closes_by_nature(order):
        try:
            check_reduction(engine.account_of(order), order, sz - order.acc_fill_sz)
        except Refusal as refusal:
            raise Refusal(_AMEND_CODES.get(refusal.code, refusal.code)) from None
    return _Target(sz, px, px_given, attached)


def _checked_px(engine: Engine, order: Order, request: AmendRequest) -> tuple[Decimal, str]:
    """The new price in coin and, for options priced otherwise, as it was given; its kind cannot change."""
    if not request.new_px:
        return order.limit_px, order.px_given
    market = engine.markets[order.instrument.inst_id]
    kind, param = request.px_kind, f"newP{request.px_kind[1:]}"
    if order.instrument.inst_type != "OPTION":
        if kind != "px":
            raise Refusal("51537")
    elif kind != order.px_type:
        raise Refusal("51177", param=param, px_type=order.px_type)
    if kind != "px":
        now_ms = engine.clock.now_ms()
        return option_px(order.instrument, market, kind, request.new_px, now_ms), request.new_px
    moves = request.moves_into_band
    return checked_px(order.instrument, market, order.side, request.new_px, param, moves=moves), ""


def _crosses(engine: Engine, order: Order, px: Decimal) -> bool:
    return px != order.limit_px and engine.markets[order.instrument.inst_id].book.would_cross(order.side, px)


def _apply(engine: Engine, order: Order, request: AmendRequest, target: _Target) -> None:
    change = Change(amend_source=AMENDED_BY_USER, req_id=request.req_id, amend_result=AMEND_OK)
    sz, px = target.sz, target.px
    if sz <= order.acc_fill_sz:
        # A total size that is already filled completes the order (OKX docs, "Amend order").
        order.fill_sz = Decimal(0)
        engine.finish(order, FILLED, "", change)
        return
    market = engine.markets[order.instrument.inst_id]
    side = market.book.own_side(order.side)
    keeps_place = px == order.limit_px and sz <= order.sz and engine.switches.amend_priority == "smaller"
    if keeps_place:
        side.reduce(order, order.sz - sz)
        order.sz = sz
        account = engine.account_of(order)
        account.release(order)
        account.freeze(order, *account.requirement(order))
        engine.events.account_changed(account, order.frozen_ccy)
        engine.events.book_changed(market)
    else:
        side.remove(order)
        try:
            _refreeze(engine, order, sz, px)
        except Refusal:
            side.add(order)
            raise
        order.resting = False
    order.px_given, order.attached = target.px_given, target.attached
    order.u_time_ms = engine.clock.now_ms()
    engine.events.order_changed(order, change)
    if not keeps_place:
        engine.match(market, order)


def _refreeze(engine: Engine, order: Order, sz: Decimal, px: Decimal) -> None:
    """Give the order its new size and price and set aside the money for them; a failure changes nothing."""
    account = engine.account_of(order)
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


# subCode of 51008 to subCode of 51502, and codes of a reduce-only place to those of an amend (OKX docs, "Error
# Code").
_AMEND_SUB_CODES = {"1000": "1030"}
_AMEND_CODES = {"51169": "51521", "51170": "51522"}
