"""Requests that come before the instruments are loaded: queued as they came, and read later in their order."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, NamedTuple

# A start takes a second if OKX answers; more than this are refused at once.
QUEUED_MAX: Final = 4_096
NEVER_NS: Final = 1 << 62


class QueuedRequest(NamedTuple):
    """A message of a strategy. `deadline_ns` is the monotonic time until which it may wait."""

    deadline_ns: int
    session: int
    generation: int
    owner: int
    is_req: bool
    message: bytes
    mono_ns: int
    real_ns: int

    @property
    def arguments(self) -> tuple[int, int, int, bool, bytes, int, int]:
        """Of `PipelineControl.on_request`."""
        return self[1:]


class StartupQueue:
    """One per gateway. Whoever takes requests out of it reads them at once; one that still has to wait comes back."""

    def __init__(self, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock_ns = clock_ns
        self._queued: list[QueuedRequest] = []
        self._closed = False

    def count(self, owner: int) -> int:
        """How many of a strategy's wait."""
        return sum(one.owner == owner for one in self._queued)

    def queue_request(
        self,
        is_cancel: bool,
        deadline_ns: int,
        session: int,
        generation: int,
        owner: int,
        is_req: bool,
        message: bytes,
        mono_ns: int,
        real_ns: int,
    ) -> bool:
        """Queues a request that may wait until its deadline; False: it is to be refused now.

        A cancel waits as long as what its strategy sent before it: that may be what it is to cancel.
        """
        if is_cancel:
            deadline_ns = max(deadline_ns, *(one.deadline_ns for one in self._queued if one.owner == owner), 0)
        if self._closed or deadline_ns <= self._clock_ns() or len(self._queued) >= QUEUED_MAX:
            return False
        self._queued.append(QueuedRequest(deadline_ns, session, generation, owner, is_req, message, mono_ns, real_ns))
        return True

    def queue_gateway_op(self, session: int, generation: int, owner: int, message: bytes) -> bool:
        """Queues a gateway op that is about what its strategy sent before it; False: it may be done now."""
        if self._closed or not self.count(owner):
            return False
        self._queued.append(QueuedRequest(NEVER_NS, session, generation, owner, False, message, 0, 0))
        return True

    def take_late(self) -> list[QueuedRequest]:
        """Those past their deadline, to be read now, and so refused."""
        if not self._queued:
            return []
        now_ns = self._clock_ns()
        late = [one for one in self._queued if one.deadline_ns <= now_ns]
        self._queued = [one for one in self._queued if one.deadline_ns > now_ns]
        return late

    def close(self) -> list[QueuedRequest]:
        """The instruments are loaded, or the gateway stops: all are to be read now, and none is queued any more."""
        self._closed = True
        queued, self._queued = self._queued, []
        return queued
