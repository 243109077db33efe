"""The life of one gateway: made, started, ready, stopped."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from gateway.config.loading import Config
from gateway.okx.session_table import State
from gateway.process.gateway import Gateway

pytestmark = pytest.mark.asyncio


def order(*, wait_ms: int) -> bytes:
    row = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "20000", "sz": "0.01"}
    return json.dumps({"id": "o1", "op": "order", "args": [row], "gw": {"maxWaitMs": wait_ms}}).encode()


async def test_from_start_to_stop(gateway: Gateway, until: Callable[..., Any]) -> None:
    parts = gateway._parts
    state, directory = parts.base.state, parts.base.endpoints.directory
    assert (state.state, state.ready) == ("connecting", False)
    await gateway.start()
    await until(lambda: state.ready, "it is ready")
    assert state.state == "ready"
    assert parts.housekeeping.connections.state is State.READY
    assert parts.account.describe()["acctLv"] != ""
    (connection,) = parts.housekeeping.status()["connections"]
    assert (connection["group"], connection["role"], connection["state"]) == ("private", "active", "ready")
    await gateway.stop()
    assert (state.state, state.ready) == ("stopped", False)
    assert (gateway.failure, gateway.finished.is_set()) == ("", False)
    assert not (directory / "orders").exists()


async def test_one_that_was_never_started_stops(gateway: Gateway) -> None:
    assert gateway._parts.housekeeping.status()["connections"] == []
    await gateway.stop()
    assert gateway._parts.base.state.state == "stopped"


async def test_a_request_before_the_instruments_are_loaded_is_read_after_them(
    gateway: Gateway, until: Callable[..., Any]
) -> None:
    parts = gateway._parts
    alpha = parts.base.bus.number_of("alpha")
    assert alpha is not None
    message = order(wait_ms=20_000)
    assert parts.api.on_request(-1, 0, alpha, False, message) is True
    assert parts.startup_queue.count(alpha) == 1
    await gateway.start()
    assert parts.startup_queue.count(alpha) == 0
    assert parts.api.last_request_id(alpha) == "o1"


async def test_one_that_waits_too_long_is_refused_before_the_instruments_come(
    gateway: Gateway, until: Callable[..., Any]
) -> None:
    parts = gateway._parts
    alpha = parts.base.bus.number_of("alpha")
    assert alpha is not None
    message = order(wait_ms=1)
    assert parts.api.on_request(-1, 0, alpha, False, message) is True
    gateway._tick()
    await until(lambda: parts.startup_queue.count(alpha) == 0, "it is refused")
    assert parts.api.status()["counters"]["refused"] == 1


async def test_an_end_that_nobody_asked_for_has_a_reason(gateway: Gateway) -> None:
    gateway._fail("OKX 50105")
    assert gateway.finished.is_set()
    assert gateway.failure == "OKX 50105"


async def test_a_second_gateway_finds_what_the_first_one_wrote(config: Config, until: Callable[..., Any]) -> None:
    first = Gateway(config)
    await first.start()
    await first.stop()
    seq = first._parts.base.bus.last_seq(1)
    second = Gateway(config)
    assert seq > 0
    assert second._parts.base.bus.last_seq(1) >= seq
    await asyncio.sleep(0)
    await second.stop()
