"""Pure. Orders and fills as OKX writes them.

Key order of the push follows production traffic of 2026. Source: OKX docs, "Order channel", "Get order details",
"Get transaction details".
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.sim.base.formats import ZERO, decimal_text
from gateway.sim.market.markets import Market
from gateway.sim.market.orders import Change, Fill, Order
from gateway.sim.rows.algo import attached_row, rest_attached_row

# The keys in their order, with the values of all that the simulator has no notion of.
_PUSH: dict[str, Any] = {
    "instType": "",
    "instId": "",
    "tgtCcy": "",
    "ccy": "",
    "tradeQuoteCcy": "",
    "ordId": "",
    "clOrdId": "",
    "algoClOrdId": "",
    "algoId": "",
    "tag": "",
    "px": "",
    "sz": "",
    "notionalUsd": "",
    "ordType": "",
    "side": "",
    "posSide": "",
    "tdMode": "",
    "accFillSz": "",
    "fillNotionalUsd": "",
    "avgPx": "",
    "state": "",
    "lever": "",
    "pnl": "",
    "feeCcy": "",
    "fee": "",
    "rebateCcy": "",
    "rebate": "",
    "category": "normal",
    "uTime": "",
    "cTime": "",
    "source": "",
    "reduceOnly": "",
    "cancelSource": "",
    "quickMgnType": "",
    "stpId": "",
    "stpMode": "",
    "attachAlgoClOrdId": "",
    "lastPx": "",
    "outcome": "",
    "slippage": "0",
    "riskBypassResult": "",
    "isTpLimit": "false",
    "slTriggerPx": "",
    "slTriggerPxType": "",
    "tpOrdPx": "",
    "tpTriggerPx": "",
    "tpTriggerPxType": "",
    "slOrdPx": "",
    "fillPx": "",
    "tradeId": "",
    "fillSz": "0",
    "fillTime": "",
    "fillPnl": "0",
    "fillFee": "0",
    "fillFeeCcy": "",
    "execType": "",
    "fillPxVol": "",
    "fillPxUsd": "",
    "fillMarkVol": "",
    "fillFwdPx": "",
    "fillMarkPx": "",
    "fillIdxPx": "",
    "amendSource": "",
    "reqId": "",
    "amendResult": "",
    "code": "",
    "msg": "",
    "pxType": "",
    "pxUsd": "",
    "pxVol": "",
    "linkedAlgoOrd": {"algoId": ""},
    "attachAlgoOrds": [],
}


# Of a reduce-only market order these members stand in another order, the prices at zero until it is filled (recorded in
# 2025).
_OLD_TPSL = ("tpTriggerPx", "tpTriggerPxType", "tpOrdPx", "slTriggerPx", "slOrdPx", "slTriggerPxType")
_OLD_TPSL_PRICES = ("tpTriggerPx", "tpOrdPx", "slTriggerPx", "slOrdPx")


def _reordered(keys: dict[str, Any]) -> dict[str, Any]:
    block = iter(_OLD_TPSL)
    return {(next(block) if key in _OLD_TPSL else key): ("" if key in _OLD_TPSL else keys[key]) for key in keys}


_PUSH_OF_REDUCING = _reordered(_PUSH)


def push_row(order: Order, change: Change, market: Market, u_time_ms: int) -> dict[str, Any]:
    """One row of the `orders` channel: fill fields describe this push only."""
    instrument = order.instrument
    if order.push_base is None:
        order.push_base = (_PUSH_OF_REDUCING if _reduces_at_market(order) else _PUSH) | _lasting(order)
        order.push_base["posSide"] = order.pos_side
    row = order.push_base | _changing(order)
    if _reduces_at_market(order):
        row |= dict.fromkeys(_OLD_TPSL_PRICES, "" if order.acc_fill_sz else "0")
    row |= {
        "attachAlgoOrds": [attached_row(item) for item in order.attached],
        "notionalUsd": _notional_usd(order, market),
        "fillNotionalUsd": _filled_usd(order, market),
        "avgPx": decimal_text(order.avg_px),
        "lever": "0" if instrument.is_spot else _lever(order),
        "uTime": str(u_time_ms),
        "lastPx": decimal_text(market.last_px),
        "amendSource": change.amend_source,
        "reqId": change.req_id,
        "amendResult": change.amend_result,
        "code": change.code,
        "msg": change.msg,
    }
    if change.fill is not None:
        row |= _fill_members(change.fill)
    return row


def _reduces_at_market(order: Order) -> bool:
    return order.reduce_only and order.ord_type == "market"


def _fill_members(fill: Fill) -> dict[str, Any]:
    """The members of a push that describe its fill."""
    return {
        "fillPx": decimal_text(fill.px),
        "tradeId": fill.trade_id,
        "fillSz": decimal_text(fill.sz),
        "fillTime": str(fill.time_ms),
        "fillPnl": decimal_text(fill.pnl),
        "fillFee": decimal_text(fill.fee),
        "fillFeeCcy": fill.order.fee_ccy,
        "execType": fill.exec_type,
        **fill_prices(fill),
    }


def fill_prices(fill: Fill) -> dict[str, str]:
    """Mark and index price of the moment of the trade, the former for contracts, and members that only options have.
    Option volatilities are zero: the prices come from no model."""
    instrument = fill.order.instrument
    idx_px = decimal_text(fill.idx_px)
    option = instrument.inst_type == "OPTION"
    return {
        "fillIdxPx": idx_px,
        "fillMarkPx": "" if instrument.is_pair else decimal_text(fill.mark_px),
        "fillPxVol": "0" if option else "",
        "fillPxUsd": decimal_text(fill.px * fill.idx_px) if option else "",
        "fillMarkVol": "0" if option else "",
        "fillFwdPx": idx_px if option else "",
    }


def _lasting(order: Order) -> dict[str, Any]:
    """Members that the channel and the order endpoints share, and that stay the same for the life of an order."""
    instrument = order.instrument
    return {
        "instType": instrument.inst_type,
        "instId": instrument.inst_id,
        "tgtCcy": order.tgt_ccy,
        "ccy": order.ccy or _spent_ccy(order),
        "tradeQuoteCcy": order.trade_quote_ccy,
        "ordId": order.ord_id,
        "clOrdId": order.cl_ord_id,
        "tag": order.tag,
        "ordType": order.ord_type,
        "side": order.side,
        "tdMode": order.td_mode,
        "category": order.category,
        "feeCcy": order.fee_ccy,
        "rebateCcy": order.rebate_ccy,
        "cTime": str(order.c_time_ms),
        "reduceOnly": "true" if order.reduce_only else "false",
        "stpMode": order.stp_mode,
        "algoId": order.origin.algo_id,
        "algoClOrdId": order.origin.algo_cl_ord_id,
        "source": order.origin.source,
        "isTpLimit": "true" if order.origin.linked_algo_id else "false",
        "linkedAlgoOrd": {"algoId": order.origin.linked_algo_id},
    }


def _changing(order: Order) -> dict[str, Any]:
    """The shared members that fills, amendments and the end of an order change."""
    return {
        "px": _px_text(order.px),
        "sz": decimal_text(order.shown_sz),
        "accFillSz": decimal_text(order.acc_fill_sz),
        "state": order.state,
        "pnl": decimal_text(order.pnl),
        "fee": decimal_text(order.fee),
        "rebate": decimal_text(order.rebate),
        "cancelSource": order.cancel_source,
        "pxType": order.px_type,
        "pxUsd": order.px_given if order.px_type == "pxUsd" else "",
        "pxVol": order.px_given if order.px_type == "pxVol" else "",
    }


def _spent_ccy(order: Order) -> str:
    """Of a spot order without margin: the currency that it spends (recorded in 2026)."""
    instrument = order.instrument
    if not instrument.is_spot or order.td_mode != "cash":
        return ""
    return instrument.quote_ccy if order.side == "buy" else instrument.base_ccy


# As above, for the order endpoints.
_REST: dict[str, Any] = {
    "accFillSz": "",
    "algoClOrdId": "",
    "algoId": "",
    "attachAlgoClOrdId": "",
    "attachAlgoOrds": [],
    "avgPx": "",
    "cTime": "",
    "cancelSource": "",
    "cancelSourceReason": "",
    "category": "normal",
    "ccy": "",
    "clOrdId": "",
    "fee": "",
    "feeCcy": "",
    "fillPx": "",
    "fillSz": "",
    "fillTime": "",
    "instId": "",
    "instType": "",
    "isTpLimit": "false",
    "lever": "",
    "linkedAlgoOrd": {"algoId": ""},
    "ordId": "",
    "ordType": "",
    "outcome": "",
    "pnl": "",
    "posSide": "",
    "px": "",
    "pxType": "",
    "pxUsd": "",
    "pxVol": "",
    "quickMgnType": "",
    "rebate": "",
    "rebateCcy": "",
    "reduceOnly": "",
    "side": "",
    "slOrdPx": "",
    "slTriggerPx": "",
    "slTriggerPxType": "",
    "source": "",
    "state": "",
    "stpId": "",
    "stpMode": "",
    "sz": "",
    "tag": "",
    "tdMode": "",
    "tgtCcy": "",
    "tpOrdPx": "",
    "tpTriggerPx": "",
    "tpTriggerPxType": "",
    "tradeId": "",
    "tradeQuoteCcy": "",
    "uTime": "",
}


def rest_row(order: Order) -> dict[str, Any]:
    """One row of the order endpoints: fill fields describe the latest fill, unfilled means empty."""
    filled = order.acc_fill_sz > 0
    return (
        _REST
        | _lasting(order)
        | _changing(order)
        | {
            "attachAlgoOrds": [rest_attached_row(item) for item in order.attached],
            "avgPx": decimal_text(order.avg_px) if filled else "",
            "cancelSourceReason": _CANCEL_REASONS.get(order.cancel_source, ""),
            "fillPx": _px_text(order.fill_px),
            "fillSz": decimal_text(order.fill_sz),
            "fillTime": str(order.fill_time_ms) if filled else "",
            "lever": "" if order.instrument.is_spot else _lever(order),
            "posSide": order.pos_side or "net",
            "tradeId": order.trade_id,
            "uTime": str(order.u_time_ms),
        }
    )


def fill_row(fill: Fill) -> dict[str, Any]:
    """One row of the fills endpoints."""
    order, instrument = fill.order, fill.order.instrument
    return {
        "side": order.side,
        "fillSz": decimal_text(fill.sz),
        "fillPx": decimal_text(fill.px),
        "fillPxVol": "",
        "fillFwdPx": "",
        "fee": decimal_text(fill.fee),
        "fillPnl": decimal_text(fill.pnl),
        "ordId": order.ord_id,
        "feeRate": decimal_text(fill.fee_rate) if instrument.is_pair else "",
        "instType": instrument.inst_type,
        "fillPxUsd": "",
        "instId": instrument.inst_id,
        "clOrdId": order.cl_ord_id,
        "posSide": order.pos_side or "net",
        "billId": str(fill.bill_id),
        "subType": fill.sub_type,
        "fillMarkVol": "",
        "tag": order.tag,
        "fillTime": str(fill.time_ms),
        "execType": fill.exec_type,
        "fillIdxPx": "",
        "tradeId": fill.trade_id,
        "fillMarkPx": "",
        "feeCcy": order.fee_ccy,
        "ts": str(fill.time_ms),
        "tradeQuoteCcy": order.trade_quote_ccy,
    } | fill_prices(fill)


# cancelSourceReason (OKX docs, "Get order details").
_CANCEL_REASONS = {
    "1": "Order canceled by user",
    "17": "Order canceled as the position was closed",
    "13": "Order canceled as FOK order was not fully filled",
    "14": "Order canceled as IOC order was not fully filled",
    "20": "Cancel all after triggered",
    "23": "Order canceled as the reduce-only order exceeds the position",
    "27": "Order canceled due to slippage protection",
    "31": "The post-only order would take liquidity",
    "32": "Self trade prevention",
    "36": "The take profit order was canceled as its stop loss was triggered",
    "37": "The take profit order was canceled with its stop loss",
    "38": "MMP order canceled by user",
    "39": "Order canceled as market maker protection was triggered",
    "33": "The order exceeds the maximum number of order matches per taker order",
}


def _px_text(px: Decimal | None) -> str:
    return "" if px is None else decimal_text(px)


def _lever(order: Order) -> str:
    return decimal_text(order.account.lever_of(order.instrument, order.td_mode, order.pos_side))


def _filled_usd(order: Order, market: Market) -> str:
    if order.acc_fill_sz == ZERO:
        return ""
    return decimal_text(order.instrument.notional_usd(order.acc_fill_sz, order.avg_px, market.index_px))


def _notional_usd(order: Order, market: Market) -> str:
    """The value of the order in USD. An order without a price counts at its average price, before any fill at the
    last price."""
    if order.quote_left is not None or order.quote_sz is not None:
        return decimal_text(order.shown_sz)
    px = order.px if order.px is not None else order.avg_px or market.last_px
    return decimal_text(order.instrument.notional_usd(order.sz, px, market.index_px))
