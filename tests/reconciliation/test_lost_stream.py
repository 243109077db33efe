"""While the stream is lost, REST is compared repeatedly; it takes new orders only while that succeeds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from gateway.errors import TransportError
from gateway.reconciliation import lost_stream
from gateway.reconciliation.lost_stream import LostStream


class Reconciler:
    """Counts calls and raises the given errors in order; `blocked` keeps a comparison from ending."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.begun = self.compared = 0
        self.blocked: asyncio.Event | None = None

    async def run_while_lost(self) -> None:
        self.begun += 1
        if self.blocked is not None:
            await self.blocked.wait()
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        self.compared += 1


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_stream, "GRACE_S", 0.001)
    monkeypatch.setattr(lost_stream, "PERIOD_S", 0.002)


async def until(wanted: Callable[[], Any]) -> None:
    while not wanted():
        await asyncio.sleep(0.001)


def play(
    scene: Callable[[LostStream, list[bool]], Coroutine[Any, Any, None]], reconciler: Any, *, orders: bool
) -> None:
    async def scenario() -> None:
        allowed: list[bool] = []
        stream = LostStream(reconciler, allowed.append, orders=orders)
        task = asyncio.create_task(stream.run())
        await scene(stream, allowed)
        task.cancel()

    asyncio.run(scenario())


def test_it_continues_until_the_stream_is_complete() -> None:
    reconciler = Reconciler()

    async def scene(stream: LostStream, allowed: list[bool]) -> None:
        await until(lambda: reconciler.compared >= 3)
        assert stream.is_watched and stream.takes_orders and allowed == [True]
        stream.on_state(is_complete=True)
        assert not stream.is_watched and allowed == [True, False]
        await asyncio.sleep(0.01)
        seen = reconciler.compared
        await asyncio.sleep(0.01)
        assert reconciler.compared == seen
        stream.on_state(is_complete=False)
        assert not stream.takes_orders, "not before a comparison after this loss"
        await until(lambda: stream.takes_orders)

    play(scene, reconciler, orders=True)


@pytest.mark.parametrize("error", [TransportError("REST is away"), ValueError("unexpected")])
def test_an_error_stops_orders_and_not_the_comparisons(error: Exception) -> None:
    reconciler = Reconciler(None, error)

    async def scene(stream: LostStream, allowed: list[bool]) -> None:
        await until(lambda: reconciler.compared >= 2)
        assert allowed == [True, False, True]

    play(scene, reconciler, orders=True)


def test_cancels_alone() -> None:
    reconciler = Reconciler()

    async def scene(stream: LostStream, allowed: list[bool]) -> None:
        await until(lambda: stream.is_watched)
        assert not stream.takes_orders and allowed == [False]

    play(scene, reconciler, orders=False)


def test_a_comparison_that_ends_after_the_loss_allows_nothing() -> None:
    reconciler = Reconciler()

    async def scene(stream: LostStream, allowed: list[bool]) -> None:
        reconciler.blocked = asyncio.Event()
        await until(lambda: reconciler.begun == 1)
        stream.on_state(is_complete=True)
        reconciler.blocked.set()
        await until(lambda: reconciler.compared == 1)
        await asyncio.sleep(0.005)
        assert allowed == []

    play(scene, reconciler, orders=True)


def test_a_comparison_follows_soon_after_a_rest_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_stream, "PERIOD_S", 3_600)
    reconciler = Reconciler()

    async def scene(stream: LostStream, allowed: list[bool]) -> None:
        await until(lambda: reconciler.compared == 1)
        stream.look_soon()
        await until(lambda: reconciler.compared == 2)

    play(scene, reconciler, orders=True)
