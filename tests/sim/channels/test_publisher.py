"""The smaller private channels and the status channel, on the wire."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.asyncio

UID_1 = "1000000000000001"
SELL = {"instIdCode": 10_001, "tdMode": "cash", "side": "sell", "ordType": "limit", "px": "100000", "sz": "1"}
TAKE = {"instIdCode": 10_001, "tdMode": "cash", "side": "buy", "ordType": "ioc", "px": "100010", "sz": "3"}
STATUS = (
    "title",
    "state",
    "begin",
    "end",
    "href",
    "serviceType",
    "system",
    "scheDesc",
    "preOpenBegin",
    "maintType",
    "env",
)


async def test_fills_are_for_high_tiers_only(world: Any) -> None:
    client = await world.trader()
    await client.send(op="subscribe", args=[{"channel": "fills"}])
    error = await client.until(lambda one: one.get("event") == "error")
    assert (error["code"], error["msg"]) == (
        "64003", "Your trading fee tier doesn't meet the requirement to access this channel",
    )  # fmt: skip


async def test_fills_of_a_taker_are_added_up_by_price(world: Any) -> None:
    world.sim.command("fee_tier", uid=UID_1, level="VIP4")
    client = await world.trader("sim-api-key-0001", {"channel": "fills"}, {"channel": "orders", "instType": "ANY"})
    for px in ("100000", "100000", "100010"):
        world.sim.command("quote", inst_id="BTC-USDT", side="sell", px=px, sz="1")
    await client.op("order", {**TAKE, "clOrdId": "42"})
    orders = [one for one in await client.pushed(4) if one["tradeId"]]
    rows = await client.pushed(2, "fills")
    assert [(one["fillPx"], one["fillSz"], one["count"], one["execType"]) for one in rows] == [
        ("100000", "2", "2", "T"), ("100010", "1", "1", "T"),
    ]  # fmt: skip
    # Their ids are those of the last match at each price.
    assert [one["tradeId"] for one in rows] == [orders[1]["tradeId"], orders[2]["tradeId"]]
    assert {one["clOrdId"] for one in rows} == {"42"}
    assert " ".join(rows[0]) == "instId fillSz fillPx side ts ordId clOrdId tradeId execType count"


@pytest.mark.parametrize(
    ("cl_ord_id", "published"),
    [("abc", "0"), ("7a", "0"), ("007", "0"), ("9223372036854775807", "9223372036854775807"),
     ("9223372036854775808", "0"), ("", "0")],
)  # fmt: skip
async def test_fills_only_know_numeric_client_ids(world: Any, cl_ord_id: str, published: str) -> None:
    world.sim.command("fee_tier", uid=UID_1, level="VIP4")
    client = await world.trader("sim-api-key-0001", {"channel": "fills", "instId": "BTC-USDT"})
    await client.op("order", {**SELL, "clOrdId": cl_ord_id})
    for _ in range(2):
        world.sim.command("trade", inst_id="BTC-USDT", side="buy", px="100000", sz="0.5")
    rows = await client.pushed(2, "fills")
    assert [(one["execType"], one["count"], one["clOrdId"]) for one in rows] == [("M", "1", published)] * 2


async def test_greeks(world: Any) -> None:
    client = await world.trader("sim-api-key-0001", {"channel": "account-greeks", "ccy": "BTC"})
    (row,) = await client.pushed(1, "account-greeks")
    assert " ".join(row) == "ccy deltaBS deltaPA gammaBS gammaPA thetaBS thetaPA ts vegaBS vegaPA"
    assert row["deltaBS"] == "1000"
    swap = {"instIdCode": 10_459, "tdMode": "cross", "side": "sell", "ordType": "limit", "px": "100000", "sz": "50"}
    await client.op("order", swap)
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="buy", px="100000", sz="50")
    # 50 contracts of 0.01 BTC sold
    assert (await client.pushed(2, "account-greeks"))[1]["deltaBS"] == "999.5"


async def test_announced_maintenance(start: Any) -> None:
    world = await start(rest_limits=False)
    client = await world.connect("public")
    await client.subscribe({"channel": "status"})
    assert await world.rest.get("/api/v5/system/status") == []
    world.sim.command("system_status", title="Upgrade", begin="1700000000000", end="1700000600000")
    (row,) = await client.pushed(1, "status")
    assert row["ts"] and {*STATUS, "ts"} == set(row)
    (known,) = await world.rest.get("/api/v5/system/status")
    assert set(known) == set(STATUS) and (known["title"], known["state"]) == ("Upgrade", "scheduled")
    world.sim.command("system_status", title="Upgrade", state="completed")
    assert (await client.pushed(2, "status"))[1]["state"] == "completed"
    late = await world.connect("public")
    await late.subscribe({"channel": "status"})
    assert (await late.pushed(1, "status"))[0]["state"] == "completed"
    assert (
        await world.rest.get("/api/v5/system/status") == []
        and len(await world.rest.get("/api/v5/system/status?state=completed")) == 1
    )
