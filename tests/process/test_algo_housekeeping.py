"""The business stream follows the private one, and algo orders are offered while it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.config.loading import Config
from gateway.okx.session_table import State
from gateway.process.gateway import Gateway

pytestmark = pytest.mark.asyncio


async def test_the_business_stream_starts_behind_the_private_one(gateway: Gateway, until: Callable[..., Any]) -> None:
    algos = gateway._parts.algos
    assert algos._stream is not None
    algos.on_private_state(State.CONNECTING)
    assert algos._stream.state is State.DISCONNECTED
    await gateway.start()
    await until(algos._api.is_ready, "new algo orders may go")
    assert algos._stream.state is State.READY


async def test_what_rest_shows_and_the_stream_did_not_opens_another_once(
    gateway: Gateway, until: Callable[..., Any]
) -> None:
    algos, reopened = gateway._parts.algos, []
    await gateway.start()
    await until(algos._api.is_ready, "the business stream is there")
    assert algos._stream is not None
    algos._stream.reopen = reopened.append  # type: ignore[method-assign]
    algos._on_lost_pushes(3)
    algos._on_lost_pushes(1)
    assert len(reopened) == 1 and "3 states" in reopened[0]


async def test_without_algo_orders_there_is_no_business_stream(config: Config) -> None:
    off = config.rest_orders.model_copy(update={"algo_orders": False})
    gateway = Gateway(config.model_copy(update={"rest_orders": off}))
    algos = gateway._parts.algos
    assert algos._stream is None
    algos.on_private_state(State.READY)
    await algos.run()
    await gateway.stop()
