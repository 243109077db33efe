"""The listener of streams off the hot path, against a picows server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect, ws_create_server

from gateway.connections.event_listener import ColdListener

pytestmark = pytest.mark.asyncio


class Owner:
    """Records what a stream would be told, by name."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda listener, *args: self.calls.append((name.removeprefix("on_"), *args))


class Okx(WSListener):
    """OKX's end of the connection."""

    transport: Any = None
    close_code: int | None = None
    is_gone = False

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            self.close_code = int(frame.get_close_code().value)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.is_gone = True

    def send(self, *parts: bytes, kind: WSMsgType = WSMsgType.TEXT) -> None:
        for number, part in enumerate(parts):
            self.transport.send(WSMsgType.CONTINUATION if number else kind, part, fin=number == len(parts) - 1)


async def until(wanted: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not wanted():
            await asyncio.sleep(0)


@asynccontextmanager
async def connected() -> AsyncIterator[SimpleNamespace]:
    """`okx`, `listener` and `calls` (on the owner, without that of the connection)."""
    owner, okx = Owner(), Okx()
    server = await ws_create_server(lambda _: okx, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    make: Callable[[], Any] = lambda: ColdListener(owner)  # type: ignore[arg-type] # noqa: E731
    transport, listener = await ws_connect(make, f"ws://127.0.0.1:{port}/ws/v5/public")
    await until(lambda: okx.transport)
    assert owner.calls == [("connected", transport, None)]
    owner.calls.clear()
    yield SimpleNamespace(okx=okx, listener=listener, calls=owner.calls)
    transport.disconnect(graceful=False)
    await until(lambda: okx.is_gone)
    server.close()


@pytest.mark.parametrize("text", [b'{"event":"subscribe"}', b"", b"\xff\xfe", b"x" * 100_000])
async def test_a_text_message_goes_to_the_owner_byte_for_byte(text: bytes) -> None:
    async with connected() as scene:
        scene.okx.send(text)
        await until(lambda: scene.calls)
        assert scene.calls == [("cold_frame", text)]


@pytest.mark.parametrize("parts", [(b"po", b"ng"), (b"pong",)])
async def test_a_pong_is_told_as_such(parts: tuple[bytes, ...]) -> None:
    async with connected() as scene:
        scene.okx.send(*parts)
        await until(lambda: scene.calls)
        assert scene.calls == [("pong",)]


async def test_messages_in_fragments_are_put_together_each_by_itself() -> None:
    async with connected() as scene:
        scene.okx.send(b'{"event":', b"", b'"first"}')
        scene.okx.send(b'{"event":"second"}')
        await until(lambda: len(scene.calls) == 2)
        assert scene.calls == [("cold_frame", b'{"event":"first"}'), ("cold_frame", b'{"event":"second"}')]


async def test_a_binary_frame_is_passed_over() -> None:
    async with connected() as scene:
        scene.okx.send(b'{"event":"login"}', kind=WSMsgType.BINARY)
        scene.okx.send(b"text")
        await until(lambda: scene.calls)
        assert scene.calls == [("cold_frame", b"text")]


async def test_every_frame_shows_that_the_connection_lives() -> None:
    async with connected() as scene:
        before = scene.listener.last_frame_ns
        scene.okx.send(b"binary too", kind=WSMsgType.BINARY)
        await until(lambda: scene.listener.last_frame_ns > before)


async def test_a_close_frame_is_told_answered_and_followed_by_the_end() -> None:
    """OKX docs, Error Code / WebSocket, Close Frame: 4004, no data received in 30 s."""
    async with connected() as scene:
        scene.okx.transport.send_close(4004, b"No data received in 30s.")
        await until(lambda: scene.okx.is_gone)
        assert scene.calls == [("close_frame", 4004, "No data received in 30s."), ("closed",)]
        assert scene.okx.close_code == 4004


async def test_a_close_frame_without_words_has_an_empty_reason() -> None:
    async with connected() as scene:
        scene.okx.transport.send_close(1000)
        await until(lambda: ("closed",) in scene.calls)
        assert scene.calls[0] == ("close_frame", 1000, "")


async def test_a_lost_connection_ends_without_a_code() -> None:
    async with connected() as scene:
        scene.okx.transport.disconnect(graceful=False)
        await until(lambda: scene.calls)
        assert scene.calls == [("closed",)]
