"""Periodic comparisons with OKX while connected: a stream can lose pushes and answer every ping."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Protocol

from gateway.errors import GatewayError

log = logging.getLogger(__name__)


class Compares(Protocol):
    """A comparison: see `Reconciler` and `AlgoReconciler`."""

    async def sweep(self, margin_ms: int) -> int: ...


class Sweeps:
    """`run` is a task for the gateway's life; `soon` begins a comparison, `interrupt` ends the running one.

    `on_lost` receives the number of fills and states that a comparison published and the stream should have delivered.
    """

    def __init__(
        self,
        reconciler: Compares,
        is_ready: Callable[[], bool],
        period_s: float,
        margin_ms: int = 0,
        on_lost: Callable[[int], None] = lambda published: None,
    ) -> None:
        self._reconciler = reconciler
        self._is_ready = is_ready
        self._period_s = period_s
        self._margin_ms = margin_ms
        self._on_lost = on_lost
        self._current: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    async def run(self) -> None:
        try:
            while True:
                await self._pause()
                if self._is_ready():
                    self._current = asyncio.create_task(self._sweep())
                    await asyncio.wait({self._current})
        finally:
            self.interrupt()

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), self._period_s)
        self._wake.clear()

    def soon(self) -> None:
        """Begins a comparison without waiting for the end of the period."""
        self._wake.set()

    def interrupt(self) -> None:
        """The connection is lost: the comparison after the gap must not wait for this one."""
        if self._current is not None:
            self._current.cancel()

    async def _sweep(self) -> None:
        try:
            published = await self._reconciler.sweep(self._margin_ms)
            if published and self._is_ready():
                self._on_lost(published)
        except GatewayError as error:
            log.warning("the comparison of open orders failed", extra={"why": str(error)})
        except Exception:
            log.exception("the comparison of open orders failed")
