"""Algo orders as a client sees them: REST requests, pushes on the business path, the order on the private one."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.asyncio

SELL_SWAP = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "sell", "sz": "1"}
# What OKX documents for a row of the channel (OKX docs, "Algo orders channel").
CHANNEL_KEYS = set(
    [
        "actualPx",
        "actualSide",
        "actualSz",
        "advanceOrdType",
        "algoClOrdId",
        "algoId",
        "amendPxOnTriggerType",
        "amendResult",
        "attachAlgoOrds",
        "cTime",
        "ccy",
        "chaseType",
        "chaseVal",
        "clOrdId",
        "closeFraction",
        "failCode",
        "instId",
        "instType",
        "isTradeBorrowMode",
        "last",
        "lever",
        "linkedOrd",
        "maxChaseType",
        "maxChaseVal",
        "notionalUsd",
        "ordId",
        "ordIdList",
        "ordPx",
        "ordType",
        "posSide",
        "quickMgnType",
        "reduceOnly",
        "reqId",
        "side",
        "slOrdPx",
        "slTriggerPx",
        "slTriggerPxType",
        "state",
        "subAlgoIdList",
        "sz",
        "tag",
        "tdMode",
        "tgtCcy",
        "tpOrdPx",
        "tpTriggerPx",
        "tpTriggerPxType",
        "tradeQuoteCcy",
        "triggerPx",
        "triggerPxType",
        "triggerTime",
        "uTime",
    ]
)


async def listener(world: Any, *channels: str) -> Any:
    client = await world.connect("business")
    assert (await client.login())["code"] == "0"
    await client.subscribe(*({"channel": one, "instType": "SWAP"} for one in channels))
    return client


async def post(world: Any, path: str, body: Any) -> tuple[int, Any]:
    status, answer = await world.rest.call("POST", f"/api/v5/{path}", body)
    return status, answer


async def test_a_position_is_protected_and_closed(world: Any) -> None:
    business, private = await listener(world, "orders-algo"), await world.trader()
    entry = {**SELL_SWAP, "side": "buy", "ordType": "limit", "px": "100000", "clOrdId": "e1"}
    stop = {"slTriggerPx": "95000", "slOrdPx": "-1", "attachAlgoClOrdId": "p1"}
    _, answer = await post(world, "trade/order", {**entry, "attachAlgoOrds": [stop]})
    assert answer["code"] == "0"
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="sell", px="100000", sz="1")
    (live,) = await business.pushed(1, "orders-algo")
    assert set(live) == CHANNEL_KEYS
    frame = next(one for one in business.frames if one.get("arg", {}).get("channel") == "orders-algo" and "data" in one)
    assert frame["arg"] == {"channel": "orders-algo", "instType": "SWAP", "uid": "1000000000000001"}
    world.sim.command("quote", inst_id="BTC-USDT-SWAP", side="buy", px="94000", sz="9")
    world.sim.command("quote", inst_id="BTC-USDT-SWAP", side="sell", px="95000", sz="1")
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="buy", px="95000", sz="1")
    done = (await business.pushed(2, "orders-algo"))[1]
    rows = await private.pushed(4)
    assert (done["state"], done["algoClOrdId"], done["actualPx"]) == ("effective", "p1", "94000")
    assert (rows[-1]["state"], rows[-1]["algoId"], rows[-1]["ordId"]) == ("filled", live["algoId"], done["ordId"])
    (history,) = await world.rest.get("/api/v5/trade/orders-algo-history?ordType=conditional&state=effective")
    assert history["algoId"] == live["algoId"]
    (order,) = await world.rest.get(f"/api/v5/trade/order?instId=BTC-USDT-SWAP&ordId={done['ordId']}")
    assert (order["algoId"], order["algoClOrdId"], order["source"]) == (live["algoId"], "p1", "7")
    assert await world.rest.get("/api/v5/account/positions") == []
    records = [one for one in world.sim.ledger.records("algo")]
    assert [(one["algoId"], one["state"]) for one in records] == [
        (live["algoId"], "live"),
        (live["algoId"], "effective"),
    ]


async def test_a_trailing_stop_is_published_on_its_own_channel_and_on_subscription(world: Any) -> None:
    trailing = {**SELL_SWAP, "ordType": "move_order_stop", "callbackRatio": "0.05", "reduceOnly": "true"}
    _, answer = await post(world, "trade/order-algo", trailing)
    business = await listener(world, "orders-algo", "algo-advance")
    (row,) = await business.pushed(1, "algo-advance")
    assert (row["algoId"], row["moveTriggerPx"], row["state"]) == (answer["data"][0]["algoId"], "95000", "live")
    assert row["pTime"] and row["callbackRatio"] == "0.05"
    named = [{"instId": "BTC-USDT-SWAP", "algoId": row["algoId"]}]
    _, answer = await post(world, "trade/cancel-advance-algos", named)
    assert answer["data"][0]["sCode"] == "0"
    assert (await business.pushed(2, "algo-advance"))[1]["state"] == "canceled"
    assert business.rows("orders-algo") == []


async def test_requests_are_refused_with_their_status(world: Any) -> None:
    status, answer = await post(world, "trade/close-position", {"instId": "BTC-USDT-SWAP", "mgnMode": "cross"})
    assert (status, answer["code"], answer["data"]) == (200, "51023", [])
    status, answer = await post(world, "trade/order-algo", [])
    assert (status, answer["code"]) == (400, "50002")
    refused = await world.rest.call("POST", "/api/v5/trade/order-algo", SELL_SWAP, key="sim-read-only")
    assert refused[1]["code"] == "50120"
    codes = [(await post(world, "trade/order-algo", {**SELL_SWAP, "ordType": "oco"})) for _ in range(20)]
    assert codes[-1][0] == 429 and codes[-1][1] == {"code": "50011", "msg": "Too Many Requests"}


async def test_an_order_that_waits_to_close_is_answered_like_a_limit(world: Any) -> None:
    entry = {**SELL_SWAP, "side": "buy", "ordType": "limit", "px": "100000"}
    await post(world, "trade/order", entry)
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="sell", px="100000", sz="1")
    await post(world, "trade/order", {**SELL_SWAP, "ordType": "limit", "px": "110000", "reduceOnly": True})
    status, answer = await post(world, "trade/close-position", {"instId": "BTC-USDT-SWAP", "mgnMode": "cross"})
    assert (status, answer["code"], answer["data"]) == (429, "51115", [])
