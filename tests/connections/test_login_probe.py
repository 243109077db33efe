"""One login, against a small WebSocket server that answers as OKX does."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.connections.login_probe import probe_login
from gateway.connections.tls import tls_context
from gateway.errors import TransportError
from gateway.okx.event_frames import ErrorEvent, LoggedIn
from gateway.okx.secret import Credentials, Secret

CREDENTIALS = Credentials(Secret("K"), Secret("S"), Secret("P"))
Talk = Callable[[web.WebSocketResponse], Awaitable[None]]
pytestmark = pytest.mark.asyncio


def sign(secret: bytes, message: bytes) -> str:
    assert secret == b"S"
    assert message == b"1700000000GET/users/self/verify"
    return "SIGNATURE"


@asynccontextmanager
async def serving(talk: Talk) -> AsyncIterator[str]:
    async def api(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await talk(socket)
        return socket

    application = web.Application()
    application.router.add_get("/ws/v5/private", api)
    async with TestServer(application) as server:
        yield f"ws://127.0.0.1:{server.port}/ws/v5/private"


async def probe(url: str, timeout_ms: int = 5_000) -> LoggedIn | ErrorEvent:
    tls = tls_context(None)
    return await probe_login(url, CREDENTIALS, sign, timestamp_s=1_700_000_000, timeout_ms=timeout_ms, tls=tls)


async def test_a_login_that_is_taken() -> None:
    logins: list[object] = []

    async def talk(socket: web.WebSocketResponse) -> None:
        logins.append(json.loads(await socket.receive_str()))
        await socket.send_str('{"event":"channel-conn-count","channel":"orders","connCount":"1","connId":"c"}')
        await socket.send_str('{"event":"login","code":"0","msg":"","connId":"a1b2c3d4"}')
        await socket.receive()

    async with serving(talk) as url:
        assert await probe(url) == LoggedIn("a1b2c3d4")
    arg = {"apiKey": "K", "passphrase": "P", "timestamp": "1700000000", "sign": "SIGNATURE"}
    assert logins == [{"op": "login", "args": [arg]}]


async def test_a_login_that_is_refused() -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        await socket.receive_str()
        await socket.send_str('{"event":"error","msg":"API key doesn\'t exist","code":"60032","connId":"f9ab6f3c"}')
        await socket.receive()

    async with serving(talk) as url:
        assert await probe(url) == ErrorEvent("60032", "API key doesn't exist", "f9ab6f3c", "")


async def test_a_connection_that_closes_without_an_answer() -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        await socket.receive_str()
        await socket.close(code=4001)

    async with serving(talk) as url:
        with pytest.raises(TransportError, match="4001"):
            await probe(url)


async def test_silence_ends_in_time() -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        await socket.receive_str()
        await socket.receive()

    async with serving(talk) as url:
        with pytest.raises(TransportError, match="no answer in time"):
            await probe(url, timeout_ms=300)


async def test_no_server() -> None:
    with pytest.raises(TransportError):
        await probe("ws://127.0.0.1:1/ws/v5/private")
