"""Prices of orders: options by kind of price, the price band, slippage (OKX docs, "Place order")."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

SPOT, SWAP, OPTION = 10_001, 10_459, 320_001
UID_1, UID_2 = "1000000000000001", "1000000000000002"
OPTION_ORDER = {"instIdCode": OPTION, "tdMode": "cross", "px": None, "sz": "1"}


# --- options: one price of three kinds ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "51175"),
        ({"px": "0.05", "pxUsd": "5000"}, "51176"),
        ({"pxUsd": "5000", "pxVol": "0.5"}, "51176"),
        ({"pxUsd": "5000", "ordType": "post_only"}, "51181"),
        ({"pxVol": "0.5", "ordType": "ioc"}, "51181"),
        ({"pxUsd": "x"}, "51000"),
        ({"pxUsd": "0"}, "51000"),
        ({"pxVol": "11"}, "51180"),
        ({"pxVol": 1}, "51000"),
        ({"px": "99000", "pxUsd": "1", "instIdCode": SPOT, "tdMode": "cash"}, "51537"),
        ({"px": "99000", "pxVol": "1", "instIdCode": SWAP}, "51537"),
    ],
)
def test_which_price(bench: Any, change: dict[str, Any], code: str) -> None:
    row = bench.place(**{**OPTION_ORDER, **change})
    assert row["sCode"] == code, row
    assert row["sMsg"]


def test_a_price_in_usd_becomes_coin(bench: Any) -> None:
    assert bench.place(**OPTION_ORDER, pxUsd="5012", clOrdId="o1")["sCode"] == "0"
    (push,) = bench.pushes[UID_1]
    # 5012 USD at an index of 100000 are 0.05012 BTC; ticks of 0.0001, a remainder below half goes down
    assert (push["px"], push["pxUsd"], push["pxVol"], push["pxType"]) == ("0.0501", "5012", "", "pxUsd")
    amend = {"instIdCode": OPTION, "clOrdId": "o1"}
    assert bench.run("amend-order", {**amend, "newPxUsd": "6000"}).code == "0"
    assert (bench.pushes[UID_1][-1]["px"], bench.pushes[UID_1][-1]["pxUsd"]) == ("0.06", "6000")
    codes = [
        bench.run("amend-order", {**amend, **change}).rows[0]["sCode"]
        for change in ({"newPx": "0.05"}, {"newPxVol": "0.5"}, {"newSz": "2"}, {"newPxUsd": "1", "newPx": "1"})
    ]
    assert codes == ["51177", "51177", "51536", "51176"]


def test_a_volatility_becomes_coin(bench: Any) -> None:
    assert bench.place(**OPTION_ORDER, pxVol="0.5")["sCode"] == "0"
    (push,) = bench.pushes[UID_1]
    assert (push["pxVol"], push["pxUsd"], push["pxType"]) == ("0.5", "", "pxVol")
    assert Decimal("0.01") < Decimal(push["px"]) < Decimal("0.5")


# --- bands and slippage --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "px", "amend_type", "expected"),
    [
        ("buy", "120000.1", "0", "51006"),
        ("buy", "120000.1", "1", "120000"),
        ("sell", "79999.9", "1", "80000"),
        ("buy", "99000", "1", "99000"),
        ("buy", "99000", "2", "51000"),
    ],
)
def test_a_price_may_be_moved_into_the_band(bench: Any, side: str, px: str, amend_type: str, expected: str) -> None:
    row = bench.place(side=side, px=px, sz="0.01", pxAmendType=amend_type)
    if row["sCode"] == "0":
        assert bench.pushes[UID_1][0]["px"] == expected
    else:
        assert row["sCode"] == expected


def test_an_amend_may_be_moved_into_the_band(bench: Any) -> None:
    bench.place(clOrdId="a1")
    row = {"instIdCode": SPOT, "clOrdId": "a1", "newPx": "130000"}
    assert bench.run("amend-order", row).rows[0]["sCode"] == "51006"
    assert bench.run("amend-order", {**row, "pxAmendType": "1"}).rows[0]["sCode"] == "0"
    assert bench.pushes[UID_1][-1]["px"] == "120000"


@pytest.mark.parametrize(
    ("side", "tgt", "slippage", "code"),
    [
        ("buy", "base_ccy", "0.0501", "54084"),
        ("buy", "base_ccy", "x", "54084"),
        ("buy", "base_ccy", "0.01234", "54085"),
        ("buy", "base_ccy", "0.0123", "0"),
        ("sell", "quote_ccy", "0.06", "54084"),
        ("buy", "quote_ccy", "9", "0"),  # counted in what is paid: the parameter does not apply
        ("sell", "base_ccy", "9", "0"),
    ],
)
def test_slippage_of_spot_market_orders(bench: Any, side: str, tgt: str, slippage: str, code: str) -> None:
    sz = "100" if tgt == "quote_ccy" else "0.01"
    row = bench.place(side=side, ordType="market", px=None, sz=sz, tgtCcy=tgt, slippagePct=slippage)
    assert row["sCode"] == code


def test_slippage_limits_how_far_it_takes(bench: Any) -> None:
    for px in ("100000", "101000", "101000.1"):
        bench.place(UID_2, side="sell", px=px, sz="0.1")
    bench.place(ordType="market", px=None, sz="0.3", tgtCcy="base_ccy", slippagePct="0.01")
    last = bench.pushes[UID_1][-1]
    assert (last["state"], last["accFillSz"], last["cancelSource"]) == ("canceled", "0.2", "27")
