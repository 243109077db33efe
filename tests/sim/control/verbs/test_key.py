"""The permissions and addresses of a key change while its clients are connected."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.asyncio

KEY = "sim-api-key-0001"
BUY = {"instIdCode": 10_001, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "100000", "sz": "1"}


async def test_a_key_that_loses_its_trade_permission(world: Any) -> None:
    client = await world.trader()
    assert world.sim.command("key_permissions", key=KEY, permissions=["read_only"]) == 1
    assert await client.wait_closed() == 4007
    again = await world.trader()
    ack = await again.op("order", BUY)
    assert (ack["code"], ack["data"]) == ("50120", [])
    (config,) = await world.rest.get("/api/v5/account/config")
    assert config["perm"] == "read_only"
    world.sim.command("key_permissions", key=KEY, permissions=["read_only", "trade"])
    assert (await (await world.trader()).op("order", BUY))["code"] == "0"


async def test_a_key_that_is_bound_to_addresses(world: Any) -> None:
    world.sim.command("bind_ips", key=KEY, ips=["10.0.0.9"])
    text = "Your IP 127.0.0.1 is not included in your API key's IP whitelist."
    status, answer = await world.rest.call("GET", "/api/v5/account/config")
    assert (status, answer) == (401, {"msg": text, "code": "50110"})
    refused = await (await world.connect()).login()
    assert (refused["event"], refused["code"], refused["msg"]) == ("error", "50110", text)
    world.sim.command("bind_ips", key=KEY, ips=["10.0.0.9", "127.0.0.1"])
    (config,) = await world.rest.get("/api/v5/account/config")
    assert config["ip"] == "10.0.0.9,127.0.0.1"
    assert (await (await world.connect()).login())["code"] == "0"
    world.sim.command("bind_ips", key=KEY, ips=[])
    assert (await world.rest.get("/api/v5/account/config"))[0]["ip"] == ""
