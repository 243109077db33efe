"""The simulated exchange in a thread of the test, so that a test can send its own frames on a connection."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Self

from gateway.sim import SimConfig, SimulatedExchange, Switches
from tests.e2e.processes import account_settings

PATIENCE_S = 60.0  # many processes can start at once


class ExchangeThread:
    """Use as a context manager."""

    def __init__(self, **config: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._exchange = SimulatedExchange(SimConfig(switches=Switches(limiter_window="off"), **config))

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._exchange.start(), self._loop).result(PATIENCE_S)
        self.addresses = self._exchange.addresses()
        return self

    def __exit__(self, *exc_info: object) -> None:
        asyncio.run_coroutine_threadsafe(self._exchange.stop(), self._loop).result(PATIENCE_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    def account_settings(self) -> dict[str, Any]:
        return account_settings(self.addresses)

    def command(self, verb: str, **params: Any) -> Any:
        async def run() -> Any:
            return self._exchange.command(verb, **params)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(PATIENCE_S)

    def push(self, *frames: bytes) -> None:
        """Sends text frames on the private connection, unchanged."""

        async def send() -> None:
            (session,) = (one for one in self._exchange.sessions if one.path == "private")
            for frame in frames:
                session.send(frame)

        asyncio.run_coroutine_threadsafe(send(), self._loop).result(PATIENCE_S)
