"""The REST client against a small server that answers what each test wants, and keeps what it was asked."""

import asyncio
import base64
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.connections.rest import RestClient
from gateway.connections.tls import tls_context
from gateway.errors import RemoteProtocolError, TransportError, VenueError
from gateway.okx.endpoints import Endpoints
from gateway.okx.secret import Credentials, Secret

SECRET = "22582BD0CFF14C41EDBF1AB98506286D"
CREDENTIALS = Credentials(Secret("K"), Secret(SECRET), Secret("P"))
NOW_NS = 1_700_000_000_000_000_000

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
pytestmark = pytest.mark.asyncio


def openssl_sign(secret: bytes, message: bytes) -> str:
    command = ["openssl", "dgst", "-sha256", "-hmac", secret.decode(), "-binary"]
    return base64.b64encode(subprocess.run(command, input=message, capture_output=True, check=True).stdout).decode()


@asynccontextmanager
async def serving(answer: Answer, *, timeout_ms: int = 5_000, demo: bool = False) -> AsyncIterator[RestClient]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(application) as server:
        endpoints = Endpoints(f"http://127.0.0.1:{server.port}", "", "", "", demo)
        clock = lambda: NOW_NS  # noqa: E731
        client = RestClient(
            endpoints, CREDENTIALS, openssl_sign, timeout_ms=timeout_ms, tls=tls_context(None), clock_ns=clock
        )
        async with client:
            yield client


def rows(*data: Any) -> web.Response:
    return web.json_response({"code": "0", "msg": "", "data": list(data)})


async def test_what_is_signed_is_what_is_sent() -> None:
    asked: list[tuple[str, dict[str, str]]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((request.raw_path, dict(request.headers)))
        return rows({"instId": "BTC-USDT"})

    async with serving(answer) as client:
        await client.instruments("SPOT")
    path, headers = asked[0]
    assert path == "/api/v5/account/instruments?instType=SPOT"
    # printf '2023-11-14T22:13:20.000ZGET/api/v5/account/instruments?instType=SPOT' | openssl dgst -sha256 -hmac ...
    signed = openssl_sign(SECRET.encode(), f"2023-11-14T22:13:20.000ZGET{path}".encode())
    assert headers["OK-ACCESS-SIGN"] == signed
    assert headers["OK-ACCESS-KEY"] == "K"
    assert "x-simulated-trading" not in headers


async def test_demo_trading_sends_its_header() -> None:
    seen: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers.get("x-simulated-trading"))
        return rows()

    async with serving(answer, demo=True) as client:
        await client.account_positions()
        await client.account_positions()
    assert seen == ["1", "1"]


async def test_the_connection_is_kept() -> None:
    peers = set()

    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return rows()

    async with serving(answer) as client:
        for _ in range(5):
            await client.account_positions()
    assert len(peers) == 1


