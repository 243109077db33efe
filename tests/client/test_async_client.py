"""The asyncio client over real sockets, against a gateway that speaks docs/protocol.md."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.client import (
    Ack,
    AnswerTimeoutError,
    AsyncGatewayClient,
    ClientError,
    Event,
    Fill,
    Item,
    NewSession,
    RefusedError,
    Silence,
)

FILL = {
    "source": "stream",
    "id": "",
    "row": 0,
    "instId": "BTC-USDT",
    "ordId": "1",
    "clOrdId": "9",
    "tradeId": "77",
    "side": "buy",
    "fillPx": "20000",
    "fillSz": "0.01",
}
ORDER = {"instId": "BTC-USDT", "ordId": "1", "state": "live", "side": "buy", "sz": "0.01", "accFillSz": "0"}

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def connected(gateway: Any) -> AsyncIterator[AsyncGatewayClient]:
    async with await AsyncGatewayClient.connect(gateway.directory, strategy="alpha") as client:
        yield client


async def take(client: AsyncGatewayClient, count: int) -> list[Item]:
    """The next `count` items, which must arrive."""
    items = [await client.next_event(timeout_s=5) for _ in range(count)]
    assert None not in items
    return [item for item in items if item is not None]


async def test_order_and_its_ack(gateway: Any) -> None:
    async with connected(gateway) as client:
        assert (client.hello.session, client.ready) == ("s1", True)
        request_id = client.order(instId="BTC-USDT", px="20000")
        ack, same = await asyncio.gather(client.wait_ack(request_id), client.wait_ack(request_id))
        assert ack.accepted
        assert ack is same
        assert await client.wait_ack(request_id) is ack
        assert await take(client, 1) == [ack]


async def test_many_orders_at_once(gateway: Any) -> None:
    async with connected(gateway) as client:
        ids = [client.order(instId="BTC-USDT", px=str(px)) for px in range(1, 501)]
        acks = await asyncio.gather(*(client.wait_ack(request_id) for request_id in ids))
        assert [ack.id for ack in acks] == ids
        assert [item.seq for item in await take(client, 500) if isinstance(item, Ack)] == list(range(1, 501))


async def test_answer_that_arrives_while_nothing_else_happens(gateway: Any) -> None:
    """The descriptors are edge-triggered: none of many requests, each sent while answers arrive, is left unread."""
    gateway.on_order = lambda request: gateway.refuse(request["routing_id"], request, "rate_limited")
    async with connected(gateway) as client:
        for _ in range(300):
            first, second = client.order(px="1"), client.order(px="2")
            await client.wait_ack(second)
            await client.wait_ack(first)


async def test_events_end_after_the_timeout(gateway: Any) -> None:
    async with connected(gateway) as client:
        gateway.call(lambda: [gateway.publish("alpha", "fill", **FILL) for _ in range(3)])
        assert [type(event) async for event in client.events(timeout_s=0.5)] == [Fill] * 3
        assert await client.next_event(timeout_s=0) is None


async def test_flood_beyond_one_read(gateway: Any) -> None:
    async with connected(gateway) as client:
        gateway.call(lambda: [gateway.publish("alpha", "fill", **FILL) for _ in range(3500)])
        items = await take(client, 3500)
        assert [item.seq for item in items if isinstance(item, Event)] == list(range(1, 3501))


async def test_dropped_events_are_replayed(gateway: Any) -> None:
    def lose() -> None:
        gateway.drop = True
        for _ in range(700):
            gateway.publish("alpha", "fill", **FILL)
        gateway.drop = False
        gateway.heartbeat("alpha")

    async with connected(gateway) as client:
        gateway.call(lose)
        items = await take(client, 700)
        assert [item.seq for item in items if isinstance(item, Event)] == list(range(1, 701))


async def test_restart_of_the_gateway(gateway: Any) -> None:
    async with connected(gateway) as client:
        gateway.call(gateway.restart)
        assert await take(client, 1) == [NewSession("s2", "s1", ())]
        while client.hello.session != "s2":
            await client.next_event(timeout_s=0.01)
        assert (await client.wait_ack(client.order(px="1"))).accepted


async def test_silence_of_the_gateway(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.client.async_client.CLOCK_S", 0.01)
    gateway.heartbeat_ms = 20
    async with connected(gateway) as client:
        gateway.call(lambda: setattr(gateway, "heartbeats", False))
        while client.ready:
            assert isinstance(await client.next_event(timeout_s=0.01), Silence | None)
        gateway.heartbeats = True
        while not client.ready:  # after the next hello
            assert isinstance(await client.next_event(timeout_s=0.01), Silence | None)


async def test_gateway_ops(gateway: Any) -> None:
    gateway.orders = [{**ORDER, "ordId": str(number)} for number in range(501)]
    async with connected(gateway) as client:
        assert await client.ping() == 1_700_000_000_000_000_000
        assert (await client.status()).orders == 3
        assert len((await client.snapshot()).orders) == 501
        assert (await client.get_order(ordId="7")).ord_id == "7"
        assert (await client.cancel_all()).withdrawn == 1
        assert (await client.replay(1)).events == ()
        with pytest.raises(RefusedError, match="unknown_order"):
            await client.get_order(ordId="x")


async def test_no_answer_in_time(gateway: Any) -> None:
    gateway.mute = {"ping"}
    gateway.on_order = lambda request: None
    async with connected(gateway) as client:
        with pytest.raises(AnswerTimeoutError, match="no answer to ping"):
            await client.ping(timeout_s=0.01)
        with pytest.raises(AnswerTimeoutError, match="no result for"):
            await client.wait_ack(client.order(px="1"), timeout_s=0.01)


async def test_close_wakes_waiting_calls(gateway: Any) -> None:
    gateway.on_order = lambda request: None
    client = await AsyncGatewayClient.connect(gateway.directory, strategy="alpha")
    ack = asyncio.create_task(client.wait_ack(client.order(px="1")))
    event = asyncio.create_task(client.next_event())
    await client.ping()  # both wait by now
    await client.close()
    await client.close()
    with pytest.raises(ClientError, match="closed"):
        await ack
    assert await event is None
    with pytest.raises(ClientError, match="closed"):
        client.order(px="1")


async def test_connect_fails_clearly(gateway: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(AnswerTimeoutError, match="check that the gateway runs there"):
        await AsyncGatewayClient.connect(tmp_path / "empty", strategy="alpha", timeout_s=0.02)
    gateway.deny = "not_allowed"
    with pytest.raises(RefusedError, match="not_allowed"):
        await AsyncGatewayClient.connect(gateway.directory, strategy="alpha")
