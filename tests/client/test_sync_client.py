"""The plain client over real sockets, against a gateway that speaks docs/protocol.md."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.client import (
    Ack,
    AnswerTimeoutError,
    ClientError,
    Event,
    Fill,
    Gap,
    GatewayClient,
    Item,
    NewSession,
    OrderEvent,
    Receipt,
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
ORDER = {"instId": "BTC-USDT", "ordId": "1", "state": "filled", "side": "buy", "sz": "0.01", "accFillSz": "0.01"}


@pytest.fixture
def client(gateway: Any) -> Iterator[GatewayClient]:
    with GatewayClient.connect(gateway.directory, strategy="alpha") as client:
        yield client


def place(client: GatewayClient, **more: Any) -> str:
    return client.order(instId="BTC-USDT", tdMode="cash", side="buy", ordType="limit", px="20000", sz="0.01", **more)


def take(client: GatewayClient, count: int) -> list[Item]:
    """The next `count` items, which must arrive."""
    items = [client.next_event(timeout_s=5) for _ in range(count)]
    assert None not in items
    return [item for item in items if item is not None]


def kinds(items: list[Item]) -> list[type]:
    return [type(item) for item in items]


def publish_lost(gateway: Any, count: int) -> None:
    """Publish events that PUB drops."""
    gateway.drop = True
    for number in range(count):
        gateway.publish("alpha", "fill", **{**FILL, "tradeId": str(number)})
    gateway.drop = False


def test_connect_reports_the_granted_hello(client: GatewayClient) -> None:
    assert client.strategy == "alpha"
    assert (client.hello.number, client.hello.session, client.hello.acct_lv) == (900, "s1", "2")
    assert client.ready
    assert client.heartbeat is not None
    assert client.position() == ("s1", 0)
    with pytest.raises(KeyError):
        client.position("account")


def test_order_ack_fill_and_end(gateway: Any, client: GatewayClient) -> None:
    def fill(request: dict[str, Any]) -> None:
        gateway.accept(request)
        gateway.publish("alpha", "fill", **FILL)
        gateway.publish("alpha", "order", **ORDER, terminal=True)

    gateway.on_order = fill
    before_ns = time.time_ns()
    request_id = place(client, max_wait_ms=500, exp_time=1700000005000)
    ack = client.wait_ack(request_id)
    assert (ack.id, ack.accepted, ack.rows[0].ord_id) == (request_id, True, "10")
    assert client.wait_ack(request_id) is ack
    items = take(client, 3)
    assert kinds(items) == [Ack, Fill, OrderEvent]
    assert items[0] is ack
    assert client.position() == ("s1", 3)
    (sent,) = [request for request in gateway.requests if request["op"] == "order"]
    assert (sent["id"], sent["expTime"], sent["gw"]["maxWaitMs"]) == (request_id, "1700000005000", 500)
    assert before_ns <= int(sent["gw"]["sentNs"]) <= time.time_ns()


@pytest.mark.parametrize(
    ("send", "op", "args"),
    [
        (lambda c: c.order(instId="A", px="1"), "order", [{"instId": "A", "px": "1"}]),
        (lambda c: c.batch_orders([{"px": "1"}, {"px": "2"}]), "batch-orders", [{"px": "1"}, {"px": "2"}]),
        (lambda c: c.cancel(instId="A", gw={"id": "o1"}), "cancel-order", [{"instId": "A", "gw": {"id": "o1"}}]),
        (lambda c: c.batch_cancel([{"ordId": "1"}]), "batch-cancel-orders", [{"ordId": "1"}]),
        (lambda c: c.amend(ordId="1", newSz="2"), "amend-order", [{"ordId": "1", "newSz": "2"}]),
        (lambda c: c.batch_amend([{"ordId": "1"}]), "batch-amend-orders", [{"ordId": "1"}]),
        (lambda c: c.mass_cancel(instType="OPTION"), "mass-cancel", [{"instType": "OPTION"}]),
    ],
)
def test_every_op(gateway: Any, client: GatewayClient, send: Any, op: str, args: list[Any]) -> None:
    client.wait_ack(send(client))
    request = gateway.requests[-1]
    assert (request["op"], request["args"]) == (op, args)
    assert request["gw"].keys() == {"sentNs"}
    assert "expTime" not in request


def test_receipt_and_own_request_id(gateway: Any, client: GatewayClient) -> None:
    gateway.on_order = lambda request: gateway.answer(request["routing_id"], request, [{"row": 0, "clOrdId": "900"}])
    assert place(client, receipt=True, request_id="mine") == "mine"
    assert take(client, 1) == [Receipt("mine", "order", ("900",))]
    assert gateway.requests[-1]["gw"]["receipt"] is True


def test_refused_order(gateway: Any, client: GatewayClient) -> None:
    gateway.on_order = lambda request: gateway.refuse(request["routing_id"], request, "rate_limited", retryAfterMs=30)
    ack = client.wait_ack(place(client))
    assert (ack.rows[0].result, ack.rows[0].reason, ack.retry_after_ms) == ("rejected", "rate_limited", 30)
    assert take(client, 1) == [ack]


def test_no_ack_in_time(gateway: Any, client: GatewayClient) -> None:
    gateway.on_order = lambda request: None
    with pytest.raises(AnswerTimeoutError, match="no result for"):
        client.wait_ack(place(client), timeout_s=0.01)
    assert client.next_event(timeout_s=0) is None
    assert list(client.events(timeout_s=0)) == []


def test_gateway_ops(gateway: Any, client: GatewayClient) -> None:
    assert client.ping() == 1_700_000_000_000_000_000
    status = client.status()
    assert (status.in_flight, status.waiting, status.orders, status.unknown[0]["id"]) == (1, 2, 3, "o9")
    gateway.orders = [{**ORDER, "ordId": str(number)} for number in range(501)]
    assert [order.ord_id for order in client.snapshot().orders] == [str(number) for number in range(501)]
    assert client.get_order(ordId="7").ord_id == "7"
    with pytest.raises(RefusedError, match="unknown_order"):
        client.get_order(ordId="x")
    assert client.cancel_all(instId="BTC-USDT").cancelled == 2
    assert gateway.requests[-1]["args"] == [{"instId": "BTC-USDT"}]
    gateway.call(lambda: publish_lost(gateway, 3))
    page = client.replay(2, limit=1)
    assert ([event.seq for event in page.events], page.more, page.first) == ([2], True, 1)


def test_gateway_op_without_an_answer(gateway: Any, client: GatewayClient) -> None:
    gateway.mute = {"ping"}
    with pytest.raises(AnswerTimeoutError, match="no answer to ping within"):
        client.ping(timeout_s=0.01)


def test_dropped_events_are_replayed(gateway: Any, client: GatewayClient) -> None:
    gateway.call(lambda: publish_lost(gateway, 700))
    gateway.call(lambda: gateway.publish("alpha", "fill", **FILL))
    items = take(client, 701)
    assert [item.seq for item in items if isinstance(item, Event)] == list(range(1, 702))


def test_events_dropped_at_the_tail_are_replayed(gateway: Any, client: GatewayClient) -> None:
    gateway.call(lambda: publish_lost(gateway, 2))
    gateway.call(lambda: gateway.heartbeat("alpha"))
    assert kinds(take(client, 2)) == [Fill, Fill]


def test_gone_events_are_delivered_as_a_gap(gateway: Any, client: GatewayClient) -> None:
    gateway.call(lambda: publish_lost(gateway, 2))
    gateway.oldest = 3
    gateway.call(lambda: gateway.publish("alpha", "fill", **FILL))
    gap, fill = take(client, 2)
    assert gap == Gap("alpha", "s1", 1, 2, "gone")
    assert isinstance(fill, Fill)


def test_restart_of_the_gateway(gateway: Any, client: GatewayClient) -> None:
    gateway.on_order = lambda request: None
    lost = place(client)
    with pytest.raises(AnswerTimeoutError):
        client.wait_ack(lost, timeout_s=0)
    client.ping()  # the gateway has read the order
    gateway.call(gateway.restart)
    gateway.on_order = gateway.accept
    assert take(client, 1) == [NewSession("s2", "s1", (lost,))]
    while client.hello.session != "s2":
        assert client.next_event(timeout_s=0.01) is None
    assert client.wait_ack(place(client)).accepted
    assert client.position() == ("s2", 1)


def test_silence_of_the_gateway(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.client.sync_client.CLOCK_S", 0.01)
    gateway.heartbeat_ms = 20
    with GatewayClient.connect(gateway.directory, strategy="alpha") as client:
        gateway.call(lambda: setattr(gateway, "heartbeats", False))
        while client.ready:
            assert isinstance(client.next_event(timeout_s=0.01), Silence | None)
        gateway.heartbeats = True
        while not client.ready:  # after the next hello
            assert isinstance(client.next_event(timeout_s=0.01), Silence | None)


def test_connect_waits_for_a_gateway_that_is_starting(gateway: Any) -> None:
    gateway.mute = {"hello"}
    requests_before = len(gateway.requests)

    def receive_the_second(request: dict[str, Any]) -> None:
        if len(gateway.requests) > requests_before + 1:
            gateway.mute = set()

    gateway.on_request = receive_the_second
    with GatewayClient.connect(gateway.directory, strategy="alpha") as client:
        assert client.hello.session == "s1"
    assert [request["op"] for request in gateway.requests] == ["hello", "hello"]


def test_connect_without_a_gateway(tmp_path: Path) -> None:
    with pytest.raises(AnswerTimeoutError, match="check that the gateway runs there"):
        GatewayClient.connect(tmp_path, strategy="alpha", timeout_s=0.02)


def test_connect_without_events(gateway: Any) -> None:
    gateway.heartbeats = False
    with pytest.raises(AnswerTimeoutError, match="the events socket brought no heartbeat"):
        GatewayClient.connect(gateway.directory, strategy="alpha", timeout_s=0.6)


def test_connect_refused(gateway: Any) -> None:
    gateway.deny = "not_allowed"
    with pytest.raises(RefusedError, match="not_allowed"):
        GatewayClient.connect(gateway.directory, strategy="alpha")


def test_connect_by_addresses_with_further_owners(gateway: Any) -> None:
    addresses = (f"ipc://{gateway.directory}/orders", f"ipc://{gateway.directory}/events")
    with GatewayClient.connect(addresses=addresses, strategy="alpha", owners=["account"]) as client:
        gateway.call(lambda: gateway.publish("account", "positions", data={}))
        gateway.call(lambda: gateway.publish("gateway", "alarm", reason="r", msg="m"))
        gateway.call(lambda: gateway.publish("alpha", "fill", **FILL))
        positions, fill = take(client, 2)
        assert isinstance(positions, Event)
        assert (positions.topic, kinds([fill])) == ("account.positions", [Fill])


def test_directory_or_addresses(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pass either"):
        GatewayClient.connect(strategy="alpha")
    with pytest.raises(ValueError, match="pass either"):
        GatewayClient.connect(tmp_path, strategy="alpha", addresses=("a", "b"))


def test_closed_client(gateway: Any) -> None:
    client = GatewayClient.connect(gateway.directory, strategy="alpha")
    client.close()
    client.close()
    with pytest.raises(ClientError, match="closed"):
        place(client)
    with pytest.raises(ClientError, match="closed"):
        client.next_event(timeout_s=0)


def test_an_unsent_request_is_not_counted_as_sent(client: GatewayClient) -> None:
    with pytest.raises(TypeError):
        client.order(px=20000.1)
    with pytest.raises(ValueError, match="bytes"):
        client.order(tag="x" * 70_000)
