"""REST endpoints that need a key: orders and fills.

Source: OKX docs, "Place order" and the other trade pages, "Get order details", "Get order list", "Get order
history", "Get transaction details", "Cancel All After", "Get account rate limit".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from gateway.sim.accounts.fees import RATIO_VIP
from gateway.sim.accounts.finished_orders import UNFILLED_CANCELED_KEPT_MS, is_unfilled_cancel
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import decimal_text
from gateway.sim.channels.ledger import request_record
from gateway.sim.market.instruments import INST_TYPES, Instrument
from gateway.sim.market.orders import Fill, Order
from gateway.sim.rest.calls import Call, Reply, error_reply, page, reply
from gateway.sim.rows.order import fill_row, rest_row
from gateway.sim.trading.order_entry import MASS_CANCEL, TRADE_OPS, Request, RequestResult, TradeOp

DAY_MS = 24 * 3_600_000
HISTORY_MS, FILLS_MS, ARCHIVE_MS = 7 * DAY_MS, 3 * DAY_MS, 90 * DAY_MS


# --- trade -----------------------------------------------------------------------------------------------------


def trade(op_name: str) -> Callable[[Call], Reply]:
    """The handler of one order POST; `op_name` is the WebSocket name of the operation."""
    op = TRADE_OPS[op_name]

    def handle(call: Call) -> Reply:
        rows = call.body if op.batch else [call.body]
        _check_rows(op, rows)
        identity = call.identity
        may_trade = identity is not None and identity.may_trade
        request = Request(op, call.account, may_trade, rows, call.exp_time, False, call.arrival_ns)
        result = call.exchange.order_entry.run(request)
        _record(call, op.name, rows, result)
        return _trade_reply(call, result)

    return handle


def mass_cancel(call: Call) -> Reply:
    if not isinstance(call.body, dict):
        raise Refusal("50002")
    identity = call.identity
    may_trade = identity is not None and identity.may_trade
    result = call.exchange.order_entry.mass_cancel(call.account, may_trade, call.body, call.arrival_ns)
    _record(call, MASS_CANCEL, [call.body], result)
    return _trade_reply(call, result)


def cancel_all_after(call: Call) -> Reply:
    if not isinstance(call.body, dict):
        raise Refusal("50002")
    call.need_trade()
    time_out = call.body.get("timeOut")
    if time_out is None or time_out == "":
        raise Refusal("50014", param="timeOut")
    tag = call.body.get("tag") or ""
    return reply([call.exchange.cancel_after.arm(call.account, str(time_out), str(tag))])


def _check_rows(op: TradeOp, rows: Any) -> None:
    if not isinstance(rows, list) or not rows or not all(isinstance(one, dict) for one in rows):
        raise Refusal("50002")
    if len(rows) > op.rows_limit:
        raise Refusal(op.bulk_code, limit=op.rows_limit)


def _trade_reply(call: Call, result: RequestResult) -> Reply:
    """Keys in alphabetical order, as recorded; inTime is taken after authentication."""
    if not result.rows:
        return error_reply(result.code, result.msg)
    clock = call.exchange.clock
    members = {
        "code": result.code,
        "data": result.rows,
        "inTime": str(call.arrival_ns // 1000 + clock.skew_ms * 1000),
        "msg": result.msg,
        "outTime": str(clock.now_ns() // 1000),
    }
    return Reply(200, orjson.dumps(members, option=orjson.OPT_SORT_KEYS), result.code)


def _record(call: Call, op: str, rows: list[dict[str, Any]], result: RequestResult) -> None:
    call.exchange.ledger.add(
        request_record(
            call.arrival_ns, "rest", call.account.uid, op, rows, code=result.code, rows=result.rows,
            exp_time=call.exp_time or None,
        )
    )  # fmt: skip


# --- orders and fills ------------------------------------------------------------------------------------------


def order(call: Call) -> Reply:
    inst_id = call.required("instId")
    if inst_id not in call.exchange.instruments.by_inst_id:
        raise Refusal("51001")
    if not call.param("ordId") and not call.param("clOrdId"):
        raise Refusal("51003")
    found = call.account.find(call.param("ordId"), call.param("clOrdId"))
    if (
        found is None
        or found.instrument.inst_id != inst_id
        or _forgotten(found, call.exchange.clock.now_ms(), ARCHIVE_MS)
    ):
        raise Refusal("51603")
    return reply([rest_row(found)])


def orders_pending(call: Call) -> Reply:
    wanted = [one for one in reversed(call.account.live.values()) if _order_wanted(call, one)]
    return reply([rest_row(one) for one in page(wanted, _ord_id, _c_time, call)])


def orders_history(call: Call) -> Reply:
    """Finished within seven days."""
    return _finished(call, HISTORY_MS)


def orders_archive(call: Call) -> Reply:
    return _finished(call, ARCHIVE_MS)


def _finished(call: Call, kept_ms: int) -> Reply:
    call.required("instType")
    now_ms = call.exchange.clock.now_ms()
    finished = sorted((*call.account.finished, *call.account.unfilled), key=_ord_id, reverse=True)
    wanted = [one for one in finished if _order_wanted(call, one) and not _forgotten(one, now_ms, kept_ms)]
    return reply([rest_row(one) for one in page(wanted, _ord_id, _c_time, call)])


def fills(call: Call) -> Reply:
    """Of three days."""
    return _fills(call, FILLS_MS)


def fills_history(call: Call) -> Reply:
    call.required("instType")
    return _fills(call, ARCHIVE_MS)


def _fills(call: Call, kept_ms: int) -> Reply:
    since_ms = call.exchange.clock.now_ms() - kept_ms
    wanted = [
        one
        for one in reversed(call.account.fills)
        if one.time_ms >= since_ms
        and _instrument_wanted(call, one.order.instrument)
        and call.param("ordId") in ("", one.order.ord_id)
        and call.param("subType") in ("", one.sub_type)
    ]
    return reply([fill_row(one) for one in page(wanted, _bill_id, _fill_time, call, nearest=("before",))])


def account_rate_limit(call: Call) -> Reply:
    """Ratios and the next limit are empty below VIP5; the limit changes only on command."""
    account, tier = call.account, call.account.fee_tier
    limit = str(call.exchange.limits.sub_account_limit(account.uid))
    earns = tier.vip >= RATIO_VIP
    row = {
        "fillRatio": decimal_text(tier.fill_ratio) if earns else "",
        "mainFillRatio": decimal_text(tier.main_fill_ratio) if earns else "",
        "accRateLimit": limit,
        "nextAccRateLimit": limit if earns else "",
        "ts": str(call.exchange.clock.now_ms()),
    }
    return reply([row])


def _order_wanted(call: Call, one: Order) -> bool:
    types = call.param("ordType")
    return (
        _instrument_wanted(call, one.instrument)
        and (not types or one.ord_type in types.split(","))
        and call.param("state") in ("", one.state)
        and call.param("category") in ("", one.category)
    )


def _instrument_wanted(call: Call, instrument: Instrument) -> bool:
    inst_type = call.param("instType")
    if inst_type and inst_type not in INST_TYPES:
        raise Refusal("51000", param="instType")
    return (
        inst_type in ("", instrument.inst_type)
        and call.param("instId") in ("", instrument.inst_id)
        and call.param("instFamily") in ("", instrument.inst_family)
    )


def _forgotten(one: Order, now_ms: int, kept_ms: int) -> bool:
    if one.is_live:
        return False
    return now_ms - one.u_time_ms > (UNFILLED_CANCELED_KEPT_MS if is_unfilled_cancel(one) else kept_ms)


def _ord_id(one: Order) -> int:
    return int(one.ord_id)


def _c_time(one: Order) -> int:
    return one.c_time_ms


def _bill_id(one: Fill) -> int:
    return one.bill_id


def _fill_time(one: Fill) -> int:
    return one.time_ms
