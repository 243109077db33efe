"""Pure. Closing a whole position at the market price.

Source: OKX docs, "Close positions", "Error Code" (51023, 51108, 51115).
"""

from __future__ import annotations

from typing import Any

from gateway.sim.accounts.accounts import Account
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import decimal_text, flag_param, is_client_id, is_tag, text_param
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.orders import CANCELED_BY_CLOSE, Order, Origin
from gateway.sim.trading.engine import Engine
from gateway.sim.trading.validation import checked_pos_side

LARGEST_CLOSE = 10  # times the largest market order


def close_position(engine: Engine, account: Account, instrument: Instrument, row: dict[str, Any]) -> dict[str, Any]:
    """Place the closing order and return the data item of the answer; it does not name the order."""
    try:
        mgn_mode, pos_side = text_param(row, "mgnMode"), text_param(row, "posSide")
        cl_ord_id, tag = text_param(row, "clOrdId"), text_param(row, "tag")
        auto_cancel = flag_param(row, "autoCxl")
    except TypeError as wrong:
        raise Refusal("51000", param=wrong) from None
    if not mgn_mode:
        raise Refusal("50014", param="mgnMode")
    if mgn_mode not in ("cross", "isolated"):
        raise Refusal("51000", param="mgnMode")
    if cl_ord_id and not is_client_id(cl_ord_id):
        raise Refusal("51000", param="clOrdId")
    if tag and not is_tag(tag):
        raise Refusal("51000", param="tag")
    instrument = account.product(instrument, mgn_mode)
    if instrument.is_spot:
        raise Refusal("51023")
    if instrument.inst_type == "OPTION":
        raise Refusal("51066")
    key_side = checked_pos_side(account, instrument, pos_side)
    position = account.positions.get((instrument.inst_id, mgn_mode, key_side))
    if position is None or not position.pos:
        raise Refusal("51023")
    if abs(position.pos) > LARGEST_CLOSE * instrument.max_mkt_sz:
        raise Refusal("51108")
    side = "sell" if position.pos > 0 else "buy"
    waiting = [one for one in account.live.values() if _closes(one, instrument, mgn_mode, key_side, side)]
    if waiting and not auto_cancel:
        raise Refusal("51115")
    for order in waiting:
        engine.cancel(order, CANCELED_BY_CLOSE)
    order_row: dict[str, Any] = {
        "tdMode": mgn_mode,
        "side": side,
        "posSide": key_side,
        "ordType": "market",
        "sz": decimal_text(abs(position.pos)),
        "reduceOnly": key_side == "net",
        "clOrdId": cl_ord_id,
        "tag": tag,
    }
    if instrument.is_pair and side == "buy":
        # A market buy on margin counts in quote currency; the debt is in base currency.
        px = engine.markets[instrument.inst_id].market_limit_px(side)
        order_row |= {"ordType": "ioc", "px": decimal_text(px)}
    engine.place(account, instrument, order_row, Origin(any_size=True))
    return {"clOrdId": cl_ord_id, "instId": instrument.inst_id, "posSide": pos_side or "net", "tag": tag}


def _closes(order: Order, instrument: Instrument, mgn_mode: str, pos_side: str, side: str) -> bool:
    """Whether a live order waits to close the position: reduce-only, or of the closing side in long/short mode."""
    same = order.instrument.inst_id == instrument.inst_id and order.td_mode == mgn_mode and order.pos_side == pos_side
    return same and order.side == side and (order.reduce_only or pos_side != "net")
