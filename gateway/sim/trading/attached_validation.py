"""Pure. Take-profits and stop-losses that are attached to an order and become algo orders once it is filled.

Source: OKX docs, "Place order" and "Amend order" (attachAlgoOrds), "Error Code" (51046-51100, 51527-51539).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gateway.sim.accounts.accounts import Account
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import is_client_id, parse_decimal, text_param
from gateway.sim.market.algo_legs import STOP_LOSS, TAKE_PROFIT, Attached, Leg
from gateway.sim.market.markets import Market
from gateway.sim.market.orders import MMP_TYPES, Order
from gateway.sim.trading.leg_validation import amended_leg, parse_leg, parse_trail

SPLIT_TPS_LIMIT = 10
SPLIT_SLS_LIMIT = 1


def parse_attached(row: dict[str, Any], order: Order, market: Market, account: Account) -> list[Attached]:
    """The attachAlgoOrds of a place row, checked against the order that they belong to."""
    rows = row_list(row)
    if not rows:
        return []
    instrument = order.instrument
    if order.reduce_only:
        raise Refusal("51100")
    if (order.pos_side, order.side) in (("long", "sell"), ("short", "buy")):
        raise Refusal("51333")
    if instrument.inst_type == "OPTION" or order.ord_type in MMP_TYPES:
        raise Refusal("51044", inst_type=instrument.inst_type, ord_type=order.ord_type)
    items = [_parse_item(one, order) for one in rows]
    if len(items) > 1:
        _check_split(items, order)
    for item in items:
        for leg in item.legs:
            check_against_order(leg, order, market)
    _check_ids(items, account)
    return items


def row_list(row: dict[str, Any]) -> list[dict[str, Any]]:
    """attachAlgoOrds as a list of objects; absent, null and empty are the same."""
    rows = row.get("attachAlgoOrds")
    if rows is None or rows == "":
        return []
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise TypeError("attachAlgoOrds")
    return rows


def _parse_item(row: dict[str, Any], order: Order) -> Attached:
    side = closing_side(order)
    item = Attached(
        text_param(row, "attachAlgoClOrdId"),
        parse_leg(row, TAKE_PROFIT, order.instrument, side),
        parse_leg(row, STOP_LOSS, order.instrument, side),
        parse_trail(row, order.instrument),
    )
    if item.cl_ord_id and not is_client_id(item.cl_ord_id):
        raise Refusal("51000", param="attachAlgoClOrdId")
    if not item.legs and item.trail is None:
        if item.cl_ord_id:
            raise Refusal("51178")
        raise Refusal("50015", param="tpTriggerPx", other="slTriggerPx")
    at_cost = text_param(row, "amendPxOnTriggerType")
    if at_cost not in ("", "0", "1"):
        raise Refusal("51000", param="amendPxOnTriggerType")
    item.at_cost = at_cost == "1"
    if item.at_cost and order.instrument.is_pair:
        raise Refusal("51077")
    sz_text = text_param(row, "sz")
    if sz_text:
        item.sz = parse_decimal(sz_text)
        if not item.sz:
            raise Refusal("51000", param="sz")
        if item.sz % order.instrument.lot_sz:
            raise Refusal("51121")
    return item


def _check_split(items: list[Attached], order: Order) -> None:
    if order.instrument.is_pair:
        raise Refusal("51077")
    if any(len(item.legs) > 1 for item in items):
        raise Refusal("51076")
    tps = [item.tp for item in items if item.tp is not None]
    if len(tps) > SPLIT_TPS_LIMIT:
        raise Refusal("51079", limit=SPLIT_TPS_LIMIT)
    if sum(item.sl is not None for item in items) > SPLIT_SLS_LIMIT:
        raise Refusal("51084", limit=SPLIT_SLS_LIMIT)
    if any(item.at_cost for item in items) and len(tps) < 2:
        raise Refusal("51085")
    if len(tps) < 2:
        return
    sizes = [item.sz for item in items if item.tp is not None]
    if None in sizes:
        raise Refusal("51089")
    if sum(sz for sz in sizes if sz is not None) != order.sz:
        raise Refusal("51083")
    if len({leg.px_type for leg in tps}) > 1:
        raise Refusal("51080")
    if len({(leg.trigger_px, leg.ratio) for leg in tps}) < len(tps):
        raise Refusal("51081")
    if any(leg.ord_px is not None for leg in tps):
        raise Refusal("51082")


def check_against_order(leg: Leg, order: Order, market: Market) -> None:
    """A take-profit lies beyond the order's price, a stop-loss behind it; market orders count from the best price."""
    if leg.limit or leg.ratio is not None:
        return
    start, codes = order.px, _BEHIND_PX
    if start is None:
        best = market.book.other_side(order.side).best_px
        start, codes = (market.last_px if best is None else best), _BEHIND_BEST
    if leg.is_hit(start):
        raise Refusal(codes[leg.kind, order.side])


_BEHIND_PX = {
    (TAKE_PROFIT, "buy"): "51046",
    (STOP_LOSS, "buy"): "51047",
    (TAKE_PROFIT, "sell"): "51048",
    (STOP_LOSS, "sell"): "51049",
}
_BEHIND_BEST = {
    (TAKE_PROFIT, "buy"): "51050",
    (STOP_LOSS, "buy"): "51051",
    (TAKE_PROFIT, "sell"): "51052",
    (STOP_LOSS, "sell"): "51053",
}


def _check_ids(items: list[Attached], account: Account) -> None:
    """attachAlgoClOrdId becomes an algoClOrdId and shares its names."""
    seen: set[str] = set()
    for item in items:
        if item.cl_ord_id:
            if item.cl_ord_id in seen or account.algos.is_taken(item.cl_ord_id, account.live.values()):
                raise Refusal("51068", param=item.cl_ord_id)
            seen.add(item.cl_ord_id)


def closing_side(order: Order) -> str:
    return "sell" if order.side == "buy" else "buy"


# --- amending --------------------------------------------------------------------------------------------------


def amended(order: Order, rows: list[dict[str, Any]], market: Market) -> list[Attached]:
    """The order's attached items after an amend; a leg whose trigger or order price becomes 0 is deleted."""
    if rows and not order.attached:
        raise Refusal("51538")
    items = [replace(item) for item in order.attached]
    touched: set[str] = set()
    for row in rows:
        item = _named(items, row)
        if item.attach_algo_id in touched:
            raise Refusal("51539")
        touched.add(item.attach_algo_id)
        item.tp = amended_leg(item.tp, row, TAKE_PROFIT, order.instrument, closing_side(order))
        item.sl = amended_leg(item.sl, row, STOP_LOSS, order.instrument, closing_side(order))
        trail = parse_trail(row, order.instrument, "new")
        if trail is not None:
            if item.trail is None:
                raise Refusal("51526")
            item.trail = trail
        sz_text = text_param(row, "sz")
        if sz_text:
            item.sz = parse_decimal(sz_text)
            if not item.sz:
                raise Refusal("51000", param="sz")
        for leg in item.legs:
            check_against_order(leg, order, market)
    return [item for item in items if item.legs or item.trail is not None]


def _named(items: list[Attached], row: dict[str, Any]) -> Attached:
    algo_id, cl_ord_id = text_param(row, "attachAlgoId"), text_param(row, "attachAlgoClOrdId")
    if not algo_id and not cl_ord_id:
        raise Refusal("50015", param="attachAlgoId", other="attachAlgoClOrdId")
    for item in items:
        if item.attach_algo_id == algo_id if algo_id else item.cl_ord_id == cl_ord_id:
            return item
    raise Refusal("51527")
