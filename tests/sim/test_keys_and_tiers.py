"""What an account is charged and what its keys may do can change while clients are connected."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sim.control.control import ControlError

pytestmark = pytest.mark.asyncio

UID_1 = "1000000000000001"
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


async def test_a_fee_tier_and_its_rates(world: Any) -> None:
    client = await world.trader()
    assert (await world.rest.get("/api/v5/account/config"))[0]["level"] == "Lv1"
    world.sim.command("fee_tier", uid=UID_1, level="VIP5", rates={"SPOT": ["0.0001", "-0.0003"]})
    assert (await world.rest.get("/api/v5/account/config"))[0]["level"] == "VIP5"
    await client.op("order", BUY)
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="100000", sz="1")
    maker = (await client.pushed(2))[1]
    assert (maker["execType"], maker["fillFee"], maker["rebate"], maker["fee"]) == ("M", "0.0001", "0.0001", "0")
    world.sim.command("quote", inst_id="BTC-USDT", side="sell", px="100000", sz="1")
    await client.op("order", BUY)
    taker = (await client.pushed(4))[3]
    assert (taker["execType"], taker["fillFee"]) == ("T", "-0.0003")
    assert [one["fee"] for one in world.sim.ledger.fills if one["uid"] == UID_1] == ["0.0001", "-0.0003"]


async def test_the_fill_ratio_is_told_from_vip5_on(start: Any) -> None:
    world = await start(rest_limits=False)
    world.sim.command("sub_account_limit", uid=UID_1, limit=2000, fill_ratio="6.5", main_fill_ratio="3")
    names = ("fillRatio", "mainFillRatio", "accRateLimit", "nextAccRateLimit")
    seen = []
    for level in ("VIP4", "VIP5"):
        world.sim.command("fee_tier", uid=UID_1, level=level)
        (row,) = await world.rest.get("/api/v5/trade/account-rate-limit")
        seen.append([row[name] for name in names])
    assert seen == [["", "", "2000", ""], ["6.5", "3", "2000", "2000"]]


@pytest.mark.parametrize(
    ("verb", "params", "problem"),
    [
        ("key_permissions", {"key": "nobody", "permissions": ["trade"]}, "no such key: nobody"),
        ("key_permissions", {"key": KEY, "permissions": ["fly"]}, "permissions must be a list of"),
        ("key_permissions", {"key": KEY, "permissions": "trade"}, "permissions must be a list of texts"),
        ("bind_ips", {"key": KEY, "ips": "127.0.0.1"}, "ips must be a list of texts"),
        ("fee_tier", {"uid": UID_1, "level": "VIP10"}, "no such fee tier: 'VIP10'"),
        ("fee_tier", {"uid": UID_1, "rates": {"SPOT": ["0.1"]}}, "rates must be an object"),
        ("fee_tier", {"uid": UID_1, "rates": {"SHARES": ["0.1", "0.1"]}}, "rates must be an object"),
        ("fee_tier", {"uid": UID_1, "rates": {"SPOT": ["2", "0.1"]}}, "a rate is a decimal as text"),
    ],
)
async def test_commands_that_make_no_sense(world: Any, verb: str, params: dict[str, Any], problem: str) -> None:
    with pytest.raises(ControlError, match=problem):
        world.sim.command(verb, **params)
