"""Sweeps continue after any error, run only while the gateway is ready, and stop when the connection is lost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.errors import TransportError
from gateway.reconciliation.sweeps import Sweeps

PERIOD_S = 0.001


class Reconciler:
    """Counts calls and raises the given errors in order; `hangs` waits for ever."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.swept = self.broken_off = 0
        self.hangs = False
        self.lost = 0

    async def sweep(self, margin_ms: int) -> int:
        self.swept += 1
        if self.errors:
            raise self.errors.pop(0)
        try:
            if self.hangs:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.broken_off += 1
            raise
        return self.lost


async def until(wanted: Any) -> None:
    while not wanted():
        await asyncio.sleep(PERIOD_S)


@pytest.mark.parametrize("error", [TransportError("REST is away"), ValueError("unexpected")])
def test_an_error_does_not_end_them(error: Exception) -> None:
    async def scene() -> None:
        reconciler: Any = Reconciler(error)
        task = asyncio.create_task(Sweeps(reconciler, lambda: True, PERIOD_S).run())
        await until(lambda: reconciler.swept >= 3)
        task.cancel()

    asyncio.run(scene())


def test_not_while_the_gateway_is_not_ready() -> None:
    async def scene() -> None:
        reconciler: Any = Reconciler()
        asked = 0

        def is_ready() -> bool:
            nonlocal asked
            asked += 1
            return False

        task = asyncio.create_task(Sweeps(reconciler, is_ready, PERIOD_S).run())
        await until(lambda: asked >= 3)
        task.cancel()
        assert reconciler.swept == 0

    asyncio.run(scene())


def test_a_lost_connection_ends_the_running_sweep_and_no_other() -> None:
    async def scene() -> None:
        reconciler: Any = Reconciler()
        reconciler.hangs = True
        sweeps = Sweeps(reconciler, lambda: True, PERIOD_S)
        sweeps.interrupt()  # none is running
        task = asyncio.create_task(sweeps.run())
        await until(lambda: reconciler.swept == 1)
        sweeps.interrupt()
        await until(lambda: reconciler.swept == 2)
        assert reconciler.broken_off == 1
        task.cancel()
        await until(lambda: reconciler.broken_off == 2)

    asyncio.run(scene())


def test_losses_are_reported_unless_the_stream_itself_is_lost() -> None:
    async def scene(is_ready: bool) -> list[int]:
        reconciler: Any = Reconciler()
        reconciler.lost = 2
        losses: list[int] = []
        readiness = iter([True])
        sweeps = Sweeps(reconciler, lambda: next(readiness, is_ready), PERIOD_S, 500, losses.append)
        task = asyncio.create_task(sweeps.run())
        await until(lambda: reconciler.swept >= 1 and (losses or not is_ready))
        task.cancel()
        return losses[:1]

    assert asyncio.run(scene(True)) == [2]
    assert asyncio.run(scene(False)) == []


def test_a_sweep_can_begin_before_its_time() -> None:
    async def scene() -> None:
        reconciler: Any = Reconciler()
        sweeps = Sweeps(reconciler, lambda: True, 3_600.0)
        task = asyncio.create_task(sweeps.run())
        for count in (1, 2):
            sweeps.soon()
            await until(lambda count=count: reconciler.swept == count)
        task.cancel()

    asyncio.run(scene())
