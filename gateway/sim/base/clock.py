"""The exchange's clock. A test can skew it, to prove that clients follow the server's clock."""

from __future__ import annotations

import time


class Clock:
    """The exchange's wall clock with a commanded skew, and the true time at which requests arrive."""

    def __init__(self, skew_ms: int = 0) -> None:
        self.skew_ms = skew_ms
        self._last_arrival_ns = 0

    def now_ns(self) -> int:
        return time.time_ns() + self.skew_ms * 1_000_000

    def now_ms(self) -> int:
        return self.now_ns() // 1_000_000

    def arrival_ns(self) -> int:
        """When a request came, for limits and the ledger: true time since the epoch, never going back."""
        self._last_arrival_ns = max(self._last_arrival_ns, time.time_ns())
        return self._last_arrival_ns


class IdSource:
    """Growing 19-digit ids, unique over all orders, bills and positions, and over restarts of the simulator.

    OKX's ordId and billId are globally unique decimal strings beyond 2^53 (OKX docs, "Overview").
    """

    _STEP = 64

    def __init__(self, start_ms: int) -> None:
        self._last = start_ms << 20

    def next_id(self) -> int:
        self._last += self._STEP
        return self._last
