"""REST endpoints that set how an account trades: modes and borrowing.

Source: OKX docs, "Set account mode", "Set position mode", "Set auto loan".
"""

from __future__ import annotations

from typing import Any

from gateway.sim.account_modes import set_account_level, set_auto_loan, set_position_mode
from gateway.sim.accounts import Account
from gateway.sim.codes import Refusal
from gateway.sim.formats import text_param
from gateway.sim.rest_calls import Call, Reply, reply


def position_mode(call: Call) -> Reply:
    account, body = _checked(call)
    set_position_mode(account, _text(body, "posMode"))
    return reply([{"posMode": account.pos_mode}])


def account_level(call: Call) -> Reply:
    account, body = _checked(call)
    set_account_level(account, _text(body, "acctLv"))
    return reply([{"acctLv": account.acct_lv}])


def auto_loan(call: Call) -> Reply:
    account, body = _checked(call)
    wanted = body.get("autoLoan", True)
    if not isinstance(wanted, bool):
        raise Refusal("51000", param="autoLoan")
    set_auto_loan(account, wanted)
    return reply([{"autoLoan": account.auto_loan}])


def _checked(call: Call) -> tuple[Account, dict[str, Any]]:
    if not isinstance(call.body, dict):
        raise Refusal("50002")
    if call.identity is None or not call.identity.may_trade:
        raise Refusal("50120")
    return call.account, call.body


def _text(body: dict[str, Any], name: str) -> str:
    try:
        text = text_param(body, name)
    except TypeError:
        raise Refusal("51000", param=name) from None
    if not text:
        raise Refusal("50014", param=name)
    return text
