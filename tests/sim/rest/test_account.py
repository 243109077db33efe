"""Endpoints on the account: members as in OKX's docs, values by plain arithmetic."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.asyncio

UID_1 = "1000000000000001"


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
