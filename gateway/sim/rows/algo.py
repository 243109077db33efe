"""Pure. Algo orders as OKX writes them.

Source: OKX docs, "Algo orders channel", "Advance algo orders channel", "Get algo order details".
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.sim.base.formats import decimal_text
from gateway.sim.market.algo_legs import MARKET_PX, Attached, Leg
from gateway.sim.market.algo_orders import TRAILING, AlgoOrder
from gateway.sim.market.markets import Market

# Members of algo types that are not served, and members of unknown meaning.
_UNUSED: dict[str, Any] = {
    "chaseType": "",
    "chaseVal": "",
    "clOrdId": "",
    "isTradeBorrowMode": "",
    "maxChaseType": "",
    "maxChaseVal": "",
    "quickMgnType": "",
    "subAlgoIdList": [],
}
# The same for types that only `algo-advance` publishes.
_UNUSED_ADVANCED: dict[str, Any] = {"pxLimit": "", "pxSpread": "", "pxVar": "", "szLimit": "", "timeInterval": ""}


def rest_row(algo: AlgoOrder) -> dict[str, Any]:
    """One row of the algo order endpoints."""
    return dict(sorted((_UNUSED | _UNUSED_ADVANCED | _common(algo) | _trailing(algo)).items()))


def push_row(algo: AlgoOrder, market: Market, req_id: str, amend_result: str) -> dict[str, Any]:
    """One row of the `orders-algo` channel."""
    return (
        _UNUSED
        | _common(algo)
        | {
            "amendResult": amend_result,
            "notionalUsd": _notional_usd(algo, market),
            "reqId": req_id,
        }
    )


def advance_push_row(algo: AlgoOrder, market: Market, now_ms: int) -> dict[str, Any]:
    """One row of the `algo-advance` channel: the trailing price, and the time of the push."""
    return (
        _UNUSED
        | _UNUSED_ADVANCED
        | _common(algo)
        | _trailing(algo)
        | {
            "count": "1",
            "notionalUsd": _notional_usd(algo, market),
            "pTime": str(now_ms),
        }
    )


def _common(algo: AlgoOrder) -> dict[str, Any]:
    tp, sl, trigger = algo.tp, algo.sl, algo.leg("")
    return {
        "actualPx": algo.actual_px,
        "actualSide": algo.actual_side,
        "actualSz": decimal_text(algo.actual_sz),
        "advanceOrdType": algo.advance_ord_type,
        "algoClOrdId": algo.algo_cl_ord_id,
        "algoId": algo.algo_id,
        "amendPxOnTriggerType": "1" if algo.at_cost else "0",
        "attachAlgoOrds": algo.attach_rows,
        "cTime": str(algo.c_time_ms),
        "ccy": algo.ccy,
        "closeFraction": "1" if algo.sz is None else "",
        "failCode": algo.fail_code,
        "instId": algo.instrument.inst_id,
        "instType": algo.instrument.inst_type,
        "last": decimal_text(algo.last_px),
        "lever": "0" if algo.instrument.is_spot else _lever(algo),
        "linkedOrd": {"ordId": "" if algo.linked_ord is None else algo.linked_ord.ord_id},
        "ordId": algo.ord_ids[-1] if algo.ord_ids else "",
        "ordIdList": algo.ord_ids,
        "ordPx": MARKET_PX if algo.ord_type == TRAILING else _order_px(trigger),
        "ordType": algo.ord_type,
        "posSide": algo.pos_side,
        "reduceOnly": "true" if algo.reduce_only else "false",
        "side": algo.side,
        "slOrdPx": _order_px(sl),
        "slTriggerPx": _trigger_px(sl),
        "slTriggerPxType": "" if sl is None else sl.px_type,
        "state": algo.state,
        "sz": "" if algo.sz is None else decimal_text(algo.sz),
        "tag": algo.tag,
        "tdMode": algo.td_mode,
        "tgtCcy": algo.tgt_ccy,
        "tpOrdPx": _order_px(tp),
        "tpTriggerPx": _trigger_px(tp),
        "tpTriggerPxType": "" if tp is None else tp.px_type,
        "tradeQuoteCcy": algo.trade_quote_ccy,
        "triggerPx": _trigger_px(trigger),
        "triggerPxType": "" if trigger is None else trigger.px_type,
        "triggerTime": str(algo.trigger_time_ms) if algo.trigger_time_ms else "",
        "uTime": str(algo.u_time_ms),
    }


def _trailing(algo: AlgoOrder) -> dict[str, Any]:
    trail = algo.trail
    if trail is None:
        return {"activePx": "", "callbackRatio": "", "callbackSpread": "", "moveTriggerPx": ""}
    return {
        "activePx": _text(trail.active_px),
        "callbackRatio": _text(trail.ratio),
        "callbackSpread": _text(trail.spread),
        "moveTriggerPx": decimal_text(trail.trigger_px(algo.side == "sell")) if trail.active else "",
    }


def close_order_row(algo: AlgoOrder) -> dict[str, str]:
    """One item of closeOrderAlgo in a position row."""
    row = _common(algo)
    names = ("algoId", "slTriggerPx", "slTriggerPxType", "tpTriggerPx", "tpTriggerPxType", "closeFraction")
    return {name: row[name] for name in names}


def attached_row(item: Attached) -> dict[str, Any]:
    """One item of attachAlgoOrds in an order push, its keys in their order (recorded in 2026)."""
    tp, sl, trail = item.tp, item.sl, item.trail
    return {
        "tpTriggerPxType": "" if tp is None or tp.limit else tp.px_type,
        "slTriggerPxType": "" if sl is None else sl.px_type,
        "tpTriggerPx": _trigger_px(tp),
        "tpOrdPx": _order_px(tp),
        "slTriggerPx": _trigger_px(sl),
        "slOrdPx": _order_px(sl),
        "tpTriggerRatio": "" if tp is None else _text(tp.ratio),
        "slTriggerRatio": "" if sl is None else _text(sl.ratio),
        "sz": _text(item.sz),
        "attachAlgoClOrdId": item.cl_ord_id,
        "amendPxOnTriggerType": "1" if item.at_cost else "0",
        "attachAlgoId": item.attach_algo_id,
        "callbackRatio": "" if trail is None else _text(trail.ratio),
        "callbackSpread": "" if trail is None else _text(trail.spread),
        "activePx": "" if trail is None else _text(trail.active_px),
        "tpOrdKind": "limit" if tp is not None and tp.limit else "condition",
    }


def rest_attached_row(item: Attached) -> dict[str, Any]:
    """The same in the rows of the order endpoints, where the reason of a failure follows."""
    return attached_row(item) | {"failCode": "", "failReason": ""}


def _lever(algo: AlgoOrder) -> str:
    return decimal_text(algo.account.lever_of(algo.instrument, algo.td_mode, algo.pos_side))


def _text(value: Decimal | None) -> str:
    return "" if value is None else decimal_text(value)


def _order_px(leg: Leg | None) -> str:
    if leg is None:
        return ""
    return MARKET_PX if leg.ord_px is None else decimal_text(leg.ord_px)


def _trigger_px(leg: Leg | None) -> str:
    return decimal_text(leg.trigger_px) if leg is not None and leg.trigger_px else ""


def _notional_usd(algo: AlgoOrder, market: Market) -> str:
    if algo.sz is None:
        return ""
    if algo.tgt_ccy == "quote_ccy":
        return decimal_text(algo.sz)
    return decimal_text(algo.instrument.notional_usd(algo.sz, market.last_px, market.index_px))
