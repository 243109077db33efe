"""What goes by REST: what OKX takes by nothing else, and what cannot go by the WebSocket while that is down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.processes import UNLIMITED, Exchange, Gateway
from tests.e2e.strategy import Json, Strategy, swap

REQUESTS = {"ack_timeout_ms": 1_500, "order_ttl_ms": 500}
SESSION = {"backoff_first_ms": 334, "backoff_max_ms": 400, "sweep_s": 3_600}
SL = {"slTriggerPx": "85000", "slOrdPx": "-1"}


@pytest.fixture(scope="module")
def exchange(module_stage: Any) -> Exchange:
    started: Exchange = module_stage.exchange("--limiter-window", "off")
    return started


@pytest.fixture(scope="module")
def gateway(module_stage: Any, exchange: Exchange) -> Gateway:
    lane = {"rest_lane": {"fallback": "all"}}
    started: Gateway = module_stage.gateway(exchange, {**UNLIMITED, **lane, "requests": REQUESTS, "session": SESSION})
    return started


@pytest.fixture(scope="module")
def veteran(module_stage: Any, exchange: Exchange, gateway: Gateway) -> Strategy:
    strategy: Strategy = module_stage.trader(gateway, topics=("gateway.",))
    return strategy


@pytest.fixture
def alpha(veteran: Strategy, exchange: Exchange) -> Iterator[Strategy]:
    """Each test begins and ends without faults, with a live stream and nothing open."""
    exchange.command("withdraw", inst_id="BTC-USDT")
    yield veteran
    exchange.command("clear")
    veteran.wait(lambda: is_quiet(veteran.data("status")), "nothing open")


def is_quiet(status: Json) -> bool:
    return status["state"] == "ready" and status["inFlight"] == 0 and status["unknown"] == []


def posts(exchange: Exchange, since: int) -> list[tuple[str, Any]]:
    """Paths and bodies of what REST was asked to do."""
    calls = [one for one in exchange.ledger("http", since) if one["method"] == "POST"]
    return [(one["target"], json.loads(one["body"])) for one in calls]


def cut_off(alpha: Strategy, exchange: Exchange) -> None:
    """The private WebSocket is lost and does not come back until `clear`."""
    exchange.command("swallow_logins", count=0, path="private")
    exchange.command("drop", path="private")
    alpha.wait(lambda: alpha.data("status")["state"] == "degraded", "orders by REST")


def test_an_order_with_attached_stop_goes_by_rest(alpha: Strategy, exchange: Exchange) -> None:
    """The sub-objects arrive byte for byte, the stop triggers at the exchange, and the order it makes is told."""
    since = exchange.next_record()
    request_id = alpha.next_id()
    (row,) = alpha.ack("order", swap(px="95000", sz="1", attachAlgoOrds=[SL]), id=request_id)
    assert row["result"] == "accepted" and row["okx"]["sMsg"] == "Order placed"
    ack = alpha.event("ack", id=request_id)
    assert ack["gw"]["road"] == "rest"
    ((path, body),) = posts(exchange, since)
    assert path == "/api/v5/trade/order"
    assert body == {**swap(px="95000", sz="1", attachAlgoOrds=[SL]), "clOrdId": row["clOrdId"]}
    assert alpha.event("order", ordId=row["ordId"], state="live")["id"] == request_id
    exchange.command("trade", inst_id="BTC-USDT-SWAP", side="sell", px="95000", sz="1")
    assert alpha.event("fill", ordId=row["ordId"])["fillSz"] == "1"
