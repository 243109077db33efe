"""Pure. The times of reconnects: one immediate attempt, then doubling waits with jitter, within OKX's connect limit.

The random fraction and the time come from the caller.
"""

from __future__ import annotations

from collections import deque
from typing import Final

# OKX docs, WebSocket overview, "Connect": 3 requests per second, by IP.
CONNECTS_PER_S: Final = 3
# The second is measured where the handshakes arrive: spread of their travel times.
CONNECT_MARGIN_MS: Final = 100


class Backoff:
    """The waits of one stream. After `reset` (on success) the first attempt after the next loss is immediate."""

    __slots__ = ("_failures", "_first_ms", "_jitter", "_max_ms")

    def __init__(self, first_ms: int, max_ms: int, jitter: float) -> None:
        """`jitter` in 0..1 is the part of each wait that the random fraction shortens."""
        self._first_ms = first_ms
        self._max_ms = max_ms
        self._jitter = jitter
        self._failures = 0

    @property
    def failures(self) -> int:
        """Attempts since the last success."""
        return self._failures

    def next_delay_ms(self, random_fraction: float) -> int:
        """The wait before the next attempt: 0, then first, 2 x first, … max, each shortened by up to `jitter`."""
        failures = self._failures
        self._failures = failures + 1
        if failures == 0:
            return 0
        doublings = min(failures - 1, 32)  # beyond 2^32 every first_ms is over max_ms
        full_ms = min(self._first_ms << doublings, self._max_ms)
        return full_ms - int(full_ms * self._jitter * random_fraction)

    def reset(self) -> None:
        self._failures = 0


class ConnectPacer:
    """Keeps all streams of a process within OKX's limit of connects per second."""

    __slots__ = ("_starts_ms",)

    def __init__(self) -> None:
        self._starts_ms: deque[int] = deque(maxlen=CONNECTS_PER_S)

    def reserve(self, now_ms: int) -> int:
        """Takes the next free moment for a connect and returns the wait until then; 0 for at once."""
        start_ms = now_ms
        if len(self._starts_ms) == CONNECTS_PER_S:
            start_ms = max(now_ms, self._starts_ms[0] + 1_000 + CONNECT_MARGIN_MS)
        self._starts_ms.append(start_ms)
        return start_ms - now_ms
