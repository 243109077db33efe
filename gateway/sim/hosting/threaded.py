"""The simulated exchange in a thread of its own, for programs and tests that are not asynchronous."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, TypeVar

from gateway.sim.base.configuration import SimConfig
from gateway.sim.hosting.server import SimulatedExchange

PATIENCE_S = 30.0

T = TypeVar("T")


class ThreadedExchange:
    """Starts with `with` (or `start`) and stops with it (or `stop`). All that it gives is safe in any thread.

    with ThreadedExchange(SimConfig()) as sim:
        ...  # sim.ws_url("private"), sim.rest_url, sim.command("drop"), sim.view("ledger", type="fill")
    """

    def __init__(self, config: SimConfig | None = None) -> None:
        self._exchange = SimulatedExchange(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Returns once the port listens. Raises OSError where it cannot, ValueError for an invalid scenario."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="simulated-okx", daemon=True)
        self._thread.start()
        try:
            self._wait_for(self._exchange.start())
        except BaseException:
            self._end()
            raise

    def stop(self) -> None:
        if self._loop is not None:
            self._wait_for(self._exchange.stop())
            self._end()

    def _end(self) -> None:
        if self._loop is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()
        self._loop = self._thread = None

    def __enter__(self) -> ThreadedExchange:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            work.close()
            raise RuntimeError("the simulated exchange has not been started")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    def call(self, reader: Callable[[SimulatedExchange], T]) -> T:
        """Run `reader` on the exchange in its own thread; for all that has no method here."""

        async def run() -> T:
            return reader(self._exchange)

        return self._wait_for(run())

    def command(self, verb: str, /, **params: Any) -> Any:
        """Run a verb of the control table, as POST /sim/<verb> does. Raises ControlError."""
        return self.call(lambda sim: sim.command(verb, **params))

    def view(self, name: str, **query: object) -> Any:
        """Read a view, as GET /sim/<view> does. Raises ControlError."""
        return self.call(lambda sim: sim.view(name, **query))

    def ws_url(self, path: str) -> str:
        """`private` or `/ws/v5/private` alike."""
        return self._exchange.ws_url(path)

    @property
    def rest_url(self) -> str:
        return self._exchange.rest_url

    @property
    def control_url(self) -> str:
        return self._exchange.control_url

    @property
    def port(self) -> int:
        return self._exchange.port

    @property
    def config(self) -> SimConfig:
        return self._exchange.config

    def addresses(self) -> dict[str, str]:
        """`ws`, `rest`, `control` and, with TLS, `ca`."""
        return self._exchange.addresses()
