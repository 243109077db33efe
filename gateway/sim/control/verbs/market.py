"""Verbs on the market: outside participants, prices, instruments."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gateway.sim.base.formats import decimal_text
from gateway.sim.control.params import ControlError, Params, Verb, decimal, instrument, integer
from gateway.sim.rows.order import rest_row

if TYPE_CHECKING:
    from gateway.sim.control.control import Control


_OUTSIDE = ("inst_id", "side", "px", "sz")


def _trade(control: Control, params: Params) -> dict[str, Any]:
    inst_id, side, px, sz = _outside(control, params)
    return rest_row(control.exchange.outside.trade(inst_id, side, px, sz))


def _quote(control: Control, params: Params) -> dict[str, Any]:
    inst_id, side, px, sz = _outside(control, params)
    return rest_row(control.exchange.outside.quote(inst_id, side, px, sz))


def _withdraw(control: Control, params: Params) -> int:
    return control.exchange.outside.withdraw(instrument(control, params))


def _reference(control: Control, params: Params) -> str:
    market = control.exchange.markets[instrument(control, params)]
    market.reference_px = decimal(params, "px")
    return decimal_text(market.reference_px)


def _mark_price(control: Control, params: Params) -> str:
    """An empty px leaves the mark price to the book again."""
    market = control.exchange.markets[instrument(control, params)]
    market.commanded_mark_px = decimal(params, "px") if params.get("px") else None
    return decimal_text(market.mark_px)


def _instrument_state(control: Control, params: Params) -> None:
    state = str(params.get("state", "live"))
    for one in control.exchange.instruments.set_state(instrument(control, params), state):
        control.exchange.market_channels.instrument_changed(one)


def _relist(control: Control, params: Params) -> None:
    code = integer(params, "inst_id_code", 0)
    for one in control.exchange.instruments.relist(instrument(control, params), code):
        control.exchange.market_channels.instrument_changed(one)


def _outside(control: Control, params: Params) -> tuple[str, str, Decimal, Decimal]:
    side = params.get("side")
    if side not in ("buy", "sell"):
        raise ControlError("side must be buy or sell")
    return instrument(control, params), str(side), decimal(params, "px"), decimal(params, "sz")


VERBS: dict[str, Verb] = {
    "trade": Verb(_trade, _OUTSIDE, "an outside participant takes up to a price"),
    "quote": Verb(_quote, _OUTSIDE, "an outside participant rests a limit order"),
    "withdraw": Verb(_withdraw, ("inst_id",), "cancel all outside orders of an instrument"),
    "reference_price": Verb(_reference, ("inst_id", "px"), "move the price band and the background market"),
    "mark_price": Verb(_mark_price, ("inst_id", "px"), "hold the mark price at px; empty: let it go"),
    "instrument_state": Verb(_instrument_state, ("inst_id", "state"), "suspend, resume, ... an instrument"),
    "relist": Verb(_relist, ("inst_id", "inst_id_code"), "give an instrument another instIdCode"),
}
