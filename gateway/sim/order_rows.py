"""Pure. Orders and fills as OKX writes them.

Key order of the push follows production traffic of 2026. Source: OKX docs, "Order channel", "Get order details",
"Get transaction details".
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.sim.formats import ZERO, decimal_text
from gateway.sim.markets import Market
from gateway.sim.orders import Change, Fill, Order


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
    "isTpLimit": "false",
    "slTriggerPx": "",
    "slTriggerPxType": "",
    "tpOrdPx": "",
    "tpTriggerPx": "",
    "tpTriggerPxType": "",
    "slOrdPx": "",
    "fillPx": "",
    "tradeId": "",
    "fillSz": "",
    "fillTime": "",
    "fillPnl": "",
    "fillFee": "",
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


def push_row(order: Order, change: Change, market: Market, u_time_ms: int) -> dict[str, Any]:
    """One row of the `orders` channel: fill fields describe this push only."""
    instrument = order.instrument
    fill = change.fill
    contract = not instrument.is_spot
    px = order.limit_px
    sz = order.acc_fill_sz if order.quote_left is not None else order.sz
    option = instrument.inst_type == "OPTION"
    return _PUSH | {
        "instType": instrument.inst_type,
        "instId": instrument.inst_id,
        "tgtCcy": order.tgt_ccy,
        "ccy": order.ccy,
        "tradeQuoteCcy": order.trade_quote_ccy,
        "ordId": order.ord_id,
        "clOrdId": order.cl_ord_id,
        "tag": order.tag,
        "px": _px_text(order.px),
        "sz": decimal_text(order.sz),
        "notionalUsd": decimal_text(instrument.notional_usd(sz, px, market.index_px)),
        "ordType": order.ord_type,
        "side": order.side,
        "posSide": order.pos_side,
        "tdMode": order.td_mode,
        "accFillSz": decimal_text(order.acc_fill_sz),
        "fillNotionalUsd": _filled_usd(order, market),
        "avgPx": decimal_text(order.avg_px),
        "state": order.state,
        "lever": _lever(order) if contract else "0",
        "pnl": decimal_text(order.pnl),
        "feeCcy": order.fee_ccy,
        "fee": decimal_text(order.fee),
        "rebateCcy": order.rebate_ccy,
        "rebate": decimal_text(order.rebate),
        "uTime": str(u_time_ms),
        "cTime": str(order.c_time_ms),
        "reduceOnly": "true" if order.reduce_only else "false",
        "cancelSource": order.cancel_source,
        "stpMode": order.stp_mode,
        "lastPx": decimal_text(market.last_px),
        "fillPx": "" if fill is None else decimal_text(fill.px),
        "tradeId": "" if fill is None else fill.trade_id,
        "fillSz": "0" if fill is None else decimal_text(fill.sz),
        "fillTime": "" if fill is None else str(fill.time_ms),
        "fillPnl": "0" if fill is None else decimal_text(fill.pnl),
        "fillFee": "0" if fill is None else decimal_text(fill.fee),
        "fillFeeCcy": "" if fill is None else order.fee_ccy,
        "execType": "" if fill is None else fill.exec_type,
        "fillPxVol": "0" if option and fill is not None else "",
        "fillPxUsd": decimal_text(fill.px * market.index_px) if option and fill is not None else "",
        "fillMarkVol": "0" if option and fill is not None else "",
        "fillFwdPx": decimal_text(market.index_px) if option and fill is not None else "",
        "fillMarkPx": decimal_text(market.mark_px) if contract and fill is not None else "",
        "fillIdxPx": decimal_text(market.index_px) if fill is not None else "",
        "amendSource": change.amend_source,
        "reqId": change.req_id,
        "amendResult": change.amend_result,
        "code": change.code,
        "msg": change.msg,
        "pxType": "px" if option else "",
    }


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
    instrument = order.instrument
    filled = order.acc_fill_sz > 0
    return _REST | {
        "accFillSz": decimal_text(order.acc_fill_sz),
        "avgPx": decimal_text(order.avg_px) if filled else "",
        "cTime": str(order.c_time_ms),
        "cancelSource": order.cancel_source,
        "cancelSourceReason": _CANCEL_REASONS.get(order.cancel_source, ""),
        "ccy": order.ccy,
        "clOrdId": order.cl_ord_id,
        "fee": decimal_text(order.fee),
        "feeCcy": order.fee_ccy,
        "fillPx": _px_text(order.fill_px),
        "fillSz": decimal_text(order.fill_sz),
        "fillTime": str(order.fill_time_ms) if filled else "",
        "instId": instrument.inst_id,
        "instType": instrument.inst_type,
        "lever": "" if instrument.is_spot else _lever(order),
        "ordId": order.ord_id,
        "ordType": order.ord_type,
        "pnl": decimal_text(order.pnl),
        "posSide": order.pos_side or "net",
        "px": _px_text(order.px),
        "pxType": "px" if instrument.inst_type == "OPTION" else "",
        "rebate": decimal_text(order.rebate),
        "rebateCcy": order.rebate_ccy,
        "reduceOnly": "true" if order.reduce_only else "false",
        "side": order.side,
        "state": order.state,
        "stpMode": order.stp_mode,
        "sz": decimal_text(order.sz),
        "tag": order.tag,
        "tdMode": order.td_mode,
        "tgtCcy": order.tgt_ccy,
        "tradeId": order.trade_id,
        "tradeQuoteCcy": order.trade_quote_ccy,
        "uTime": str(order.u_time_ms),
    }


def fill_row(fill: Fill, market: Market) -> dict[str, Any]:
    """One row of the fills endpoints."""
    order, instrument = fill.order, fill.order.instrument
    contract = not instrument.is_spot
    return {
        "side": order.side,
        "fillSz": decimal_text(fill.sz),
        "fillPx": decimal_text(fill.px),
        "fillPxVol": "",
        "fillFwdPx": "",
        "fee": decimal_text(fill.fee),
        "fillPnl": decimal_text(fill.pnl),
        "ordId": order.ord_id,
        "feeRate": "" if contract else decimal_text(fill.fee_rate),
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
        "fillIdxPx": decimal_text(market.index_px),
        "tradeId": fill.trade_id,
        "fillMarkPx": decimal_text(market.mark_px) if contract else "",
        "feeCcy": order.fee_ccy,
        "ts": str(fill.time_ms),
        "tradeQuoteCcy": order.trade_quote_ccy,
    }


# cancelSourceReason (OKX docs, "Get order details").
_CANCEL_REASONS = {
    "1": "Order canceled by user",
    "13": "Order canceled as FOK order was not fully filled",
    "14": "Order canceled as IOC order was not fully filled",
    "20": "Cancel all after triggered",
    "23": "Order canceled as the reduce-only order exceeds the position",
    "27": "Order canceled due to slippage protection",
    "31": "The post-only order would take liquidity",
    "32": "Self trade prevention",
    "33": "The order exceeds the maximum number of order matches per taker order",
}


def _px_text(px: Decimal | None) -> str:
    return "" if px is None else decimal_text(px)


def _lever(order: Order) -> str:
    return decimal_text(order.account.spec.lever)


def _filled_usd(order: Order, market: Market) -> str:
    if order.acc_fill_sz == ZERO:
        return ""
    return decimal_text(order.instrument.notional_usd(order.acc_fill_sz, order.avg_px, market.index_px))
