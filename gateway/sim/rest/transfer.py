"""REST endpoints that move money between funding and trading account, and list the transfers.

Source: OKX docs, "Funds transfer", "Get the state of funds transfer", "Asset bills details", "Get maximum withdrawals",
"Get deposit address", "Get sub-account list".
"""

from __future__ import annotations

import hashlib
from typing import Any

from gateway.sim.accounts.funding_account import FROM_TRADING, FUNDING, TO_TRADING, TRADING, Transfer, transferable
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import decimal_text, is_client_id, parse_decimal
from gateway.sim.rest.asset import known_currencies
from gateway.sim.rest.calls import Call, Reply, page, reply, required_text

WITHIN_ACCOUNT = "0"
SUB_ACCOUNT_TYPES = ("1", "2", "4")  # those of a main account's key
CURRENCIES_LIMIT = 20


def transfer(call: Call) -> Reply:
    """Only within the account: there are no sub-accounts (58115)."""
    body, exchange, account = call.trade_body(), call.exchange, call.account
    ccy, amt, remitter, beneficiary = (required_text(body, name) for name in ("ccy", "amt", "from", "to"))
    if ccy not in known_currencies(call):
        raise Refusal("51000", param="ccy")
    for name, given in (("from", remitter), ("to", beneficiary)):
        if given not in (FUNDING, TRADING):
            raise Refusal("51000", param=name)
    _check_kind(body)
    if remitter == beneficiary:
        raise Refusal("51000", param="to")
    client_id = str(body.get("clientId") or "")
    if client_id and not is_client_id(client_id):
        raise Refusal("51000", param="clientId")
    amount = parse_decimal(amt)
    if amount is None:
        raise Refusal("51000", param="amt")
    if not amount:
        raise Refusal("58114")
    done = account.funding_account.transfer(
        account, ccy, amount, remitter, client_id=client_id, now_ms=exchange.clock.now_ms()
    )  # fmt: skip
    exchange.publisher.balance_event(account, "transferred", [ccy], ())
    exchange.flush()
    return reply([{name: row for name, row in _state_row(done).items() if name in _TRANSFER}])


_TRANSFER = ("amt", "ccy", "clientId", "from", "to", "transId")


def _check_kind(body: dict[str, Any]) -> None:
    kind = str(body.get("type") or WITHIN_ACCOUNT)
    if kind in SUB_ACCOUNT_TYPES:
        raise Refusal("58115")
    if kind == "3":
        raise Refusal("58127")
    if kind != WITHIN_ACCOUNT:
        raise Refusal("51000", param="type")


def transfer_state(call: Call) -> Reply:
    """By transId or clientId; an unknown one has no row."""
    trans_id, client_id = call.param("transId"), call.param("clientId")
    if not trans_id and not client_id:
        raise Refusal("50015", param="transId", other="clientId")
    found = [
        one
        for one in call.account.funding_account.transfers
        if (str(one.trans_id) == trans_id if trans_id else one.client_id == client_id)
    ]
    return reply([_state_row(one) for one in found[-1:]])


def _state_row(one: Transfer) -> dict[str, str]:
    return {
        "amt": decimal_text(one.amt),
        "ccy": one.ccy,
        "clientId": one.client_id,
        "from": one.remitter,
        "instId": "",
        "state": "success",
        "subAcct": "",
        "to": one.beneficiary,
        "toInstId": "",
        "transId": str(one.trans_id),
        "type": WITHIN_ACCOUNT,
    }


def asset_bills(call: Call) -> Reply:
    """Of the funding account; pages go by time."""
    wanted = [
        one
        for one in reversed(call.account.funding_account.transfers)
        if call.param("ccy") in ("", one.ccy)
        and call.param("type") in ("", _bill_type(one))
        and call.param("clientId") in ("", one.client_id)
    ]
    rows = page(wanted, lambda one: one.time_ms, lambda one: one.time_ms, call)
    return reply(
        [
            {
                "bal": decimal_text(one.bal),
                "balChg": decimal_text(one.amt if one.beneficiary == FUNDING else -one.amt),
                "billId": str(one.trans_id),
                "ccy": one.ccy,
                "clientId": one.client_id,
                "notes": "",
                "ts": str(one.time_ms),
                "type": _bill_type(one),
            }
            for one in rows
        ]
    )


def _bill_type(one: Transfer) -> str:
    return FROM_TRADING if one.beneficiary == FUNDING else TO_TRADING


def max_withdrawal(call: Call) -> Reply:
    """The amount that can be transferred out of the trading account; borrowing for it is not offered."""
    asked = [ccy for ccy in call.param("ccy").split(",") if ccy]
    if len(asked) > CURRENCIES_LIMIT:
        raise Refusal("51000", param="ccy")
    account = call.account
    rows = []
    for ccy in asked or account.currencies():
        most = decimal_text(transferable(account, ccy))
        rows.append({"ccy": ccy, "maxWd": most, "maxWdEx": most, "spotOffsetMaxWd": "", "spotOffsetMaxWdEx": ""})
    return reply(rows)


def deposit_address(call: Call) -> Reply:
    """An address that is the account's and the currency's own and exists on no chain: nothing can be deposited."""
    ccy = call.required("ccy")
    if ccy not in known_currencies(call):
        raise Refusal("51000", param="ccy")
    digest = hashlib.sha256(f"{call.account.uid} {ccy}".encode()).hexdigest()
    row = {
        "addr": f"simulated-{digest[:32]}",
        "ccy": ccy,
        "chain": f"{ccy}-Simulated",
        "ctAddr": "",
        "selected": True,
        "to": FUNDING,
        "verifiedName": "",
    }
    return reply([row])


def sub_accounts(call: Call) -> Reply:
    """Every account here is a main account without sub-accounts."""
    return reply([])
