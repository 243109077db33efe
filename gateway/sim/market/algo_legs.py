"""Pure. What an algo order waits for: a take-profit, a stop-loss, a trigger price, a trailing price.

Source: OKX docs, "Place algo order", "Place order" (attachAlgoOrds), "Amend algo order", "Error Code".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import ZERO, parse_decimal, text_param
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.markets import Market

TAKE_PROFIT, STOP_LOSS, TRIGGER = "tp", "sl", ""
PX_TYPES = ("last", "index", "mark")
MARKET_PX = "-1"  # as an order price: at the market
RATIO_STEP = Decimal("0.0001")
CALLBACK_RATIO_MAX = Decimal(1)


@dataclass(slots=True)
class Leg:
    """Fires when the price of `px_type` comes to `trigger_px` from below (`rises`) or from above. `ord_px` None is
    a market order. With a `ratio` the trigger price follows from the entry price. `limit` is a take-profit that
    rests as a limit order from the start (tpOrdKind)."""

    kind: str
    rises: bool
    trigger_px: Decimal
    px_type: str = "last"
    ord_px: Decimal | None = None
    ratio: Decimal | None = None
    limit: bool = False

    def is_hit(self, px: Decimal) -> bool:
        return px >= self.trigger_px if self.rises else px <= self.trigger_px

    def at_entry(self, entry_px: Decimal, buys: bool, tick: Decimal) -> Leg:
        """The leg of an order that was filled at `entry_px`: a ratio becomes a price on the tick. A buy's stop-loss
        ratio counts downwards."""
        if self.ratio is None:
            return replace(self)
        change = -self.ratio if self.kind == STOP_LOSS and buys else self.ratio
        px = entry_px * (1 + change)
        return replace(self, trigger_px=px - px % tick, ratio=None)


@dataclass(slots=True)
class Trail:
    """A distance to the best price since activation, as a ratio or in price units; `active_px` None: at once."""

    ratio: Decimal | None
    spread: Decimal | None
    active_px: Decimal | None
    active: bool = False
    extreme_px: Decimal = ZERO

    def trigger_px(self, sells: bool) -> Decimal:
        distance = self.spread if self.spread is not None else self.extreme_px * (self.ratio or ZERO)
        return self.extreme_px - distance if sells else self.extreme_px + distance

    def follow(self, px: Decimal, sells: bool) -> bool:
        """Take notice of a traded price; whether it came back far enough."""
        if not self.active:
            reached = self.active_px is None or (px >= self.active_px if sells else px <= self.active_px)
            if not reached:
                return False
            self.active, self.extreme_px = True, px
        self.extreme_px = max(self.extreme_px, px) if sells else min(self.extreme_px, px)
        return px <= self.trigger_px(sells) if sells else px >= self.trigger_px(sells)


def current_px(market: Market, px_type: str) -> Decimal:
    return {"last": market.last_px, "index": market.index_px, "mark": market.mark_px}[px_type]


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
    """A leg after an amend, None if deleted by a trigger or order price of 0. What is not named stays; a leg that
    is not there yet needs both prices."""
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
    px = current_px(market, leg.px_type)
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
