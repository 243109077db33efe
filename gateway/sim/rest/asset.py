"""REST endpoints on the funding account: nothing enters or leaves it but by transfers.

Source: OKX docs, "Get currencies", "Get balance" (funding account), "Get account asset valuation", "Get deposit
history", "Get withdrawal history".
"""

from __future__ import annotations

from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import ZERO, decimal_text, quotient
from gateway.sim.rest.calls import Call, Reply, reply
from gateway.sim.rows.account import total_equity

CURRENCIES_LIMIT = 20
VALUATION_CCY = "BTC"

# Members of a currency on deposits and withdrawals; the simulator has neither.
_CURRENCY = {
    "burningFeeRate": "",
    "canDep": False,
    "canInternal": False,
    "canWd": False,
    "ctAddr": "",
    "depEstOpenTime": "",
    "depQuotaFixed": "",
    "depQuoteDailyLayer2": "",
    "fee": "0",
    "logoLink": "",
    "mainNet": True,
    "maxFee": "0",
    "maxFeeForCtAddr": "",
    "maxWd": "0",
    "minDep": "0",
    "minDepArrivalConfirm": "1",
    "minFee": "0",
    "minFeeForCtAddr": "",
    "minInternal": "0",
    "minWd": "0",
    "minWdUnlockConfirm": "1",
    "needTag": False,
    "usedDepQuotaFixed": "",
    "usedWdQuota": "0",
    "wdEstOpenTime": "",
    "wdQuota": "0",
    "wdTickSz": "8",
}


def currencies(call: Call) -> Reply:
    """The currencies of the listed instruments."""
    asked = _asked(call)
    return reply(
        [
            {**_CURRENCY, "ccy": ccy, "name": ccy, "chain": f"{ccy}-Simulated"}
            for ccy in known_currencies(call)
            if not asked or ccy in asked
        ]
    )


def balances(call: Call) -> Reply:
    """Currencies without a balance are left out unless asked for by name."""
    asked = _asked(call)
    rows = []
    for ccy in known_currencies(call):
        balance = call.account.funding_account.balances.get(ccy, ZERO)
        if ccy in asked or (balance and not asked):
            rows.append({"availBal": decimal_text(balance), "bal": decimal_text(balance), "ccy": ccy, "frozenBal": "0"})
    return reply(rows)


def valuation(call: Call) -> Reply:
    """Of all accounts, in one currency."""
    exchange, ccy = call.exchange, call.param("ccy") or VALUATION_CCY
    if ccy not in known_currencies(call) or not exchange.usd_px(ccy):
        raise Refusal("51000", param="ccy")
    funds = call.account.funding_account.balances
    funding_usd = sum((amount * exchange.usd_px(one) for one, amount in funds.items()), ZERO)
    trading = quotient(total_equity(call.account, exchange.usd_px), exchange.usd_px(ccy))
    funding = quotient(funding_usd, exchange.usd_px(ccy))
    details = {"classic": "0", "earn": "0", "funding": decimal_text(funding), "trading": decimal_text(trading)}
    return reply(
        [{"details": details, "totalBal": decimal_text(trading + funding), "ts": str(exchange.clock.now_ms())}]
    )


def no_movements(call: Call) -> Reply:
    """Nothing was ever deposited or withdrawn."""
    return reply([])


def known_currencies(call: Call) -> list[str]:
    listed = call.exchange.instruments
    return sorted(({one.base_ccy for one in listed} | {one.quote_ccy for one in listed}) - {""})


def _asked(call: Call) -> list[str]:
    asked = [ccy for ccy in call.param("ccy").split(",") if ccy]
    if len(asked) > CURRENCIES_LIMIT:
        raise Refusal("51000", param="ccy")
    return asked
