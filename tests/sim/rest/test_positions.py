"""Closed positions and the risk of open ones: OKX's members, numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.rest import positions as rest_positions

UID_1, UID_2 = "1000000000000001", "1000000000000002"
SWAP, INVERSE = 10_459, 10_458


def trade(bench: Any, side: str, px: str, sz: str, code: int = SWAP, mode: str = "cross") -> None:
    other = "sell" if side == "buy" else "buy"
    for uid, its_side in ((UID_2, other), (UID_1, side)):
        placed = bench.place(uid, instIdCode=code, tdMode=mode, side=its_side, px=px, sz=sz)
        assert placed["sCode"] == "0", placed


def history(bench: Any, **params: str) -> list[dict[str, Any]]:
    answer = bench.rest(rest_positions.history, **params)
    assert answer["code"] == "0", answer
    return answer["data"]


def test_a_closed_position(bench: Any) -> None:
    trade(bench, "buy", "100000", "10")
    trade(bench, "buy", "102000", "30")
    assert history(bench) == []
    bench.command("pay_funding", inst_id="BTC-USDT-SWAP", rate="0.0001")
    trade(bench, "sell", "103000", "40")
    (row,) = history(bench)
    assert " ".join(row) == (
        "cTime ccy closeAvgPx closeTotalPos direction fee fundingFee instId instType lever liqPenalty mgnMode "
        "nonSettleAvgPx openAvgPx openMaxPos pnl pnlRatio posId posSide realizedPnl settledPnl triggerPx type uTime uly"
    )
    # 0.1 BTC at 100,000 and 0.3 at 102,000; funding on 0.4 BTC at 102,000; taker fees of 0.05 %.
    fees = Decimal("0.0005") * (10_000 + 30_600 + 41_200)
    realized = 600 - fees - Decimal("4.08")
    shown = {
        name: row[name] for name in ("openAvgPx", "closeAvgPx", "openMaxPos", "closeTotalPos", "pnl", "fundingFee")
    }
    assert shown == {
        "openAvgPx": "101500", "closeAvgPx": "103000", "openMaxPos": "40", "closeTotalPos": "40", "pnl": "600",
        "fundingFee": "-4.08",
    }  # fmt: skip
    assert (Decimal(row["fee"]), Decimal(row["realizedPnl"])) == (-fees, realized)
    # 40,600 USDT at leverage 10.
    assert Decimal(row["pnlRatio"]) == (realized / 4060).quantize(Decimal("1e-16"))
    assert (row["type"], row["direction"], row["posSide"], row["triggerPx"]) == ("2", "long", "net", "")


def test_a_partly_closed_position_stands_there_until_it_is_closed(bench: Any) -> None:
    trade(bench, "sell", "100000", "10", INVERSE)
    trade(bench, "buy", "80000", "4", INVERSE)
    (part,) = history(bench)
    assert (part["type"], part["direction"], part["closeTotalPos"], part["openMaxPos"]) == ("1", "short", "4", "10")
    # 400 USD were sold as 0.004 and bought back as 0.005 BTC.
    assert (part["pnl"], part["closeAvgPx"], part["ccy"]) == ("0.001", "80000", "BTC")
    trade(bench, "buy", "80000", "6", INVERSE)
    (complete,) = history(bench)
    assert (complete["type"], complete["posId"], complete["closeTotalPos"]) == ("2", part["posId"], "10")


@pytest.mark.parametrize(("verb", "sz", "kind"), [("liquidate", "4", "4"), ("liquidate", "10", "3"), ("adl", "4", "5"), ("adl", "10", "6")])  # fmt: skip
def test_the_type_of_the_closing(bench: Any, verb: str, sz: str, kind: str) -> None:
    trade(bench, "buy", "100000", "10")
    bench.command("mark_price", inst_id="BTC-USDT-SWAP", px="99000")
    bench.command(verb, uid=UID_1, inst_id="BTC-USDT-SWAP", sz=sz)
    (row,) = history(bench)
    assert (row["type"], row["triggerPx"]) == (kind, "99000")
    assert history(bench, type=kind) == [row] and history(bench, type="2") == []


def test_pages_and_filters(bench: Any) -> None:
    """Newest change first; with `before` alone the newest are shown, unlike elsewhere."""
    for code in (SWAP, INVERSE, SWAP):
        trade(bench, "buy", "100000", "10", code)
        bench.exchange.clock.skew_ms += 1000
        trade(bench, "sell", "100000", "10", code)
    rows = history(bench)
    assert [one["instId"] for one in rows] == ["BTC-USDT-SWAP", "BTC-USD-SWAP", "BTC-USDT-SWAP"]
    assert history(bench, after=rows[0]["uTime"]) == rows[1:]
    assert history(bench, before=rows[2]["uTime"], limit="1") == rows[:1]
    assert history(bench, instId="BTC-USD-SWAP") == rows[1:2] == history(bench, posId=rows[1]["posId"])
    assert history(bench, mgnMode="isolated") == history(bench, instType="OPTION") == []
    assert bench.rest(rest_positions.history, instType="SPOT")["code"] == "51000"
    bench.exchange.clock.skew_ms += 91 * 86_400_000
    assert history(bench) == []


def test_account_and_position_risk(bench: Any) -> None:
    trade(bench, "buy", "100000", "10")
    bench.touch("101000")
    (row,) = bench.rest(rest_positions.account_position_risk)["data"]
    assert list(row) == ["adjEq", "balData", "posData", "ts"] and row["adjEq"] == ""
    usdt = next(one for one in row["balData"] if one["ccy"] == "USDT")
    # 0.1 BTC gained 100 at a fee of 5.
    assert usdt == {"ccy": "USDT", "disEq": "10000095", "eq": "10000095"}
    (held,) = row["posData"]
    assert " ".join(held) == (
        "baseBal ccy instId instType mgnMode notionalCcy notionalUsd pos posCcy posId posSide quoteBal"
    )
    assert (held["pos"], held["notionalCcy"], held["ccy"]) == ("10", "10100", "USDT")
    assert bench.rest(rest_positions.account_position_risk, instType="OPTION")["data"][0]["posData"] == []


def test_risk_state_is_for_portfolio_margin(bench: Any) -> None:
    assert bench.rest(rest_positions.risk_state)["code"] == "51010"
    bench.command("account_mode", uid=UID_1, acct_lv="4")
    (row,) = bench.rest(rest_positions.risk_state)["data"]
    assert {**row, "ts": ""} == {"atRisk": False, "atRiskIdx": [], "atRiskMgn": [], "ts": ""}
