"""Verbs on accounts and their orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.sim.control_params import ControlError, Params, Verb, integer, uid

if TYPE_CHECKING:
    from gateway.sim.control import Control


def _sub_account_limit(control: Control, params: Params) -> None:
    control.exchange.limits.set_sub_account_limit(uid(control, params), integer(params, "limit", 1_000))


def _fire_cancel_after(control: Control, params: Params) -> bool:
    account = control.exchange.accounts[uid(control, params)]
    return control.exchange.cancel_after.fire_now(account, str(params.get("tag", "")))


def _cancel(control: Control, params: Params) -> None:
    """The system cancels a user's order, with any cancelSource."""
    account = control.exchange.accounts[uid(control, params)]
    order = account.orders.get(str(params.get("ord_id")))
    if order is None or not order.is_live:
        raise ControlError("no such live order")
    control.exchange.engine.cancel(order, str(params.get("cancel_source", "0")))


VERBS: dict[str, Verb] = {
    "sub_account_limit": Verb(_sub_account_limit, ("uid", "limit"), "set a sub-account's order limit"),
    "fire_cancel_after": Verb(_fire_cancel_after, ("uid", "tag"), "let an armed cancel-all-after timer pass now"),
    "cancel": Verb(_cancel, ("uid", "ord_id", "cancel_source"), "the system cancels an order"),
}
