"""REST endpoints on the trading account: configuration, money, positions, fees, order sizes.

Source: OKX docs, "Get account configuration", "Get balance", "Get positions", "Get fee rates", "Get maximum order
quantity", "Get maximum available balance/equity", "Get leverage", "Set leverage", "Set account mode", "Set position
mode", "Set auto loan".
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.sim.accounts.account_modes import set_account_level, set_auto_loan, set_position_mode
from gateway.sim.accounts.accounts import Account
from gateway.sim.accounts.fees import MAKER, TAKER
from gateway.sim.accounts.leverage import leverage_rows, set_leverage
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import ZERO, decimal_text, parse_decimal
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.orders import Order
from gateway.sim.rest.calls import Call, Reply, reply, required_text
from gateway.sim.rows import account as account_rows
from gateway.sim.rows.position import position_row

CURRENCIES_LIMIT = 20
INSTRUMENTS_LIMIT = 5
POSITION_INSTRUMENTS_LIMIT = 10
POSITIONS_LIMIT = 20
TD_MODES = ("cash", "cross", "isolated", "spot_isolated")
MGN_MODES = ("cross", "isolated")
FEE_TYPES = ("SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION")


def config(call: Call) -> Reply:
    account = call.account
    key = None if call.identity is None else call.identity.api_key
    return reply([account_rows.config_row(account, key.permissions if key else (), key.ips if key else ())])


def balance(call: Call) -> Reply:
    asked = [ccy for ccy in call.param("ccy").split(",") if ccy]
    if len(asked) > CURRENCIES_LIMIT:
        raise Refusal("51000", param="ccy")
    exchange = call.exchange
    return reply([account_rows.rest_balance_row(call.account, exchange.usd_px, exchange.clock.now_ms(), asked or None)])


def positions(call: Call) -> Reply:
    """A closed position is only shown when it is asked for by name."""
    exchange, account = call.exchange, call.account
    inst_ids = [one for one in call.param("instId").split(",") if one]
    pos_ids = [one for one in call.param("posId").split(",") if one]
    for name, given, most in (("instId", inst_ids, POSITION_INSTRUMENTS_LIMIT), ("posId", pos_ids, POSITIONS_LIMIT)):
        if len(given) > most:
            raise Refusal("51000", param=name)
    known = list(account.positions.values())
    if inst_ids or pos_ids:
        known += [one for key, one in account.closed_positions.items() if key not in account.positions]
    now_ms = exchange.clock.now_ms()
    return reply(
        [
            position_row(account, one, exchange.markets[one.instrument.inst_id], now_ms, push=False)
            for one in known
            if call.param("instType") in ("", one.instrument.inst_type)
            and (not inst_ids or one.instrument.inst_id in inst_ids)
            and (not pos_ids or one.pos_id in pos_ids)
        ]
    )


# --- fees ------------------------------------------------------------------------------------------------------


def trade_fee(call: Call) -> Reply:
    """Pairs and crypto-margined contracts have maker and taker, contracts margined in a stable coin the others."""
    inst_type = call.required("instType")
    if inst_type not in FEE_TYPES:
        raise Refusal("51000", param="instType")
    inst_id = call.param("instId")
    if inst_id and inst_id not in call.exchange.instruments.by_inst_id:
        raise Refusal("51001")
    tier = call.account.fee_tier
    maker, taker = (decimal_text(tier.rates[inst_type, one]) for one in (MAKER, TAKER))
    contract = inst_type in ("SWAP", "FUTURES")
    row = {
        "category": "1",
        "delivery": taker if inst_type == "FUTURES" else "",
        "exercise": taker if inst_type == "OPTION" else "",
        "feeGroup": [{"groupId": "1", "maker": maker, "taker": taker}],
        "fiat": [],
        "instType": inst_type,
        "level": tier.level,
        "maker": maker,
        "makerU": maker if contract else "",
        "makerUSDC": "" if inst_type == "OPTION" else maker,
        "ruleType": "normal",
        "taker": taker,
        "takerU": taker if contract else "",
        "takerUSDC": "" if inst_type == "OPTION" else taker,
        "ts": str(call.exchange.clock.now_ms()),
    }
    return reply([row])


# --- order sizes ------------------------------------------------------------------------------------------------


def max_size(call: Call) -> Reply:
    """The largest limit orders that would be taken now: base currency for pairs, contracts else."""
    rows = []
    td_mode = _td_mode(call)
    px = call.param("px")
    given = parse_decimal(px) if px else None
    if px and not given:
        raise Refusal("51000", param="px")
    for instrument in asked_products(call, td_mode):
        at = given or call.exchange.mark_px(instrument)
        rows.append(
            {
                "ccy": call.param("ccy") or _margin_ccy(instrument),
                "instId": instrument.inst_id,
                "maxBuy": decimal_text(largest_order(call.account, instrument, td_mode, "buy", at, call.param("ccy"))),
                "maxSell": decimal_text(
                    largest_order(call.account, instrument, td_mode, "sell", at, call.param("ccy"))
                ),
            }
        )
    return reply(rows)


def max_avail_size(call: Call) -> Reply:
    """The balance to trade with: quote and base currency for spot, margin for everything else."""
    td_mode = _td_mode(call)
    account = call.account
    rows = []
    for instrument in asked_products(call, td_mode):
        if instrument.is_spot:
            buy, sell = account.available(instrument.quote_ccy), account.available(instrument.base_ccy)
        else:
            buy = sell = account.available_margin(call.param("ccy") or _margin_ccy(instrument))
        rows.append({"availBuy": decimal_text(buy), "availSell": decimal_text(sell), "instId": instrument.inst_id})
    return reply(rows)


def largest_order(account: Account, instrument: Instrument, td_mode: str, side: str, px: Decimal, ccy: str) -> Decimal:
    """In whole lots; an order of this size would set aside all that is available. `ccy` is the margin
    currency of MARGIN."""
    pos_side = ""
    if account.pos_mode == "long_short_mode" and instrument.inst_type in ("SWAP", "FUTURES"):
        pos_side = "long" if side == "buy" else "short"

    def affordable(lots: int) -> bool:
        sz = instrument.lot_sz * lots
        order = Order("", account, instrument, side, "limit", td_mode, sz, px, 0, pos_side, ccy=ccy)
        needed, amount, _ = account.requirement(order)
        return amount <= account.may_use(order, needed)

    low, high = 0, int(instrument.max_lmt_sz / instrument.lot_sz)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if affordable(middle) else (low, middle - 1)
    largest = instrument.lot_sz * low
    return largest if largest >= instrument.min_sz else ZERO


def _td_mode(call: Call) -> str:
    td_mode = call.required("tdMode")
    if td_mode not in TD_MODES:
        raise Refusal("51000", param="tdMode")
    return td_mode


def asked_products(call: Call, td_mode: str) -> list[Instrument]:
    """The instrument that the query's `instId` names, as it is traded in that mode."""
    names = call.required("instId").split(",")
    if len(names) > INSTRUMENTS_LIMIT:
        raise Refusal("51000", param="instId")
    listed = call.exchange.instruments.by_inst_id
    if not all(one in listed for one in names):
        raise Refusal("51001")
    return [call.account.product(listed[one], td_mode) for one in names]


