"""Pure. Accounts and positions as OKX writes them.

Source: OKX docs, "Get balance", "Account channel", "Get positions", "Positions channel", "Balance and position
channel", "Get account configuration". Values that the simulator has no notion of are empty, as OKX does for values
that do not apply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from gateway.sim.accounts import Account
from gateway.sim.algo_rows import close_order_row
from gateway.sim.formats import ZERO, decimal_text, quotient
from gateway.sim.instruments import Instrument
from gateway.sim.markets import Market
from gateway.sim.orders import Fill
from gateway.sim.positions import Position

UsdPx = Callable[[str], Decimal]
MarketOf = Callable[[Instrument], Market]


def balance_row(
    account: Account, usd_px: UsdPx, now_ms: int, currencies: Iterable[str] | None = None
) -> dict[str, Any]:
    """The account with the currencies asked for (default: all that are not zero)."""
    listed = list(account.currencies() if currencies is None else currencies)
    imr = sum((account.margin[ccy] * usd_px(ccy) for ccy in list(account.margin)), ZERO)
    frozen = sum((account.frozen[ccy] * usd_px(ccy) for ccy in list(account.frozen)), ZERO)
    upl = sum((account.upl(ccy) * usd_px(ccy) for ccy in account.currencies()), ZERO)
    return {
        "adjEq": "",
        "availEq": "",
        "borrowFroz": "",
        "delta": "",
        "deltaLever": "",
        "deltaNeutralStatus": "0",
        "details": [detail_row(account, ccy, usd_px, now_ms) for ccy in listed],
        "imr": decimal_text(imr) if account.acct_lv in ("3", "4") else "",
        "isoEq": "0",
        "mgnRatio": "",
        "mmr": "",
        "notionalUsd": "",
        "notionalUsdForBorrow": "",
        "notionalUsdForFutures": "",
        "notionalUsdForOption": "",
        "notionalUsdForSwap": "",
        "ordFroz": decimal_text(frozen) if account.acct_lv in ("3", "4") else "",
        "totalEq": decimal_text(total_equity(account, usd_px)),
        "uTime": str(now_ms),
        "upl": decimal_text(upl) if account.acct_lv in ("3", "4") else "",
    }


def total_equity(account: Account, usd_px: UsdPx) -> Decimal:
    """In USD."""
    return sum((_equity(account, ccy) * usd_px(ccy) for ccy in account.currencies()), ZERO)


# The keys, with the values of all that the simulator has no notion of.
_DETAIL: dict[str, Any] = {
    "accAvgPx": "",
    "autoLendMtAmt": "0",
    "autoLendStatus": "unsupported",
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


def detail_row(account: Account, ccy: str, usd_px: UsdPx, now_ms: int) -> dict[str, Any]:
    cash, frozen, margin = account.cash[ccy], account.frozen[ccy], account.margin[ccy]
    equity, available = _equity(account, ccy), max(ZERO, account.available(ccy))
    eq_usd = decimal_text(equity * usd_px(ccy))
    return _DETAIL | {
        "availBal": decimal_text(available),
        "availEq": decimal_text(available) if account.acct_lv != "1" else "",
        "cashBal": decimal_text(cash),
        "ccy": ccy,
        "coinUsdPrice": decimal_text(usd_px(ccy)),
        "disEq": eq_usd,
        "eq": decimal_text(equity),
        "eqUsd": eq_usd,
        "frozenBal": decimal_text(frozen + margin),
        "imr": decimal_text(margin),
        "ordFrozen": decimal_text(frozen),
        "spotBal": decimal_text(cash),
        "uTime": str(account.balance_time_ms.get(ccy, now_ms)),
        "upl": decimal_text(account.upl(ccy)),
    }


# As above.
_POSITION: dict[str, Any] = {
    "adl": "1",
    "availPos": "",
    "avgPx": "",
    "baseBal": "",
    "baseBorrowed": "",
    "baseInterest": "",
    "bePx": "",
    "bizRefId": "",
    "bizRefType": "",
    "cTime": "",
    "ccy": "",
    "clSpotInUseAmt": "",
    "closeOrderAlgo": [],
    "deltaBS": "",
    "deltaPA": "",
    "fee": "",
    "fundingFee": "0",
    "gammaBS": "",
    "gammaPA": "",
    "hedgedPos": "",
    "idxPx": "",
    "imr": "",
    "instId": "",
    "instType": "",
    "interest": "",
    "last": "",
    "lever": "",
    "liab": "",
    "liabCcy": "",
    "liqPenalty": "0",
    "liqPx": "",
    "margin": "",
    "markPx": "",
    "maxSpotInUseAmt": "",
    "mgnMode": "",
    "mgnRatio": "",
    "mmr": "",
    "nonSettleAvgPx": "",
    "notionalUsd": "",
    "optVal": "",
    "pendingCloseOrdLiabVal": "",
    "pnl": "",
    "pos": "",
    "posCcy": "",
    "posId": "",
    "posSide": "",
    "quoteBal": "",
    "quoteBorrowed": "",
    "quoteInterest": "",
    "realizedPnl": "",
    "settledPnl": "",
    "spotInUseAmt": "",
    "spotInUseCcy": "",
    "thetaBS": "",
    "thetaPA": "",
    "tradeId": "",
    "uTime": "",
    "upl": "",
    "uplLastPx": "",
    "uplRatio": "",
    "uplRatioLastPx": "",
    "usdPx": "",
    "vegaBS": "",
    "vegaPA": "",
}


def _close_order_algo(account: Account, position: Position) -> list[dict[str, str]]:
    """The live algo orders that close the whole position."""
    key = (position.instrument.inst_id, position.mgn_mode, position.pos_side)
    return [close_order_row(one) for one in account.algos.live.values() if one.sz is None and one.position_key == key]


def position_row(account: Account, position: Position, market: Market, now_ms: int, *, push: bool) -> dict[str, Any]:
    """`push` adds the push time that only the channel has."""
    instrument = position.instrument
    upl = position.upl(market.mark_px)
    margin = position.margin
    ratio = decimal_text(quotient(upl, margin)) if margin else "0"
    notional = instrument.notional_usd(abs(position.pos), market.mark_px, market.index_px)
    maintenance = position.maintenance_margin(market.mark_px)
    option = instrument.inst_type == "OPTION"
    isolated = position.mgn_mode == "isolated"
    row = _POSITION | {
        "availPos": decimal_text(account.available_pos(position)) if position.pos_side != "net" else "",
        "avgPx": decimal_text(position.avg_px) if position.pos else "",
        "bePx": decimal_text(position.avg_px) if position.pos else "",
        "cTime": str(position.c_time_ms),
        "ccy": position.ccy,
        "closeOrderAlgo": _close_order_algo(account, position),
        "fee": decimal_text(position.fee),
        "idxPx": decimal_text(market.index_px),
        "imr": "" if isolated else decimal_text(margin),
        "instId": instrument.inst_id,
        "instType": instrument.inst_type,
        "last": decimal_text(market.last_px),
        "lever": "" if option else decimal_text(position.lever),
        "margin": decimal_text(margin) if isolated else "",
        "markPx": decimal_text(market.mark_px),
        "mgnMode": position.mgn_mode,
        "mmr": decimal_text(maintenance),
        "notionalUsd": decimal_text(notional),
        "optVal": decimal_text(instrument.value(position.pos, market.mark_px)) if option else "",
        "pnl": decimal_text(position.pnl),
        "pos": signed_pos(position),
        "posId": position.pos_id,
        "posSide": position.pos_side,
        "realizedPnl": decimal_text(position.pnl + position.fee),
        "tradeId": position.trade_id,
        "uTime": str(position.u_time_ms),
        "upl": decimal_text(upl),
        "uplLastPx": decimal_text(position.upl(market.last_px)),
        "uplRatio": ratio,
        "uplRatioLastPx": ratio,
    }
    if push:
        row["pTime"] = str(now_ms)
    return row


def signed_pos(position: Position) -> str:
    """Signed in net mode, positive with posSide in long/short mode (OKX docs, "Get positions")."""
    return decimal_text(position.pos if position.pos_side == "net" else abs(position.pos))


def balance_data(account: Account, currencies: Iterable[str], now_ms: int) -> list[dict[str, Any]]:
    return [
        {
            "ccy": ccy,
            "cashBal": decimal_text(account.cash[ccy]),
            "uTime": str(account.balance_time_ms.get(ccy, now_ms)),
        }
        for ccy in currencies
    ]


def position_data(positions: Iterable[Position]) -> list[dict[str, Any]]:
    return [
        {
            "posId": one.pos_id,
            "tradeId": one.trade_id,
            "instId": one.instrument.inst_id,
            "instType": one.instrument.inst_type,
            "mgnMode": one.mgn_mode,
            "posSide": one.pos_side,
            "pos": signed_pos(one),
            "ccy": one.ccy,
            "posCcy": one.pos_ccy,
            "avgPx": decimal_text(one.avg_px),
            "nonSettleAvgPx": "",
            "settledPnl": "",
            "uTime": str(one.u_time_ms),
            "baseBal": "",
            "quoteBal": "",
        }
        for one in positions
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
    """The data item of `balance_and_position`: only what changed, or all in the snapshot."""
    return {
        "pTime": str(now_ms),
        "eventType": event_type,
        "balData": balance_data(account, currencies, now_ms),
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


def _equity(account: Account, ccy: str) -> Decimal:
    return account.cash[ccy] + account.upl(ccy)
