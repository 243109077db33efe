"""Every switch changes what a client sees; every open point of the manual has its switch."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.sim.base.switches import CHOICES, Switches

pytestmark = pytest.mark.asyncio

ROOT = Path(__file__).parents[3]
SPOT, SWAP = 10_001, 10_459
ORDER = {"instIdCode": SPOT, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "0.001"}
CONTRACT = {"instIdCode": SWAP, "tdMode": "cross", "side": "buy", "ordType": "limit", "px": "99000", "sz": "1"}
CANCEL = {"instIdCode": SPOT, "clOrdId": "a1"}

Look = Callable[[Any], Awaitable[Any]]
# switch: another value than the default, a probe, its result by default, its result otherwise
CASES: dict[str, tuple[Any, Look, Any, Any]] = {}


def case(name: str, other: Any, before: Any, after: Any) -> Callable[[Look], Look]:
    def keep(look: Look) -> Look:
        CASES[name] = other, look, before, after
        return look

    return keep


def trade_frames(client: Any) -> list[str]:
    return ["ack" if "op" in one else "push" for one in client.frames if isinstance(one, dict) and "event" not in one]


async def answer(client: Any, **members: Any) -> Any:
    """The next frame after a request."""
    count = len(client.frames)
    await client.send(**members)
    await client.wait(lambda: len(client.frames) > count)
    return client.frames[count]


async def burst(world: Any, count: int, row: dict[str, Any] = ORDER) -> list[Any]:
    client = await world.trader()
    for number in range(count):
        await client.send(id=f"b{number}", op="order", args=[row])
    last = f"b{count - 1}"
    await client.until(lambda one: isinstance(one, dict) and one.get("id") == last)
    return [one for one in client.frames if "op" in one]


@case("limiter_window", "off", 1, 0)
async def _(world: Any) -> Any:
    return sum(one["code"] == "50011" for one in await burst(world, 61))


@case("limiter_form", "rows", ("50011", []), ("1", ["50011"]))
async def _(world: Any) -> Any:
    last = (await burst(world, 61))[-1]
    return last["code"], [row["sCode"] for row in last["data"]]


@case("sub_account_form", "frame", ("2", ["0", "50061"]), ("50061", []))
async def _(world: Any) -> Any:
    world.sim.command("sub_account_limit", uid="1000000000000001", limit=1)
    ack = await (await world.trader()).op("batch-orders", CONTRACT, CONTRACT)
    return ack["code"], [row["sCode"] for row in ack["data"]]


@case("missing_id_form", "ack", "0", "60013")
async def _(world: Any) -> Any:
    return (await answer(await world.trader(), op="order", args=[ORDER]))["code"]


@case("bad_id_form", "ack", "60012", "60013")
async def _(world: Any) -> Any:
    return (await answer(await world.trader(), id="a-b", op="order", args=[ORDER]))["code"]


@case("repeated_id_form", "ack", ["0", "0"], ["60013", "0"])
async def _(world: Any) -> Any:
    client = await world.trader()
    world.sim.command("delay_acks", ms=20, count=2)
    for _ in range(2):
        await client.send(id="1", op="order", args=[ORDER])
    await client.until(lambda one: isinstance(one, dict) and one.get("op") == "order", 2)
    return [one["code"] for one in client.frames if "op" in one]


@case("login_required_form", "ack", "error", "order")
async def _(world: Any) -> Any:
    frame = await answer(await world.connect(), id="1", op="order", args=[ORDER])
    assert frame["code"] == "60011"
    return frame.get("event") or frame["op"]


@case("exp_time_form", "rows", ("50036", []), ("1", ["50036"]))
async def _(world: Any) -> Any:
    ack = await (await world.trader()).op("order", ORDER, expTime="1")
    return ack["code"], [row["sCode"] for row in ack["data"]]


@case("exp_time_code", "50037", "50036", "50037")
async def _(world: Any) -> Any:
    return (await (await world.trader()).op("order", ORDER, expTime="1"))["code"]


@case("missing_inst_id_code", "51000", "50014", "51000")
async def _(world: Any) -> Any:
    row = {name: value for name, value in ORDER.items() if name != "instIdCode"}
    return (await (await world.trader()).op("order", row))["data"][0]["sCode"]


@case("amend_below_filled", "refuse", "0", "51000")
async def _(world: Any) -> Any:
    client = await world.trader()
    await client.op("order", {**ORDER, "clOrdId": "a1", "sz": "1"})
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.5")
    return (await client.op("amend-order", {**CANCEL, "newSz": "0.5"}))["data"][0]["sCode"]


@case("amend_priority", "never", "a1", "a2")
async def _(world: Any) -> Any:
    client = await world.trader()
    for name in ("a1", "a2"):
        await client.op("order", {**ORDER, "clOrdId": name, "sz": "1"})
    await client.op("amend-order", {**CANCEL, "newSz": "0.5"})
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.5")
    return [one["clOrdId"] for one in await client.pushed(4) if one["fillSz"] == "0.5"][-1]


@case("amend_delay_ms", 3_600_000, "0.002", "0.001")
async def _(world: Any) -> Any:
    client = await world.trader()
    await client.op("order", {**ORDER, "clOrdId": "a1"})
    await client.op("amend-order", {**CANCEL, "newSz": "0.002"})
    return (await world.rest.get("/api/v5/trade/orders-pending"))[0]["sz"]


@case("price_band", "okx", "0", "51006")
async def _(world: Any) -> Any:
    client = await world.trader()
    return (await client.op("order", {**ORDER, "px": "100501"}))["data"][0]["sCode"]


@case("cancel_of_filled", "accept", "51400", "0")
async def _(world: Any) -> Any:
    client = await world.trader()
    await client.op("order", {**ORDER, "clOrdId": "a1"})
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.001")
    return (await client.op("cancel-order", CANCEL))["data"][0]["sCode"]


@case("ack_ts", "processing", True, False)
async def _(world: Any) -> Any:
    client = await world.trader()
    world.sim.exchange.clock.skew_ms = 0
    engine = world.sim.exchange.engine
    place = engine.place

    def slow(*args: Any) -> Any:
        """The clock moves while the order is being processed."""
        order = place(*args)
        world.sim.exchange.clock.skew_ms += 5_000
        return order

    engine.place = slow
    ack = await client.op("order", ORDER)
    return ack["data"][0]["ts"] == (await client.pushed(1))[0]["cTime"]


@case("overlap_duplicates", False, 2, 1)
async def _(world: Any) -> Any:
    both = [{"channel": "orders", "instType": "ANY"}, {"channel": "orders", "instType": "SPOT"}]
    client = await world.trader("sim-api-key-0001", *both)
    await client.op("order", ORDER)
    await client.op("cancel-order", {"instIdCode": SPOT, "clOrdId": "none"})
    return len(client.rows())


@case("post_only_live_push", True, ["canceled"], ["live", "canceled"])
async def _(world: Any) -> Any:
    client = await world.trader()
    world.sim.command("quote", inst_id="BTC-USDT", side="sell", px="99000", sz="1")
    await client.op("order", {**ORDER, "ordType": "post_only"})
    await client.wait(lambda: client.rows() and client.rows()[-1]["state"] == "canceled")
    return [one["state"] for one in client.rows()]


@case("attach_algo_over_ws", False, 1, 0)
async def _(world: Any) -> Any:
    attached = [{"slTriggerPx": "90000", "slOrdPx": "-1"}]
    ack = await (await world.trader()).op("order", {**CONTRACT, "attachAlgoOrds": attached})
    assert ack["code"] == "0"
    return len((await world.rest.get("/api/v5/trade/orders-pending"))[0]["attachAlgoOrds"])


@case("push_first_probability", 1.0, ["ack", "push"], ["push", "ack"])
async def _(world: Any) -> Any:
    client = await world.trader()
    await client.op("order", ORDER)
    await client.pushed(1)
    return trade_frames(client)


@case("ack_delay_ms", 20, ["ack", "push"], ["push", "ack"])
async def _(world: Any) -> Any:
    client = await world.trader()
    await client.op("order", ORDER)
    await client.pushed(1)
    return trade_frames(client)


async def closed_or_pong(client: Any) -> Any:
    await client.text("ping")
    await client.wait(lambda: client.closed or "pong" in client.frames)
    return client.ws.close_code if client.closed else "pong"


@case("close_after_failed_login", True, "pong", 4001)
async def _(world: Any) -> Any:
    client = await world.connect()
    await client.login(sign="wrong")
    if world.sim.exchange.switches.close_after_failed_login:
        return await client.wait_closed()
    return await closed_or_pong(client)


@case("failed_logins_to_close", 2, 1, 2)
async def _(world: Any) -> Any:
    world.sim.command("switch", name="close_after_failed_login", value=True)
    client = await world.connect()
    for count in (1, 2):
        await client.login(sign="wrong")
        if count == world.sim.exchange.switches.failed_logins_to_close:
            assert await client.wait_closed() == 4001
            return count
    return None


async def lives_on(world: Any, keep: Callable[[Any], Awaitable[Any]]) -> bool:
    """Whether a connection outlives its idle time while it does no more than `keep`."""
    client = await world.session.ws_connect(world.sim.ws_url("private"))
    end = time.monotonic() + 1.5 * world.sim.config.idle_timeout_s
    while time.monotonic() < end and not client.closed:
        try:
            await keep(client)
        except (ConnectionResetError, aiohttp.ClientError):
            return False
        message = await client.receive(timeout=5)
        if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED):
            assert client.close_code == 4004
            return False
        await asyncio.sleep(0.01)
    alive = not client.closed
    await client.close()
    return alive


@case("login_or_subscription_required", False, False, True)
async def _(world: Any) -> Any:
    return await lives_on(world, lambda ws: ws.send_str("ping"))


@case("subscription_required", True, True, False)
async def _(world: Any) -> Any:
    world.sim.command("switch", name="login_or_subscription_required", value=False)
    return await lives_on(world, lambda ws: ws.send_str("ping"))


@case("control_ping_resets_idle", True, False, True)
async def _(world: Any) -> Any:
    world.sim.command("switch", name="login_or_subscription_required", value=False)
    ws = await world.session.ws_connect(world.sim.ws_url("private"), autoping=False)
    end = time.monotonic() + 1.5 * world.sim.config.idle_timeout_s
    while time.monotonic() < end:
        try:
            await ws.ping()
        except (ConnectionResetError, aiohttp.ClientError):
            return False
        if (await ws.receive(timeout=5)).type is not aiohttp.WSMsgType.PONG:
            return False
        await asyncio.sleep(0.01)
    await ws.close()
    return True


@case("notice_close_s", 0.01, False, True)
async def _(world: Any) -> Any:
    client = await world.connect()
    world.sim.command("notice")
    await client.until(lambda one: one.get("event") == "notice")
    with suppress(TimeoutError):
        await asyncio.wait_for(client.wait_closed(), 0.3)
    return client.closed


@case("connections_per_channel", 1, "channel-conn-count", "channel-conn-count-error")
async def _(world: Any) -> Any:
    await world.trader()
    second = await world.trader()
    return (await second.until(lambda one: one.get("event", "").startswith("channel-conn")))["event"]


async def close_after(world: Any, connections: int) -> Any:
    """The close code that two channels lead to, on so many connections."""
    args = [{"channel": "account"}, {"channel": "positions", "instType": "ANY"}]
    clients = []
    for arg in args:
        if len(clients) < connections:
            clients.append(await world.connect())
            await clients[-1].login()
        await clients[-1].send(op="subscribe", args=[arg])
        await clients[-1].text("ping")
        await clients[-1].wait(lambda: clients[-1].closed or "pong" in clients[-1].frames)
    await clients[-1].wait(lambda: clients[-1].closed or clients[-1].rows("positions") == [])
    return clients[-1]


@case("channels_per_connection", 1, None, 4009)
async def _(world: Any) -> Any:
    client = await close_after(world, 1)
    limit = world.sim.exchange.switches.channels_per_connection
    return await client.wait_closed() if limit else client.ws.close_code


@case("channels_per_account", 1, None, 4008)
async def _(world: Any) -> Any:
    client = await close_after(world, 2)
    limit = world.sim.exchange.switches.channels_per_account
    return await client.wait_closed() if limit else client.ws.close_code


@case("connects_per_second", 1, 101, 429)
async def _(world: Any) -> Any:
    try:
        for _ in range(2):
            await world.connect()
    except aiohttp.WSServerHandshakeError as refused:
        return refused.status
    return 101


@case("connects_form", "tcp", "WSServerHandshakeError", "ServerDisconnectedError")
async def _(world: Any) -> Any:
    world.sim.command("switch", name="connects_per_second", value=1)
    await world.connect()
    with pytest.raises(aiohttp.ClientError) as refused:
        await world.connect()
    return type(refused.value).__name__


@case("frames_per_hour", 1, "subscribe", "60014")
async def _(world: Any) -> Any:
    client = await world.connect()
    await client.login()
    frame = await answer(client, op="subscribe", args=[{"channel": "account"}])
    return frame.get("code") or frame["event"]


@case("market_close_push", "apart", [("live", "0"), ("filled", "0.001")],
      [("live", "0"), ("partially_filled", "0.001"), ("filled", "0")])  # fmt: skip
async def _(world: Any) -> Any:
    client = await world.trader()
    world.sim.command("quote", inst_id="BTC-USDT", side="sell", px="100000", sz="1")
    await client.op("order", {**ORDER, "ordType": "market", "tgtCcy": "base_ccy", "px": ""})
    await client.until(lambda one: one.get("data") and one["data"][0].get("state") == "filled")
    return [(one["state"], one["fillSz"]) for one in client.rows()]


@case("attached_outlive_close", True, [], ["live"])
async def _(world: Any) -> Any:
    client, attached = await world.trader(), [{"slTriggerPx": "90000", "slOrdPx": "-1"}]
    await client.op("order", {**CONTRACT, "px": "100000", "attachAlgoOrds": attached})
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="sell", px="100000", sz="1")
    world.sim.command("quote", inst_id="BTC-USDT-SWAP", side="buy", px="100000", sz="1")
    await client.op("order", {**CONTRACT, "side": "sell", "px": "100000"})
    pending = await world.rest.get("/api/v5/trade/orders-algo-pending?ordType=conditional")
    return [one["state"] for one in pending]


@case("limiter_counts_refused", True, "0", "50011")
async def _(world: Any) -> Any:
    """One request is refused at the end of the window; a moment later the old ones have left it."""
    exchange = world.sim.exchange
    now = [1_000_000_000_000]
    exchange.clock.arrival_ns = lambda: now[0]
    client = await world.trader()
    for at_ms, count in ((0, 60), (1_999, 60), (2_001, 1)):
        now[0] = (1_000_000 + at_ms) * 1_000_000
        for _ in range(count):
            ack = await client.op("order", ORDER)
    return ack["code"]


@pytest.mark.parametrize("name", [one.name for one in fields(Switches)])
async def test_each_switch_has_an_effect_on_the_wire(start: Any, name: str) -> None:
    other, look, before, after = CASES[name]
    for value, expected in ((None, before), (other, after)):
        world = await start(idle_timeout_s=0.4 if "idle" in name or "required" in name else 30.0)
        if value is not None:
            world.sim.command("switch", name=name, value=value)
        assert await look(world) == expected


async def test_open_points_name_their_switches() -> None:
    """Each row of the table of open points says which switch stands for it, or why none does."""
    manual = (ROOT / "docs" / "simulator-switches.md").read_text()
    rows = [row for row in manual.splitlines() if re.match(r"\| \d+ \|", row)]
    assert [int(row.split("|")[1]) for row in rows] == list(range(1, 19))
    known = {one.name for one in fields(Switches)}
    for row in rows:
        named = set(re.findall(r"`(\w+)`", row.split("|")[3]))
        assert named & known or "none:" in row, row
    assert known <= set(re.findall(r"`(\w+)`", manual))


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [(name, "x", "must be one of") for name in CHOICES]
    + [
        ("nothing", 1, "no such switch"),
        ("ack_delay_ms", "5", "needs an integer, 0 or more, not '5'"),
        ("ack_delay_ms", -1, "needs an integer"),
        ("notice_close_s", True, "needs a number"),
        ("subscription_required", 1, "needs true or false"),
    ],
)
async def test_values_that_make_no_sense(world: Any, name: str, value: Any, text: str) -> None:
    async with world.session.post(f"{world.sim.control_url}/switch", json={"name": name, "value": value}) as refused:
        assert refused.status == 400
        assert text in (await refused.json())["error"]
    if name != "nothing":
        with pytest.raises(ValueError, match=name):
            Switches(**{name: value})
