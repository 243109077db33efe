"""Pure. What the REST stub answers, in OKX's shapes (`data` arrays): one account, three instruments, no orders."""

from __future__ import annotations

from typing import Any, Final

from benchmarks.exchange.order_rows import INST_ID, INST_ID_CODE

Row = dict[str, Any]

# The stub's account may do as many orders as the benchmark's [limits] allow.
ACC_RATE_LIMIT: Final = "1000000"


# Fields of every instrument that are "" where they do not apply.
TEXT_FIELDS: Final = (
    *("alias", "auctionEndTime", "baseCcy", "contTdSwTime", "ctMult", "ctType", "ctVal", "ctValCcy", "expTime"),
    *("instFamily", "maxLmtAmt", "maxMktAmt", "maxPlatOILmt", "openType", "optType", "posLmtAmt", "posLmtPct"),
    *("preMktSwTime", "quoteCcy", "settleCcy", "stk", "uly"),
)


def _instrument(inst_type: str, inst_id: str, inst_id_code: int, **fields: Any) -> Row:
    empty = dict.fromkeys(TEXT_FIELDS, "")
    sizes = dict.fromkeys(
        ("maxIcebergSz", "maxLmtSz", "maxStopSz", "maxTriggerSz", "maxTwapSz", "maxMktSz"), "100000000"
    )
    common = {"category": "1", "lever": "100", "listTime": "1573557408000", "ruleType": "normal", "state": "live"}
    names = {"instType": inst_type, "instId": inst_id, "instIdCode": inst_id_code}
    return {
        **empty,
        **sizes,
        **common,
        "futureSettlement": False,
        "tradeQuoteCcyList": [],
        "upcChg": [],
        **names,
        **fields,
    }


def _linear(inst_id: str, inst_id_code: int, ct_val: str, tick_sz: str) -> Row:
    base_ccy, quote_ccy, _ = inst_id.split("-")
    owner = f"{base_ccy}-{quote_ccy}"
    names = {"instFamily": owner, "uly": owner, "settleCcy": quote_ccy}
    contract = {"ctType": "linear", "ctMult": "1", "ctVal": ct_val, "ctValCcy": base_ccy}
    return _instrument("SWAP", inst_id, inst_id_code, tickSz=tick_sz, lotSz="0.01", minSz="0.01", **names, **contract)


INSTRUMENTS: Final = (
    _linear(INST_ID, INST_ID_CODE, "0.01", "0.1"),
    _linear("ETH-USDT-SWAP", 10461, "0.1", "0.01"),
    _instrument(
        "SPOT", "BTC-USDT", 10001, baseCcy="BTC", quoteCcy="USDT", tickSz="0.1", lotSz="0.00000001", minSz="0.00001"
    ),
)


def instruments(inst_type: str) -> list[Row]:
    """Rows of one type, as `public/instruments` and `account/instruments` give them."""
    return [row for row in INSTRUMENTS if row["instType"] == inst_type]


ACCOUNT_CONFIG: Final[Row] = {
    "uid": "1000000000000001",
    "mainUid": "1000000000000001",
    "acctLv": "2",
    "acctStpMode": "cancel_maker",
    "posMode": "net_mode",
    "autoLoan": False,
    "greeksType": "PA",
    "feeType": "0",
    "level": "Lv1",
    "levelTmp": "",
    "ctIsoMode": "automatic",
    "mgnIsoMode": "automatic",
    "roleType": "0",
    "spotRoleType": "0",
    "traderInsts": [],
    "spotTraderInsts": [],
    "opAuth": "0",
    "kycLv": "3",
    "label": "benchmark",
    "ip": "127.0.0.1",
    "perm": "read_only,trade",
    "type": "0",
    "settleCcy": "USDT",
    "settleCcyList": ["USDT"],
}

BALANCE: Final[Row] = {
    "totalEq": "1000000",
    "adjEq": "",
    "isoEq": "0",
    "ordFroz": "",
    "imr": "",
    "mmr": "",
    "mgnRatio": "",
    "notionalUsd": "",
    "uTime": "1700000000000",
    "details": [
        {
            "ccy": "USDT",
            "eq": "1000000",
            "cashBal": "1000000",
            "availBal": "1000000",
            "availEq": "1000000",
            "frozenBal": "0",
            "ordFrozen": "0",
            "uTime": "1700000000000",
        }
    ],
}


def rate_limit(ts_ms: int) -> Row:
    """`trade/account-rate-limit`."""
    return {
        "accRateLimit": ACC_RATE_LIMIT,
        "nextAccRateLimit": "",
        "fillRatio": "",
        "mainFillRatio": "",
        "ts": str(ts_ms),
    }
