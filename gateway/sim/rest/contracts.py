"""Public REST endpoints that work something out about contracts: units, tiers, prices at expiry, the insurance fund.

Source: OKX docs, "Unit convert", "Get position tiers", "Get estimated delivery/exercise price", "Get security fund".
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from gateway.sim.accounts.house_account import INSURANCE
from gateway.sim.accounts.positions import MAINTENANCE_RATES, SHORT_OPTION_MARGIN
from gateway.sim.base.codes import Refusal
from gateway.sim.base.formats import ZERO, decimal_text, parse_decimal, quotient
from gateway.sim.market.instruments import Instrument
from gateway.sim.rest.calls import Call, Reply, reply

CONTRACT_TYPES = ("SWAP", "FUTURES", "OPTION")
TO_CONTRACTS, TO_CURRENCY = "1", "2"
INSURED_TYPES = ("MARGIN", *CONTRACT_TYPES)
TIERS_ASKED_LIMIT = 5  # instruments or families in one request


def convert(call: Call) -> Reply:
    """Between contracts and coin or, for linear ones with unit `usds`, stable coin. Contracts come in whole lots:
    rounded down to open (opType), to the nearest to close."""
    instrument = call.exchange.instruments.by_inst_id.get(call.required("instId"))
    if instrument is None:
        raise Refusal("51001")
    if instrument.inst_type not in CONTRACT_TYPES:
        raise Refusal("51000", param="instId")
    kind, unit, op_type = (
        call.param("type") or TO_CONTRACTS,
        call.param("unit") or "coin",
        call.param("opType") or "close",
    )
    for name, given, allowed in (
        ("type", kind, (TO_CONTRACTS, TO_CURRENCY)),
        ("unit", unit, ("coin", "usds")),
        ("opType", op_type, ("open", "close")),
    ):
        if given not in allowed:
            raise Refusal("51000", param=name)
    sz = parse_decimal(call.required("sz"))
    if sz is None:
        raise Refusal("51000", param="sz")
    top, bottom = _currency_of_contract(call, instrument, unit)
    if kind == TO_CURRENCY:
        converted = quotient(sz * top, bottom)
    else:
        lots = quotient(sz * bottom, top * instrument.lot_sz)
        rounding = ROUND_DOWN if op_type == "open" else ROUND_HALF_UP
        converted = lots.to_integral_value(rounding) * instrument.lot_sz
    row = {
        "instId": instrument.inst_id,
        "px": call.param("px"),
        "sz": decimal_text(converted),
        "type": kind,
        "unit": unit,
    }
    return reply([row])


def _currency_of_contract(call: Call, instrument: Instrument, unit: str) -> tuple[Decimal, Decimal]:
    """How much one contract is, as a fraction; at a price where it takes one."""
    linear_usds = instrument.ct_type == "linear" and unit == "usds"
    if instrument.ct_type != "inverse" and not linear_usds:
        return instrument.face, Decimal(1)
    px = parse_decimal(call.required("px"))
    if not px:
        raise Refusal("51000", param="px")
    return (instrument.face * px, Decimal(1)) if linear_usds else (instrument.face, px)


def position_tiers(call: Call) -> Reply:
    """One tier each, as large as the largest order: margin rates here do not grow with the position."""
    inst_type, td_mode = call.required("instType"), call.required("tdMode")
    if inst_type not in INSURED_TYPES:
        raise Refusal("51000", param="instType")
    if td_mode not in ("cross", "isolated"):
        raise Refusal("51000", param="tdMode")
    families = [one for one in (call.param("instFamily") or call.param("uly")).split(",") if one]
    inst_ids = [one for one in call.param("instId").split(",") if one]
    if inst_type == "MARGIN":
        if not inst_ids and not call.param("ccy"):
            raise Refusal("50015", param="instId", other="ccy")
    elif not families:
        raise Refusal("50014", param="instFamily")
    if max(len(families), len(inst_ids)) > TIERS_ASKED_LIMIT:
        raise Refusal("51000", param="instId" if inst_ids else "instFamily")
    chosen = [
        one
        for one in call.exchange.instruments.select(inst_type)
        if (not families or inst_type == "MARGIN" or one.inst_family in families)
        and (not inst_ids or one.inst_id in inst_ids)
        and (inst_type != "MARGIN" or call.param("ccy") in ("", one.base_ccy, one.quote_ccy))
    ]
    if not chosen:
        raise Refusal("51001")
    return reply([_tier_row(one) for one in chosen])


def _tier_row(instrument: Instrument) -> dict[str, str]:
    option = instrument.inst_type == "OPTION"
    imr = SHORT_OPTION_MARGIN if option else quotient(Decimal(1), Decimal(instrument.lever))
    return {
        "baseMaxLoan": "",
        "imr": decimal_text(imr),
        "instFamily": instrument.inst_family,
        "instId": instrument.inst_id,
        "maxLever": "" if option else instrument.lever,
        "maxSz": decimal_text(instrument.max_lmt_sz),
        "minSz": "0",
        "mmr": decimal_text(MAINTENANCE_RATES[instrument.inst_type]),
        "optMgnFactor": "0",
        "quoteMaxLoan": "",
        "tier": "1",
        "uly": instrument.inst_family,
    }


def estimated_price(call: Call) -> Reply:
    """Only within the last hour before delivery or exercise, else there is no row."""
    exchange = call.exchange
    instrument = exchange.instruments.by_inst_id.get(call.required("instId"))
    if instrument is None:
        raise Refusal("51001")
    return reply(exchange.market_data.estimated_prices([instrument], exchange.clock.now_ms()))


def insurance_fund(call: Call) -> Reply:
    """One fund for all types. It began with nothing: payments for bankrupt accounts appear as a negative
    balance."""
    inst_type, asked = call.required("instType"), call.param("ccy")
    if inst_type not in INSURED_TYPES:
        raise Refusal("51000", param="instType")
    if call.param("type") not in ("", "liquidation_balance_deposit", "bankruptcy_loss"):
        raise Refusal("51000", param="type")
    family = call.param("instFamily") or call.param("uly")
    if inst_type != "MARGIN" and not family:
        raise Refusal("50014", param="instFamily")
    exchange = call.exchange
    now_ms = str(exchange.clock.now_ms())
    funds = {
        ccy: one for ccy, one in exchange.house_account.balances()[INSURANCE].items() if one and asked in ("", ccy)
    }
    details = [
        {
            "adlType": "",
            "amt": decimal_text(amount),
            "balance": decimal_text(amount),
            "ccy": ccy,
            "decRate": "",
            "maxBal": "",
            "maxBalTs": "",
            "ts": now_ms,
            "type": "liquidation_balance_deposit" if amount > 0 else "bankruptcy_loss",
        }
        for ccy, amount in funds.items()
    ]
    total = sum((amount * exchange.usd_px(ccy) for ccy, amount in funds.items()), ZERO)
    return reply([{"details": details, "instFamily": family, "instType": inst_type, "total": decimal_text(total)}])
