"""Faults of trade requests, as a client sees them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sim.proofs import ORDER, acked, kinds, live, place, proves

pytestmark = pytest.mark.asyncio

# The codes that leave the outcome of a request open (OKX docs, "Error Code").
UNKNOWN_CODES = ("50001", "50004", "50013", "50026", "50042", "51054", "51149", "51412", "64007")


@proves("swallow_acks")
async def test_swallow_acks(world: Any) -> None:
    client = await world.trader()
    world.sim.command("swallow_acks", op="order")
    await place(client, "a1")
    await place(client, "a2")
    await client.pushed(2)
    assert kinds(client) == ["push", "ack", "push"]


@proves("delay_acks")
async def test_delay_acks(world: Any) -> None:
    client = await world.trader()
    world.sim.command("delay_acks", ms=150)
    await place(client, "a1")
    await place(client, "a2")
    await acked(client, "a1")
    assert kinds(client) == ["push", "ack", "push", "ack"]


@proves("delay_requests")
async def test_delay_requests(world: Any) -> None:
    client = await world.trader()
    world.sim.command("delay_requests", ms=150)
    await place(client, "a1")
    await place(client, "a2")
    rows = await client.pushed(2)
    assert [one["clOrdId"] for one in rows] == ["a2", "a1"]
    assert kinds(client) == ["ack", "push", "ack", "push"]


@proves("drop_before_act")
async def test_drop_before_act(world: Any) -> None:
    client = await world.trader()
    world.sim.command("drop_before_act")
    await place(client, "a1")
    assert await client.wait_closed() == 1006
    assert (kinds(client), live(world)) == ([], 0)


@proves("drop_after_act")
async def test_drop_after_act(world: Any) -> None:
    for pushes in (False, True):
        client = await world.trader()
        world.sim.command("drop_after_act", pushes=pushes)
        await place(client, f"a{pushes:d}")
        assert await client.wait_closed() == 1006
        assert kinds(client) == ["push"] * pushes
    assert live(world) == 2


@proves("drop_after_ack")
async def test_drop_after_ack(world: Any) -> None:
    client = await world.trader()
    world.sim.command("drop_after_ack")
    await place(client, "a1")
    assert await client.wait_closed() == 1006
    assert (kinds(client), live(world)) == (["ack"], 1)


@proves("outcome_unknown")
async def test_outcome_unknown(world: Any) -> None:
    client = await world.trader()
    count = 0
    for code in UNKNOWN_CODES:
        for acts in (False, True):
            world.sim.command("outcome_unknown", code=code, acts=acts)
            ack = await client.op("order", {**ORDER, "sz": "0.01"})
            assert (ack["code"], ack["data"]) == (code, []) and ack["msg"]
            count += acts
            assert live(world) == count
    world.sim.command("outcome_unknown", code="51149", form="rows")
    ack = await client.op("batch-orders", {**ORDER, "clOrdId": "b1"}, {**ORDER, "clOrdId": "b2"})
    assert (ack["code"], [(row["clOrdId"], row["sCode"]) for row in ack["data"]]) == (
        "1",
        [("b1", "51149"), ("b2", "51149")],
    )


@proves("refuse_requests")
async def test_refuse_requests(world: Any) -> None:
    client = await world.trader()
    world.sim.command("refuse_requests", code="50061", form="rows")
    ack = await client.op("order", ORDER)
    assert (ack["code"], ack["data"][0]["sCode"]) == ("1", "50061")
    world.sim.command("refuse_requests")
    ack = await client.op("order", ORDER)
    assert (ack["code"], ack["msg"], ack["data"]) == ("50011", "Too Many Requests", [])
    assert live(world) == 0


@proves("fail_rows")
async def test_fail_rows(world: Any) -> None:
    client = await world.trader()
    world.sim.command("fail_rows", rows=2, code="51008")
    ack = await client.op("batch-orders", *({**ORDER, "clOrdId": f"a{n}"} for n in range(3)))
    assert (ack["code"], [row["sCode"] for row in ack["data"]]) == ("2", ["0", "51008", "51008"])
    assert [one["clOrdId"] for one in await client.pushed(1)] == ["a0"]


@proves("push_first")
async def test_push_first(world: Any) -> None:
    client = await world.trader()
    world.sim.command("push_first", request=1)
    await place(client, "a1")
    await place(client, "a2")
    await client.pushed(2)
    assert kinds(client) == ["push", "ack", "ack", "push"]


@proves("fill_first")
async def test_fill_first(world: Any) -> None:
    world.sim.command("quote", inst_id="BTC-USDT", side="buy", px="99500", sz="1")  # stands before the order
    client = await world.trader()
    world.sim.command("fill_first", sz="0.2")
    await place(client, "a1")
    await acked(client, "a1")
    assert kinds(client) == ["push", "push", "ack"]
    assert [(one["state"], one["accFillSz"]) for one in client.rows()] == [("live", "0"), ("partially_filled", "0.2")]
