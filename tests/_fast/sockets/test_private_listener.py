"""The private stream's listener against a picows server: what OKX sends goes where it belongs, and orders go out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import picows
import pytest
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect, ws_create_server

from gateway._fast.sockets.private_listener import BUILT_FOR_PICOWS, PrivateListener

FRAGMENTED_MAX = 4 << 20
pytestmark = pytest.mark.asyncio


class Owner:
    """Records what a stream would be told."""

    def __init__(self) -> None:
        self.socket: Any = None
        self.calls: list[tuple[Any, ...]] = []

    def on_connected(self, listener: PrivateListener, transport: WSTransport, socket: Any) -> None:
        self.socket = socket

    def on_cold_frame(self, listener: PrivateListener, frame: bytes) -> None:
        self.calls.append(("cold", frame))

    def on_pong(self, listener: PrivateListener) -> None:
        self.calls.append(("pong",))

    def on_close_frame(self, listener: PrivateListener, code: int, reason: str | None) -> None:
        self.calls.append(("close", code, reason))

    def on_closed(self, listener: PrivateListener) -> None:
        self.calls.append(("closed",))


class Okx(WSListener):
    """OKX's end of the connection."""

    def __init__(self) -> None:
        super().__init__()
        self.transport: Any = None
        self.received: list[bytes] = []
        self.close_code: int | None = None
        self.is_gone = False

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            self.close_code = int(frame.get_close_code().value)
        else:
            self.received.append(frame.get_payload_as_bytes())

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.is_gone = True

    def send(self, *parts: bytes) -> None:
        """A text message, in as many frames as there are parts."""
        for number, part in enumerate(parts):
            kind = WSMsgType.TEXT if number == 0 else WSMsgType.CONTINUATION
            self.transport.send(kind, part, fin=number == len(parts) - 1)


class Scene:
    """One connection: the rig's pipeline and an owner on our side, `okx` on the other."""

    def __init__(self, rig: Any) -> None:
        self.rig, self.owner, self.okx = rig, Owner(), Okx()
        self.listener: Any = None

    async def until(self, wanted: Callable[[], Any]) -> None:
        async with asyncio.timeout(10):
            while not wanted():
                await asyncio.sleep(0)

    async def in_order(self) -> None:
        """All that OKX has sent so far has been read."""
        mark = b'{"event":"mark"}'
        self.okx.send(mark)
        await self.until(lambda: ("cold", mark) in self.owner.calls)
        self.owner.calls.remove(("cold", mark))


