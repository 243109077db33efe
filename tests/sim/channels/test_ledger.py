"""The truth ledger: all that was seen and all that happened, enough for an auditor who knows nothing else."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.sim.channels.ledger import Ledger

pytestmark = pytest.mark.asyncio

UID_1 = "1000000000000001"
ORDER = {"instIdCode": 10_001, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "0.5"}
SWAP = {"instIdCode": 10_459, "tdMode": "cross", "side": "buy", "ordType": "limit", "px": "100000", "sz": "3"}


def requests(world: Any) -> list[tuple[Any, ...]]:
    return [(one["op"], one["code"], one["args"]) for one in world.sim.ledger.requests]


async def test_requests_that_come_to_nothing_are_seen(world: Any) -> None:
    private, public = await world.connect(), await world.connect("public")
    await private.send(id="a", op="order", args=[ORDER])
    await private.until(lambda one: one.get("code") == "60011")
    await public.send(id="b", op="order", args=[ORDER])
    await public.until(lambda one: one.get("code") == "60028")
    await private.text("{nonsense")
    await private.send(op="fly", args=[])
    await private.until(lambda one: one.get("code") == "60019")
    await private.ws.send_bytes(b"\x00")
    await private.until(lambda one: one.get("code") == "60012", 2)
    assert requests(world) == [
        ("order", "60011", [ORDER]), ("order", "60028", [ORDER]), ("", "60012", "{nonsense"), ("fly", "60019", []),
        ("", "60012", ""),
    ]  # fmt: skip


async def test_a_request_that_a_fault_swallowed_is_seen(world: Any) -> None:
    client = await world.trader()
    world.sim.command("drop_before_act")
    await client.send(id="a", op="order", args=[ORDER])
    await client.wait_closed()
    (record,) = world.sim.ledger.requests
    assert (record["code"], record["rows"], record["args"], record["id"]) == ("", [], [ORDER], "a")


async def test_subscriptions(world: Any) -> None:
    client = await world.connect("public")
    good, bad = {"channel": "tickers", "instId": "BTC-USDT"}, {"channel": "tickers", "instId": "NO-SUCH"}
    await client.send(op="subscribe", args=[good, bad])
    await client.send(op="unsubscribe", args=[good])
    await client.until(lambda one: one.get("event") == "unsubscribe")
    seen = [(one["op"], one["arg"], one["code"]) for one in world.sim.ledger.records("subscription")]
    assert seen == [("subscribe", good, "0"), ("subscribe", bad, "60018"), ("unsubscribe", good, "0")]


async def test_http(world: Any) -> None:
    rest = world.rest
    await rest.get("/api/v5/account/balance?ccy=BTC")
    await rest.call("GET", "/api/v5/no/such")
    await rest.call("POST", "/api/v5/trade/order", "{")
    await rest.call("GET", "/api/v5/account/config", key="nobody")
    world.sim.command("rest_errors", count=1, status=503)
    async with world.session.get(f"{world.sim.rest_url}/api/v5/public/time") as answer:
        assert answer.status == 503
    names = ("uid", "method", "target", "body", "code", "status")
    assert [tuple(one[name] for name in names) for one in world.sim.ledger.records("http")] == [
        (UID_1, "GET", "/api/v5/account/balance?ccy=BTC", "", "0", 200),
        (UID_1, "GET", "/api/v5/no/such", "", "404", 404),
        (UID_1, "POST", "/api/v5/trade/order", "{", "50002", 400),
        ("", "GET", "/api/v5/account/config", "", "50119", 401),
        ("", "GET", "/api/v5/public/time", "", "", 503),
    ]


async def test_money_can_be_followed_by_the_ledger_alone(world: Any) -> None:
    """Cash at the start, plus all fills, with every payment in between, is the cash at the end."""
    before = dict(world.sim.accounts[UID_1].cash)
    client = await world.trader()
    await client.op("order", SWAP)
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="sell", px="100000", sz="3")
    await client.op("order", {**SWAP, "side": "sell", "px": "100100", "sz": "1"})
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="buy", px="100100", sz="1")
    account = world.sim.accounts[UID_1]
    position = next(iter(account.positions.values()))
    account.credit("USDT", Decimal("-1.25"), 0)
    world.sim.exchange.publisher.balance_event(account, "funding_fee", ["USDT"], [position])
    cash = defaultdict(Decimal, before)
    for record in world.sim.ledger.records():
        if record.get("uid") != UID_1:
            continue
        if record["type"] == "fill":
            cash[record["fee_ccy"]] += Decimal(record["fee"]) + Decimal(record["pnl"])
        elif record["type"] == "balance":
            assert record["event_type"] == "funding_fee" and record["positions"][0]["pos"] == "2"
            assert Decimal(record["cash"]["USDT"]) == cash["USDT"] - Decimal("1.25")
            cash |= {ccy: Decimal(text) for ccy, text in record["cash"].items()}
    # A contract of 0.01 BTC sold 100 higher than it was bought wins 1 USDT.
    fees = Decimal("-0.0002") * (3000 + 1001)
    assert cash["USDT"] == account.cash["USDT"] == before["USDT"] + 1 + fees - Decimal("1.25")


async def test_pages_over_the_control_endpoint(world: Any) -> None:
    client = await world.trader()
    for _ in range(30):
        await client.op("order", ORDER)
    seen: list[int] = []
    async with aiohttp.ClientSession() as session:
        while True:
            query = f"ledger?type=order&since={seen[-1] + 1 if seen else 0}&limit=7"
            async with session.get(f"{world.sim.control_url}/{query}") as answer:
                records = await answer.json()
            seen += [one["n"] for one in records]
            if len(records) < 7:
                break
    assert seen == [one["n"] for one in world.sim.ledger.orders] and len(seen) == 30


async def test_records_that_the_memory_dropped_are_read_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    path.write_text('{"type":"of an earlier run","n":0}\n')
    ledger = Ledger(10, path)
    for number in range(25):
        ledger.add({"type": "even" if number % 2 == 0 else "odd"})
    assert ledger.in_memory == 10
    assert [one["n"] for one in ledger.records()] == list(range(25))
    assert [one["n"] for one in ledger.records(since=12, limit=6)] == [12, 13, 14, 15, 16, 17]
    assert [one["n"] for one in ledger.records("even", 11, 4)] == [12, 14, 16, 18]
    assert ledger.records(since=25) == []
    ledger.close()
    assert [json.loads(line)["n"] for line in path.read_text().splitlines()] == [0, *range(25)]
    assert [one["n"] for one in ledger.records(since=14, limit=2)] == [14, 15]


async def test_without_a_file_the_memory_keeps_the_newest() -> None:
    ledger = Ledger(10)
    for _ in range(25):
        ledger.add({"type": "any"})
    assert [one["n"] for one in ledger.records()] == list(range(15, 25))
    assert [one["n"] for one in ledger.records(since=3, limit=2)] == [15, 16]
