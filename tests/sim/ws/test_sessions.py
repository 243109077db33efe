"""One connection on the wire: heartbeat, login, envelope, ops, subscriptions."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import aiohttp
import pytest

from gateway.sim.base.configuration import Switches
from tests.sim.proofs import proves

pytestmark = pytest.mark.asyncio

SPOT, SWAP = 10_001, 10_459
UID_1 = "1000000000000001"
ORDER = {"instIdCode": SPOT, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "0.5"}


def errors(client: Any) -> list[dict[str, Any]]:
    return [one for one in client.frames if isinstance(one, dict) and one.get("event") == "error"]


async def error(client: Any, count: int = 1) -> dict[str, Any]:
    await client.wait(lambda: len(errors(client)) >= count)
    return errors(client)[count - 1]


@pytest.mark.parametrize("path", ["public", "private", "business", "private?brokerId=9999"])
async def test_text_ping_on_every_path(world: Any, path: str) -> None:
    client = await world.connect(path)
    await client.text("ping")
    assert await client.until(lambda one: True) == "pong"


async def test_unknown_paths_are_not_upgraded(world: Any) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await world.connect("other")
    assert refused.value.status == 404


async def test_control_pings_are_answered(world: Any) -> None:
    ws = await world.session.ws_connect(world.sim.ws_url("private"), autoping=False)
    await ws.ping(b"abc")
    message = await ws.receive(timeout=5)
    assert (message.type, bytes(message.data)) == (aiohttp.WSMsgType.PONG, b"abc")
    await ws.close()


async def test_compression_when_offered(world: Any) -> None:
    client = await world.connect("public", compress=15)
    assert client.ws.compress == 15
    await client.subscribe({"channel": "instruments", "instType": "SWAP"})
    assert "BTC-USDT-SWAP" in [one["instId"] for one in await client.pushed(3, "instruments")]
    await client.text("ping")
    assert await client.until(lambda one: one == "pong")


async def test_silence_closes(start: Any) -> None:
    world = await start(idle_timeout_s=0.2)
    client = await world.connect()
    assert await client.wait_closed() == 4004


async def test_text_pings_keep_a_connection_open(start: Any) -> None:
    world = await start(idle_timeout_s=0.2)
    client = await world.connect()
    await client.login()
    loop = asyncio.get_running_loop()
    end = loop.time() + 0.5
    pongs = 0
    while loop.time() < end:
        await client.text("ping")
        pongs += 1
        await client.until(lambda one: one == "pong", pongs)
    assert not client.closed
    assert await client.wait_closed() == 4004


async def test_neither_login_nor_subscription_closes_although_it_pings(start: Any) -> None:
    world = await start(idle_timeout_s=0.2)
    client = await world.connect()
    with pytest.raises(ConnectionResetError):
        while True:
            await client.text("ping")
            await asyncio.sleep(0.01)
    assert client.ws.close_code == 4004


async def test_a_connection_without_subscription_may_be_closed_although_it_pings(start: Any) -> None:
    world = await start(idle_timeout_s=0.2, switches=Switches(subscription_required=True))
    client = await world.connect()
    await client.text("ping")
    await client.until(lambda one: one == "pong")
    assert await client.wait_closed() == 4004


async def test_login_and_its_repetition(world: Any) -> None:
    client = await world.connect()
    answer = await client.login()
    assert list(answer) == ["event", "msg", "code", "connId"]
    assert (answer["event"], answer["code"], answer["msg"]) == ("login", "0", "")
    assert re.fullmatch("[0-9a-f]{8}", answer["connId"])
    again = await client.login()
    assert (again["event"], again["code"]) == ("error", "60031")
    assert (await client.op("order", ORDER))["code"] == "0"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"apiKey": "nobody"}, "60032"),
        ({"passphrase": "wrong"}, "60024"),
        ({"sign": "wrong"}, "60009"),
        ({"timestamp": "1"}, "60006"),
        ({"timestamp": ""}, "60004"),
    ],
)
async def test_failed_logins_leave_the_socket_open(world: Any, changes: dict[str, Any], code: str) -> None:
    client = await world.connect()
    answer = await client.login(**changes)
    assert list(answer) == ["event", "msg", "code", "connId"]
    assert (answer["event"], answer["code"]) == ("error", code)
    assert (await client.login())["code"] == "0"


async def test_a_failed_login_may_close(start: Any) -> None:
    world = await start(switches=Switches(close_after_failed_login=True))
    client = await world.connect()
    await client.login(sign="wrong")
    assert await client.wait_closed() == 4001


async def test_a_demo_exchange_takes_demo_keys_only(start: Any) -> None:
    world = await start(demo=True)
    client = await world.connect()
    assert (await client.login())["code"] == "50101"


async def test_an_ack_in_full(world: Any) -> None:
    client = await world.trader()
    ack = await client.op("order", {**ORDER, "clOrdId": "a1"})
    assert list(ack) == ["id", "op", "code", "msg", "data", "inTime", "outTime"]
    assert (ack["op"], ack["code"], ack["msg"]) == ("order", "0", "")
    assert len(ack["inTime"]) == 16 and int(ack["outTime"]) >= int(ack["inTime"])
    (push,) = await client.pushed(1)
    assert push["cTime"] == ack["data"][0]["ts"]
    kinds = ["ack" if "op" in one else one.get("event", "push") for one in client.frames]
    assert kinds == ["login", "subscribe", "channel-conn-count", "ack", "push"]


async def test_every_op(world: Any) -> None:
    client = await world.trader()
    assert (await client.op("order", {**ORDER, "clOrdId": "a1"}, expTime="9999999999999"))["code"] == "0"
    two = await client.op("batch-orders", {**ORDER, "clOrdId": "a2"}, {**ORDER, "clOrdId": "a3"})
    assert (two["code"], [row["clOrdId"] for row in two["data"]]) == ("0", ["a2", "a3"])
    named = [{"instIdCode": SPOT, "clOrdId": name} for name in ("a1", "a2", "a3")]
    assert (await client.op("amend-order", {**named[0], "newSz": "1"}))["code"] == "0"
    amended = await client.op("batch-amend-orders", *({**one, "newPx": "98000"} for one in named[1:]))
    assert amended["code"] == "0"
    assert (await client.op("cancel-order", named[0]))["code"] == "0"
    mixed = await client.op("batch-cancel-orders", *named)
    assert (mixed["code"], [row["sCode"] for row in mixed["data"]]) == ("2", ["51400", "0", "0"])
    mass = await client.op("mass-cancel", {"instType": "OPTION", "instFamily": "BTC-USD"})
    assert (mass["code"], mass["data"]) == ("51411", []) and "inTime" not in mass
    assert [one["state"] for one in await client.pushed(9)] == ["live"] * 6 + ["canceled"] * 3
    recorded = [(one["op"], one["code"]) for one in world.sim.ledger.requests]
    assert recorded == [
        ("order", "0"), ("batch-orders", "0"), ("amend-order", "0"), ("batch-amend-orders", "0"),
        ("cancel-order", "0"), ("batch-cancel-orders", "2"), ("mass-cancel", "51411"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "[]",
        "{}",
        '{"op":1}',
        '{"op":"order","id":"1","args":[{}],"postOnly":true}',
        '{"op":"cancel-order","id":"1","args":[{}],"expTime":"1"}',
        '{"op":"order","id":"a-b","args":[{}]}',
        '{"op":"order","id":"' + "a" * 33 + '","args":[{}]}',
        '{"op":"order","id":7,"args":[{}]}',
        '{"op":"subscribe","argss":[]}',
        '{"op":"subscribe","args":[]}',
        '{"op":"subscribe","args":["orders"]}',
        '{"op":"login","args":[]}',
    ],
)
async def test_illegal_requests_come_back(world: Any, text: str) -> None:
    client = await world.trader()
    await client.text(text)
    answer = await error(client)
    assert list(answer) == ["event", "msg", "code", "connId"]
    assert (answer["code"], answer["msg"]) == ("60012", f"Illegal request: {text}")


@pytest.mark.parametrize("args", [[], [{}, {}], {}, ["x"], None])
async def test_bad_args(world: Any, args: Any) -> None:
    client = await world.trader()
    await client.send(id="b1", op="order", args=args)
    ack = await client.until(lambda one: isinstance(one, dict) and one.get("id") == "b1")
    assert (ack["code"], ack["msg"], ack["data"]) == ("60013", "Invalid args", [])
    assert "inTime" in ack


async def test_twenty_rows_and_no_more(world: Any) -> None:
    client = await world.trader()
    rows = [{**ORDER, "sz": "0.001"}] * 21
    assert (await client.op("batch-orders", *rows[:20]))["code"] == "0"
    assert (await client.op("batch-orders", *rows))["code"] == "60013"


async def test_ops_without_id_are_served(world: Any) -> None:
    client = await world.trader()
    await client.send(op="order", args=[ORDER])
    ack = await client.until(lambda one: isinstance(one, dict) and one.get("op") == "order")
    assert (ack["id"], ack["code"]) == ("", "0")


async def test_refused_traders(world: Any) -> None:
    unauthenticated = await world.connect()
    await unauthenticated.send(id="1", op="order", args=[ORDER])
    assert (await error(unauthenticated))["code"] == "60011"
    assert (await error(unauthenticated))["msg"] == "Please log in"
    reader = await world.trader("sim-read-only")
    ack = await reader.op("order", ORDER)
    assert (ack["code"], ack["data"]) == ("50120", [])
    elsewhere = await world.connect("business")
    await elsewhere.login()
    await elsewhere.send(id="1", op="order", args=[ORDER])
    assert (await error(elsewhere))["code"] == "60028"
    await elsewhere.send(id="1", op="place-order", args=[ORDER])
    answer = await error(elsewhere, 2)
    assert (answer["code"], answer["msg"]) == ("60019", "Invalid op: place-order")


async def test_switchable_forms(start: Any) -> None:
    world = await start(switches=Switches(bad_id_form="ack", login_required_form="ack"))
    client = await world.connect()
    assert (await client.op("order", ORDER))["code"] == "60011"
    await client.login()
    await client.send(id="a-b", op="order", args=[ORDER])
    assert (await client.until(lambda one: isinstance(one, dict) and one.get("id") == "a-b"))["code"] == "60013"


async def test_too_many_logins_and_subscriptions(start: Any) -> None:
    world = await start(switches=Switches(frames_per_hour=3))
    client = await world.trader()
    await client.send(op="unsubscribe", args=[{"channel": "orders", "instType": "ANY"}])
    await client.send(op="subscribe", args=[{"channel": "orders", "instType": "ANY"}])
    answer = await error(client)
    assert (answer["code"], answer["msg"]) == ("60014", "Requests too frequent")


async def test_one_ack_per_argument_with_the_id(world: Any) -> None:
    client = await world.connect()
    await client.login()
    args = [{"channel": "orders", "instType": "SPOT"}, {"channel": "positions", "instType": "ANY"}]
    await client.send(id="s1", op="subscribe", args=args)
    await client.until(lambda one: one.get("event") == "channel-conn-count", 2)
    acks = [one for one in client.frames if one.get("event") == "subscribe"]
    assert [one["arg"] for one in acks] == args
    assert all(list(one) == ["id", "event", "arg", "connId"] and one["id"] == "s1" for one in acks)
    counts = [one for one in client.frames if one.get("event") == "channel-conn-count"]
    assert [(one["channel"], one["connCount"]) for one in counts] == [("orders", "1"), ("positions", "1")]
    await client.send(op="unsubscribe", args=args[:1])
    gone = await client.until(lambda one: one.get("event") == "unsubscribe")
    assert list(gone) == ["event", "arg", "connId"] and gone["arg"] == args[0]
    await client.op("order", ORDER)
    assert client.rows() == []


@pytest.mark.parametrize(
    ("path", "arg", "text"),
    [
        ("private", {"channel": "nothing"}, "channel:nothing doesn't exist"),
        ("public", {"channel": "orders", "instType": "ANY"}, "channel:orders, instType:ANY doesn't exist"),
        ("private", {"channel": "orders"}, "channel:orders doesn't exist"),
        ("private", {"channel": "positions", "instType": "SPOT"}, "instType:SPOT doesn't exist"),
        ("public", {"channel": "tickers", "instId": "NO-SUCH"}, "channel:tickers, instId:NO-SUCH doesn't exist"),
        ("public", {"channel": "tickers"}, "channel:tickers doesn't exist"),
        ("private", {"channel": "orders", "instType": "SWAP", "instFamily": "X-Y"}, "instFamily:X-Y doesn't exist"),
    ],
)
async def test_wrong_channels(world: Any, path: str, arg: dict[str, str], text: str) -> None:
    client = await world.connect(path)
    await client.login()
    await client.send(id="s1", op="subscribe", args=[arg])
    answer = await error(client)
    assert list(answer) == ["id", "event", "msg", "code", "connId"]
    assert answer["code"] == "60018" and answer["msg"].startswith("Wrong URL or ") and text in answer["msg"]


@pytest.mark.parametrize("args", [[], {}, [1], [{}], [{"channel": 5}], [{"channel": None, "instType": "ANY"}]])
async def test_subscriptions_that_name_no_channel(world: Any, args: Any) -> None:
    client = await world.connect()
    await client.send(id="s1", op="subscribe", args=args)
    answer = await error(client)
    assert answer["code"] == "60012" and json.loads(answer["msg"].removeprefix("Illegal request: "))["args"] == args


async def test_private_channels_need_a_login_and_fills_a_tier(world: Any) -> None:
    client = await world.connect()
    await client.send(op="subscribe", args=[{"channel": "account"}])
    assert (await error(client))["code"] == "60011"
    await client.login()
    await client.send(op="subscribe", args=[{"channel": "fills"}])
    assert (await error(client, 2))["code"] == "64003"


async def test_beyond_the_connection_limit_the_acked_channel_is_dead(start: Any) -> None:
    world = await start(switches=Switches(connections_per_channel=1))
    first = await world.trader()
    second = await world.trader()
    last = await second.until(lambda one: one.get("event") == "channel-conn-count-error")
    assert (last["channel"], last["connCount"]) == ("orders", "1")
    await second.op("order", ORDER)
    assert await first.pushed(1)
    assert second.rows() == []


async def test_a_frame_that_is_too_large(world: Any) -> None:
    client = await world.connect()
    await client.text(json.dumps({"op": "x" * 70_000}))
    assert await client.wait_closed() == 1009


async def test_new_connections_per_second(start: Any) -> None:
    world = await start(switches=Switches(connects_per_second=2))
    await world.connect()
    await world.connect()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await world.connect()
    assert refused.value.status == 429


async def test_the_limit_and_the_ledger_on_the_wire(world: Any) -> None:
    client = await world.trader()
    for number in range(70):
        await client.send(id=f"n{number}", op="order", args=[{**ORDER, "sz": "0.001"}])
    last = await client.until(lambda one: one.get("id") == "n69")
    assert (last["code"], last["msg"], last["data"]) == ("50011", "Too Many Requests", [])
    codes = [one["code"] for one in client.frames if "op" in one]
    assert codes == ["0"] * 60 + ["50011"] * 10
    (peak,) = [one for one in world.sim.peaks if one.key.op == "place"]
    assert (tuple(peak.key), peak.limit, peak.sliding) == ((UID_1, "place", "BTC-USDT"), 60, 70)
    assert (await client.op("cancel-order", {"instIdCode": SPOT, "clOrdId": "x"}))["data"][0]["sCode"] == "51400"
    assert (await client.op("order", {**ORDER, "instIdCode": 10_002, "px": "3900"}))["code"] == "0"
    status, answer = await world.rest.call("POST", "/api/v5/trade/order", {"instId": "BTC-USDT"})
    assert (status, answer) == (429, {"msg": "Too Many Requests", "code": "50011"})
    batch = await client.op("batch-orders", *([{**ORDER, "sz": "0.001"}] * 2))
    assert batch["code"] == "0"


async def test_the_sub_account_limit_counts_contract_orders_in_batches(start: Any) -> None:
    world = await start()
    world.sim.command("sub_account_limit", uid=UID_1, limit=5)
    client = await world.trader()
    row = {**ORDER, "instIdCode": SWAP, "tdMode": "cross", "sz": "1"}
    ack = await client.op("batch-orders", *([row] * 7))
    assert (ack["code"], [one["sCode"] for one in ack["data"]]) == ("2", ["0"] * 5 + ["50061"] * 2)
    assert (await client.op("order", ORDER))["code"] == "0"
    amend = {"instIdCode": SWAP, "ordId": ack["data"][0]["ordId"], "newSz": "2"}
    assert (await client.op("amend-order", amend))["data"][0]["sCode"] == "50061"
    assert (await client.op("cancel-order", {"instIdCode": SWAP, "ordId": ack["data"][0]["ordId"]}))["code"] == "0"


async def test_limit_refusals_row_by_row(start: Any) -> None:
    world = await start(switches=Switches(limiter_form="rows", limiter_window="fixed"))
    client = await world.trader()
    for number in range(130):  # more than two fixed windows let through
        await client.send(id=f"n{number}", op="cancel-order", args=[{"instIdCode": SPOT, "ordId": "1"}])
    last = await client.until(lambda one: one.get("id") == "n129")
    assert (last["code"], last["data"][0]["sCode"], last["data"][0]["ordId"]) == ("1", "50011", "1")


@proves("refuse_logins")
async def test_refuse_logins(world: Any) -> None:
    codes = ["60004", "60005", "60006", "60007", "60009", "60024", "60032", "50101", "50110", "63999"]
    client = await world.connect()
    for code in codes:
        world.sim.command("refuse_logins", code=code)
        answer = await client.login()
        assert (answer["event"], answer["code"]) == ("error", code) and answer["msg"]
    assert (await client.login())["code"] == "0"


@proves("swallow_logins")
async def test_swallow_logins(world: Any) -> None:
    client = await world.connect()
    world.sim.command("swallow_logins")
    await client.send(op="login", args=[{"apiKey": "sim-api-key-0001"}])
    await client.text("ping")
    assert await client.until(lambda one: True) == "pong"
