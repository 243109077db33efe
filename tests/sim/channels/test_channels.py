"""Snapshots, events and filters of the channels, on the wire."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

pytestmark = pytest.mark.asyncio

SPOT, SWAP = 10_001, 10_459
UID_1 = "1000000000000001"
BUY = {"instIdCode": SWAP, "tdMode": "cross", "side": "buy", "ordType": "limit", "px": "100000", "sz": "2"}


def frames(client: Any, channel: str) -> list[dict[str, Any]]:
    return [
        one for one in client.frames
        if isinstance(one, dict) and "data" in one and one.get("arg", {}).get("channel") == channel
    ]  # fmt: skip


async def framed(client: Any, channel: str, count: int) -> list[dict[str, Any]]:
    await client.wait(lambda: len(frames(client, channel)) >= count)
    return frames(client, channel)


async def test_orders_are_filtered_and_carry_the_user_id(world: Any) -> None:
    swap = await world.trader("sim-api-key-0001", {"channel": "orders", "instType": "SWAP", "instFamily": "BTC-USDT"})
    one = await world.trader("sim-api-key-0001", {"channel": "orders", "instType": "ANY", "instId": "BTC-USDT"})
    spot = {**BUY, "instIdCode": SPOT, "tdMode": "cash", "px": "99000"}
    await one.op("order", spot)
    await one.op("order", BUY)
    await one.op("order", spot)
    await one.pushed(2)
    await swap.pushed(1)
    assert [row["instId"] for row in one.rows()] == ["BTC-USDT", "BTC-USDT"]
    assert [row["instId"] for row in swap.rows()] == ["BTC-USDT-SWAP"]
    arg = frames(swap, "orders")[0]["arg"]
    assert arg == {"channel": "orders", "instType": "SWAP", "instFamily": "BTC-USDT", "uid": UID_1}
    other = await world.trader("sim-api-key-0002")
    assert other.rows() == []


async def test_null_members_are_absent(world: Any) -> None:
    """As nautilus_trader sends its arguments."""
    client = await world.trader("sim-api-key-0001")
    await client.send(
        id="n1", op="subscribe", args=[{"channel": "orders", "instType": "SWAP", "instFamily": None, "instId": None}]
    )
    ack = await client.until(lambda one: isinstance(one, dict) and one.get("id") == "n1")
    assert (ack["event"], ack["arg"]) == ("subscribe", {"channel": "orders", "instType": "SWAP"})
    await client.op("order", BUY, expTime=None)
    assert (await client.op("cancel-order", {"instIdCode": SWAP, "ordId": "1"}, expTime=None))["code"] == "1"
    await client.pushed(1)


async def test_account(world: Any) -> None:
    client = await world.trader("sim-api-key-0001", {"channel": "account"})
    (snapshot,) = await framed(client, "account", 1)
    assert (snapshot["eventType"], snapshot["curPage"], snapshot["lastPage"]) == ("snapshot", 1, True)
    held = {one["ccy"]: one["cashBal"] for one in snapshot["data"][0]["details"]}
    assert held == {"USDT": "10000000", "USDC": "10000000", "BTC": "1000", "ETH": "10000"}
    await client.op("order", BUY)
    event = (await framed(client, "account", 2))[1]
    assert event["eventType"] == "event_update" and "curPage" not in event
    (detail,) = event["data"][0]["details"]
    assert (detail["ccy"], detail["ordFrozen"], detail["availBal"]) == ("USDT", "201", "9999799")


async def test_one_currency_only(world: Any) -> None:
    client = await world.trader("sim-api-key-0001", {"channel": "account", "ccy": "BTC"})
    (snapshot,) = await framed(client, "account", 1)
    assert [one["ccy"] for one in snapshot["data"][0]["details"]] == ["BTC"]


async def test_positions_and_balance_and_position(world: Any) -> None:
    client = await world.trader(
        "sim-api-key-0001", {"channel": "positions", "instType": "ANY"}, {"channel": "balance_and_position"}
    )
    assert (await framed(client, "positions", 1))[0]["data"] == []
    first = (await framed(client, "balance_and_position", 1))[0]["data"][0]
    assert (first["eventType"], first["posData"], first["trades"]) == ("snapshot", [], [])
    assert {one["ccy"] for one in first["balData"]} == {"USDT", "USDC", "BTC", "ETH"}
    await client.op("order", BUY)
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="sell", px="100000", sz="2")
    opened = (await framed(client, "positions", 2))[1]
    (row,) = opened["data"]
    assert opened["eventType"] == "event_update"
    assert (row["pos"], row["avgPx"], row["posSide"], row["mgnMode"]) == ("2", "100000", "net", "cross")
    event = (await framed(client, "balance_and_position", 2))[1]["data"][0]
    assert (event["eventType"], [one["ccy"] for one in event["balData"]]) == ("filled", ["USDT"])
    assert event["trades"] == [{"instId": "BTC-USDT-SWAP", "tradeId": row["tradeId"]}]
    await client.op("order", {**BUY, "side": "sell"})
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="buy", px="100000", sz="2")
    closed = (await framed(client, "positions", 3))[2]["data"][0]
    assert (closed["pos"], closed["posId"]) == ("0", row["posId"])
    again = await world.trader("sim-api-key-0001", {"channel": "positions", "instType": "SWAP"})
    assert (await framed(again, "positions", 1))[0]["data"] == []


async def test_public_channels(world: Any) -> None:
    client = await world.connect("public")
    names = ["tickers", "bbo-tbt", "books5", "books", "trades", "mark-price", "price-limit"]
    await client.subscribe(*({"channel": name, "instId": "BTC-USDT"} for name in names))
    for name in names:
        if name != "trades":
            await framed(client, name, 1)
    world.sim.command("quote", inst_id="BTC-USDT", side="buy", px="99999", sz="1")
    best = (await framed(client, "bbo-tbt", 2))[1]["data"][0]
    assert (best["bids"], best["asks"]) == ([["99999", "1", "0", "1"]], [])
    assert (await framed(client, "tickers", 2))[1]["data"][0]["bidPx"] == "99999"
    world.sim.command("quote", inst_id="BTC-USDT", side="buy", px="99998", sz="2")
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99999", sz="1")
    trade = (await framed(client, "trades", 1))[0]["data"][0]
    assert (trade["px"], trade["sz"], trade["side"]) == ("99999", "1", "sell")
    updates = await framed(client, "books", 3)
    assert [one["action"] for one in updates[:3]] == ["snapshot", "update", "update"]
    assert sorted(updates[2]["data"][0]["bids"]) == [["99998", "2", "0", "1"], ["99999", "0", "0", "0"]]
    for before, after in itertools.pairwise(updates):
        assert after["data"][0]["prevSeqId"] == before["data"][0]["seqId"]


async def test_only_changed_instruments_are_pushed(world: Any) -> None:
    client = await world.connect("public")
    await client.subscribe({"channel": "instruments", "instType": "SPOT"})
    (snapshot,) = await framed(client, "instruments", 1)
    assert {"BTC-USDT", "ETH-USDT"} < {one["instId"] for one in snapshot["data"]}
    world.sim.command("instrument_state", inst_id="ETH-USDT", state="suspend")
    (changed,) = (await framed(client, "instruments", 2))[1]["data"]
    assert (changed["instId"], changed["state"]) == ("ETH-USDT", "suspend")
