"""A client that does not read; frames behind a closed transport."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from gateway.sim.ws.transport import BUFFER_LIMIT_BYTES, Cut, FrameTransport


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
