"""Tasks and timers beside the order path: begun, repeated, and ended together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from gateway.errors import GatewayError

log = logging.getLogger(__name__)

# From one question about unknown requests to the next.
RESOLVE_PERIOD_S: Final = 1.0
# A stream that loses pushes is opened anew at most this often.
REOPEN_EVERY_S: Final = 10.0


class Background:
    """The tasks and timers of one owner. `stop` ends them all."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def later(self, delay_s: float, call: Callable[[], object]) -> asyncio.TimerHandle:
        """`call` once after the delay, unless all is stopped before."""

        def run() -> None:
            self._timers.discard(timer)
            call()

        timer = self._loop.call_later(delay_s, run)
        self._timers.add(timer)
        return timer

    async def once(self, failure: str, work: Callable[[], Awaitable[None]]) -> None:
        """Work that can fail without harm, because it is done again. `failure` is the text of the log record."""
        try:
            await work()
        except GatewayError as error:
            log.warning(failure, extra={"why": str(error)})
        except Exception:
            log.exception(failure)

    async def repeat(self, period_s: float, failure: str, work: Callable[[], Awaitable[None]]) -> None:
        """`once` after each period, for ever."""
        while True:
            await asyncio.sleep(period_s)
            await self.once(failure, work)

    async def stop(self) -> None:
        for timer in list(self._timers):
            timer.cancel()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class DelayedWork:
    """`ask` for work to be begun a little later; however often it is asked for meanwhile, it is begun once."""

    def __init__(self, background: Background, delay_s: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._background = background
        self._delay_s = delay_s
        self._work = work
        self._is_asked = False

    def ask(self) -> None:
        if not self._is_asked:
            self._is_asked = True
            self._background.later(self._delay_s, self._begin)

    def _begin(self) -> None:
        self._is_asked = False
        self._background.begin(self._work())


class Throttle:
    """True at most once in so many seconds."""

    def __init__(self, every_s: float = REOPEN_EVERY_S) -> None:
        self._every_s = every_s
        self._loop = asyncio.get_running_loop()
        self._done_s = -every_s

    def is_due(self) -> bool:
        now_s = self._loop.time()
        if now_s - self._done_s < self._every_s:
            return False
        self._done_s = now_s
        return True