@pytest.fixture
def connected(rig: Any) -> Callable[[], Any]:
    @asynccontextmanager
    async def connected() -> AsyncIterator[Scene]:
        scene = Scene(rig)
        server = await ws_create_server(lambda _: scene.okx, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        transport, scene.listener = await ws_connect(
            lambda: PrivateListener(rig.pipeline, scene.owner), f"ws://127.0.0.1:{port}/ws/v5/private"
        )
        await scene.until(lambda: scene.okx.transport)
        rig.api.connection_opened(scene.owner.socket)
        yield scene
        transport.disconnect(graceful=False)
        await scene.until(lambda: scene.okx.is_gone)
        server.close()

    return connected


Connected = Callable[[], Any]


async def test_the_installed_picows_is_the_one_that_the_layout_is_of() -> None:
    assert BUILT_FOR_PICOWS == picows.__version__ == "2.3.1"


# ---------------------------------------------------------------- in


async def test_a_push_goes_to_the_pipeline(connected: Connected, wire: Any) -> None:
    async with connected() as scene:
        row = wire.order_row(ordId="801", clOrdId="A")
        scene.okx.send(orjson.dumps(wire.orders_push(row)))
        await scene.until(lambda: scene.rig.events)
        (topic, body) = scene.rig.events[0]
        assert (topic, body["ordId"]) == ("account.order", "801")
        assert scene.owner.calls == []


async def test_an_event_frame_goes_to_the_owner_byte_for_byte(connected: Connected) -> None:
    """OKX docs, WebSocket / Login."""
    frame = b'{"event":"login", "code":"0","msg":"","connId":"a1b2c3d4"}'
    async with connected() as scene:
        scene.okx.send(frame)
        await scene.until(lambda: scene.owner.calls)
        assert scene.owner.calls == [("cold", frame)]


async def test_a_pong_is_told(connected: Connected) -> None:
    async with connected() as scene:
        scene.okx.send(b"pong")
        await scene.until(lambda: scene.owner.calls)
        assert scene.owner.calls == [("pong",)]


async def test_a_ping_of_okx_is_answered(connected: Connected) -> None:
    async with connected() as scene:
        scene.okx.send(b"ping")
        await scene.until(lambda: scene.okx.received)
        assert scene.okx.received == [b"pong"]
        assert scene.owner.calls == []


async def test_every_frame_shows_that_the_connection_lives(connected: Connected) -> None:
    async with connected() as scene:
        before = scene.listener.last_frame_ns
        scene.okx.send(b"pong")
        await scene.until(lambda: scene.owner.calls)
        assert scene.listener.last_frame_ns > before


@pytest.mark.parametrize("cuts", [(1,), (5, 6), (0, 0, 30), (20, 20)])
async def test_a_message_in_fragments_is_put_together(connected: Connected, cuts: tuple[int, ...]) -> None:
    frame = b'{"event":"error","code":"60012","msg":"Invalid request","connId":"a4d3ae55"}'
    ends = (*cuts, len(frame))
    parts = [frame[start:end] for start, end in zip((0, *cuts), ends, strict=True)]
    async with connected() as scene:
        scene.okx.send(*parts)
        await scene.until(lambda: scene.owner.calls)
        assert scene.owner.calls == [("cold", frame)]


async def test_a_push_in_fragments_is_a_push(connected: Connected, wire: Any) -> None:
    push = orjson.dumps(wire.orders_push(wire.order_row(ordId="801")))
    async with connected() as scene:
        scene.okx.send(push[:100], push[100:200], push[200:])
        await scene.until(lambda: scene.rig.events)
        assert scene.rig.events[0][1]["ordId"] == "801"


async def test_a_message_that_never_ended_is_forgotten_at_the_next(connected: Connected) -> None:
    async with connected() as scene:
        scene.okx.transport.send(WSMsgType.TEXT, b'{"event":"un', fin=False)
        await scene.in_order()
        scene.okx.send(b'{"event":', b'"whole"}')
        await scene.until(lambda: scene.owner.calls)
        assert scene.owner.calls == [("cold", b'{"event":"whole"}')]


async def test_a_message_in_fragments_has_at_most_4_mib(connected: Connected) -> None:
    async with connected() as scene:
        scene.okx.send(*[b"x" * (1 << 20)] * 4, b"x")
        await scene.until(lambda: scene.owner.calls)
        assert scene.owner.calls == [("closed",)]


async def test_a_binary_frame_is_passed_over(connected: Connected) -> None:
    async with connected() as scene:
        scene.okx.transport.send(WSMsgType.BINARY, b'{"event":"login"}')
        await scene.in_order()
        assert scene.owner.calls == []


@pytest.mark.parametrize("text", [b"", b"{", b"null", b"\xff\xfe", b'{"event":', b"0" * 10_000])
async def test_text_that_is_no_frame_of_okx_closes_nothing(connected: Connected, text: bytes) -> None:
    async with connected() as scene:
        scene.okx.send(text)
        await scene.in_order()
        assert ("closed",) not in scene.owner.calls


# ---------------------------------------------------------------- out


async def test_an_order_goes_out_as_one_text_message(connected: Connected) -> None:
    async with connected() as scene:
        scene.rig.send(scene.rig.order("o1", clOrdId="A"))
        await scene.until(lambda: scene.okx.received)
        (message,) = map(orjson.loads, scene.okx.received)
        assert (message["op"], message["args"][0]["clOrdId"]) == ("order", "A")
        assert scene.rig.sink.sent == [], "the connection that was opened last is used"


@pytest.mark.parametrize("rows", [1, 20])
async def test_the_journal_keeps_the_frame_as_it_was_before_masking(connected: Connected, rows: int) -> None:
    """picows masks it in place (RFC 6455, 5.3), with a length of 7 or 16 bits."""
    async with connected() as scene:
        scene.rig.send(scene.rig.batch("o1", *(f"c{number}" for number in range(rows))))
        await scene.until(lambda: scene.okx.received)
        assert [text for kind, text in scene.rig.journal.records if kind == "intent"] == scene.okx.received


async def test_while_the_socket_is_full_orders_are_refused(connected: Connected) -> None:
    async with connected() as scene:
        scene.listener.pause_writing()
        scene.rig.send(scene.rig.order("o1"))
        assert scene.rig.row("o1")["result"] == "rejected"
        scene.listener.resume_writing()
        scene.rig.send(scene.rig.order("o2", clOrdId="B"))
        await scene.until(lambda: scene.okx.received)
        (message,) = map(orjson.loads, scene.okx.received)
        assert message["args"][0]["clOrdId"] == "B"


@pytest.mark.parametrize("how", ["close", "lose"])
async def test_on_a_connection_that_ends_nothing_is_sent(connected: Connected, how: str) -> None:
    """picows drops silently on a closed transport: the pipeline must learn that not a byte has left."""
    async with connected() as scene:
        if how == "close":
            scene.okx.transport.send_close(WSCloseCode.OK)
        else:
            scene.okx.transport.disconnect(graceful=False)
        await scene.until(lambda: ("closed",) in scene.owner.calls)
        scene.rig.send(scene.rig.order("o1"))
        assert scene.rig.row("o1")["result"] == "rejected"
        assert scene.okx.received == []


# ---------------------------------------------------------------- the end


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (4004, "No data received in 30s."), (4001, "Login failed.")])
async def test_a_close_frame_is_told_with_its_code_answered_and_then_the_end(
    connected: Connected, code: int, reason: str
) -> None:
    """OKX docs, Error Code / WebSocket, Close Frame."""
    async with connected() as scene:
        scene.okx.transport.send_close(code, reason.encode())
        await scene.until(lambda: ("closed",) in scene.owner.calls)
        first, second = scene.owner.calls
        assert (first[:2], first[2] or "", second) == (("close", code), reason, ("closed",))
        await scene.until(lambda: scene.okx.is_gone)
        assert scene.okx.close_code == code


async def test_a_lost_connection_ends_without_a_code(connected: Connected) -> None:
    async with connected() as scene:
        scene.okx.transport.disconnect(graceful=False)
        await scene.until(lambda: scene.owner.calls)
        assert scene.owner.calls == [("closed",)]
