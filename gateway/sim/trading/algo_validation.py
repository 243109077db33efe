"""Pure. Turns a request for an algo order into one, or refuses it with OKX's code.

Source: OKX docs, "Place algo order", "Amend algo order", "Error Code". Algo orders set no money aside: whether the
account can pay is seen when they fire.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.positions import position_key
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import flag_param, is_client_id, is_tag, parse_decimal, text_param
from gateway.sim.market.algo_legs import STOP_LOSS, TAKE_PROFIT, TRIGGER, Leg
from gateway.sim.market.algo_orders import ALGO_TYPES, TPSL_TYPES, TRAILING, AlgoOrder
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.markets import Market
from gateway.sim.market.orders import Order
from gateway.sim.trading.attached_validation import parse_attached, row_list
from gateway.sim.trading.leg_validation import (
    amended_leg,
    check_against_market,
    checked_px_type,
    order_px,
    parse_leg,
    parse_trail,
    trigger_px,
)
from gateway.sim.trading.size_checks import check_lots
from gateway.sim.trading.validation import SIDES, check_state, check_td_mode, checked_pos_side

# Live algo orders per instrument (OKX docs, "Overview", order limits), with the code beyond.
LIMITS = {"conditional": (100, "51261"), "oco": (100, "51261"), "trigger": (500, "51299"), TRAILING: (50, "51260")}


def parse_algo(
    row: dict[str, Any], instrument: Instrument, market: Market, account: Account, *, algo_id: str, now_ms: int
) -> AlgoOrder:
    """The algo order that `row` asks for. Raises Refusal."""
    try:
        instrument = account.product(instrument, text_param(row, "tdMode"))
        algo = _parameters(row, instrument, account, algo_id, now_ms)
        check_state(instrument, "market")
        check_td_mode(account, instrument, algo.td_mode, algo.side)
        algo.pos_side = checked_pos_side(account, instrument, algo.pos_side)
        _set_condition(algo, row, market)
        _set_size(algo, row, account)
        _set_quote_parameters(algo, row)
        _check_position_link(algo, row, account)
        _check_attached(algo, row, market, account)
    except TypeError as wrong:
        raise Refusal("51000", param=wrong) from None
    _check_limits(algo, account)
    return algo


def _parameters(row: dict[str, Any], instrument: Instrument, account: Account, algo_id: str, now_ms: int) -> AlgoOrder:
    for name in ("tdMode", "side", "ordType"):
        if not text_param(row, name):
            raise Refusal("50014", param=name)
    algo = AlgoOrder(
        algo_id, account, instrument, text_param(row, "ordType"), text_param(row, "side"), text_param(row, "tdMode"),
        None, now_ms, pos_side=text_param(row, "posSide"), algo_cl_ord_id=text_param(row, "algoClOrdId"),
        tag=text_param(row, "tag"), ccy=text_param(row, "ccy"), reduce_only=flag_param(row, "reduceOnly"),
        u_time_ms=now_ms,
    )  # fmt: skip
    if algo.ord_type not in ALGO_TYPES:
        raise Refusal("51000", param="ordType")
    if algo.side not in SIDES:
        raise Refusal("51000", param="side")
    if instrument.inst_type == "OPTION":
        raise Refusal("51044", inst_type=instrument.inst_type, ord_type=algo.ord_type)
    if algo.tag and not is_tag(algo.tag):
        raise Refusal("51000", param="tag")
    if algo.algo_cl_ord_id:
        if not is_client_id(algo.algo_cl_ord_id):
            raise Refusal("51000", param="algoClOrdId")
        if account.algos.is_taken(algo.algo_cl_ord_id, account.live.values()):
            raise Refusal("51065")
    return algo


def _set_condition(algo: AlgoOrder, row: dict[str, Any], market: Market) -> None:
    if algo.ord_type == TRAILING:
        algo.trail = parse_trail(row, algo.instrument)
        if algo.trail is None:
            raise Refusal("50015", param="callbackRatio", other="callbackSpread")
        active_px, sells = algo.trail.active_px, algo.side == "sell"
        if active_px is not None and (active_px <= market.last_px if sells else active_px >= market.last_px):
            raise Refusal("51258" if sells else "51259")
    elif algo.ord_type == "trigger":
        _set_trigger(algo, row, market)
    else:
        _set_tpsl(algo, row, market)


def _set_trigger(algo: AlgoOrder, row: dict[str, Any], market: Market) -> None:
    px = trigger_px(text_param(row, "triggerPx"), algo.instrument, "triggerPx")
    px_type = checked_px_type(text_param(row, "triggerPxType"), algo.instrument, "triggerPxType")
    order_text = text_param(row, "orderPx")
    if not order_text:
        raise Refusal("50014", param="orderPx")
    ord_px = order_px(order_text, algo.instrument, "orderPx")
    algo.legs = [Leg(TRIGGER, px >= market.px(px_type), px, px_type, ord_px)]
    algo.advance_ord_type = text_param(row, "advanceOrdType")
    allowed = ("", "fok", "ioc") if ord_px is not None else ("",)
    if algo.advance_ord_type not in allowed:
        raise Refusal("51000", param="advanceOrdType")


def _set_tpsl(algo: AlgoOrder, row: dict[str, Any], market: Market) -> None:
    tp = parse_leg(row, TAKE_PROFIT, algo.instrument, algo.side)
    sl = parse_leg(row, STOP_LOSS, algo.instrument, algo.side)
    if algo.ord_type == "oco":
        if tp is None or sl is None:
            raise Refusal("50014", param="slTriggerPx" if sl is None else "tpTriggerPx")
    elif tp is None and sl is None:
        raise Refusal("50015", param="tpTriggerPx", other="slTriggerPx")
    elif sl is not None:
        tp = None  # of both only the stop-loss counts
    if tp is not None and tp.limit:
        if sl is None:
            raise Refusal("51095")
        if not flag_param(row, "cxlOnClosePos"):
            raise Refusal("51096")
    algo.legs = [leg for leg in (tp, sl) if leg is not None]
    for leg in algo.legs:
        if leg.ratio is not None:
            raise Refusal("51000", param=f"{leg.kind}TriggerRatio")
        check_against_market(leg, market)


def _set_size(algo: AlgoOrder, row: dict[str, Any], account: Account) -> None:
    sz_text, fraction = text_param(row, "sz"), text_param(row, "closeFraction")
    if not sz_text and not fraction:
        raise Refusal("50015", param="sz", other="closeFraction")
    if fraction:
        _check_close_fraction(algo, fraction, account)
        return
    sz = parse_decimal(sz_text)
    if sz is None or sz <= 0:
        raise Refusal("51000", param="sz")
    algo.sz = sz
    if algo.instrument.is_pair and algo.side == "buy" and is_at_market(algo):
        return  # in quote currency, or checked when it fires
    check_algo_size(algo, sz)


def check_algo_size(algo: AlgoOrder, sz: Decimal) -> None:
    instrument = algo.instrument
    check_lots(instrument, sz)
    if is_at_market(algo) and not instrument.is_pair and sz > instrument.max_mkt_sz:
        raise Refusal("51275")
    if sz > instrument.max_lmt_sz:
        raise Refusal("51005" if instrument.is_pair else "51101", limit=instrument.max_lmt_sz)


def is_at_market(algo: AlgoOrder) -> bool:
    """Whether any of the orders that it can place is a market order."""
    return algo.trail is not None or any(leg.ord_px is None for leg in algo.legs)


def _check_close_fraction(algo: AlgoOrder, fraction: str, account: Account) -> None:
    """Only whole positions can be closed (OKX docs, "Place algo order", closeFraction)."""
    if fraction not in ("1", "1.0"):
        raise Refusal("51000", param="closeFraction")
    if algo.instrument.inst_type not in ("FUTURES", "SWAP"):
        raise Refusal("51327")
    if account.acct_lv == "4":
        raise Refusal("51332")
    if algo.ord_type not in TPSL_TYPES:
        raise Refusal("51331")
    if any(leg.ord_px is not None for leg in algo.legs):
        raise Refusal("51330")
    if algo.pos_side == "net" and not algo.reduce_only:
        raise Refusal("51328")
    if any(one.sz is None and position_key(one) == position_key(algo) for one in account.algos.live.values()):
        raise Refusal("51088")
    algo.follows_position = True


def _set_quote_parameters(algo: AlgoOrder, row: dict[str, Any]) -> None:
    tgt_ccy, instrument = text_param(row, "tgtCcy"), algo.instrument
    if tgt_ccy not in ("", "base_ccy", "quote_ccy"):
        raise Refusal("51000", param="tgtCcy")
    if tgt_ccy and algo.ord_type == "trigger":
        raise Refusal("51281")
    if not instrument.is_pair:
        algo.ccy = instrument.settle_ccy
        return
    if algo.ord_type in TPSL_TYPES:
        algo.tgt_ccy = tgt_ccy or ("quote_ccy" if algo.side == "buy" and is_at_market(algo) else "base_ccy")
    if not instrument.is_spot:
        return
    algo.trade_quote_ccy = text_param(row, "tradeQuoteCcy") or instrument.quote_ccy
    if algo.trade_quote_ccy != instrument.quote_ccy:
        raise Refusal("51000", param="tradeQuoteCcy")


def _check_position_link(algo: AlgoOrder, row: dict[str, Any], account: Account) -> None:
    if flag_param(row, "cxlOnClosePos"):
        if not algo.reduce_only:
            raise Refusal("51000", param="cxlOnClosePos")
        algo.follows_position = True
    if not algo.follows_position:
        return
    position = account.positions.get(position_key(algo))
    if position is None or not position.pos:
        raise Refusal("51058")
    if (position.pos > 0) == (algo.side == "buy"):
        raise Refusal("51331")


def _check_attached(algo: AlgoOrder, row: dict[str, Any], market: Market, account: Account) -> None:
    """Only trigger orders can carry attached TP/SL; they are checked against the order that it will place."""
    rows = row_list(row)
    if not rows:
        return
    if algo.ord_type != "trigger":
        raise Refusal("51000", param="attachAlgoOrds")
    leg = algo.legs[0]
    px = leg.trigger_px if leg.ord_px is None else leg.ord_px
    order = Order(
        "", algo.account, algo.instrument, algo.side, "limit", algo.td_mode, algo.sz or Decimal(0), px, 0,
        pos_side=algo.pos_side, reduce_only=algo.reduce_only,
    )  # fmt: skip
    parse_attached(row, order, market, account)
    algo.attach_rows = rows


def _check_limits(algo: AlgoOrder, account: Account) -> None:
    limit, code = LIMITS[algo.ord_type]
    same = TPSL_TYPES if algo.ord_type in TPSL_TYPES else (algo.ord_type,)
    live = sum(
        1
        for one in account.algos.live.values()
        if one.instrument.inst_id == algo.instrument.inst_id and one.ord_type in same
    )
    if live >= limit:
        raise Refusal(code, limit=limit)


# --- amending --------------------------------------------------------------------------------------------------


def parse_amended(algo: AlgoOrder, row: dict[str, Any], market: Market) -> tuple[Decimal | None, list[Leg]]:
    """Size and legs of an algo order after an amend. Raises Refusal, or TypeError for a wrong JSON type."""
    if algo.ord_type == TRAILING:
        raise Refusal("51506")
    sz, sz_text = algo.sz, text_param(row, "newSz")
    if sz_text:
        if algo.sz is None:
            raise Refusal("51524")
        sz = parse_decimal(sz_text)
        if sz is None or sz <= 0:
            raise Refusal("51000", param="newSz")
        if algo.tgt_ccy != "quote_ccy":
            check_algo_size(algo, sz)
    amended = _amended_trigger if algo.ord_type == "trigger" else _amended_tpsl
    legs = amended(algo, row, market)
    if sz == algo.sz and legs == algo.legs and not sz_text:
        raise Refusal("51500")
    return sz, legs


def _amended_trigger(algo: AlgoOrder, row: dict[str, Any], market: Market) -> list[Leg]:
    (leg,) = algo.legs
    px_text, ord_text = text_param(row, "newTriggerPx"), text_param(row, "newOrdPx")
    type_text = text_param(row, "newTriggerPxType")
    px = trigger_px(px_text, algo.instrument, "newTriggerPx") if px_text else leg.trigger_px
    ord_px = order_px(ord_text, algo.instrument, "newOrdPx") if ord_text else leg.ord_px
    px_type = checked_px_type(type_text, algo.instrument, "newTriggerPxType") if type_text else leg.px_type
    rises = px >= market.px(px_type) if px_text or type_text else leg.rises
    return [Leg(TRIGGER, rises, px, px_type, ord_px)]


def _amended_tpsl(algo: AlgoOrder, row: dict[str, Any], market: Market) -> list[Leg]:
    legs = []
    for kind in (TAKE_PROFIT, STOP_LOSS):
        before = algo.leg(kind)
        leg = amended_leg(before, row, kind, algo.instrument, algo.side)
        if before is None and leg is not None:
            raise Refusal("51526")
        if leg is None:
            continue
        if algo.sz is None and leg.ord_px is not None:
            raise Refusal("51523")
        if leg != before:
            check_against_market(leg, market)
        legs.append(leg)
    if not legs:
        raise Refusal("51531")
    return legs
