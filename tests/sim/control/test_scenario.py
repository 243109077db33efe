"""Scenarios: the seed's draws do not depend on timing; steps by number and by time; refusals."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import pytest

from gateway.sim.control.control import ControlError
from gateway.sim.control.scenario import ScenarioError, read_scenario

pytestmark = pytest.mark.asyncio

SPOT = 10_001
UID_1 = "1000000000000001"
ORDER = {"instIdCode": SPOT, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "0.001"}
CHAOS = {
    "chance": [
        {"verb": "swallow_acks", "probability": 0.3},
        {"verb": "push_first", "probability": 0.3},
        {"verb": "outcome_unknown", "probability": 0.2, "acts": True},
        {"verb": "duplicate_pushes", "probability": 0.3},
        {"verb": "lose_pushes", "probability": 0.2},
    ]
}
REQUESTS = 25


async def draws(start: Any, seed: int, order: list[int]) -> set[tuple[Any, ...]]:
    """Two sessions of one account; `order` says whose turn it is. What hit which occasion of which session."""
    world = await start(seed=seed, scenario=CHAOS)
    clients = []
    for _ in range(2):
        client = await world.connect()
        await client.login()
        await client.subscribe({"channel": "orders", "instType": "ANY"})
        clients.append(client)
    for who in order:
        await clients[who].send(id="1", op="order", args=[ORDER])
        if random.random() < 0.2:
            await asyncio.sleep(0.001)
    await world.eventually(lambda: len(world.sim.ledger.requests) == 2 * REQUESTS)
    return {(one["verb"], one["path"], one["ordinal"], one["op"], one["request"]) for one in world.sim.ledger.faults}


async def test_the_same_seed_decides_the_same_whatever_the_timing(start: Any) -> None:
    blocks = [0] * REQUESTS + [1] * REQUESTS
    mixed = [0, 1] * REQUESTS
    shuffled = random.sample(blocks, len(blocks))
    one, two, three = [await draws(start, 7, order) for order in (blocks, mixed, shuffled)]
    assert one == two == three
    assert {ordinal for _, _, ordinal, _, _ in one} == {1, 2}
    assert {verb for verb, *_ in one} == {row["verb"] for row in CHAOS["chance"]}
    assert await draws(start, 8, mixed) != one


async def test_sessions_meet_different_fates(start: Any) -> None:
    fates = await draws(start, 7, [0, 1] * REQUESTS)
    first = {(verb, n) for verb, _, ordinal, op, n in fates if ordinal == 1 and op == "order"}
    second = {(verb, n) for verb, _, ordinal, op, n in fates if ordinal == 2 and op == "order"}
    assert first and second and first != second


async def test_the_background_market_follows_its_seed_action_by_action(new_bench: Any) -> None:
    """A trade between two actions changes the books, but not the next actions."""

    def wanted(disturbed: bool) -> list[tuple[str, str]]:
        bench = new_bench(market_seed=5)
        background_market = bench.exchange.background_market
        background_market.open(3)
        for number in range(60):
            if disturbed and number == 20:
                for inst_id in ("BTC-USDT", "BTC-USDT-SWAP"):
                    background_market.withdraw(inst_id)
            background_market.act(3)
        orders = [one for one in bench.exchange.ledger.orders if one["state"] == "live"]
        return [(one["inst_id"], one["side"]) for one in orders if one["uid"] == "background-quoter"]

    quiet, disturbed = wanted(False), wanted(True)
    assert quiet == disturbed


async def test_steps_by_number(start: Any) -> None:
    steps = [
        {"verb": "swallow_acks", "request": 2, "uid": UID_1},
        {"verb": "drop", "request": 4, "uid": UID_1, "ordinal": 1},
    ]
    world = await start(scenario={"step": steps})
    first, second = await world.trader(), await world.trader()
    for number in range(1, 4):
        for client in (first, second):
            await client.send(id=f"n{number}", op="order", args=[ORDER])
    await second.until(lambda one: isinstance(one, dict) and one.get("id") == "n3" and "op" in one)
    await first.send(id="n4", op="order", args=[ORDER])
    assert await first.wait_closed() == 1006
    assert (await second.op("order", ORDER))["code"] == "0"
    acked = sorted(
        one["id"] for client in (first, second) for one in client.frames if "op" in one and one["id"][0] == "n"
    )
    assert acked == ["n1", "n1", "n2", "n3", "n3"]  # the step hit the second request of one session, once
    assert len(world.sim.accounts[UID_1].live) == 7  # the request that met the drop was never read
    done = [(one["verb"], one["origin"]) for one in world.sim.ledger.faults if "armed" not in one["params"]]
    assert done == [("swallow_acks", "step"), ("drop", "step")]


async def test_steps_by_time_from_a_file(start: Any, tmp_path: Path) -> None:
    path = tmp_path / "scenario.toml"
    path.write_text(
        """
        seed = 3
        [[step]]
        verb = "quote"
        after_s = 0
        inst_id = "BTC-USDT"
        side = "sell"
        px = "100000"
        sz = "1"
        [[step]]
        verb = "close"
        code = 4006
        after_s = 0.05
        """
    )
    world = await start(scenario=path)
    assert world.sim.faults.seed == 3
    client = await world.connect("public")
    assert await client.wait_closed() == 4006
    assert len(world.sim.exchange.markets["BTC-USDT"].book.asks.prices) == 1
    assert [(one["verb"], one["origin"]) for one in world.sim.ledger.faults] == [("quote", "step"), ("close", "step")]


async def test_a_scenario_by_command_replaces_the_one_before(world: Any) -> None:
    world.sim.command("swallow_acks", count=0)
    body = {"chance": [{"verb": "drop_after_act", "probability": 1}], "step": [{"verb": "drop", "after_s": 3600}]}
    async with world.session.post(f"{world.sim.control_url}/scenario", json=body) as answer:
        assert [one["verb"] for one in (await answer.json())["result"]] == ["drop_after_act"]
    client = await world.trader()
    await client.send(id="1", op="order", args=[ORDER])
    assert await client.wait_closed() == 1006
    world.sim.command("scenario")
    assert world.sim.faults.armed() == []


async def test_chances_on_rest_and_of_commands(start: Any) -> None:
    rows = [
        {"verb": "rest_stale", "probability": 1, "lag_ms": 3_600_000},
        {"verb": "close", "code": 4006, "probability": 1, "op": "cancel-order"},
    ]
    world = await start(scenario={"chance": rows})
    client = await world.trader()
    await client.op("order", ORDER)
    assert await world.rest.get("/api/v5/trade/orders-pending") == []
    await client.send(id="9", op="cancel-order", args=[{"instIdCode": SPOT, "clOrdId": "x"}])
    assert await client.wait_closed() == 4006


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"steps": []}, "seed, chance and step, but not steps"),
        ({"seed": "1"}, "seed must be an integer"),
        ({"step": {}}, "step must be a list"),
        ({"chance": [{"verb": "nothing", "probability": 1}]}, "chance 1: unknown verb 'nothing'"),
        ({"chance": [{"verb": "swallow_acks"}]}, "probability must be from 0 to 1, not None"),
        ({"chance": [{"verb": "swallow_acks", "probability": 2}]}, "probability must be from 0 to 1, not 2"),
        ({"chance": [{"verb": "delay_acks", "probability": 1, "ms": "1"}]}, "chance 1 (delay_acks): ms must be"),
        ({"step": [{"verb": "drop"}]}, "step 1 (drop): needs after_s or request"),
        ({"step": [{"verb": "drop", "after_s": -1}]}, "after_s must be a number of seconds"),
        ({"step": [{"verb": "drop", "after_s": 1, "who": 1}]}, "drop does not know who"),
        ({"step": [{"verb": "swallow_acks", "path": "x"}]}, "path must be one of"),
        ({"step": [{"verb": "scenario", "after_s": 1}]}, "unknown verb 'scenario'"),
    ],
)
async def test_invalid_content_is_refused(world: Any, content: dict[str, Any], text: str) -> None:
    with pytest.raises((ControlError, ScenarioError)) as refused:
        world.sim.command("scenario", **content) if "steps" not in content else read_scenario(content)
    assert text in str(refused.value)


async def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot read the scenario"):
        read_scenario(tmp_path / "none.toml")
    for name, content in (("a.toml", "= 1"), ("a.json", "{"), ("b.json", "[]")):
        (tmp_path / name).write_text(content)
        with pytest.raises(ScenarioError):
            read_scenario(tmp_path / name)
    (tmp_path / "c.json").write_text(json.dumps({"seed": 4}))
    assert read_scenario(tmp_path / "c.json").seed == 4
