"""REST endpoints of algo orders, close-position and market maker protection.

Source: OKX docs, "Place algo order", "Cancel algo order", "Amend algo order", "Get algo order details", "Get algo
order list", "Get algo order history", "Close positions", "Set MMP", "GET MMP Config", "Reset MMP Status".
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson

from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import flag_param, is_client_id, text_param
from gateway.sim.channels.ledger import request_record
from gateway.sim.market.algo_orders import ALGO_TYPES, CANCELED, EFFECTIVE, ORDER_FAILED, TPSL_TYPES, AlgoOrder
from gateway.sim.market.instruments import INST_TYPES, Instrument
from gateway.sim.rest.calls import Call, Reply, page, reply
from gateway.sim.rows.algo import rest_row
from gateway.sim.trading.close_position import close_position as close
from gateway.sim.trading.limits import Charge, LimitKey

CANCEL_ROWS_LIMIT = 10
CANCEL_LIMIT = 20  # algo orders per 2 s
QUERY_TYPES = ALGO_TYPES | {"chase", "iceberg", "twap", "smart_iceberg"}
HISTORY_STATES = (EFFECTIVE, CANCELED, ORDER_FAILED)


def _body(call: Call) -> dict[str, Any]:
    if not isinstance(call.body, dict):
        raise Refusal("50002")
    if call.identity is None or not call.identity.may_trade:
        raise Refusal("50120")
    return call.body


def _instrument(call: Call, row: dict[str, Any]) -> Instrument:
    inst_id = row.get("instId")
    if not inst_id:
        raise Refusal("50014", param="instId")
    instrument = call.exchange.instruments.by_inst_id.get(str(inst_id))
    if instrument is None:
        raise Refusal("51001")
    return instrument


def _answer(call: Call, op: str, sent: list[Any], rows: list[dict[str, Any]]) -> Reply:
    """Code 1 if all rows failed, 2 if some did, as for ordinary orders."""
    failed = sum(1 for row in rows if row["sCode"] != "0")
    code = "0" if not failed else "1" if failed == len(rows) else "2"
    msg = {"0": "", "1": "All operations failed", "2": "Bulk operation partially succeeded."}[code]
    call.exchange.ledger.add(request_record(call.arrival_ns, "rest", call.account.uid, op, sent, code=code, rows=rows))
    return Reply(200, orjson.dumps({"code": code, "data": rows, "msg": msg}), code)


# --- orders ----------------------------------------------------------------------------------------------------


def place_algo(call: Call) -> Reply:
    row = _body(call)
    answer = {"algoClOrdId": _echo(row, "algoClOrdId"), "algoId": "", "clOrdId": "", "sCode": "0", "sMsg": ""}
    answer["tag"] = _echo(row, "tag")
    try:
        answer["algoId"] = call.exchange.algo_engine.place(call.account, _instrument(call, row), row).algo_id
    except Refusal as refusal:
        answer |= {"sCode": refusal.code, "sMsg": refusal.msg}
    return _answer(call, "order-algo", [row], [answer])


def cancel_algos(call: Call) -> Reply:
    rows = call.body
    if not isinstance(rows, list) or not rows or not all(isinstance(one, dict) for one in rows):
        raise Refusal("50002")
    if call.identity is None or not call.identity.may_trade:
        raise Refusal("50120")
    if len(rows) > CANCEL_ROWS_LIMIT:
        raise Refusal("51406", limit=CANCEL_ROWS_LIMIT)
    _count_cancels(call, rows)
    return _answer(call, "cancel-algos", rows, [_cancel_one(call, row) for row in rows])


def _cancel_one(call: Call, row: dict[str, Any]) -> dict[str, Any]:
    answer = {
        "algoClOrdId": _echo(row, "algoClOrdId"),
        "algoId": _echo(row, "algoId"),
        "clOrdId": "",
        "sCode": "0",
        "sMsg": "",
        "tag": "",
    }
    try:
        algo = _named(call, row, missing="51400")
        call.exchange.algo_engine.cancel(algo)
        answer["algoId"] = algo.algo_id
    except Refusal as refusal:
        answer |= {"sCode": refusal.code, "sMsg": refusal.msg}
    return answer


def amend_algo(call: Call) -> Reply:
    row = _body(call)
    req_id = _echo(row, "reqId")
    answer = {
        "algoClOrdId": _echo(row, "algoClOrdId"),
        "algoId": _echo(row, "algoId"),
        "reqId": req_id,
        "sCode": "0",
        "sMsg": "",
    }
    try:
        if req_id and not is_client_id(req_id):
            raise Refusal("51000", param="reqId")
        algo = _named(call, row, missing="51527")
        answer |= {"algoId": algo.algo_id, "algoClOrdId": algo.algo_cl_ord_id}
        call.exchange.algo_engine.amend(algo, row, req_id, _flag(row, "cxlOnFail"))
    except Refusal as refusal:
        answer |= {"sCode": refusal.code, "sMsg": refusal.msg}
    return _answer(call, "amend-algos", [row], [answer])


def _named(call: Call, row: dict[str, Any], missing: str) -> AlgoOrder:
    """The live algo order that a row names; algoId wins over algoClOrdId."""
    instrument = _instrument(call, row)
    try:
        algo_id, cl_ord_id = text_param(row, "algoId"), text_param(row, "algoClOrdId")
    except TypeError as wrong:
        raise Refusal("51000", param=wrong) from None
    if not algo_id and not cl_ord_id:
        raise Refusal("50015", param="algoId", other="algoClOrdId")
    algo = call.account.algos.find(algo_id, cl_ord_id)
    if algo is None or not algo.is_live or algo.instrument.inst_id != instrument.inst_id:
        raise Refusal(missing)
    return algo


def _flag(row: dict[str, Any], name: str) -> bool:
    try:
        return flag_param(row, name)
    except TypeError as wrong:
        raise Refusal("51000", param=wrong) from None


def _echo(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _count_cancels(call: Call, rows: list[dict[str, Any]]) -> None:
    """20 algo orders per 2 s, user and instrument, counted one by one."""
    limits, switches = call.exchange.limits, call.exchange.switches
    counts = Counter(_echo(row, "instId") for row in rows)
    charges = [Charge(LimitKey(call.account.uid, "cancel-algos", inst), n, CANCEL_LIMIT) for inst, n in counts.items()]
    limits.see(charges, call.arrival_ns)
    if switches.limiter_window == "off":
        return
    fixed = switches.limiter_window == "fixed"
    if limits.admit(charges, call.arrival_ns, fixed=fixed, count_refused=switches.limiter_counts_refused) is not None:
        raise Refusal("50011")


# --- queries ---------------------------------------------------------------------------------------------------


def algo_order(call: Call) -> Reply:
    algo_id, cl_ord_id = call.param("algoId"), call.param("algoClOrdId")
    if not algo_id and not cl_ord_id:
        raise Refusal("50015", param="algoId", other="algoClOrdId")
    algo = call.account.algos.find(algo_id, cl_ord_id)
    if algo is None:
        raise Refusal("51603")
    return reply([rest_row(algo)])


def algos_pending(call: Call) -> Reply:
    types = _types(call)
    wanted = [one for one in reversed(call.account.algos.live.values()) if _wanted(call, one, types)]
    return reply([rest_row(one) for one in page(wanted, _algo_id, _c_time, call)])


def algos_history(call: Call) -> Reply:
    types = _types(call)
    state, algo_id = call.param("state"), call.param("algoId")
    if not state and not algo_id:
        raise Refusal("51602")
    if state and algo_id:
        raise Refusal("51601")
    if state and state not in HISTORY_STATES:
        raise Refusal("51000", param="state")
    newest_first = sorted(call.account.algos.finished, key=_algo_id, reverse=True)
    wanted = [one for one in newest_first if _wanted(call, one, types) and state in ("", one.state)]
    return reply([rest_row(one) for one in page(wanted, _algo_id, _c_time, call)])


def _types(call: Call) -> set[str]:
    """ordType names one type, or conditional and oco together."""
    types = set(call.required("ordType").split(","))
    if not types <= QUERY_TYPES or (len(types) > 1 and not types <= TPSL_TYPES):
        raise Refusal("51000", param="ordType")
    inst_type = call.param("instType")
    if inst_type and inst_type not in INST_TYPES:
        raise Refusal("51000", param="instType")
    return types


def _wanted(call: Call, algo: AlgoOrder, types: set[str]) -> bool:
    return (
        algo.ord_type in types
        and call.param("algoId") in ("", algo.algo_id)
        and call.param("algoClOrdId") in ("", algo.algo_cl_ord_id)
        and call.param("instType") in ("", algo.instrument.inst_type)
        and call.param("instId") in ("", algo.instrument.inst_id)
    )


def _algo_id(algo: AlgoOrder) -> int:
    return int(algo.algo_id)


def _c_time(algo: AlgoOrder) -> int:
    return algo.c_time_ms


# --- positions and market makers -------------------------------------------------------------------------------


def close_position(call: Call) -> Reply:
    row = _body(call)
    return reply([close(call.exchange.engine, call.account, _instrument(call, row), row)])


def set_mmp(call: Call) -> Reply:
    return reply([_mmp(call, call.exchange.engine.mmp.configure)])


def mmp_config(call: Call) -> Reply:
    return reply(call.exchange.engine.mmp.config_rows(call.account, call.param("instFamily")))


def reset_mmp(call: Call) -> Reply:
    _mmp(call, call.exchange.engine.mmp.reset)
    return reply([{"result": True}])


def _mmp(call: Call, run: Any) -> Any:
    row = _body(call)
    try:
        return run(call.account, row)
    except TypeError as wrong:
        raise Refusal("51000", param=wrong) from None
