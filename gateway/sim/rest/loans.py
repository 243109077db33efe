"""REST endpoints on borrowing: interest that accrued, its rate, and how much could be borrowed.

Source: OKX docs, "Get interest accrued data", "Get interest rate", "Get the maximum loan of instrument".
"""

from __future__ import annotations

from decimal import Decimal

from gateway.sim.accounts.accruals import Accrual
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import ZERO, decimal_text
from gateway.sim.exchange.funding import HOURLY_INTEREST
from gateway.sim.market.instruments import Instrument
from gateway.sim.rest.account import MGN_MODES, asked_products, largest_order
from gateway.sim.rest.asset import known_currencies
from gateway.sim.rest.calls import Call, Reply, page, reply

MARKET_LOANS = "2"


def interest_accrued(call: Call) -> Reply:
    """Market loans; pages go by time."""
    mgn_mode = call.param("mgnMode")
    if mgn_mode not in ("", *MGN_MODES):
        raise Refusal("51000", param="mgnMode")
    if call.param("type") not in ("", "1", MARKET_LOANS):
        raise Refusal("51000", param="type")
    wanted = [
        one
        for one in reversed(call.account.accruals)
        if call.param("type") in ("", MARKET_LOANS)
        and call.param("ccy") in ("", one.ccy)
        and call.param("instId") in ("", one.inst_id)
        and mgn_mode in ("", one.mgn_mode)
    ]
    return reply([_accrual_row(one) for one in page(wanted, lambda one: one.time_ms, lambda one: one.time_ms, call)])


def _accrual_row(one: Accrual) -> dict[str, str]:
    return {
        "ccy": one.ccy,
        "instId": one.inst_id,
        "interest": decimal_text(one.interest),
        "interestFreeLiab": "",
        "interestRate": decimal_text(HOURLY_INTEREST),
        "liab": decimal_text(one.liab),
        "mgnMode": one.mgn_mode,
        "totalLiab": decimal_text(one.liab),
        "ts": str(one.time_ms),
        "type": MARKET_LOANS,
    }


def interest_rate(call: Call) -> Reply:
    """Per hour, the same for all currencies."""
    asked, rate = call.param("ccy"), decimal_text(HOURLY_INTEREST)
    return reply([{"ccy": ccy, "interestRate": rate} for ccy in known_currencies(call) if asked in ("", ccy)])


def max_loan(call: Call) -> Reply:
    """The loans of the largest orders at the mark price: quote currency to buy, base currency to sell."""
    mgn_mode, account = call.required("mgnMode"), call.account
    if mgn_mode not in MGN_MODES:
        raise Refusal("51000", param="mgnMode")
    if account.acct_lv == "1":
        raise Refusal("51010")
    products = asked_products(call, mgn_mode)
    if not all(one.is_pair for one in products):
        raise Refusal("51000", param="instId")
    return reply([row for one in products for row in _loan_rows(call, one, mgn_mode)])


def _loan_rows(call: Call, instrument: Instrument, mgn_mode: str) -> list[dict[str, str]]:
    account, mgn_ccy = call.account, call.param("mgnCcy") or instrument.quote_ccy
    if mgn_ccy not in (instrument.base_ccy, instrument.quote_ccy):
        raise Refusal("51000", param="mgnCcy")
    px = call.exchange.mark_px(instrument)
    rows = []
    for side, ccy in (("buy", instrument.quote_ccy), ("sell", instrument.base_ccy)):
        sz = largest_order(account, instrument, mgn_mode, side, px, mgn_ccy)
        loan = sz * px if side == "buy" else sz
        if instrument.is_spot:  # own money goes first
            loan = max(ZERO, loan - max(Decimal(0), account.cash[ccy] - account.frozen[ccy]))
        rows.append(
            {
                "ccy": ccy,
                "instId": instrument.inst_id,
                "maxLoan": decimal_text(loan),
                "mgnCcy": mgn_ccy if instrument.inst_type == "MARGIN" else "",
                "mgnMode": mgn_mode,
                "side": side,
            }
        )
    return rows
