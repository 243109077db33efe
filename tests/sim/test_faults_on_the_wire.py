"""Every fault verb, seen on the wire by a client. A verb without a proof here fails the suite."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.sim.control.control import VERBS
from gateway.sim.control.verbs import connection
from gateway.sim.faults.fault_table import KINDS

pytestmark = pytest.mark.asyncio

SPOT = 10_001
UID_1 = "1000000000000001"
ORDER = {"instIdCode": SPOT, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "0.5"}
REST_ORDER = {"instId": "BTC-USDT", **{name: value for name, value in ORDER.items() if name != "instIdCode"}}

Proof = Callable[[Any], Awaitable[None]]
PROOFS: dict[str, list[Proof]] = {}


def proves(verb: str) -> Callable[[Proof], Proof]:
    def keep(proof: Proof) -> Proof:
        PROOFS.setdefault(verb, []).append(proof)
        return proof

    return keep


def kinds(client: Any) -> list[str]:
    """What came after the subscription: acks and pushes in order."""
    return ["ack" if "op" in one else "push" for one in client.frames if isinstance(one, dict) and "event" not in one]


async def place(client: Any, name: str, **change: Any) -> None:
    await client.send(id=name, op="order", args=[{**ORDER, "clOrdId": name, **change}])


async def acked(client: Any, name: str) -> Any:
    return await client.until(lambda one: isinstance(one, dict) and one.get("id") == name and "op" in one)


def live(world: Any) -> int:
    return len(world.sim.accounts[UID_1].live)


FAULT_VERBS = (*KINDS, *connection.VERBS)


async def test_every_fault_verb_has_a_proof() -> None:
    assert set(PROOFS) == set(FAULT_VERBS)


@pytest.mark.parametrize("verb", sorted(set(VERBS) - set(FAULT_VERBS)))
async def test_every_other_verb_is_commanded_somewhere(verb: str) -> None:
    texts = [path.read_text() for path in Path(__file__).parent.rglob("test_*.py")]
    assert any(re.search(rf'\(([\w.]+, )?"{verb}"[,)]', text) for text in texts)


@pytest.mark.parametrize(
    ("verb", "number"), [(verb, number) for verb in FAULT_VERBS for number in range(len(PROOFS.get(verb, ())) or 1)]
)
async def test_fault(world: Any, verb: str, number: int) -> None:
    proofs = PROOFS.get(verb)
    assert proofs, f"no proof for {verb}"
    await proofs[number](world)
    assert verb in connection.VERBS or any(one["verb"] == verb for one in world.sim.ledger.faults)


# --- trade requests --------------------------------------------------------------------------------------------


@proves("swallow_acks")
async def _(world: Any) -> None:
    client = await world.trader()
    world.sim.command("swallow_acks", op="order")
    await place(client, "a1")
    await place(client, "a2")
    await client.pushed(2)
    assert kinds(client) == ["push", "ack", "push"]


@proves("delay_acks")
async def _(world: Any) -> None:
    client = await world.trader()
    world.sim.command("delay_acks", ms=150)
    await place(client, "a1")
    await place(client, "a2")
    await acked(client, "a1")
    assert kinds(client) == ["push", "ack", "push", "ack"]


@proves("delay_requests")
async def _(world: Any) -> None:
    client = await world.trader()
    world.sim.command("delay_requests", ms=150)
    await place(client, "a1")
    await place(client, "a2")
    rows = await client.pushed(2)
    assert [one["clOrdId"] for one in rows] == ["a2", "a1"]
    assert kinds(client) == ["ack", "push", "ack", "push"]


@proves("drop_before_act")
async def _(world: Any) -> None:
    client = await world.trader()
    world.sim.command("drop_before_act")
    await place(client, "a1")
    assert await client.wait_closed() == 1006
    assert (kinds(client), live(world)) == ([], 0)


@proves("drop_after_act")
async def _(world: Any) -> None:
    for pushes in (False, True):
        client = await world.trader()
        world.sim.command("drop_after_act", pushes=pushes)
        await place(client, f"a{pushes:d}")
        assert await client.wait_closed() == 1006
        assert kinds(client) == ["push"] * pushes
    assert live(world) == 2


@proves("drop_after_ack")
async def _(world: Any) -> None:
    client = await world.trader()
    world.sim.command("drop_after_ack")
    await place(client, "a1")
    assert await client.wait_closed() == 1006
    assert (kinds(client), live(world)) == (["ack"], 1)


# okx-v5 names these as the codes that leave the result open (OKX docs, "Error Code").
UNKNOWN_CODES = ("50001", "50004", "50013", "50026", "50042", "51054", "51149", "51412", "64007")


@proves("outcome_unknown")
async def _(world: Any) -> None:
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
async def _(world: Any) -> None:
    client = await world.trader()
    world.sim.command("refuse_requests", code="50061", form="rows")
    ack = await client.op("order", ORDER)
    assert (ack["code"], ack["data"][0]["sCode"]) == ("1", "50061")
    world.sim.command("refuse_requests")
    ack = await client.op("order", ORDER)
    assert (ack["code"], ack["msg"], ack["data"]) == ("50011", "Too Many Requests", [])
    assert live(world) == 0


@proves("fail_rows")
async def _(world: Any) -> None:
    client = await world.trader()
    world.sim.command("fail_rows", rows=2, code="51008")
    ack = await client.op("batch-orders", *({**ORDER, "clOrdId": f"a{n}"} for n in range(3)))
    assert (ack["code"], [row["sCode"] for row in ack["data"]]) == ("2", ["0", "51008", "51008"])
    assert [one["clOrdId"] for one in await client.pushed(1)] == ["a0"]


@proves("push_first")
async def _(world: Any) -> None:
    client = await world.trader()
    world.sim.command("push_first", request=1)
    await place(client, "a1")
    await place(client, "a2")
    await client.pushed(2)
    assert kinds(client) == ["push", "ack", "ack", "push"]


@proves("fill_first")
async def _(world: Any) -> None:
    world.sim.command("quote", inst_id="BTC-USDT", side="buy", px="99500", sz="1")  # stands before the order
    client = await world.trader()
    world.sim.command("fill_first", sz="0.2")
    await place(client, "a1")
    await acked(client, "a1")
    assert kinds(client) == ["push", "push", "ack"]
    assert [(one["state"], one["accFillSz"]) for one in client.rows()] == [("live", "0"), ("partially_filled", "0.2")]


# --- pushes ----------------------------------------------------------------------------------------------------


@proves("lose_pushes")
async def _(world: Any) -> None:
    first, second = await world.trader(), await world.trader()
    world.sim.command("lose_pushes", session=world.sim.sessions[0].number)
    await place(first, "a1")
    await place(first, "a2")
    assert [one["clOrdId"] for one in await second.pushed(2)] == ["a1", "a2"]
    assert [one["clOrdId"] for one in await first.pushed(1)] == ["a2"]
    await first.text("ping")
    await first.until(lambda one: one == "pong")


@proves("lose_pushes")
async def _(world: Any) -> None:
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
async def _(world: Any) -> None:
    client = await world.trader()
    world.sim.command("duplicate_pushes")
    await place(client, "a1")
    first, second = await client.pushed(2)
    assert int(second.pop("uTime")) == int(first.pop("uTime")) + 1
    assert first == second


@proves("delay_pushes")
async def _(world: Any) -> None:
    client = await world.trader()
    world.sim.command("delay_pushes", ms=150)
    await place(client, "a1")
    await place(client, "a2")
    assert [one["clOrdId"] for one in await client.pushed(2)] == ["a2", "a1"]


@proves("reorder_pushes")
async def _(world: Any) -> None:
    client = await world.trader()
    world.sim.command("reorder_pushes", behind=2)
    for name in ("a1", "a2", "a3"):
        await place(client, name)
    assert [one["clOrdId"] for one in await client.pushed(3)] == ["a2", "a3", "a1"]


@proves("unrecognised_pushes")
async def _(world: Any) -> None:
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


# --- logins and subscriptions ----------------------------------------------------------------------------------


@proves("refuse_logins")
async def _(world: Any) -> None:
    codes = ["60004", "60005", "60006", "60007", "60009", "60024", "60032", "50101", "50110", "63999"]
    client = await world.connect()
    for code in codes:
        world.sim.command("refuse_logins", code=code)
        answer = await client.login()
        assert (answer["event"], answer["code"]) == ("error", code) and answer["msg"]
    assert (await client.login())["code"] == "0"


@proves("swallow_logins")
async def _(world: Any) -> None:
    client = await world.connect()
    world.sim.command("swallow_logins")
    await client.send(op="login", args=[{"apiKey": "sim-api-key-0001"}])
    await client.text("ping")
    assert await client.until(lambda one: True) == "pong"


@proves("refuse_subscriptions")
async def _(world: Any) -> None:
    client = await world.connect("public")
    for code in ("60012", "60014", "60018", "60033", "64003"):
        world.sim.command("refuse_subscriptions", code=code, channel="tickers")
        await client.send(id=code, op="subscribe", args=[{"channel": "tickers", "instId": "BTC-USDT"}])
        answer = await client.until(lambda one, code=code: isinstance(one, dict) and one.get("id") == code)
        assert (answer["event"], answer["code"]) == ("error", code) and answer["msg"]
    await client.subscribe({"channel": "tickers", "instId": "BTC-USDT"})


@proves("swallow_subscriptions")
async def _(world: Any) -> None:
    client = await world.connect("public")
    world.sim.command("swallow_subscriptions")
    await client.send(id="s1", op="subscribe", args=[{"channel": "tickers", "instId": "BTC-USDT"}])
    await client.text("ping")
    assert await client.until(lambda one: True) == "pong"


@proves("kill_subscriptions")
async def _(world: Any) -> None:
    client = await world.connect()
    await client.login()
    world.sim.command("kill_subscriptions", channel="orders")
    await client.send(op="subscribe", args=[{"channel": "orders", "instType": "ANY"}])
    dead = await client.until(lambda one: one.get("event") == "channel-conn-count-error")
    assert [one["event"] for one in client.frames] == ["login", "subscribe", "channel-conn-count-error"]
    assert dead["channel"] == "orders"
    await client.op("order", ORDER)
    assert client.rows() == []


# --- frames and connections ------------------------------------------------------------------------------------


async def raw(world: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A WebSocket by hand, past its handshake."""
    reader, writer = await asyncio.open_connection(world.sim.config.host, world.sim.port)
    writer.write(
        b"GET /ws/v5/public HTTP/1.1\r\nHost: sim\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


PING = bytes.fromhex("818400000000") + b"ping"


@proves("fragment")
async def _(world: Any) -> None:
    reader, writer = await raw(world)
    world.sim.command("fragment", frames=2)
    writer.write(PING)
    assert await reader.readexactly(8) == bytes.fromhex("0102706f") + bytes.fromhex("80026e67")
    world.sim.command("fragment", frames=4, pings=True)
    writer.write(PING)
    part = "0101 70 8900 0001 6f 8900 0001 6e 8900 8001 67"
    assert await reader.readexactly(18) == bytes.fromhex(part)
    world.sim.command("fragment", frames=1)
    writer.write(PING)
    assert await reader.readexactly(6) == bytes.fromhex("8104") + b"pong"
    writer.close()


@proves("fragment")
async def _(world: Any) -> None:
    client = await world.trader()
    world.sim.command("fragment", frames=7, pings=True)
    for number in range(3):
        assert (await client.op("order", {**ORDER, "clOrdId": f"a{number}"}))["code"] == "0"
    assert [one["clOrdId"] for one in await client.pushed(3)] == ["a0", "a1", "a2"]


@proves("one_byte_segments")
async def _(world: Any) -> None:
    reader, writer = await raw(world)
    world.sim.command("one_byte_segments")
    pieces = []
    writer.write(PING)
    while sum(map(len, pieces)) < 6:
        pieces.append(await reader.read(64))
    assert b"".join(pieces) == bytes.fromhex("8104") + b"pong" and len(pieces) > 1
    writer.close()
    client = await world.trader()
    assert (await client.op("order", ORDER))["code"] == "0"
    world.sim.command("one_byte_segments", on=False)
    assert world.sim.faults.armed() == []


@proves("cut_frame")
async def _(world: Any) -> None:
    for at, expected in ((1, "81"), (2, "8104"), (4, "8104706f"), (99, "8104706f6e67")):
        reader, writer = await raw(world)
        world.sim.command("cut_frame", bytes=at)
        writer.write(PING)
        assert await reader.read() == bytes.fromhex(expected)
        writer.close()


@proves("drop")
async def _(world: Any) -> None:
    first, second = await world.trader(), await world.trader("sim-api-key-0002")
    assert world.sim.command("drop", uid=UID_1) == 1
    assert await first.wait_closed() == 1006
    assert not second.closed


@proves("close")
async def _(world: Any) -> None:
    reasons = {
        1009: "Request message exceeds the maximum frame length",
        4001: "Login Failed",
        4002: "Invalid Request",
        4003: "APIKey subscription amount exceeds the limit 100",
        4004: "No data received in 30s.",
        4005: "Buffer is full, cannot write data",
        4006: "Abnormal disconnection",
        4007: "API key has been updated or deleted. Please reconnect.",
        4008: "The number of subscribed channels exceeds the maximum limit.",
        4009: "The number of subscription channels for this connection exceeds the limit",
    }
    for code, reason in reasons.items():
        reader, writer = await raw(world)
        assert world.sim.command("close", code=code) == 1
        payload = code.to_bytes(2, "big") + reason.encode()
        assert await reader.readexactly(2 + len(payload)) == bytes((0x88, len(payload))) + payload
        writer.close()
        await world.eventually(lambda: not world.sim.sessions)


@proves("notice")
async def _(world: Any) -> None:
    for path in ("private", "public", "business"):
        client = await world.connect(path)
        world.sim.command("notice", close_s=0.01, path=path)
        notice = await client.until(lambda one: one.get("event") == "notice")
        assert list(notice) == ["event", "msg", "code", "connId"] and notice["code"] == "64008"
        assert await client.wait_closed() == 4006


@proves("half_open")
async def _(world: Any) -> None:
    """Nothing comes back, not even the answer to a close frame, and no end of the stream; another client lives."""
    reader, writer = await raw(world)
    number = world.sim.sessions[0].number
    assert world.sim.command("half_open", session=number) == 1
    writer.write(PING + bytes.fromhex("888200000000") + (1000).to_bytes(2, "big"))
    await writer.drain()
    world.sim.command("notice", session=number)
    world.sim.command("close", session=number)
    other = await world.connect("public")
    await other.text("ping")
    await other.until(lambda one: one == "pong")
    silent = asyncio.ensure_future(reader.read(1))
    await asyncio.wait([silent], timeout=0.05)
    assert not silent.done()
    assert number in [one.number for one in world.sim.sessions]
    world.sim.command("drop", session=number)
    with pytest.raises((ConnectionResetError, EOFError)):
        if not await silent:
            raise EOFError
    writer.close()


@proves("half_open")
async def _(world: Any) -> None:
    client = await world.trader()
    world.sim.command("half_open", ms=20)
    assert await client.wait_closed() == 1006


@proves("read_slowly")
async def _(world: Any) -> None:
    """While the server does not read, the client's socket fills until it can send no more; then all is served."""
    handle = socket.create_connection((world.sim.config.host, world.sim.port))
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    reader, writer = await asyncio.open_connection(sock=handle)
    writer.write(
        b"GET /ws/v5/public HTTP/1.1\r\nHost: sim\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    assert world.sim.command("read_slowly", every_ms=1) == 1
    count = 800
    frame = bytes.fromhex("81fe03e800000000") + json.dumps({"op": "x" * 990}).encode()
    assert len(frame) == 8 + 1_000
    writer.transport.set_write_buffer_limits(high=1)
    writer.write(frame * count)
    stuck = asyncio.ensure_future(writer.drain())
    await asyncio.wait([stuck], timeout=0.05)
    assert not stuck.done() and writer.transport.get_write_buffer_size() > 0
    world.sim.command("read_slowly")
    served = 0
    while served < count:
        served += (await asyncio.wait_for(reader.read(1 << 20), 10)).count(b'"code":"60019"')
    await stuck
    writer.close()


# --- REST ------------------------------------------------------------------------------------------------------


@proves("rest_delay")
async def _(world: Any) -> None:
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
async def _(world: Any) -> None:
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
async def _(world: Any) -> None:
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
async def _(world: Any) -> None:
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
async def _(world: Any) -> None:
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
async def _(world: Any) -> None:
    for form, expected in (("data", '{"code":"0","data":[],"msg":""}'), ("object", "{}"), ("body", "")):
        world.sim.command("rest_empty", form=form)
        assert await world.rest.text("GET", "/api/v5/account/balance") == (200, expected)


@proves("rest_unrecognised")
async def _(world: Any) -> None:
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
async def _(world: Any) -> None:
    for when, rst, acts in (("before", False, 0), ("after", False, 1), ("after", True, 1)):
        before = live(world)
        world.sim.command("rest_reset", when=when, rst=rst, bytes=10)
        with pytest.raises((aiohttp.ClientError, ConnectionResetError)):
            await world.rest.call("POST", "/api/v5/trade/order", REST_ORDER)
        assert live(world) == before + acts
