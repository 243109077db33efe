"""Pure. Accounts and positions as OKX writes them.

Source: OKX docs, "Get balance", "Account channel", "Balance and position channel", "Get account configuration".
Values that the simulator has no notion of are empty, as OKX does for values that do not apply.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from gateway.sim.accounts import margin as margins
from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.positions import Position
from gateway.sim.base.formats import ZERO, decimal_text
from gateway.sim.market.orders import Fill
from gateway.sim.rows.position import position_data

UsdPx = Callable[[str], Decimal]


def balance_row(
    account: Account, usd_px: UsdPx, now_ms: int, currencies: Iterable[str] | None = None
) -> dict[str, Any]:
    """The account with the currencies asked for (default: all that are not zero), as the channel pushes it."""
    listed = list(account.currencies() if currencies is None else currencies)
    held = list(account.cash)

    def in_usd(amount_of: Callable[[str], Decimal]) -> str:
        return decimal_text(sum((amount_of(ccy) * usd_px(ccy) for ccy in held), ZERO))

    row = {
        "adjEq": "",
        "availEq": "",
        "borrowFroz": "",
        "delta": "",
        "deltaLever": "",
        "deltaNeutralStatus": "" if account.acct_lv == "1" else "0",
        "details": [detail_row(account, ccy, usd_px, now_ms) for ccy in listed],
        "imr": "",
        "isoEq": "" if account.acct_lv == "1" else in_usd(lambda ccy: isolated_equity(account, ccy)),
        "mgnRatio": "",
        "mmr": "",
        "notionalUsd": "",
        "notionalUsdForBorrow": "",
        "notionalUsdForFutures": "",
        "notionalUsdForOption": "",
        "notionalUsdForSwap": "",
        "ordFroz": "",
        "totalEq": decimal_text(total_equity(account, usd_px)),
        "uTime": str(now_ms),
        "upl": "",
    }
    return row | _pooled_members(account, usd_px, in_usd) if account.is_pooled else row


def rest_balance_row(
    account: Account, usd_px: UsdPx, now_ms: int, currencies: Iterable[str] | None = None
) -> dict[str, Any]:
    """The same as GET account/balance answers it: another name for one member, and no price (recorded until 2026)."""
    row = balance_row(account, usd_px, now_ms, currencies)
    row["details"] = [
        {("maxSpotInUse" if key == "maxSpotInUseAmt" else key): one[key] for key in one if key != "coinUsdPrice"}
        for one in row["details"]
    ]
    return row


def _pooled_members(
    account: Account, usd_px: UsdPx, in_usd: Callable[[Callable[[str], Decimal]], str]
) -> dict[str, str]:
    """Members that only multi-currency and portfolio mode have."""
    notional: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in account.positions.values():
        value = one.instrument.value(abs(one.pos), account.prices.mark_px(one.instrument))
        notional[one.instrument.inst_type] += value * usd_px(one.ccy)
    borrowed = in_usd(lambda ccy: max(ZERO, -account.cash[ccy]))
    ratio = margins.pooled_ratio(account)
    return {
        "adjEq": decimal_text(margins.pooled_equity(account)),
        "availEq": decimal_text(account.available_margin("USDT")),
        "borrowFroz": borrowed,
        "imr": in_usd(lambda ccy: account.margin[ccy] + account.frozen[ccy]),
        "mgnRatio": "" if ratio is None else decimal_text(ratio),
        "mmr": in_usd(lambda ccy: margins.maintenance(account, ccy, "cross")),
        "notionalUsd": decimal_text(sum(notional.values(), ZERO)),
        "notionalUsdForBorrow": borrowed,
        "notionalUsdForFutures": decimal_text(notional["FUTURES"]),
        "notionalUsdForOption": decimal_text(notional["OPTION"]),
        "notionalUsdForSwap": decimal_text(notional["SWAP"]),
        "ordFroz": in_usd(lambda ccy: account.frozen[ccy]),
        "upl": in_usd(account.upl),
    }


def total_equity(account: Account, usd_px: UsdPx) -> Decimal:
    """In USD."""
    return sum((margins.equity(account, ccy) * usd_px(ccy) for ccy in account.currencies()), ZERO)


# The keys, with the values of all that the simulator has no notion of.
_DETAIL: dict[str, Any] = {
    "accAvgPx": "",
    "autoLendAmt": "0",
    "autoLendMtAmt": "0",
    "autoLendStatus": "unsupported",
    "autoStakingStatus": "unsupported",
    "availBal": "",
    "availEq": "",
    "borrowFroz": "",
    "cashBal": "",
    "ccy": "",
    "clSpotInUseAmt": "",
    "coinUsdPrice": "",
    "colBorrAutoConversion": "0",
    "colRes": "0",
    "collateralEnabled": False,
    "collateralRestrict": False,
    "crossLiab": "",
    "disEq": "",
    "eq": "",
    "eqUsd": "",
    "fixedBal": "0",
    "frozenBal": "",
    "frpType": "0",
    "imr": "",
    "interest": "",
    "isoEq": "0",
    "isoLiab": "",
    "isoUpl": "0",
    "liab": "",
    "maxLoan": "",
    "maxSpotInUseAmt": "",
    "mgnRatio": "",
    "mmr": "0",
    "notionalLever": "0",
    "openAvgPx": "",
    "ordFrozen": "",
    "rewardBal": "0",
    "smtSyncEq": "0",
    "spotBal": "",
    "spotCopyTradingEq": "0",
    "spotInUseAmt": "",
    "spotIsoBal": "0",
    "spotUpl": "",
    "spotUplRatio": "",
    "stgyEq": "0",
    "totalPnl": "",
    "totalPnlRatio": "",
    "twap": "0",
    "uTime": "",
    "upl": "",
    "uplLiab": "",
}


# Members that are empty in spot mode (recorded in 2026), and the discount equity, which is zero there.
_SPOT_MODE = {**dict.fromkeys(("imr", "isoUpl", "mmr", "notionalLever", "rewardBal", "upl"), ""), "disEq": "0"}


def isolated_equity(account: Account, ccy: str) -> Decimal:
    return account.isolated_margin(ccy) + margins.open_profit(account, ccy, "isolated")


def detail_row(account: Account, ccy: str, usd_px: UsdPx, now_ms: int) -> dict[str, Any]:
    cash, frozen, margin = account.cash[ccy], account.frozen[ccy], account.margin[ccy]
    equity = margins.equity(account, ccy)
    eq_usd = decimal_text(equity * usd_px(ccy))
    liab = max(ZERO, -cash)
    ratio = None if account.is_pooled else margins.cross_ratio(account, ccy)
    pooled = account.is_pooled
    return _DETAIL | {
        "availBal": decimal_text(account.available(ccy)),
        "availEq": decimal_text(account.available_margin(ccy)) if account.acct_lv != "1" else "",
        "borrowFroz": decimal_text(liab) if pooled else "",
        "cashBal": decimal_text(cash),
        "ccy": ccy,
        "coinUsdPrice": decimal_text(usd_px(ccy)),
        "crossLiab": decimal_text(liab) if pooled else "",
        "disEq": eq_usd,
        "eq": decimal_text(equity),
        "eqUsd": eq_usd,
        "frozenBal": decimal_text(frozen + margin),
        "imr": decimal_text(margin),
        "interest": decimal_text(account.interest[ccy]) if pooled else "",
        "isoEq": decimal_text(isolated_equity(account, ccy)),
        "isoUpl": decimal_text(margins.open_profit(account, ccy, "isolated")),
        "liab": decimal_text(liab) if pooled else "",
        "mgnRatio": "" if ratio is None else decimal_text(ratio),
        "mmr": decimal_text(margins.maintenance(account, ccy, "cross")),
        "ordFrozen": decimal_text(frozen),
        "spotBal": _spot_balance(account, ccy),
        "uTime": str(account.balance_time_ms.get(ccy, now_ms)),
        "upl": decimal_text(account.upl(ccy)),
        **(_SPOT_MODE if account.acct_lv == "1" else {}),
    }


def _spot_balance(account: Account, ccy: str) -> str:
    """In spot mode empty for a currency that was never traded (recorded in 2026)."""
    if account.acct_lv != "1":
        return decimal_text(account.cash[ccy])
    return decimal_text(max(ZERO, account.spot_traded[ccy])) if ccy in account.spot_traded else ""


def balance_data(account: Account, currencies: Iterable[str], now_ms: int) -> list[dict[str, Any]]:
    return [
        {
            "cashBal": decimal_text(account.cash[ccy]),
            "ccy": ccy,
            "uTime": str(account.balance_time_ms.get(ccy, now_ms)),
        }
        for ccy in currencies
    ]


def balance_and_position_row(
    account: Account,
    event_type: str,
    currencies: Iterable[str],
    positions: Iterable[Position],
    *,
    fills: Iterable[Fill],
    now_ms: int,
) -> dict[str, Any]:
    """The data item of `balance_and_position`: the changed parts, or everything in the snapshot."""
    return {
        "balData": balance_data(account, currencies, now_ms),
        "eventType": event_type,
        "pTime": str(now_ms),
        "posData": position_data(positions),
        "trades": [{"instId": one.order.instrument.inst_id, "tradeId": one.trade_id} for one in fills],
    }


def config_row(account: Account, permissions: Iterable[str], ips: Iterable[str]) -> dict[str, Any]:
    """GET /api/v5/account/config for the key that asks."""
    return {
        "acctLv": account.acct_lv,
        "acctStpMode": account.spec.acct_stp_mode,
        "autoLoan": account.auto_loan,
        "ctIsoMode": "automatic",
        "enableSpotBorrow": False,
        "feeType": "0",
        "greeksType": "PA",
        "ip": ",".join(ips),
        "kycLv": "3",
        "label": account.spec.label,
        "level": account.fee_tier.level,
        "levelTmp": "",
        "liquidationGear": "-1",
        "mainUid": account.uid,
        "mgnIsoMode": "automatic",
        "opAuth": "1",
        "perm": ",".join(permissions),
        "posMode": account.pos_mode,
        "roleType": "0",
        "settleCcy": "",
        "settleCcyList": [],
        "spotBorrowAutoRepay": False,
        "spotOffsetType": "",
        "spotRoleType": "0",
        "spotTraderInsts": [],
        "stgyType": "0",
        "traderInsts": [],
        "type": "0",
        "uid": account.uid,
    }
