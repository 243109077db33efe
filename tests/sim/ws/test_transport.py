"""A client that does not read; frames behind a closed transport."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from gateway.sim.ws.transport import BUFFER_LIMIT_BYTES, Cut, FrameTransport
from tests.sim.proofs import ORDER, PING, proves, raw


class SocketTransport:
    """The part of an asyncio transport that a FrameTransport uses."""

    def __init__(self) -> None:
        self.buffered = 0
        self.closing = False
        self.written: list[bytes] = []

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def is_closing(self) -> bool:
        return self.closing

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def abort(self) -> None:
        self.closing = True


def connected() -> tuple[FrameTransport, SocketTransport]:
    below = SocketTransport()
    return FrameTransport(cast(asyncio.Transport, below), 0), below


def test_full_when_too_much_waits() -> None:
    transport, below = connected()
    below.buffered = BUFFER_LIMIT_BYTES
    assert not transport.is_full()
    below.buffered += 1
    assert transport.is_full()


def test_nothing_is_written_to_a_closing_transport() -> None:
    transport, below = connected()
    transport.send_text(b"a")
    transport.abort()
    transport.send_text(b"b")
    assert below.written == [bytes.fromhex("810161")]


@pytest.mark.asyncio
async def test_byte_by_byte_in_order() -> None:
    transport, below = connected()
    transport.send_text(b"a", Cut(one_byte=True))
    transport.send_text(b"b")  # behind what is still trickling
    async with asyncio.timeout(5):
        while len(below.written) < 6:
            await asyncio.sleep(0)
    assert all(len(one) == 1 for one in below.written)
    assert b"".join(below.written) == bytes.fromhex("810161810162")
    transport.stop()


@pytest.mark.asyncio
async def test_a_slow_reader_is_closed_with_4005(world: Any) -> None:
    client = await world.connect("public")
    (session,) = world.sim.sessions
    session.transport.is_full = lambda: True
    await client.text("ping")
    assert await client.wait_closed() == 4005


@pytest.mark.asyncio
@proves("fragment")
async def test_fragment(world: Any) -> None:
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


@pytest.mark.asyncio
@proves("fragment")
async def test_fragment_under_a_client(world: Any) -> None:
    client = await world.trader()
    world.sim.command("fragment", frames=7, pings=True)
    for number in range(3):
        assert (await client.op("order", {**ORDER, "clOrdId": f"a{number}"}))["code"] == "0"
    assert [one["clOrdId"] for one in await client.pushed(3)] == ["a0", "a1", "a2"]


@pytest.mark.asyncio
@proves("one_byte_segments")
async def test_one_byte_segments(world: Any) -> None:
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


@pytest.mark.asyncio
@proves("cut_frame")
async def test_cut_frame(world: Any) -> None:
    for at, expected in ((1, "81"), (2, "8104"), (4, "8104706f"), (99, "8104706f6e67")):
        reader, writer = await raw(world)
        world.sim.command("cut_frame", bytes=at)
        writer.write(PING)
        assert await reader.read() == bytes.fromhex(expected)
        writer.close()
