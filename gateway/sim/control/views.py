"""The views of a running simulator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from gateway.sim.base.configuration import LEDGER_RECORDS_KEPT
from gateway.sim.base.formats import decimal_text
from gateway.sim.control.params import ControlledSimulator
from gateway.sim.control.verbs import VERBS
from gateway.sim.market.orders import Order
from gateway.sim.rows.order import rest_row

LEDGER_PAGE_LIMIT = LEDGER_RECORDS_KEPT  # records of one answer: the file of a long run has more than a memory can hold


def _ledger(control: ControlledSimulator, query: dict[str, str]) -> list[dict[str, Any]]:
    control.exchange.ledger.flush()
    limit = min(int(query.get("limit", LEDGER_PAGE_LIMIT)), LEDGER_PAGE_LIMIT)
    return control.exchange.ledger.records(query.get("type", ""), int(query.get("since", "0")), limit)


def _limits(control: ControlledSimulator, query: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "owner": peak.key.owner,
            "op": peak.key.op,
            "inst": peak.key.inst,
            "limit": peak.limit,
            "sliding": peak.sliding,
            "fixed": peak.fixed,
            "total": peak.total,
        }
        for peak in control.exchange.limits.peaks()
    ]


def _orders(control: ControlledSimulator, query: dict[str, str]) -> list[dict[str, Any]]:
    """All orders that are still remembered, or the live ones only."""
    live_only = query.get("live") == "1"
    chosen: list[Order] = []
    for uid, account in control.exchange.accounts.items():
        if query.get("uid", "") in ("", uid):
            chosen += account.live.values() if live_only else account.orders.values()
    return [{"uid": one.account.uid, **rest_row(one)} for one in chosen]


def _accounts(control: ControlledSimulator, query: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "uid": uid,
            "cash": {ccy: decimal_text(amount) for ccy, amount in account.cash.items()},
            "frozen": {ccy: decimal_text(amount) for ccy, amount in account.frozen.items()},
            "margin": {ccy: decimal_text(amount) for ccy, amount in account.margin.items()},
            "positions": {"/".join(key): decimal_text(position.pos) for key, position in account.positions.items()},
        }
        for uid, account in control.exchange.accounts.items()
    ]


def _house(control: ControlledSimulator, query: dict[str, str]) -> dict[str, dict[str, str]]:
    """The balances of the house account (negative: paid), by purpose and currency."""
    return {
        purpose: {ccy: decimal_text(amount) for ccy, amount in amounts.items()}
        for purpose, amounts in control.exchange.house_account.balances().items()
    }


def _session_list(control: ControlledSimulator, query: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "session": one.number,
            "ordinal": one.ordinal,
            "path": one.path,
            "conn_id": one.conn_id,
            "uid": "" if one.identity is None else one.identity.uid,
            "subscriptions": [subscription.arg for subscription in one.subscriptions.values()],
        }
        for one in control.selected({})
    ]


def _verb_list(control: ControlledSimulator, query: dict[str, str]) -> dict[str, Any]:
    return {name: {"params": row.params, "purpose": row.purpose} for name, row in VERBS.items()}


def _faults(control: ControlledSimulator, query: dict[str, str]) -> list[dict[str, Any]]:
    return control.exchange.faults.armed()


def _switches(control: ControlledSimulator, query: dict[str, str]) -> dict[str, Any]:
    return asdict(control.exchange.switches)


VIEWS: dict[str, Callable[[ControlledSimulator, dict[str, str]], Any]] = {
    "ledger": _ledger,
    "limits": _limits,
    "orders": _orders,
    "accounts": _accounts,
    "house": _house,
    "sessions": _session_list,
    "verbs": _verb_list,
    "faults": _faults,
    "switches": _switches,
}
