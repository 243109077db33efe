"""Faults of pushes, as a client sees them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sim.proofs import UID_1, place, proves

pytestmark = pytest.mark.asyncio


@proves("lose_pushes")
async def test_lose_pushes(world: Any) -> None:
    first, second = await world.trader(), await world.trader()
    world.sim.command("lose_pushes", session=world.sim.sessions[0].number)
    await place(first, "a1")
    await place(first, "a2")
    assert [one["clOrdId"] for one in await second.pushed(2)] == ["a1", "a2"]
    assert [one["clOrdId"] for one in await first.pushed(1)] == ["a2"]
    await first.text("ping")
    await first.until(lambda one: one == "pong")


@proves("lose_pushes")
async def test_lose_pushes_of_one_channel(world: Any) -> None:
    """Each channel by itself: one loses its pushes while the others keep theirs."""
    channels = [
        {"channel": "orders", "instType": "ANY"},
        {"channel": "account"},
        {"channel": "positions", "instType": "ANY"},
        {"channel": "balance_and_position"},
    ]
    names = [one["channel"] for one in channels]
    for name in names:
        client = await world.trader("sim-api-key-0001", *channels)
        await client.until(lambda one: isinstance(one, dict) and one.get("arg", {}).get("channel") == names[3])
        before = {one: len(client.rows(one)) for one in names}
        world.sim.command("lose_pushes", channel=name, count=0)
        world.sim.command("quote", inst_id="BTC-USDT-SWAP", side="sell", px="100000", sz="1")
        await client.op(
            "order",
            {"instIdCode": 10_459, "tdMode": "cross", "side": "buy", "ordType": "ioc", "px": "100000", "sz": "1"},
        )
        for other in names:
            if other != name:
                await client.pushed(before[other] + 1, other)
        assert len(client.rows(name)) == before[name]
        world.sim.command("clear", verb="lose_pushes")
        await client.ws.close()


@proves("duplicate_pushes")
async def test_duplicate_pushes(world: Any) -> None:
    client = await world.trader()
    world.sim.command("duplicate_pushes")
    await place(client, "a1")
    first, second = await client.pushed(2)
    assert int(second.pop("uTime")) == int(first.pop("uTime")) + 1
    assert first == second


@proves("delay_pushes")
async def test_delay_pushes(world: Any) -> None:
    client = await world.trader()
    world.sim.command("delay_pushes", ms=150)
    await place(client, "a1")
    await place(client, "a2")
    assert [one["clOrdId"] for one in await client.pushed(2)] == ["a2", "a1"]


@proves("reorder_pushes")
async def test_reorder_pushes(world: Any) -> None:
    client = await world.trader()
    world.sim.command("reorder_pushes", behind=2)
    for name in ("a1", "a2", "a3"):
        await place(client, name)
    assert [one["clOrdId"] for one in await client.pushed(3)] == ["a2", "a3", "a1"]


@proves("merge_pushes")
async def test_merge_pushes(world: Any) -> None:
    """Three in one frame, one that nobody followed, and then one by one again."""
    client = await world.trader()
    world.sim.command("merge_pushes", rows=3)
    for name in ("a1", "a2", "a3", "a4"):
        await place(client, name)
    await client.pushed(4)
    world.sim.command("clear", verb="merge_pushes")
    await place(client, "a5")
    await client.pushed(5)
    frames = [one for one in client.frames if isinstance(one, dict) and "data" in one and "arg" in one]
    assert [[row["clOrdId"] for row in one["data"]] for one in frames] == [["a1", "a2", "a3"], ["a4"], ["a5"]]
    assert all(one["arg"] == {"channel": "orders", "instType": "ANY", "uid": UID_1} for one in frames)


@proves("unrecognised_pushes")
async def test_unrecognised_pushes(world: Any) -> None:
    client = await world.trader()
    world.sim.command("unrecognised_pushes", kind="unknown_field")
    world.sim.command("unrecognised_pushes", kind="empty_strings")
    world.sim.command("unrecognised_pushes", kind="empty_strings", fields="fee,avgPx,cTime")
    world.sim.command("unrecognised_pushes", kind="unknown_enum", fields="ordType,state", value="half_filled")
    for name in ("a1", "a2", "a3", "a4"):
        await place(client, name)
    strange, empty, chosen, enum = await client.pushed(4)
    assert strange["someNewObject"] == {"someNewList": ["some_new_value"]} and strange["state"] == "live"
    assert (empty["sz"], empty["px"], empty["uTime"], empty["clOrdId"]) == ("", "", "", "a2")
    assert (chosen["fee"], chosen["cTime"], chosen["sz"]) == ("", "", "0.5")
    assert (enum["state"], enum["ordType"]) == ("half_filled", "half_filled")
