"""Calls of the REST lane against a small server: each ends by one word, that says no more than is proven."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway._fast.control.rest import CallingRestSink
from gateway.connections.rest import RestClient
from gateway.connections.rest_orders import CALLS_MAX, RestOrders
from gateway.connections.tls import tls_context
from gateway.okx.endpoints import Endpoints
from gateway.okx.secret import Credentials, Secret

OK = b'{"code":"0","data":[{"clOrdId":"A","ordId":"7","sCode":"0","sMsg":"Order placed"}],"msg":""}'
ID = b"00000001000000ff"
BODY = b'{"instId":"BTC-USDT", "sz":"1"}'
NOW_NS = 1_700_000_000_000_000_000

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
pytestmark = pytest.mark.asyncio


class TradingState:
    """Stands where `RestControl` does, and keeps what it is told."""

    def __init__(self) -> None:
        self.rest: CallingRestSink | None = None
        self.cancels = False
        self.words: list[tuple[Any, ...]] = []

    def rest_opened(self, rest: CallingRestSink, cancels: bool) -> None:
        self.rest, self.cancels = rest, cancels

    def rest_closed(self) -> None:
        self.rest = None

    def answered(self, okx_id: bytes, frame: bytes, mono_ns: int, real_ns: int) -> None:
        self.words.append(("answered", okx_id, json.loads(frame)))

    def no_proof(self, okx_id: bytes, reason: str, mono_ns: int) -> None:
        self.words.append(("no_proof", okx_id, reason))

    def not_sent(self, okx_id: bytes, msg: bytes, mono_ns: int) -> None:
        self.words.append(("not_sent", okx_id, json.loads(b'"%s"' % msg)))


class Scene:
    def __init__(self, url: str, timeout_ms: int, tls: ssl.SSLContext | None = None) -> None:
        endpoints = Endpoints(url, "", "", "", False)
        credentials = Credentials(Secret("K"), Secret("S"), Secret("P"))
        self.rest = RestClient(
            endpoints,
            credentials,
            lambda secret, message: f"signed {len(message)}",
            timeout_ms=timeout_ms,
            tls=tls or tls_context(None),
            clock_ns=lambda: NOW_NS,
        )
        self.trading = TradingState()
        self.ended = 0
        api: Any = self.trading
        self.rest = RestOrders(self.rest, api, self._count, cancels=True)

    def _count(self) -> None:
        self.ended += 1

    def submit(self, okx_id: bytes = ID, op: str = "order", body: bytes = BODY, exp_time_ms: int = 0) -> None:
        self.rest._submit(okx_id, op, body, exp_time_ms)

    async def word(self) -> tuple[Any, ...]:
        """The one word that a call ended by."""
        while self.ended == 0:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0)
        (word,) = self.trading.words
        return word


@asynccontextmanager
async def serving(answer: Answer, *, timeout_ms: int = 5_000) -> AsyncIterator[Scene]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(application) as server:
        scene = Scene(f"http://127.0.0.1:{server.port}", timeout_ms)
        scene.rest.open()
        yield scene
        await scene.rest.close()


@pytest.mark.parametrize(
    ("op", "path"),
    [
        ("order", "order"),
        ("batch-orders", "batch-orders"),
        ("cancel-order", "cancel-order"),
        ("batch-cancel-orders", "cancel-batch-orders"),
        ("amend-order", "amend-order"),
        ("batch-amend-orders", "amend-batch-orders"),
        ("mass-cancel", "mass-cancel"),
    ],
)
async def test_path_body_and_headers(op: str, path: str) -> None:
    """OKX docs, Trade, the POST pages; REST authentication: timestamp + method + path + body is signed."""
    asked: list[tuple[str, str, bytes, dict[str, str]]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((request.method, request.raw_path, await request.read(), dict(request.headers)))
        return web.Response(body=OK, content_type="application/json")

    async with serving(answer) as scene:
        scene.submit(op=op, exp_time_ms=1_700_000_005_000)
        word = await scene.word()
    ((method, target, body, headers),) = asked
    assert (method, target, body) == ("POST", f"/api/v5/trade/{path}", BODY)
    assert headers["Content-Type"] == "application/json" and headers["expTime"] == "1700000005000"
    assert headers["OK-ACCESS-TIMESTAMP"] == "2023-11-14T22:13:20.000Z"
    assert headers["OK-ACCESS-SIGN"] == f"signed {24 + 4 + len(target) + len(BODY)}"
    assert word == ("answered", ID, {"id": ID.decode(), "op": op, **json.loads(OK)})


async def test_a_cancel_bears_no_exp_time() -> None:
    seen: list[bool] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append("expTime" in request.headers)
        return web.Response(body=OK)

    async with serving(answer) as scene:
        scene.submit(op="cancel-order")
        await scene.word()
    assert seen == [False]


async def test_no_proof_and_no_second_attempt() -> None:
    """One that is cut off, one that is never answered in time, one that a proxy answers: asked once each."""
    counts: dict[str, int] = {}

    async def answer(request: web.Request) -> web.StreamResponse:
        counts[request.path] = counts.get(request.path, 0) + 1
        assert request.transport is not None
        if request.path.endswith("/order"):
            request.transport.abort()
        elif request.path.endswith("/cancel-order"):
            await asyncio.sleep(30)
        elif request.path.endswith("/amend-order"):
            return web.Response(status=307, headers={"Location": "/elsewhere"})
        elif request.path.endswith("/batch-orders"):
            response = web.StreamResponse()
            response.content_length = len(OK)
            await response.prepare(request)
            await response.write(OK[:20])
            request.transport.abort()
            return response
        return web.Response(status=502, body=b"<html>")

    ops = ("order", "cancel-order", "amend-order", "batch-orders", "mass-cancel")
    async with serving(answer, timeout_ms=500) as scene:
        for number, op in enumerate(ops):
            scene.submit(b"%016x" % number, op)
        while scene.ended < len(ops):
            await asyncio.sleep(0.01)
        words = {int(okx_id, 16): (word, reason) for word, okx_id, reason in scene.trading.words}
    assert words == {
        0: ("no_proof", "connection_lost"),
        1: ("no_proof", "ack_timeout"),
        2: ("no_proof", "okx_unknown"),
        3: ("no_proof", "connection_lost"),
        4: ("no_proof", "okx_unknown"),
    }
    assert set(counts.values()) == {1} and len(counts) == len(ops)


async def test_a_kept_connection_that_is_cut_off_proves_nothing() -> None:
    """The second call goes by the connection of the first, so that bytes of it may have arrived."""
    count = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal count
        count += 1
        if count == 2:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(body=OK)

    async with serving(answer) as scene:
        scene.submit(b"%016x" % 1)
        await scene.word()
        scene.submit(b"%016x" % 2)
        while scene.ended < 2:
            await asyncio.sleep(0.001)
        assert scene.trading.words[1][:1] + scene.trading.words[1][2:] == ("no_proof", "connection_lost")
    assert count == 2


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.mark.parametrize("url", ["http://127.0.0.1:{closed}", "http://nowhere.invalid", "https://127.0.0.1:{port}"])
async def test_without_a_connection_nothing_was_sent(url: str) -> None:
    """Refused, no such host, and TLS with a server that speaks none."""

    async def answer(request: web.Request) -> web.Response:
        raise AssertionError

    async with TestServer(web.Application()) as server:
        scene = Scene(url.format(port=server.port, closed=closed_port()), 5_000)
        scene.rest.open()
        scene.submit()
        word, okx_id, msg = await scene.word()
        await scene.rest.close()
    assert (word, okx_id) == ("not_sent", ID) and "nothing was sent" in msg


async def test_a_handshake_that_never_ends_sends_nothing() -> None:
    """TCP is accepted, and then silence: the time limit of the call ends it before the request has left."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        scene = Scene(f"https://127.0.0.1:{silent.getsockname()[1]}", 300)
        scene.rest.open()
        scene.submit()
        assert (await scene.word())[0] == "not_sent"
        await scene.rest.close()


async def test_room_for_so_many_calls() -> None:
    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response(body=OK)

    async with serving(answer) as scene:
        for number in range(CALLS_MAX):
            assert scene.rest._has_room()
            scene.submit(b"%016x" % number)
        assert not scene.rest._has_room()
        await scene.rest.close()
        assert len(scene.trading.words) == CALLS_MAX == scene.ended, "also of those that had not begun"
        assert scene.trading.rest is None
        assert not scene.rest._has_room()
