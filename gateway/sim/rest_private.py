"""REST endpoints that need a key: orders, fills, account.

Source: OKX docs, "Place order" and the other trade pages, "Get order details", "Get order list", "Get order
history", "Get transaction details", "Cancel All After", "Get account rate limit", "Get balance", "Get positions",
"Get account configuration", "Get currencies".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from gateway.sim import account_rows
from gateway.sim.codes import Refusal
from gateway.sim.instruments import INST_TYPES, Instrument
from gateway.sim.order_rows import fill_row, rest_row
from gateway.sim.orders import CANCELED, Fill, Order
from gateway.sim.rest_calls import Call, Reply, error_reply, page, reply
from gateway.sim.trade_desk import MASS_CANCEL, TRADE_OPS, Outcome, Request, TradeOp

UNFILLED_CANCELED_KEPT_MS = 2 * 3_600_000  # orders cancelled without any fill (OKX docs, "Get order history")
CURRENCIES_LIMIT = 20


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
        outcome = call.exchange.desk.run(request)
        _record(call, op.name, rows, outcome)
        return _trade_reply(call, outcome)

    return handle


def mass_cancel(call: Call) -> Reply:
    if not isinstance(call.body, dict):
        raise Refusal("50002")
    identity = call.identity
    may_trade = identity is not None and identity.may_trade
    outcome = call.exchange.desk.mass_cancel(call.account, may_trade, call.body, call.arrival_ns)
    _record(call, MASS_CANCEL, [call.body], outcome)
    return _trade_reply(call, outcome)


def cancel_all_after(call: Call) -> Reply:
    if not isinstance(call.body, dict):
        raise Refusal("50002")
    if call.identity is None or not call.identity.may_trade:
        raise Refusal("50120")
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


def _trade_reply(call: Call, outcome: Outcome) -> Reply:
    """Keys in alphabetical order, as recorded; inTime is taken after authentication."""
    if not outcome.rows:
        return error_reply(outcome.code, outcome.msg)
    clock = call.exchange.clock
    members = {
        "code": outcome.code,
        "data": outcome.rows,
        "inTime": str(call.arrival_ns // 1000 + clock.skew_ms * 1000),
        "msg": outcome.msg,
        "outTime": str(clock.now_ns() // 1000),
    }
    return Reply(200, orjson.dumps(members, option=orjson.OPT_SORT_KEYS))


def _record(call: Call, op: str, rows: list[dict[str, Any]], outcome: Outcome) -> None:
    call.exchange.ledger.add(
        {
            "type": "request",
            "time_ns": call.arrival_ns,
            "transport": "rest",
            "session": None,
            "uid": call.account.uid,
            "op": op,
            "id": None,
            "exp_time": call.exp_time or None,
            "args": rows,
            "code": outcome.code,
            "rows": outcome.rows,
        }
    )


# --- orders and fills ------------------------------------------------------------------------------------------


def order(call: Call) -> Reply:
    inst_id = call.required("instId")
    if inst_id not in call.exchange.instruments.by_inst_id:
        raise Refusal("51001")
    if not call.param("ordId") and not call.param("clOrdId"):
        raise Refusal("51003")
    found = call.account.find(call.param("ordId"), call.param("clOrdId"))
    if found is None or found.instrument.inst_id != inst_id or _forgotten(found, call.exchange.clock.now_ms()):
        raise Refusal("51603")
    return reply([rest_row(found)])


def orders_pending(call: Call) -> Reply:
    wanted = [one for one in reversed(call.account.live.values()) if _order_wanted(call, one)]
    return reply([rest_row(one) for one in page(wanted, _ord_id, _c_time, call)])


def orders_history(call: Call) -> Reply:
    call.required("instType")
    now_ms = call.exchange.clock.now_ms()
    finished = sorted(call.account.finished, key=_ord_id, reverse=True)
    wanted = [one for one in finished if _order_wanted(call, one) and not _forgotten(one, now_ms)]
    return reply([rest_row(one) for one in page(wanted, _ord_id, _c_time, call)])


def fills(call: Call) -> Reply:
    wanted = [
        one
        for one in reversed(call.account.fills)
        if _instrument_wanted(call, one.order.instrument)
        and call.param("ordId") in ("", one.order.ord_id)
        and call.param("subType") in ("", one.sub_type)
    ]
    markets = call.exchange.markets
    rows = page(wanted, _bill_id, _fill_time, call)
    return reply([fill_row(one, markets[one.order.instrument.inst_id]) for one in rows])


def fills_history(call: Call) -> Reply:
    call.required("instType")
    return fills(call)


def account_rate_limit(call: Call) -> Reply:
    """Ratio fields are empty for a regular user."""
    limit = call.exchange.limits.sub_account_limit(call.account.uid)
    now_ms = str(call.exchange.clock.now_ms())
    row = {"fillRatio": "", "mainFillRatio": "", "accRateLimit": str(limit), "nextAccRateLimit": "", "ts": now_ms}
    return reply([row])


def _order_wanted(call: Call, one: Order) -> bool:
    types = call.param("ordType")
    return (
        _instrument_wanted(call, one.instrument)
        and (not types or one.ord_type in types.split(","))
        and call.param("state") in ("", one.state)
        and call.param("category") in ("", "normal")
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


def _forgotten(one: Order, now_ms: int) -> bool:
    return one.state == CANCELED and not one.acc_fill_sz and now_ms - one.u_time_ms > UNFILLED_CANCELED_KEPT_MS


def _ord_id(one: Order) -> int:
    return int(one.ord_id)


def _c_time(one: Order) -> int:
    return one.c_time_ms


def _bill_id(one: Fill) -> int:
    return one.bill_id


def _fill_time(one: Fill) -> int:
    return one.time_ms


# --- account ---------------------------------------------------------------------------------------------------


def config(call: Call) -> Reply:
    account = call.account
    key = None if call.identity is None else call.identity.api_key
    return reply([account_rows.config_row(account, key.permissions if key else (), key.ips if key else ())])


def balance(call: Call) -> Reply:
    asked = [ccy for ccy in call.param("ccy").split(",") if ccy]
    if len(asked) > CURRENCIES_LIMIT:
        raise Refusal("51000", param="ccy")
    exchange = call.exchange
    return reply([account_rows.balance_row(call.account, exchange.usd_px, exchange.clock.now_ms(), asked or None)])


def positions(call: Call) -> Reply:
    """A closed position is only shown when it is asked for by name."""
    exchange, account = call.exchange, call.account
    inst_ids = [one for one in call.param("instId").split(",") if one]
    pos_ids = [one for one in call.param("posId").split(",") if one]
    known = list(account.positions.values())
    if inst_ids or pos_ids:
        known += [one for key, one in account.closed_positions.items() if key not in account.positions]
    now_ms = exchange.clock.now_ms()
    return reply(
        [
            account_rows.position_row(account, one, exchange.markets[one.instrument.inst_id], now_ms, push=False)
            for one in known
            if call.param("instType") in ("", one.instrument.inst_type)
            and (not inst_ids or one.instrument.inst_id in inst_ids)
            and (not pos_ids or one.pos_id in pos_ids)
        ]
    )


def currencies(call: Call) -> Reply:
    """The currencies of the listed instruments; the simulator has no deposits and no withdrawals."""
    exchange = call.exchange
    names = {one.base_ccy for one in exchange.instruments} | {one.quote_ccy for one in exchange.instruments}
    asked = [ccy for ccy in call.param("ccy").split(",") if ccy]
    return reply(
        [
            {
                "ccy": ccy,
                "name": ccy,
                "chain": f"{ccy}-Simulated",
                "canDep": False,
                "canWd": False,
                "canInternal": False,
                "minWd": "",
                "maxWd": "",
                "minFee": "",
                "maxFee": "",
                "minDep": "",
                "wdTickSz": "8",
                "mainNet": True,
            }
            for ccy in sorted(names - {""})
            if not asked or ccy in asked
        ]
    )
