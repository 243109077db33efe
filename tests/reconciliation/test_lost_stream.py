"""While the stream is lost REST is compared again and again; new orders may go by it only as long as that succeeds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from gateway.errors import TransportError
from gateway.reconciliation import lost_stream
from gateway.reconciliation.lost_stream import LostStream


class Reconciler:
    """Counts; fails as told, one error after the other; `held` keeps a comparison from ending."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.begun = self.compared = 0
        self.held: asyncio.Event | None = None

    async def run_while_lost(self) -> None:
        self.begun += 1
        if self.held is not None:
            await self.held.wait()
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
    async def whole() -> None:
        allowed: list[bool] = []
        stream = LostStream(reconciler, allowed.append, orders=orders)
        task = asyncio.create_task(stream.run())
        await scene(stream, allowed)
        task.cancel()

    asyncio.run(whole())


def test_it_goes_on_until_the_stream_is_whole() -> None:
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


@pytest.mark.parametrize("error", [TransportError("REST is away"), ValueError("odd")])
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
        reconciler.held = asyncio.Event()
        await until(lambda: reconciler.begun == 1)
        stream.on_state(is_complete=True)
        reconciler.held.set()
        await until(lambda: reconciler.compared == 1)
        await asyncio.sleep(0.005)
        assert allowed == []

    play(scene, reconciler, orders=True)


def test_a_look_is_taken_soon_after_something_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_stream, "PERIOD_S", 3_600)
    reconciler = Reconciler()

    async def scene(stream: LostStream, allowed: list[bool]) -> None:
        await until(lambda: reconciler.compared == 1)
        stream.look_soon()
        await until(lambda: reconciler.compared == 2)

    play(scene, reconciler, orders=True)
