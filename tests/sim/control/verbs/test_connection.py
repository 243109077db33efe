"""Verbs on connections, as a client sees them."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import pytest

from tests.sim.proofs import PING, UID_1, proves, raw

pytestmark = pytest.mark.asyncio


@proves("drop")
async def test_drop(world: Any) -> None:
    first, second = await world.trader(), await world.trader("sim-api-key-0002")
    assert world.sim.command("drop", uid=UID_1) == 1
    assert await first.wait_closed() == 1006
    assert not second.closed


@proves("close")
async def test_close(world: Any) -> None:
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
async def test_notice(world: Any) -> None:
    for path in ("private", "public", "business"):
        client = await world.connect(path)
        world.sim.command("notice", close_s=0.01, path=path)
        notice = await client.until(lambda one: one.get("event") == "notice")
        assert list(notice) == ["event", "msg", "code", "connId"] and notice["code"] == "64008"
        assert await client.wait_closed() == 4006


@proves("half_open")
async def test_half_open(world: Any) -> None:
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
async def test_half_open_for_a_time(world: Any) -> None:
    client = await world.trader()
    world.sim.command("half_open", ms=20)
    assert await client.wait_closed() == 1006


@proves("read_slowly")
async def test_read_slowly(world: Any) -> None:
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
