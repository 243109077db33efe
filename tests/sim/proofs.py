"""Shared by the tests that prove a fault verb on the wire: the mark, an order, and the frames of a client."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.sim.control.verbs import connection

UID_1 = "1000000000000001"
ORDER = {"instIdCode": 10_001, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "0.5"}
REST_ORDER = {"instId": "BTC-USDT", **{name: value for name, value in ORDER.items() if name != "instIdCode"}}
PING = bytes.fromhex("818400000000") + b"ping"

Proof = Callable[[Any], Awaitable[None]]


def proves(verb: str) -> Callable[[Proof], Proof]:
    """Mark the test of a fault verb. The fault must stand in the ledger at its end; connection verbs are no faults."""

    def mark(proof: Proof) -> Proof:
        @functools.wraps(proof)
        async def run(world: Any) -> None:
            await proof(world)
            assert verb in connection.VERBS or any(one["verb"] == verb for one in world.sim.ledger.faults)

        return run

    return mark


def kinds(client: Any) -> list[str]:
    """The acks and pushes after the subscription, in order."""
    return ["ack" if "op" in one else "push" for one in client.frames if isinstance(one, dict) and "event" not in one]


async def place(client: Any, name: str, **change: Any) -> None:
    await client.send(id=name, op="order", args=[{**ORDER, "clOrdId": name, **change}])


async def acked(client: Any, name: str) -> Any:
    return await client.until(lambda one: isinstance(one, dict) and one.get("id") == name and "op" in one)


def live(world: Any) -> int:
    return len(world.sim.accounts[UID_1].live)


async def raw(world: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A WebSocket by hand, past its handshake."""
    reader, writer = await asyncio.open_connection(world.sim.config.host, world.sim.port)
    writer.write(
        b"GET /ws/v5/public HTTP/1.1\r\nHost: sim\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer
