"""What comes before the instruments are loaded: kept as it came, in its order, and read when it can be understood."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

# A start takes a second where OKX answers; more than this are refused at once.
HELD_MAX: Final = 4_096
NEVER_NS: Final = 1 << 62


class QueuedRequest(NamedTuple):
    """`read` answers it. `deadline_ns` is the monotonic time until which it may wait."""

    owner: int
    deadline_ns: int
    read: Callable[[], object]


class StartupQueue:
    """`read` is the order path: it asks `hold` again as long as nothing is loaded."""

    def __init__(self, read: Callable[..., object], clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._read = read
        self._clock_ns = clock_ns
        self._held: list[QueuedRequest] = []
        self._closed = False

    def count(self, owner: int) -> int:
        """How many of a strategy's wait."""
        return sum(one.owner == owner for one in self._held)

    def hold(self, is_cancel: bool, deadline_ns: int, session: int, generation: int, owner: int, *rest: object) -> bool:
        """Keeps a request that may wait to its deadline; False: it is to be refused now.

        A cancel waits as long as what its strategy sent before it: that may be what it is to cancel.
        """
        if is_cancel:
            deadline_ns = max(deadline_ns, *(one.deadline_ns for one in self._held if one.owner == owner), 0)
        if self._closed or deadline_ns <= self._clock_ns() or len(self._held) >= HELD_MAX:
            return False
        self._held.append(QueuedRequest(owner, deadline_ns, partial(self._read, session, generation, owner, *rest)))
        return True

    def defer(self, owner: int, call: Callable[[], None]) -> bool:
        """Keeps a gateway op that is about what its strategy sent before it; False: it may be done now."""
        if self._closed or not self.count(owner):
            return False
        self._held.append(QueuedRequest(owner, NEVER_NS, call))
        return True

    def tick(self) -> None:
        """Those past their deadline are read now, and so refused."""
        if self._held:
            now_ns = self._clock_ns()
            late = [one for one in self._held if one.deadline_ns <= now_ns]
            self._held = [one for one in self._held if one.deadline_ns > now_ns]
            for one in late:
                one.read()

    def release(self) -> None:
        """The instruments are loaded, or the gateway stops: all are read now, and none is kept any more."""
        self._closed = True
        held, self._held = self._held, []
        for one in held:
            one.read()
