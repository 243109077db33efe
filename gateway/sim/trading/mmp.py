"""Pure. Market maker protection: when too much is filled too fast, all MMP orders of an option family are cancelled.

Source: OKX docs, "Set MMP", "GET MMP Config", "Reset MMP Status", "Mass cancel order", "Place order" (mmp).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gateway.sim.accounts.accounts import Account
from gateway.sim.base.clock import Clock
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import ZERO, decimal_text, parse_decimal, parse_integer, text_param
from gateway.sim.market.orders import MMP_TYPES, Order

LOCK_LIMIT_MS = 10_000
UNTIL_RESET = -1


@dataclass(slots=True)
class _Protection:
    """One account and option family. `frozen_until_ms` is UNTIL_RESET where frozenInterval is 0."""

    time_interval_ms: int = 0
    frozen_interval_ms: int = 0
    qty_limit: Decimal = ZERO
    frozen_until_ms: int = 0
    locked_until_ms: int = 0
    fills: deque[tuple[int, Decimal]] = field(default_factory=deque)


class MarketMakerProtection:
    """All protections of the exchange."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._protections: dict[tuple[str, str], _Protection] = {}

    # --- called by the engine -----------------------------------------------------------------------------------

    def check(self, order: Order) -> None:
        """A new MMP order finds its family neither frozen nor locked by a mass cancel."""
        one = self._protections.get((order.account.uid, order.instrument.inst_family))
        if one is None:
            return
        now_ms = self._clock.now_ms()
        if one.locked_until_ms > now_ms:
            raise Refusal("54008")
        if one.frozen_until_ms == UNTIL_RESET or one.frozen_until_ms > now_ms:
            raise Refusal("51034")

    def filled(self, order: Order, sz: Decimal) -> bool:
        """Count a fill of a resting MMP order; whether that was too much, so that all of them must go."""
        family = order.instrument.inst_family
        one = self._protections.get((order.account.uid, family))
        if one is None or not one.time_interval_ms:
            return False
        now_ms = self._clock.now_ms()
        one.fills.append((now_ms, sz))
        while one.fills[0][0] <= now_ms - one.time_interval_ms:
            one.fills.popleft()
        if sum(part for _, part in one.fills) < one.qty_limit:
            return False
        one.fills.clear()
        one.frozen_until_ms = now_ms + one.frozen_interval_ms if one.frozen_interval_ms else UNTIL_RESET
        return True

    # --- requests of users --------------------------------------------------------------------------------------

    def configure(self, account: Account, row: dict[str, Any]) -> dict[str, str]:
        """timeInterval 0 switches the protection off."""
        family = _family(row)
        times = {name: _milliseconds(row, name) for name in ("timeInterval", "frozenInterval")}
        qty_text = text_param(row, "qtyLimit")
        qty = parse_decimal(qty_text)
        if not qty_text:
            raise Refusal("50014", param="qtyLimit")
        if qty is None or qty <= 0:
            raise Refusal("51000", param="qtyLimit")
        _check_permission(account, "51035")
        one = self._protections.setdefault((account.uid, family), _Protection())
        one.time_interval_ms, one.frozen_interval_ms = times["timeInterval"], times["frozenInterval"]
        one.qty_limit = qty
        one.fills.clear()
        return {
            "frozenInterval": str(one.frozen_interval_ms),
            "instFamily": family,
            "qtyLimit": decimal_text(qty),
            "timeInterval": str(one.time_interval_ms),
        }

    def config_rows(self, account: Account, family: str) -> list[dict[str, Any]]:
        now_ms = self._clock.now_ms()
        return [
            {
                "frozenInterval": str(one.frozen_interval_ms),
                "instFamily": name,
                "mmpFrozen": one.frozen_until_ms == UNTIL_RESET or one.frozen_until_ms > now_ms,
                "mmpFrozenUntil": str(one.frozen_until_ms) if one.frozen_until_ms > now_ms else "",
                "qtyLimit": decimal_text(one.qty_limit),
                "timeInterval": str(one.time_interval_ms),
            }
            for (uid, name), one in self._protections.items()
            if uid == account.uid and family in ("", name)
        ]

    def reset(self, account: Account, row: dict[str, Any]) -> None:
        if text_param(row, "instType") not in ("", "OPTION"):
            raise Refusal("51000", param="instType")
        family = _family(row)
        _check_permission(account, "59509")
        one = self._protections.get((account.uid, family))
        if one is not None:
            one.frozen_until_ms = 0
            one.fills.clear()

    def lock(self, account: Account, arg: dict[str, Any]) -> list[Order]:
        """A mass cancel: the MMP orders to cancel, and no new ones for lockInterval."""
        if text_param(arg, "instType") != "OPTION":
            raise Refusal("51000", param="instType")
        family = _family(arg)
        lock_ms = _milliseconds(arg, "lockInterval", default="0")
        if lock_ms > LOCK_LIMIT_MS:
            raise Refusal("54009", param="lockInterval", low=0, high=LOCK_LIMIT_MS)
        _check_permission(account, "51411")
        one = self._protections.setdefault((account.uid, family), _Protection())
        one.locked_until_ms = self._clock.now_ms() + lock_ms
        return live_mmp_orders(account, family)


def live_mmp_orders(account: Account, family: str) -> list[Order]:
    return [one for one in account.live.values() if one.ord_type in MMP_TYPES and one.instrument.inst_family == family]


def _check_permission(account: Account, code: str) -> None:
    if account.acct_lv != "4" or not account.mm_permission:
        raise Refusal(code)


def _family(row: dict[str, Any]) -> str:
    family = text_param(row, "instFamily")
    if not family:
        raise Refusal("50014", param="instFamily")
    return family


def _milliseconds(row: dict[str, Any], name: str, default: str = "") -> int:
    text = text_param(row, name) or default
    if not text:
        raise Refusal("50014", param=name)
    number = parse_integer(text)
    if number is None:
        raise Refusal("51000", param=name)
    return number