async def test_the_clock_offset_takes_the_sample_with_the_shortest_round_trip() -> None:
    count = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal count
        count += 1
        return rows({"ts": str(NOW_NS // 1_000_000 + 45_000)})

    async with serving(answer) as client:
        offset_ns = await client.time_offset_ns(samples=3)
        assert count == 3
        # 45 s ahead, within the round trip of a local server
        assert abs(offset_ns - 45_000_000_000) < 1_000_000_000
        assert client.venue_now_ns() == NOW_NS + offset_ns


async def test_after_the_measurement_requests_are_signed_on_okx_time() -> None:
    stamps: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("/time"):
            return rows({"ts": "1700003600000"})
        stamps.append(request.headers["OK-ACCESS-TIMESTAMP"])
        return rows()

    async with serving(answer) as client:
        await client.time_offset_ns(samples=1)
        await client.account_positions()
    assert stamps[0].startswith("2023-11-14T23:13:")


async def test_one_sample_is_enough_for_the_clock_but_none_is_an_error() -> None:
    answers = [rows({"ts": str(NOW_NS // 1_000_000)}), web.json_response({"code": "50011", "msg": "x"}, status=429)]

    async def answer(request: web.Request) -> web.Response:
        return answers.pop(0) if answers else web.json_response({"code": "50011", "msg": "x"}, status=429)

    async with serving(answer) as client:
        assert abs(await client.time_offset_ns()) < 1_000_000_000
        assert answers == []
        with pytest.raises(VenueError, match="50011"):
            await client.time_offset_ns()


@pytest.mark.parametrize("row", [{}, {"ts": ""}, {"ts": 5}, {"ts": "soon"}])
async def test_a_time_that_is_none(row: dict[str, Any]) -> None:
    async def answer(request: web.Request) -> web.Response:
        return rows(row)

    async with serving(answer) as client:
        with pytest.raises(RemoteProtocolError, match="public/time"):
            await client.time_offset_ns()


async def test_pending_orders_come_from_all_pages() -> None:
    ord_ids = [str(number) for number in range(1_000, 750, -1)]
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        after = request.query.get("after", "")
        asked.append(after)
        older = [ord_id for ord_id in ord_ids if not after or int(ord_id) < int(after)]
        return rows(*({"ordId": ord_id} for ord_id in older[:100]))

    async with serving(answer) as client:
        found = await client.orders_pending()
    assert [row["ordId"] for row in found] == ord_ids
    assert asked == ["", "901", "801"]


async def test_fills_are_paged_by_bill_id() -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.query_string)
        return rows(*({"billId": str(500 - number)} for number in range(100 if len(asked) == 1 else 1)))

    async with serving(answer) as client:
        assert len(await client.fills("SWAP", begin_ms=1_700_000_000_000)) == 101
    assert asked[0] == "instType=SWAP&begin=1700000000000&limit=100"
    assert asked[1] == "instType=SWAP&after=401&begin=1700000000000&limit=100"


async def test_pages_that_do_not_advance_end_with_an_error() -> None:
    async def answer(request: web.Request) -> web.Response:
        return rows(*({"ordId": "7"} for _ in range(100)))

    async with serving(answer) as client:
        with pytest.raises(RemoteProtocolError, match="new ordId"):
            await client.orders_history("SPOT")


async def test_an_order_that_okx_does_not_know_is_none() -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.query.get("clOrdId") == "known":
            return rows({"clOrdId": "known", "state": "live"})
        return web.json_response({"code": "51603", "data": [], "msg": "Order does not exist."})

    async with serving(answer) as client:
        assert await client.order("BTC-USDT", cl_ord_id="unknown") is None
        assert await client.order("BTC-USDT", cl_ord_id="known") == {"clOrdId": "known", "state": "live"}


async def test_account_config_and_rate_limit_are_parsed() -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("account-rate-limit"):
            return rows({"accRateLimit": "1000", "nextAccRateLimit": "", "fillRatio": "", "mainFillRatio": ""})
        return rows({"uid": "1", "acctLv": "2", "posMode": "net_mode", "perm": "read_only,trade"})

    async with serving(answer) as client:
        assert (await client.account_config()).acct_lv == "2"
        assert (await client.account_rate_limit()).acc_rate_limit == 1000


async def test_operations_send_their_body_and_give_their_rows() -> None:
    bodies: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        bodies.append(await request.text())
        if request.path.endswith("cancel-all-after"):
            return rows({"triggerTime": "1700000060", "tag": "", "ts": "1700000000"})
        data = [{"ordId": "1", "sCode": "51400", "sMsg": "x"}]
        return web.json_response({"code": "1", "msg": "All operations failed", "data": data})

    async with serving(answer) as client:
        assert (await client.cancel_all_after(60))["triggerTime"] == "1700000060"
        found = await client.cancel_batch_orders([{"instId": "BTC-USDT", "ordId": "1"}])
    assert [row["sCode"] for row in found] == ["51400"]
    assert bodies == ['{"timeOut":"60"}', '[{"instId":"BTC-USDT","ordId":"1"}]']


async def test_a_refusal_is_a_venue_error_and_shows_no_secret() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"msg": "Invalid Sign", "code": "50113"}, status=401)

    async with serving(answer) as client:
        with pytest.raises(VenueError) as caught:
            await client.account_positions()
    assert (caught.value.code, caught.value.http_status) == ("50113", 401)
    assert SECRET not in str(caught.value)


async def test_a_silent_server_is_a_transport_error() -> None:
    release = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        await release.wait()
        return rows()

    async with serving(answer, timeout_ms=50) as client:
        with pytest.raises(TransportError, match="REST GET /api/v5/account/positions"):
            await client.account_positions()
        release.set()


async def test_a_broken_answer_is_a_transport_error() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"code":"0","data":[')
        assert request.transport is not None
        request.transport.abort()
        return response

    async with serving(answer) as client:
        with pytest.raises(TransportError):
            await client.account_positions()


async def test_a_redirect_is_not_followed_with_our_headers() -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPFound("/elsewhere")

    async with serving(answer) as client:
        with pytest.raises(TransportError, match="302"):
            await client.account_positions()
    assert asked == ["/api/v5/account/positions"]


async def test_no_server_is_a_transport_error() -> None:
    endpoints = Endpoints("http://127.0.0.1:1", "", "", "", False)
    client = RestClient(endpoints, CREDENTIALS, openssl_sign, timeout_ms=1_000, tls=tls_context(None))
    async with client:
        with pytest.raises(TransportError):
            await client.account_positions()
    with pytest.raises(TransportError, match="not open"):
        await client.account_positions()
