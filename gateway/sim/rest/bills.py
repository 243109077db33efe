"""REST endpoints on the movements of the trading account's cash.

Source: OKX docs, "Get bills details (last 7 days)", "Get bills details (last 3 months)".
"""

from __future__ import annotations

from typing import Any

from gateway.sim.accounts.bills import Bill
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import decimal_text
from gateway.sim.market.instruments import INST_TYPES
from gateway.sim.rest.calls import Call, Reply, page, reply
from gateway.sim.rows.order import fill_prices

DAY_MS = 24 * 3_600_000
BILLS_MS, ARCHIVE_MS = 7 * DAY_MS, 90 * DAY_MS

_ALLOWED = {
    "instType": ("", *INST_TYPES),
    "mgnMode": ("", "isolated", "cross", "cash"),
    "ctType": ("", "linear", "inverse"),
}


def bills(call: Call) -> Reply:
    return _bills(call, BILLS_MS)


def bills_archive(call: Call) -> Reply:
    return _bills(call, ARCHIVE_MS)


def _bills(call: Call, kept_ms: int) -> Reply:
    for name, allowed in _ALLOWED.items():
        if call.param(name) not in allowed:
            raise Refusal("51000", param=name)
    since_ms = call.exchange.clock.now_ms() - kept_ms
    wanted = [one for one in reversed(call.account.bills) if one.time_ms >= since_ms and _wanted(call, one)]
    rows = page(wanted, lambda one: one.bill_id, lambda one: one.time_ms, call)
    return reply([bill_row(one) for one in rows])


def _wanted(call: Call, bill: Bill) -> bool:
    instrument = bill.instrument
    return (
        call.param("instType") in ("", "" if instrument is None else instrument.inst_type)
        and call.param("instId") in ("", "" if instrument is None else instrument.inst_id)
        and call.param("ctType") in ("", "" if instrument is None else instrument.ct_type)
        and call.param("ccy") in ("", bill.ccy)
        and call.param("mgnMode") in ("", bill.mgn_mode)
        and call.param("type") in ("", bill.type)
        and call.param("subType") in ("", bill.sub_type)
    )


_FILL_PRICES = ("fillIdxPx", "fillMarkPx", "fillPxVol", "fillPxUsd", "fillMarkVol", "fillFwdPx")


def bill_row(bill: Bill) -> dict[str, Any]:
    """Isolated margin is not kept as a balance apart, so the position's own balance is always 0."""
    fill, instrument = bill.fill, bill.instrument
    order = None if fill is None else fill.order
    return {
        "bal": decimal_text(bill.bal),
        "balChg": decimal_text(bill.bal_chg),
        "billId": str(bill.bill_id),
        "ccy": bill.ccy,
        "clOrdId": "" if order is None else order.cl_ord_id,
        "earnAmt": "",
        "earnApr": "",
        "execType": "" if fill is None else fill.exec_type,
        "fee": decimal_text(bill.fee),
        **(dict.fromkeys(_FILL_PRICES, "") if fill is None else fill_prices(fill)),
        "fillTime": "" if fill is None else str(fill.time_ms),
        "from": bill.remitter,
        "instId": "" if instrument is None else instrument.inst_id,
        "instType": "" if instrument is None else instrument.inst_type,
        "interest": decimal_text(bill.interest),
        "mgnMode": bill.mgn_mode,
        "notes": bill.notes,
        "ordId": "" if order is None else order.ord_id,
        "pnl": decimal_text(bill.pnl),
        "posBal": "0",
        "posBalChg": "0",
        "px": "" if bill.px is None else decimal_text(bill.px),
        "subType": bill.sub_type,
        "sz": decimal_text(bill.sz),
        "tag": "" if order is None else order.tag,
        "to": bill.beneficiary,
        "tradeId": "" if fill is None else fill.trade_id,
        "ts": str(bill.time_ms),
        "type": bill.type,
    }
