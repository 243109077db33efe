"""Faults of subscriptions, as a client sees them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sim.proofs import ORDER, proves

pytestmark = pytest.mark.asyncio


@proves("refuse_subscriptions")
async def test_refuse_subscriptions(world: Any) -> None:
    client = await world.connect("public")
    for code in ("60012", "60014", "60018", "60033", "64003"):
        world.sim.command("refuse_subscriptions", code=code, channel="tickers")
        await client.send(id=code, op="subscribe", args=[{"channel": "tickers", "instId": "BTC-USDT"}])
        answer = await client.until(lambda one, code=code: isinstance(one, dict) and one.get("id") == code)
        assert (answer["event"], answer["code"]) == ("error", code) and answer["msg"]
    await client.subscribe({"channel": "tickers", "instId": "BTC-USDT"})


@proves("swallow_subscriptions")
async def test_swallow_subscriptions(world: Any) -> None:
    client = await world.connect("public")
    world.sim.command("swallow_subscriptions")
    await client.send(id="s1", op="subscribe", args=[{"channel": "tickers", "instId": "BTC-USDT"}])
    await client.text("ping")
    assert await client.until(lambda one: True) == "pong"


@proves("kill_subscriptions")
async def test_kill_subscriptions(world: Any) -> None:
    client = await world.connect()
    await client.login()
    world.sim.command("kill_subscriptions", channel="orders")
    await client.send(op="subscribe", args=[{"channel": "orders", "instType": "ANY"}])
    dead = await client.until(lambda one: one.get("event") == "channel-conn-count-error")
    assert [one["event"] for one in client.frames] == ["login", "subscribe", "channel-conn-count-error"]
    assert dead["channel"] == "orders"
    await client.op("order", ORDER)
    assert client.rows() == []
