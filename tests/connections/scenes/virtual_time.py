"""An event loop whose clock jumps to the next timer instead of waiting for it."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Awaitable, Callable
from typing import Any

START_S = 1_000.0


class VirtualLoop(asyncio.SelectorEventLoop):
    """For code whose peers are fakes: a turn in which nothing is ready moves the clock, and takes no time."""

    def __init__(self) -> None:
        self.now_s = START_S
        selector = selectors.DefaultSelector()
        select = selector.select

        def jump(timeout: float | None = None) -> Any:
            assert timeout is not None, "nothing would ever happen again"
            self.now_s += timeout
            return select(0)

        selector.select = jump  # type: ignore[method-assign]
        super().__init__(selector)

    def time(self) -> float:
        return self.now_s


def on_virtual_time(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Runs an async test on a `VirtualLoop`. An exception in a callback, which a loop only logs, fails it."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        raised: list[dict[str, Any]] = []
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.get_loop().set_exception_handler(lambda _, context: raised.append(context))
            runner.run(test(*args, **kwargs))  # type: ignore[arg-type]
        assert raised == []

    return run