def _margin_ccy(instrument: Instrument) -> str:
    return instrument.settle_ccy or instrument.quote_ccy


# --- leverage --------------------------------------------------------------------------------------------------


def leverage_info(call: Call) -> Reply:
    mgn_mode = call.required("mgnMode")
    if mgn_mode not in MGN_MODES:
        raise Refusal("51000", param="mgnMode")
    account = call.account
    rows = [row for one in asked_products(call, mgn_mode) for row in leverage_rows(account, one, mgn_mode)]
    return reply(rows)


def change_leverage(call: Call) -> Reply:
    body = call.trade_body()
    instrument, mgn_mode = _leverage_target(call, body)
    lever = parse_decimal(required_text(body, "lever", or_number=True))
    if lever is None:
        raise Refusal("51000", param="lever")
    account = call.account
    pos_side = str(body.get("posSide") or "net")
    set_leverage(account, instrument, mgn_mode, pos_side, lever)
    return reply([one for one in leverage_rows(account, instrument, mgn_mode) if one["posSide"] == pos_side])


def _leverage_target(call: Call, body: dict[str, Any]) -> tuple[Instrument, str]:
    mgn_mode = required_text(body, "mgnMode")
    if mgn_mode not in MGN_MODES:
        raise Refusal("51000", param="mgnMode")
    instrument = call.exchange.instruments.by_inst_id.get(required_text(body, "instId"))
    if instrument is None:
        raise Refusal("51001")
    return call.account.product(instrument, mgn_mode), mgn_mode


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
