"""Pure. Leverage per instrument and margin mode, and the conditions of a change.

Source: OKX docs, "Set leverage", "Get leverage" and the 591xx rows of "Error Code".
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from gateway.sim.accounts.accounts import Account, LeverageKey
from gateway.sim.accounts.positions import Position
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import ZERO
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.orders import Order

MIN_LEVERAGE = Decimal(1)


def leverage_rows(account: Account, instrument: Instrument, mgn_mode: str) -> list[dict[str, str]]:
    """The rows of "Get leverage": one, or one per side for isolated margin in long/short mode."""
    ccy = "" if instrument.inst_type != "MARGIN" else instrument.quote_ccy
    return [
        {
            "ccy": ccy if mgn_mode == "cross" else "",
            "instId": instrument.inst_id,
            "mgnMode": mgn_mode,
            "posSide": pos_side,
            "lever": str(account.lever_of(instrument, mgn_mode, pos_side)),
        }
        for pos_side in _sides(account, instrument, mgn_mode)
    ]


def _sides(account: Account, instrument: Instrument, mgn_mode: str) -> tuple[str, ...]:
    hedged = account.pos_mode == "long_short_mode" and instrument.inst_type in ("SWAP", "FUTURES")
    return ("long", "short") if hedged and mgn_mode == "isolated" else ("net",)


def set_leverage(account: Account, instrument: Instrument, mgn_mode: str, pos_side: str, lever: Decimal) -> None:
    """Change the leverage of new and of standing positions and orders; refused if the account cannot cover it."""
    if account.acct_lv == "1" or instrument.inst_type not in ("MARGIN", "SWAP", "FUTURES"):
        raise Refusal("51010")
    if pos_side not in _sides(account, instrument, mgn_mode):
        raise Refusal("51000", param="posSide")
    if lever < MIN_LEVERAGE:
        raise Refusal("59105", least=MIN_LEVERAGE)
    if lever > Decimal(instrument.lever):
        raise Refusal("59102")
    key = account.leverage_key(instrument, mgn_mode, pos_side)
    orders = [one for one in account.live.values() if _order_key(account, one) == key]
    if orders and mgn_mode == "isolated":
        raise Refusal("59101")
    if orders and instrument.inst_type == "MARGIN":
        raise Refusal("59107")
    _move_margin(account, key, orders, lever)


def _order_key(account: Account, order: Order) -> LeverageKey | None:
    if order.instrument.is_spot:
        return None
    return account.leverage_key(order.instrument, order.td_mode, order.pos_side)


def _positions_of(account: Account, key: LeverageKey) -> Iterator[Position]:
    for one in account.positions.values():
        if account.leverage_key(one.instrument, one.mgn_mode, one.pos_side) == key:
            yield one


def _move_margin(account: Account, key: LeverageKey, orders: list[Order], lever: Decimal) -> None:
    """All or nothing: the account must cover the new need of positions and orders."""
    before = account.leverage.get(key)
    positions = [(one, one.lever) for one in _positions_of(account, key)]
    lacking = {ccy: account.lacking(ccy) for ccy in list(account.cash)}
    _apply(account, [(one, lever) for one, _ in positions], orders, key, lever)
    if any(account.lacking(ccy) > max(ZERO, lack) for ccy, lack in lacking.items()):
        _apply(account, positions, orders, key, before)
        raise Refusal("59109")


def _apply(
    account: Account,
    positions: list[tuple[Position, Decimal]],
    orders: list[Order],
    key: LeverageKey,
    lever: Decimal | None,
) -> None:
    """`lever` None: as if it had never been set."""
    if lever is None:
        account.leverage.pop(key, None)
    else:
        account.leverage[key] = lever
    for position, its_lever in positions:
        account.set_position_lever(position, its_lever)
    for order in orders:
        account.refreeze(order)
