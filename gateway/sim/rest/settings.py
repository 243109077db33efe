"""REST endpoints that set how an account trades: modes and borrowing.

Source: OKX docs, "Set account mode", "Set position mode", "Set auto loan".
"""

from __future__ import annotations

from gateway.sim.accounts.account_modes import set_account_level, set_auto_loan, set_position_mode
from gateway.sim.base.codes import Refusal
from gateway.sim.rest.calls import Call, Reply, reply, required_text


def position_mode(call: Call) -> Reply:
    body, account = call.trade_body(), call.account
    set_position_mode(account, required_text(body, "posMode"))
    return reply([{"posMode": account.pos_mode}])


def account_level(call: Call) -> Reply:
    body, account = call.trade_body(), call.account
    set_account_level(account, required_text(body, "acctLv"))
    return reply([{"acctLv": account.acct_lv}])


def auto_loan(call: Call) -> Reply:
    body, account = call.trade_body(), call.account
    wanted = body.get("autoLoan", True)
    if not isinstance(wanted, bool):
        raise Refusal("51000", param="autoLoan")
    set_auto_loan(account, wanted)
    return reply([{"autoLoan": account.auto_loan}])
