"""The acker speaks WebSocket (RFC 6455) and OKX's private protocol (OKX docs, WebSocket / Order Book Trading)."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from benchmarks.exchange.running import acker, filling_acker_options

CONN_ID = "a1b2c3d4"
ROW = '{"instIdCode":10459,"tdMode":"cross","clOrdId":"%s","side":"buy","ordType":"limit","px":"20000.1","sz":"2"}'
ORDERS_ARG = {"channel": "orders", "instType": "ANY"}
SUBSCRIBE_ORDERS = json.dumps({"id": "s1", "op": "subscribe", "args": [ORDERS_ARG]})

StrategyProtocol = Callable[[aiohttp.ClientWebSocketResponse], Awaitable[None]]


def converse(conversation: StrategyProtocol, *options: str) -> None:
    """Runs it over one connection to an acker with these options."""

    async def run(url: str) -> None:
        async with (
            asyncio.timeout(10),
            aiohttp.ClientSession() as http,
            http.ws_connect(url, autoping=False) as websocket,
        ):
            await conversation(websocket)

    with acker(*options) as base:
        asyncio.run(run(f"{base}/private"))


def order(request_id: str, *cl_ord_ids: str, op: str = "order") -> str:
    rows = ",".join(ROW % cl_ord_id for cl_ord_id in cl_ord_ids)
    return f'{{"id":"{request_id}","op":"{op}","expTime":"1700000005000","args":[{rows}]}}'


def test_login_ping_and_subscriptions() -> None:
    async def conversation(websocket: aiohttp.ClientWebSocketResponse) -> None:
        await websocket.send_str("ping")
        assert await websocket.receive_str() == "pong"
        login = {"apiKey": "k", "passphrase": "p", "timestamp": "1", "sign": "x"}
        await websocket.send_json({"op": "login", "args": [login]})
        assert await websocket.receive_json() == {"event": "login", "code": "0", "msg": "", "connId": CONN_ID}
        account_arg = {"channel": "account", "extraParams": '{"updateInterval":"0"}'}
        await websocket.send_json({"id": "s1", "op": "subscribe", "args": [ORDERS_ARG, account_arg]})
        for arg in (ORDERS_ARG, account_arg):
            assert await websocket.receive_json() == {"id": "s1", "event": "subscribe", "arg": arg, "connId": CONN_ID}
        await websocket.send_json({"op": "unsubscribe", "args": [account_arg]})
        assert await websocket.receive_json() == {"event": "unsubscribe", "arg": account_arg, "connId": CONN_ID}

    converse(conversation)


def test_an_order_gets_the_ack_of_2026() -> None:
    async def conversation(websocket: aiohttp.ClientWebSocketResponse) -> None:
        await websocket.send_str(order("gw1", "gwA1"))
        text = await websocket.receive_str()
        ack = json.loads(text)
        assert list(ack) == ["id", "op", "code", "msg", "data", "inTime", "outTime"]
        assert (ack["id"], ack["op"], ack["code"], ack["msg"]) == ("gw1", "order", "0", "")
        assert int(ack["inTime"]) <= int(ack["outTime"])
        assert len(ack["inTime"]) == 16  # microseconds
        (row,) = ack["data"]
        assert list(row) == ["tag", "ts", "ordId", "clOrdId", "sCode", "sMsg", "subCode"]
        assert row["ts"] == ack["inTime"][:-3]
        assert {name: row[name] for name in ("tag", "clOrdId", "sCode", "subCode")} == {
            "tag": "",
            "clOrdId": "gwA1",
            "sCode": "0",
            "subCode": "",
        }

    converse(conversation)


def test_each_row_of_a_batch_gets_its_own_ord_id() -> None:
    async def conversation(websocket: aiohttp.ClientWebSocketResponse) -> None:
        cl_ord_ids = [f"gwB{number}" for number in range(20)]
        await websocket.send_str(order("gw2", *cl_ord_ids, op="batch-orders"))
        ack = await websocket.receive_json()
        assert [row["clOrdId"] for row in ack["data"]] == cl_ord_ids
        first = int(ack["data"][0]["ordId"])
        assert [int(row["ordId"]) for row in ack["data"]] == list(range(first, first + 20))
        await websocket.send_str(order("gw3", "gwC1"))
        assert int((await websocket.receive_json())["data"][0]["ordId"]) == first + 20

    converse(conversation)


@pytest.mark.parametrize(
    ("op", "row", "expected"),
    [
        ("cancel-order", {"instIdCode": 1, "ordId": "77"}, {"ordId": "77", "clOrdId": "", "sCode": "0", "sMsg": ""}),
        (
            "batch-cancel-orders",
            {"instIdCode": 1, "clOrdId": "c"},
            {"ordId": "", "clOrdId": "c", "sCode": "0", "sMsg": ""},
        ),
        (
            "amend-order",
            {"instIdCode": 1, "clOrdId": "c", "reqId": "r1", "newPx": "3"},
            {"ordId": "", "clOrdId": "c", "sCode": "0", "sMsg": "", "reqId": "r1", "subCode": ""},
        ),
        (
            "batch-amend-orders",
            {"instIdCode": 1, "ordId": "77", "newSz": "3"},
            {"ordId": "77", "clOrdId": "", "sCode": "0", "sMsg": "", "reqId": "", "subCode": ""},
        ),
    ],
)
def test_cancels_and_amends_echo_what_they_name(op: str, row: dict[str, Any], expected: dict[str, str]) -> None:
    async def conversation(websocket: aiohttp.ClientWebSocketResponse) -> None:
        await websocket.send_json({"id": "gw4", "op": op, "args": [row]})
        ack = await websocket.receive_json()
        assert (ack["id"], ack["op"], ack["code"]) == ("gw4", op, "0")
        (item,) = ack["data"]
        assert item.pop("ts") == ack["inTime"][:-3]
        assert item == expected

    converse(conversation)


def test_mass_cancel_has_no_times() -> None:
    async def conversation(websocket: aiohttp.ClientWebSocketResponse) -> None:
        args = [{"instType": "OPTION", "instFamily": "BTC-USD"}]
        await websocket.send_json({"id": "g7", "op": "mass-cancel", "args": args})
        expected = {"id": "g7", "op": "mass-cancel", "code": "0", "msg": "", "data": [{"result": True}]}
        assert await websocket.receive_json() == expected

    converse(conversation)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("not json", "60012"),
        ('{"op":"order"}', "60012"),
        ('{"op":"order","args":[{"px":"1}', "60012"),
        ('{"op":"dance","args":[]}', "60019"),
    ],
)
def test_what_it_does_not_understand_is_an_error_event(message: str, code: str) -> None:
    async def conversation(websocket: aiohttp.ClientWebSocketResponse) -> None:
        await websocket.send_str(message)
        answer = await websocket.receive_json()
        assert (answer["event"], answer["code"], answer["connId"]) == ("error", code, CONN_ID)
        await websocket.send_str("ping")
        assert await websocket.receive_str() == "pong"

    converse(conversation)


def test_control_frames() -> None:
    async def conversation(websocket: aiohttp.ClientWebSocketResponse) -> None:
        await websocket.ping(b"echo me")
        answer = await websocket.receive()
        assert (answer.type, answer.data) == (aiohttp.WSMsgType.PONG, b"echo me")
        await websocket.close(code=1000)
        assert websocket.close_code == 1000

    converse(conversation)


def test_values_are_echoed_byte_for_byte() -> None:
    async def conversation(websocket: aiohttp.ClientWebSocketResponse) -> None:
        odd = r"}]{[,:\"\\\u00e9"
        await websocket.send_str(
            '{ "args" : [ {"note":{"deep":["}"]},\n"clOrdId": "' + odd + '"} ],"op":"order" , "id":"x1"}'
        )
        assert f'"clOrdId":"{odd}"' in await websocket.receive_str()

    converse(conversation)


@pytest.mark.parametrize("length", [125, 126, 65_535, 65_536, 100_000])
def test_frames_of_every_length_form(length: int) -> None:
    async def conversation(websocket: aiohttp.ClientWebSocketResponse) -> None:
        frame = '{"id":"x","op":"subscribe","args":[{"channel":"account","extraParams":""}]}'
        arg = {"channel": "account", "extraParams": "e" * (length - len(frame))}
        await websocket.send_str(json.dumps({"id": "x", "op": "subscribe", "args": [arg]}, separators=(",", ":")))
        assert (await websocket.receive_json())["arg"] == arg

    converse(conversation)


# RFC 6455, section 1.3: the key and its accept value; section 5.2: a masked frame, here of "ping" with mask 1 2 3 4.
UPGRADE = (
    b"GET /ws/v5/private HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"sec-websocket-key:  dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MASKED_PING_TEXT = bytes.fromhex("818401020304") + bytes([0x70 ^ 1, 0x69 ^ 2, 0x6E ^ 3, 0x67 ^ 4])


def connected(base: str) -> socket.socket:
    parts = urlsplit(base)
    assert parts.hostname is not None
    connection = socket.create_connection((parts.hostname, parts.port or 0), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def received(connection: socket.socket, length: int) -> bytes:
    content = b""
    while len(content) < length and (chunk := connection.recv(length - len(content))):
        content += chunk
    return content


def test_bytes_may_come_one_by_one() -> None:
    with acker() as base, connected(base) as connection:
        for byte in UPGRADE:
            connection.send(bytes([byte]))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(1)
        assert head.startswith(b"HTTP/1.1 101 ")
        assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in head
        for byte in MASKED_PING_TEXT * 2:
            connection.send(bytes([byte]))
        assert received(connection, 12) == bytes.fromhex("8104") + b"pong" + bytes.fromhex("8104") + b"pong"


def test_upgrade_and_frames_may_come_in_one_piece() -> None:
    with acker() as base, connected(base) as connection:
        connection.sendall(UPGRADE + MASKED_PING_TEXT * 3)
        content = received(connection, 129 + 3 * 6)
        assert content.endswith((bytes.fromhex("8104") + b"pong") * 3)


@pytest.mark.parametrize("broken", [bytes.fromhex("810470696e67"), bytes.fromhex("c18400000000") + b"ping"])
def test_an_unmasked_frame_or_a_reserved_bit_ends_the_connection(broken: bytes) -> None:
    with acker() as base, connected(base) as connection:
        connection.sendall(UPGRADE + broken)
        head = b""
        while chunk := connection.recv(4096):
            head += chunk
        assert head.endswith(b"\r\n\r\n")


async def pushes_of(websocket: aiohttp.ClientWebSocketResponse, count: int) -> list[dict[str, Any]]:
    return [await websocket.receive_json() for _ in range(count)]


def test_pushes_follow_the_ack_at_once() -> None:
    async def conversation(websocket: aiohttp.ClientWebSocketResponse) -> None:
        await websocket.send_str(SUBSCRIBE_ORDERS)
        await websocket.receive_json()
        await websocket.send_str(order("gw1", "gwA1"))
        ack, live, filled = await pushes_of(websocket, 3)
        assert live["arg"] == filled["arg"] == {**ORDERS_ARG, "uid": "1000000000000001"}
        (live_row,), (filled_row,) = live["data"], filled["data"]
        placed = {"instType": "SWAP", "instId": "BTC-USDT-SWAP", "clOrdId": "gwA1", "ordId": ack["data"][0]["ordId"]}
        placed |= {"px": "20000.1", "sz": "2", "side": "buy", "ordType": "limit", "tdMode": "cross"}
        assert placed.items() <= live_row.items()
        assert placed.items() <= filled_row.items()
        nothing = {
            "state": "live",
            "accFillSz": "0",
            "fillSz": "0",
            "tradeId": "",
            "fillPx": "",
            "fillTime": "",
            "avgPx": "0",
        }
        assert nothing.items() <= live_row.items()
        everything = {
            "state": "filled",
            "accFillSz": "2",
            "fillSz": "2",
            "tradeId": "1",
            "fillPx": "20000.1",
            "execType": "M",
        }
        assert everything.items() <= filled_row.items()
        assert live_row.keys() == filled_row.keys()

    converse(conversation, "--push", "live", "--push", "filled", "--instrument", "10459:BTC-USDT-SWAP:SWAP")


def test_settled_pushes_come_after_the_burst() -> None:
    async def conversation(websocket: aiohttp.ClientWebSocketResponse) -> None:
        await websocket.send_str(SUBSCRIBE_ORDERS)
        await websocket.receive_json()
        for number in range(50):
            await websocket.send_str(order(f"gw{number}", f"gwA{number}"))
        acks = await pushes_of(websocket, 50)
        assert all(ack["op"] == "order" for ack in acks)
        fills = await pushes_of(websocket, 50)
        assert [fill["data"][0]["ordId"] for fill in fills] == [ack["data"][0]["ordId"] for ack in acks]
        assert [fill["data"][0]["tradeId"] for fill in fills] == [str(number) for number in range(1, 51)]

    converse(conversation, *filling_acker_options())


def test_no_push_without_subscription_nor_for_an_unnamed_instrument() -> None:
    async def conversation(websocket: aiohttp.ClientWebSocketResponse) -> None:
        await websocket.send_str(order("gw1", "gwA1"))
        assert (await websocket.receive_json())["id"] == "gw1"
        await websocket.send_str(SUBSCRIBE_ORDERS)
        await websocket.receive_json()
        await websocket.send_str(order("gw2", "gwA2").replace("10459", "10460"))
        assert (await websocket.receive_json())["id"] == "gw2"
        await websocket.send_str("ping")
        assert await websocket.receive_str() == "pong"

    converse(conversation, "--push", "filled", "--instrument", "10459:BTC-USDT-SWAP:SWAP")


class Collector(WSListener):
    def __init__(self) -> None:
        self.ack: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        transport.send(WSMsgType.TEXT, order("p1", "gwP1").encode())

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self.ack.set_result(frame.get_payload_as_utf8_text())


def test_picows_understands_it_too() -> None:
    async def run(url: str) -> None:
        transport, listener = await ws_connect(Collector, url)
        assert isinstance(listener, Collector)
        ack = json.loads(await asyncio.wait_for(listener.ack, 10))
        assert (ack["id"], ack["data"][0]["clOrdId"]) == ("p1", "gwP1")
        transport.disconnect()

    with acker("--spin") as base:
        asyncio.run(run(f"{base}/private"))


@pytest.mark.parametrize("options", [("--push", "half"), ("--instrument", "10459"), ("--no-such-option",)])
def test_a_wrong_option_is_refused(options: tuple[str, ...]) -> None:
    with pytest.raises(RuntimeError, match="did not start"), acker(*options):
        pass
