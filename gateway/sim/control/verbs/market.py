"""Verbs on the market: the other participants, prices, instruments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.sim.base.formats import decimal_text
from gateway.sim.control.params import ControlError, ControlledSimulator, Params, Verb, decimal, instrument, integer
from gateway.sim.exchange.delivery import EXPIRING
from gateway.sim.market.listing import listed_like
from gateway.sim.rows.order import rest_row

_BACKGROUND_ORDER = ("inst_id", "side", "px", "sz")


def _trade(control: ControlledSimulator, params: Params) -> dict[str, Any]:
    inst_id, side, px, sz = _background_order(control, params)
    return rest_row(control.exchange.background_market.trade(inst_id, side, px, sz))


def _quote(control: ControlledSimulator, params: Params) -> dict[str, Any]:
    inst_id, side, px, sz = _background_order(control, params)
    return rest_row(control.exchange.background_market.quote(inst_id, side, px, sz))


def _withdraw(control: ControlledSimulator, params: Params) -> int:
    return control.exchange.background_market.withdraw(instrument(control, params))


def _reference(control: ControlledSimulator, params: Params) -> str:
    market = control.exchange.markets[instrument(control, params)]
    market.reference_px = decimal(params, "px")
    return decimal_text(market.reference_px)


def _mark_price(control: ControlledSimulator, params: Params) -> str:
    """An empty px leaves the mark price to the book again."""
    market = control.exchange.markets[instrument(control, params)]
    market.commanded_mark_px = decimal(params, "px") if params.get("px") else None
    return decimal_text(market.mark_px)


def _instrument_state(control: ControlledSimulator, params: Params) -> None:
    state = str(params.get("state", "live"))
    for one in control.exchange.instruments.set_state(instrument(control, params), state):
        control.exchange.market_channels.instrument_changed(one)


def _relist(control: ControlledSimulator, params: Params) -> None:
    code = integer(params, "inst_id_code", 0)
    for one in control.exchange.instruments.relist(instrument(control, params), code):
        control.exchange.market_channels.instrument_changed(one)


def _list_instrument(control: ControlledSimulator, params: Params) -> dict[str, Any]:
    """A new instrument, such as one with a name that is not ASCII."""
    exchange, inst_id = control.exchange, params.get("inst_id")
    model = exchange.instruments.by_inst_id.get(str(params.get("like", "BTC-USDT")))
    code = integer(params, "inst_id_code", 0)
    if model is None or model.inst_type in EXPIRING:
        raise ControlError("like must be the instId of a pair or a swap")
    if not isinstance(inst_id, str) or inst_id.count("-") != model.inst_id.count("-") or "" in inst_id.split("-"):
        raise ControlError(f"inst_id must be a name like {model.inst_id}")
    if inst_id in exchange.markets or code in exchange.instruments.by_inst_id_code:
        raise ControlError(f"{inst_id} or {code} is listed already")
    return exchange.list_instrument(listed_like(model, inst_id, code)).row()


def _instrument_row(control: ControlledSimulator, params: Params) -> None:
    """Change how an instrument is listed, not how it trades: members with any JSON value, null and unknown ones too."""
    members = params.get("fields", {})
    if not isinstance(members, dict):
        raise ControlError("fields must be an object")
    for one in control.exchange.instruments.show(instrument(control, params), members):
        control.exchange.market_channels.instrument_changed(one)


def _background_order(control: ControlledSimulator, params: Params) -> tuple[str, str, Decimal, Decimal]:
    side = params.get("side")
    if side not in ("buy", "sell"):
        raise ControlError("side must be buy or sell")
    return instrument(control, params), str(side), decimal(params, "px"), decimal(params, "sz")


VERBS: dict[str, Verb] = {
    "trade": Verb(_trade, _BACKGROUND_ORDER, "another participant takes orders of the book up to a price"),
    "quote": Verb(_quote, _BACKGROUND_ORDER, "another participant places a limit order"),
    "withdraw": Verb(_withdraw, ("inst_id",), "cancel all orders of the background market in an instrument"),
    "reference_price": Verb(_reference, ("inst_id", "px"), "move the price band and the background market"),
    "mark_price": Verb(_mark_price, ("inst_id", "px"), "hold the mark price at px; empty: let it go"),
    "instrument_state": Verb(_instrument_state, ("inst_id", "state"), "suspend, resume, ... an instrument"),
    "list_instrument": Verb(_list_instrument, ("inst_id", "inst_id_code", "like"), "list a new instrument"),
    "instrument_row": Verb(
        _instrument_row, ("inst_id", "fields"), "list an instrument with other members; {}: its own"
    ),
    "relist": Verb(_relist, ("inst_id", "inst_id_code"), "give an instrument another instIdCode"),
}
