"""Endpoints on account and public data: members as in OKX's docs, values by plain arithmetic."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.asyncio

UID_1 = "1000000000000001"
KEYS = {
    "account/trade-fee?instType=SPOT": "category delivery exercise feeGroup fiat instType level maker makerU makerUSDC "
    "ruleType taker takerU takerUSDC ts",
    "account/max-size?instId=BTC-USDT&tdMode=cash": "ccy instId maxBuy maxSell",
    "account/max-avail-size?instId=BTC-USDT&tdMode=cash": "availBuy availSell instId",
    "account/leverage-info?instId=BTC-USDT-SWAP&mgnMode=cross": "ccy instId mgnMode posSide lever",
    "public/funding-rate?instId=BTC-USDT-SWAP": "formulaType fundingRate fundingTime impactValue instId instType "
    "interestRate maxFundingRate method minFundingRate nextFundingRate nextFundingTime premium prevFundingTime "
    "settFundingRate settState ts",
    "public/open-interest?instType=SWAP&instId=BTC-USDT-SWAP": "instId instType oi oiCcy oiUsd ts",
    "public/opt-summary?instFamily=BTC-USD": "instType instId uly delta gamma vega theta lever markVol bidVol askVol "
    "realVol deltaBS gammaBS thetaBS vegaBS ts fwdPx volLv",
    "market/index-tickers?instId=BTC-USDT": "instId idxPx high24h low24h open24h sodUtc0 sodUtc8 ts",
    "public/mark-price?instType=SWAP": "instType instId markPx ts",
    "public/price-limit?instId=BTC-USDT": "instType instId buyLmt sellLmt ts enabled",
}


@pytest.mark.parametrize("target", KEYS)
async def test_members(world: Any, target: str) -> None:
    rows = await world.rest.get(f"/api/v5/{target}")
    assert rows and all(" ".join(row) == KEYS[target] for row in rows)


async def test_fee_rates(world: Any) -> None:
    (spot,) = await world.rest.get("/api/v5/account/trade-fee?instType=SPOT&instId=BTC-USDT")
    assert (spot["maker"], spot["taker"], spot["level"]) == ("-0.0008", "-0.001", "Lv1")
    world.sim.command("fee_tier", uid=UID_1, level="VIP2", rates={"SWAP": ["-0.0001", "-0.0004"]})
    (swap,) = await world.rest.get("/api/v5/account/trade-fee?instType=SWAP&instFamily=BTC-USDT")
    assert (swap["makerU"], swap["takerU"], swap["level"]) == ("-0.0001", "-0.0004", "VIP2")


async def test_the_largest_orders(world: Any) -> None:
    """The largest order is taken, and one lot more is not."""
    (spot,) = await world.rest.get("/api/v5/account/max-size?instId=BTC-USDT&tdMode=cash&px=80000")
    # 10,000,000 USDT buy 125 BTC at 80,000; there are 1,000 BTC to sell.
    assert (spot["maxBuy"], spot["maxSell"]) == ("125", "1000")
    (avail,) = await world.rest.get("/api/v5/account/max-avail-size?instId=BTC-USDT&tdMode=cash")
    assert (avail["availBuy"], avail["availSell"]) == ("10000000", "1000")
    body = {"instId": "BTC-USDT-SWAP", "lever": "1", "mgnMode": "cross"}
    await world.rest.call("POST", "/api/v5/account/set-leverage", body)
    query = "instId=BTC-USDT-SWAP&tdMode=cross&px=100000"
    (swap,) = await world.rest.get(f"/api/v5/account/max-size?{query}")
    # At leverage 1 a contract of 0.01 BTC takes 1000 USDT and 0.5 USDT taker fee: 9995.0025 of them.
    assert (swap["maxBuy"], swap["maxSell"], swap["ccy"]) == ("9995", "9995", "USDT")
    order = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "buy", "ordType": "limit", "px": "100000"}
    _, answer = await world.rest.call("POST", "/api/v5/trade/order", {**order, "sz": "9995.01"})
    assert answer["data"][0]["sCode"] == "51008"
    _, answer = await world.rest.call("POST", "/api/v5/trade/order", {**order, "sz": "9995"})
    assert answer["data"][0]["sCode"] == "0"
    (rest,) = await world.rest.get(f"/api/v5/account/max-size?{query}")
    assert rest["maxBuy"] == "0"


async def test_leverage(world: Any) -> None:
    body = {"instId": "BTC-USDT-SWAP", "lever": "5", "mgnMode": "cross"}
    status, answer = await world.rest.call("POST", "/api/v5/account/set-leverage", body)
    assert (status, answer["code"], answer["data"][0]["lever"]) == (200, "0", "5")
    (row,) = await world.rest.get("/api/v5/account/leverage-info?instId=BTC-USDT-SWAP&mgnMode=cross")
    assert (row["lever"], row["posSide"]) == ("5", "net")
    _, answer = await world.rest.call("POST", "/api/v5/account/set-leverage", body, key="sim-read-only")
    assert answer["code"] == "50120"
    _, answer = await world.rest.call("POST", "/api/v5/account/set-leverage", {**body, "lever": "1000"})
    assert answer["code"] == "59102"


async def test_candles(world: Any) -> None:
    world.sim.command("quote", inst_id="BTC-USDT", side="sell", px="100010", sz="2")
    world.sim.command("trade", inst_id="BTC-USDT", side="buy", px="100010", sz="2")
    for target in ("candles", "history-candles"):
        rows = await world.rest.get(f"/api/v5/market/{target}?instId=BTC-USDT&bar=1D")
        assert rows[0][5:] == ["2", "2", "200020", "0"] and all(len(row) == 9 for row in rows)
    newest = (await world.rest.get("/api/v5/market/candles?instId=BTC-USDT"))[0]
    assert (newest[2], newest[4]) == ("100010", "100010")
    assert await world.rest.get(f"/api/v5/market/candles?instId=BTC-USDT&before={newest[0]}") == []


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("account/trade-fee", 400, "50014"),
        ("account/trade-fee?instType=SHARES", 400, "51000"),
        ("account/trade-fee?instType=SPOT&instId=NO-SUCH", 200, "51001"),
        ("account/max-size?instId=BTC-USDT", 400, "50014"),
        ("account/max-size?instId=BTC-USDT&tdMode=fast", 400, "51000"),
        ("account/max-size?instId=BTC-USDT&tdMode=cash&px=x", 400, "51000"),
        ("account/max-size?instId=NO-SUCH&tdMode=cash", 200, "51001"),
        ("account/max-size?tdMode=cash&instId=" + ",".join(["BTC-USDT"] * 6), 400, "51000"),
        ("account/positions?instId=" + ",".join(["BTC-USDT-SWAP"] * 11), 400, "51000"),
        ("account/positions?posId=" + ",".join(["1"] * 21), 400, "51000"),
        ("account/leverage-info?instId=BTC-USDT-SWAP&mgnMode=x", 400, "51000"),
        ("public/funding-rate?instId=BTC-USDT", 200, "51001"),
        ("public/open-interest?instType=SPOT", 400, "51000"),
        ("public/opt-summary", 400, "50014"),
        ("market/index-tickers", 400, "50015"),
        ("market/index-tickers?instId=NO-SUCH", 200, "51001"),
        ("market/candles?instId=BTC-USDT&bar=7m", 400, "51000"),
        ("market/candles?instId=BTC-USDT&limit=301", 400, "51000"),
    ],
)
async def test_refusals(world: Any, target: str, status: int, code: str) -> None:
    got, answer = await world.rest.call("GET", f"/api/v5/{target}")
    assert (got, answer["code"], answer["data"]) == (status, code, [])
