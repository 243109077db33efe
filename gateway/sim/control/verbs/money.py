"""Verbs on money and positions: funding, interest, delivery, liquidation, modes, leverage."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.sim.accounts.account_modes import set_account_level, set_auto_loan, set_position_mode
from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.leverage import set_leverage
from gateway.sim.accounts.positions import Position
from gateway.sim.base.formats import decimal_text, parse_decimal
from gateway.sim.control.params import (
    ControlError,
    ControlledSimulator,
    Params,
    Verb,
    decimal,
    instrument,
    integer,
    uid,
)
from gateway.sim.exchange.delivery import EXPIRING
from gateway.sim.exchange.liquidation import ADL, FULL, PARTIAL, find_positions
from gateway.sim.rows.order import rest_row

_POSITION = ("uid", "inst_id", "sz", "mgn_mode", "pos_side")


def _pay_funding(control: ControlledSimulator, params: Params) -> int:
    inst_id = _of_type(control, params, ("SWAP",))
    return control.exchange.pay_funding(inst_id, _rate(params) if "rate" in params else None)


def _rate(params: Params) -> Decimal:
    text = str(params["rate"])
    rate = parse_decimal(text.removeprefix("-"))
    if rate is None or rate >= 1:
        raise ControlError("rate must be a decimal below 1 as text; negative: the shorts pay")
    return -rate if text.startswith("-") else rate


def _accrue_interest(control: ControlledSimulator, params: Params) -> None:
    control.exchange.accrue_interest(_account(control, params), integer(params, "hours", 1))


def _deliver(control: ControlledSimulator, params: Params) -> str:
    inst_id = _of_type(control, params, EXPIRING)
    if control.exchange.markets[inst_id].instrument.state == "expired":
        raise ControlError(f"{inst_id} has expired already")
    return decimal_text(control.exchange.deliver(inst_id, decimal(params, "px") if "px" in params else None))


def _liquidate(control: ControlledSimulator, params: Params) -> dict[str, Any]:
    account, position = _account(control, params), _position(control, params)
    sz = _sz(params, position)
    category = FULL if sz == abs(position.pos) else PARTIAL
    return rest_row(control.exchange.liquidations.take(account, position, sz, category))


def _adl(control: ControlledSimulator, params: Params) -> dict[str, Any]:
    account, position = _account(control, params), _position(control, params)
    return rest_row(control.exchange.liquidations.take(account, position, _sz(params, position), ADL))


def _position_mode(control: ControlledSimulator, params: Params) -> str:
    account = _account(control, params)
    set_position_mode(account, str(params.get("pos_mode")))
    return account.pos_mode


def _account_mode(control: ControlledSimulator, params: Params) -> str:
    account = _account(control, params)
    set_account_level(account, str(params.get("acct_lv")))
    if "auto_loan" in params:
        set_auto_loan(account, bool(params["auto_loan"]))
    return account.acct_lv


def _leverage(control: ControlledSimulator, params: Params) -> str:
    """By instId; for a pair it is the leverage of MARGIN."""
    listed = control.exchange.instruments.by_inst_id[instrument(control, params)]
    mgn_mode, pos_side = str(params.get("mgn_mode", "cross")), str(params.get("pos_side", "net"))
    if mgn_mode not in ("cross", "isolated"):
        raise ControlError("mgn_mode must be cross or isolated")
    set_leverage(_account(control, params), listed.margin or listed, mgn_mode, pos_side, decimal(params, "lever"))
    return decimal_text(decimal(params, "lever"))


def _account(control: ControlledSimulator, params: Params) -> Account:
    return control.exchange.accounts[uid(control, params)]


def _of_type(control: ControlledSimulator, params: Params, inst_types: tuple[str, ...]) -> str:
    inst_id = instrument(control, params)
    if control.exchange.markets[inst_id].instrument.inst_type not in inst_types:
        raise ControlError(f"{inst_id} is not of type {' or '.join(inst_types)}")
    return inst_id


def _position(control: ControlledSimulator, params: Params) -> Position:
    where = str(params.get("mgn_mode", "")), str(params.get("pos_side", ""))
    found = list(find_positions(_account(control, params), instrument(control, params), *where))
    if len(found) != 1:
        raise ControlError(f"{len(found)} positions match; name uid, inst_id, mgn_mode and pos_side of one")
    return found[0]


def _sz(params: Params, position: Position) -> Decimal:
    sz = decimal(params, "sz") if "sz" in params else abs(position.pos)
    if sz > abs(position.pos) or sz % position.instrument.lot_sz:
        raise ControlError(f"sz must be whole lots and at most {decimal_text(abs(position.pos))}")
    return sz


VERBS: dict[str, Verb] = {
    "pay_funding": Verb(_pay_funding, ("inst_id", "rate"), "settle one funding period of a swap"),
    "accrue_interest": Verb(_accrue_interest, ("uid", "hours"), "let hours of interest on debts pass"),
    "deliver": Verb(_deliver, ("inst_id", "px"), "expire a future or an option at a price of its underlying"),
    "liquidate": Verb(_liquidate, _POSITION, "liquidate a position, in part if sz is less"),
    "adl": Verb(_adl, _POSITION, "auto-deleverage a position"),
    "position_mode": Verb(_position_mode, ("uid", "pos_mode"), "net_mode or long_short_mode"),
    "account_mode": Verb(_account_mode, ("uid", "acct_lv", "auto_loan"), "1 spot, 2 futures, 3 multi-currency, 4"),
    "leverage": Verb(_leverage, ("uid", "inst_id", "mgn_mode", "pos_side", "lever"), "as set-leverage does"),
}
