"""Pure. Reads the trigger, order and trailing prices of an algo order from a request and checks them.

Source: OKX docs, "Place algo order", "Place order" (attachAlgoOrds), "Amend algo order", "Error Code".
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import ZERO, parse_decimal, text_param
from gateway.sim.market.algo_legs import MARKET_PX, STOP_LOSS, TAKE_PROFIT, Leg, Trail
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.markets import Market

PX_TYPES = ("last", "index", "mark")
RATIO_STEP = Decimal("0.0001")
CALLBACK_RATIO_MAX = Decimal(1)


def param(prefix: str, name: str) -> str:
    """`tpOrdPx`, and with prefix `new`: `newTpOrdPx`."""
    return name if not prefix else prefix + name[0].upper() + name[1:]


def parse_leg(row: dict[str, Any], kind: str, instrument: Instrument, side: str) -> Leg | None:
    """The take-profit or stop-loss in a row; `side` is that of the order which it would place."""
    names = {name: f"{kind}{name}" for name in ("TriggerPx", "OrdPx", "TriggerRatio", "TriggerPxType", "OrdKind")}
    given = {name: text_param(row, full) for name, full in names.items()}
    rises = (kind == TAKE_PROFIT) == (side == "sell")
    order_kind = given["OrdKind"] or "condition"
    if order_kind not in ("condition", "limit"):
        raise Refusal("51000", param=names["OrdKind"])
    if kind == TAKE_PROFIT and order_kind == "limit":
        return _limit_leg(instrument, rises, given["OrdPx"])
    if not (given["TriggerPx"] or given["OrdPx"] or given["TriggerRatio"]):
        return None
    if given["TriggerPx"] and given["TriggerRatio"]:
        raise Refusal("50024", param=names["TriggerPx"], other=names["TriggerRatio"])
    if not given["OrdPx"]:
        raise Refusal("50014", param=names["OrdPx"])
    leg = Leg(kind, rises, ZERO, checked_px_type(given["TriggerPxType"], instrument, names["TriggerPxType"]))
    leg.ord_px = order_px(given["OrdPx"], instrument, names["OrdPx"])
    if given["TriggerRatio"]:
        leg.ratio = checked_ratio(given["TriggerRatio"], instrument, kind, buys=side == "sell")
    else:
        leg.trigger_px = trigger_px(given["TriggerPx"], instrument, names["TriggerPx"])
    return leg


def amended_leg(leg: Leg | None, row: dict[str, Any], kind: str, instrument: Instrument, side: str) -> Leg | None:
    """A leg after an amend, None if a trigger or order price of 0 deletes it. Parameters that are not given stay; a new
    leg needs both prices."""
    names = {name: param("new", f"{kind}{name}") for name in ("TriggerPx", "OrdPx", "TriggerRatio", "TriggerPxType")}
    given = {name: text_param(row, full) for name, full in names.items()}
    if not any(given.values()):
        return leg
    if "0" in (given["TriggerPx"], given["OrdPx"], given["TriggerRatio"]):
        return None
    if leg is None:
        if not given["OrdPx"]:
            raise Refusal("50014", param=names["OrdPx"])
        if not given["TriggerPx"] and not given["TriggerRatio"]:
            raise Refusal("50014", param=names["TriggerPx"])
        leg = Leg(kind, (kind == TAKE_PROFIT) == (side == "sell"), ZERO)
    leg = replace(leg)
    if given["TriggerPx"] and given["TriggerRatio"]:
        raise Refusal("50024", param=names["TriggerPx"], other=names["TriggerRatio"])
    if given["TriggerPx"]:
        leg.trigger_px, leg.ratio = trigger_px(given["TriggerPx"], instrument, names["TriggerPx"]), None
    if given["TriggerRatio"]:
        leg.ratio = checked_ratio(given["TriggerRatio"], instrument, kind, buys=side == "sell")
    if given["OrdPx"]:
        leg.ord_px = order_px(given["OrdPx"], instrument, names["OrdPx"])
    if given["TriggerPxType"]:
        leg.px_type = checked_px_type(given["TriggerPxType"], instrument, names["TriggerPxType"])
    return leg


def _limit_leg(instrument: Instrument, rises: bool, text: str) -> Leg:
    if instrument.is_pair or instrument.inst_type == "OPTION":
        raise Refusal("51094")
    if not text:
        raise Refusal("50014", param="tpOrdPx")
    px = order_px(text, instrument, "tpOrdPx")
    if px is None:
        raise Refusal("51093")
    return Leg(TAKE_PROFIT, rises, ZERO, ord_px=px, limit=True)


def checked_px_type(text: str, instrument: Instrument, name: str) -> str:
    """last (default), index or mark; for spot only last."""
    px_type = text or "last"
    if px_type not in PX_TYPES:
        raise Refusal("51000", param=name)
    if instrument.is_pair and px_type != "last":
        raise Refusal("51415")
    return px_type


def trigger_px(text: str, instrument: Instrument, name: str) -> Decimal:
    if not text:
        raise Refusal("50014", param=name)
    px = parse_decimal(text)
    if px is None or px <= 0:
        raise Refusal("51000", param=name)
    if not instrument.on_tick(px):
        raise Refusal("51150")
    return px


def order_px(text: str, instrument: Instrument, name: str) -> Decimal | None:
    return None if text == MARKET_PX else trigger_px(text, instrument, name)


def checked_ratio(text: str, instrument: Instrument, kind: str, *, buys: bool) -> Decimal:
    """Take-profit: above 0 for a buy, -1 to 0 for a sell; stop-loss: 0 to 1 for a buy, above 0 for a sell
    (OKX docs, "Place order", attachAlgoOrds)."""
    size = parse_decimal(text.removeprefix("-"))
    if instrument.inst_type not in ("FUTURES", "SWAP") or size is None:
        raise Refusal("51000", param=f"{kind}TriggerRatio")
    ratio = -size if text.startswith("-") else size
    falls_for_sell = kind == TAKE_PROFIT and not buys
    bounded = falls_for_sell or (kind == STOP_LOSS and buys)
    if (ratio < 0) != falls_for_sell or not size or (bounded and size >= 1) or size % RATIO_STEP:
        raise Refusal("54078")
    return ratio


def check_against_market(leg: Leg, market: Market) -> None:
    """A take-profit or stop-loss that would fire at once is refused."""
    px = market.px(leg.px_type)
    if not leg.limit and leg.is_hit(px):
        raise Refusal(_ALREADY_THERE[leg.px_type, leg.kind, leg.rises])


_ALREADY_THERE = {
    ("last", TAKE_PROFIT, False): "51277",
    ("last", STOP_LOSS, True): "51278",
    ("last", TAKE_PROFIT, True): "51279",
    ("last", STOP_LOSS, False): "51280",
    ("mark", TAKE_PROFIT, False): "51300",
    ("mark", STOP_LOSS, True): "51302",
    ("mark", TAKE_PROFIT, True): "51303",
    ("mark", STOP_LOSS, False): "51304",
    ("index", TAKE_PROFIT, False): "51305",
    ("index", STOP_LOSS, True): "51306",
    ("index", TAKE_PROFIT, True): "51307",
    ("index", STOP_LOSS, False): "51308",
}


def parse_trail(row: dict[str, Any], instrument: Instrument, prefix: str = "") -> Trail | None:
    """The trailing distance in a row: callbackRatio or callbackSpread, and activePx."""
    ratio_text = text_param(row, param(prefix, "callbackRatio"))
    spread_text = text_param(row, param(prefix, "callbackSpread"))
    active_text = text_param(row, param(prefix, "activePx"))
    if not ratio_text and not spread_text:
        return None
    if ratio_text and spread_text:
        raise Refusal("50024", param="callbackRatio", other="callbackSpread")
    active_px = trigger_px(active_text, instrument, "activePx") if active_text else None
    if spread_text:
        return Trail(None, trigger_px(spread_text, instrument, "callbackSpread"), active_px)
    ratio = parse_decimal(ratio_text)
    if ratio is None:
        raise Refusal("51000", param="callbackRatio")
    if not 0 < ratio <= CALLBACK_RATIO_MAX:
        raise Refusal("51257", low="0", high="100")
    return Trail(ratio, None, active_px)
