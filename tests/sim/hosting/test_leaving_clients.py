"""Clients that leave in the middle are no errors of the exchange: nothing is logged, and it serves on."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.asyncio

HANDSHAKE = (
    b"GET /ws/v5/public HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
PING = b"\x89\x84\x00\x00\x00\x00abcd"  # masked with zeros (RFC 6455, 5.2)
CLOSE = b"\x88\x82\x00\x00\x00\x00\x03\xe8"
UNFINISHED = b"POST /api/v5/trade/order HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"


def reset(client: socket.socket) -> None:
    """Close with a reset instead of a FIN."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def fin(client: socket.socket) -> None:
    client.close()


def dialled(world: Any) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", world.sim.port))
    client.setblocking(False)
    return client


async def gone(world: Any, connected: int) -> None:
    """Until the exchange has noticed that so many sessions came and went."""
    await world.eventually(lambda: [one["event"] for one in world.sim.ledger.sessions].count("closed") == connected)


async def check(world: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert (await world.rest.call("GET", "/api/v5/public/time"))[0] == 200
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("leave", [reset, fin])
async def test_within_the_handshake(world: Any, caplog: pytest.LogCaptureFixture, leave: Callable[..., None]) -> None:
    client = dialled(world)
    await asyncio.get_running_loop().sock_sendall(client, HANDSHAKE)
    leave(client)
    await check(world, caplog)
    await world.eventually(lambda: not world.sim.sessions)
    await check(world, caplog)


@pytest.mark.parametrize("leave", [reset, fin])
async def test_before_pings_are_answered(
    world: Any, caplog: pytest.LogCaptureFixture, leave: Callable[..., None]
) -> None:
    loop, client = asyncio.get_running_loop(), dialled(world)
    await loop.sock_sendall(client, HANDSHAKE)
    assert (await loop.sock_recv(client, 4_096)).startswith(b"HTTP/1.1 101")
    await loop.sock_sendall(client, 3 * PING + CLOSE + PING)
    leave(client)
    await gone(world, 1)
    await check(world, caplog)


async def test_within_a_request(world: Any, caplog: pytest.LogCaptureFixture) -> None:
    loop, client = asyncio.get_running_loop(), dialled(world)
    await loop.sock_sendall(client, UNFINISHED)
    await check(world, caplog)
    reset(client)
    await check(world, caplog)


async def test_a_handshake_whose_answer_cannot_be_written(
    world: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is lost after the request was read and before the answer is written."""
    session = type(world.sim).__dict__["_too_many_connects"]

    def lost(sim: Any, remote: str) -> bool:
        for one in sim._runner.server.connections:
            one.transport.abort()
        return bool(session(sim, remote))

    monkeypatch.setattr(type(world.sim), "_too_many_connects", lost)
    loop, client = asyncio.get_running_loop(), dialled(world)
    await loop.sock_sendall(client, HANDSHAKE)
    with pytest.raises(ConnectionError):
        if not await loop.sock_recv(client, 4_096):
            raise ConnectionResetError
    client.close()
    await check(world, caplog)
