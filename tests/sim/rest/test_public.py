"""Endpoints on public data: members as in OKX's docs, values by plain arithmetic."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.asyncio

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


async def get(world: Any, target: str, key: str | None = "sim-api-key-0001") -> Any:
    _, answer = await world.rest.call("GET", f"/api/v5/{target}", key=key)
    return answer


@pytest.mark.parametrize("query", ["instId=BTC-USDT-SWAP", "instType=ANY&instId=BTC-USDT-SWAP", "instType=SWAP"])
async def test_mark_price_without_inst_type(world: Any, query: str) -> None:
    """ccxt leaves instType out, nautilus_trader says ANY."""
    rows = (await get(world, f"public/mark-price?{query}", key=None))["data"]
    found = [one for one in rows if one["instId"] == "BTC-USDT-SWAP"]
    assert [(one["instType"], one["markPx"]) for one in found] == [("SWAP", "100000")]


async def test_mark_price_needs_something(world: Any) -> None:
    assert (await get(world, "public/mark-price", key=None))["code"] == "50014"


async def test_full_book(world: Any) -> None:
    world.sim.command("quote", inst_id="BTC-USDT", side="buy", px="99000", sz="0.3")
    (book,) = (await get(world, "market/books-full?instId=BTC-USDT&sz=5000", key=None))["data"]
    assert book["bids"] == [["99000", "0.3", "1"]] and set(book) == {"asks", "bids", "ts"}
    assert (await get(world, "market/books-full?instId=BTC-USDT&sz=5001", key=None))["code"] == "51000"


async def test_trades_history_in_pages(world: Any) -> None:
    for px in ("99000", "99001", "99002"):
        world.sim.command("quote", inst_id="BTC-USDT", side="sell", px=px, sz="0.1")
        world.sim.command("trade", inst_id="BTC-USDT", side="buy", px=px, sz="0.1")
    target = "market/history-trades?instId=BTC-USDT"
    newest = (await get(world, f"{target}&limit=2", key=None))["data"]
    assert [one["px"] for one in newest] == ["99002", "99001"]
    older = (await get(world, f"{target}&after={newest[-1]['tradeId']}", key=None))["data"]
    assert [one["px"] for one in older] == ["99000"]
    assert (await get(world, f"{target}&type=3", key=None))["code"] == "51000"


async def test_there_are_no_spreads(world: Any) -> None:
    assert await world.rest.get("/api/v5/sprd/spreads") == []
