"""Faults of REST requests, as a client sees them."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.sim.proofs import REST_ORDER, acked, live, place, proves

pytestmark = pytest.mark.asyncio


@proves("rest_delay")
async def test_rest_delay(world: Any) -> None:
    client = await world.trader()
    for when, first in (("after", "push"), ("before", "answer")):
        world.sim.command("rest_delay", ms=30, when=when)
        count = len(client.rows())
        sent = asyncio.ensure_future(world.rest.call("POST", "/api/v5/trade/order", REST_ORDER))
        pushed = asyncio.ensure_future(client.pushed(count + 1))
        done, _ = await asyncio.wait([sent, pushed], return_when=asyncio.FIRST_COMPLETED)
        if first == "push":
            assert sent not in done
        await pushed
        assert (await sent)[0] == 200
    world.sim.command("rest_delay", ms=0)
    assert world.sim.faults.armed() == []


@proves("rest_errors")
async def test_rest_errors(world: Any) -> None:
    for acts, body, expected in (
        (False, "empty", ""),
        (True, "html", "<html>"),
        (True, "text", "upstream"),
        (False, "json", '{"code"'),
    ):
        before = live(world)
        world.sim.command("rest_errors", status=502, acts=acts, body=body)
        target = "/api/v5/trade/order"
        status, answer = await world.rest.text("POST", target, REST_ORDER)
        assert status == 502 and answer.startswith(expected) and bool(answer) == bool(expected)
        assert live(world) == before + acts


@proves("rest_refuse")
async def test_rest_refuse(world: Any) -> None:
    for code, status in (
        ("50011", 429), ("50013", 429), ("50001", 503), ("50004", 400), ("50026", 500), ("51149", 500), ("50102", 401),
    ):  # fmt: skip
        before = live(world)
        acts = code == "50004"
        world.sim.command("rest_refuse", code=code, op="trade/order", acts=acts)
        answered, body = await world.rest.call("POST", "/api/v5/trade/order", REST_ORDER)
        assert (answered, body["code"]) == (status, code) and body["msg"]
        assert live(world) == before + acts


@proves("rest_not_found")
async def test_rest_not_found(world: Any) -> None:
    client = await world.trader()
    await place(client, "a1")
    await acked(client, "a1")
    world.sim.command("rest_not_found", count=2)
    target = "/api/v5/trade/order?instId=BTC-USDT&clOrdId=a1"
    codes = [(await world.rest.call("GET", target))[1]["code"] for _ in range(3)]
    assert codes == ["51603", "51603", "0"]
    world.sim.command("rest_not_found", for_ms=500)
    assert (await world.rest.call("GET", target))[1]["code"] == "51603"
    async with asyncio.timeout(5):
        while (await world.rest.call("GET", target))[1]["code"] != "0":
            await asyncio.sleep(0.05)


@proves("rest_stale")
async def test_rest_stale(world: Any) -> None:
    client = await world.trader()
    await place(client, "a1")
    await acked(client, "a1")
    world.sim.command("rest_stale", count=3)
    await place(client, "a2")
    await acked(client, "a2")
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.5")
    pending, fills = "/api/v5/trade/orders-pending", "/api/v5/trade/fills"
    order = "/api/v5/trade/order?instId=BTC-USDT&clOrdId=a1"

    async def answers() -> list[list[Any]]:
        return [(await world.rest.call("GET", one))[1]["data"] for one in (pending, fills, order)]

    live_then, fills_then, order_then = await answers()
    assert ([one["clOrdId"] for one in live_then], fills_then, order_then[0]["state"]) == (["a1"], [], "live")
    live_now, fills_now, order_now = await answers()
    assert [one["clOrdId"] for one in live_now] == ["a2"]
    assert (len(fills_now), order_now[0]["state"]) == (1, "filled")


@proves("rest_empty")
async def test_rest_empty(world: Any) -> None:
    for form, expected in (("data", '{"code":"0","data":[],"msg":""}'), ("object", "{}"), ("body", "")):
        world.sim.command("rest_empty", form=form)
        assert await world.rest.text("GET", "/api/v5/account/balance") == (200, expected)


@proves("rest_unrecognised")
async def test_rest_unrecognised(world: Any) -> None:
    client = await world.trader()
    await place(client, "a1")
    await acked(client, "a1")
    target = "/api/v5/trade/orders-pending"
    for params, name, value in (
        ({"kind": "unknown_field"}, "someNewField", "some_new_value"),
        ({"kind": "empty_strings"}, "sz", ""),
        ({"kind": "unknown_enum", "value": "half_filled"}, "state", "half_filled"),
    ):
        world.sim.command("rest_unrecognised", op=target.removeprefix("/api/v5/"), **params)
        assert (await world.rest.call("GET", target))[1]["data"][0][name] == value


@proves("rest_reset")
async def test_rest_reset(world: Any) -> None:
    for when, rst, acts in (("before", False, 0), ("after", False, 1), ("after", True, 1)):
        before = live(world)
        world.sim.command("rest_reset", when=when, rst=rst, bytes=10)
        with pytest.raises((aiohttp.ClientError, ConnectionResetError)):
            await world.rest.call("POST", "/api/v5/trade/order", REST_ORDER)
        assert live(world) == before + acts
