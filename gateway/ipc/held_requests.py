"""Order requests that come before the instruments are loaded: kept as they came, read when they can be understood."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import orjson

# A start takes a second where OKX answers; more than this are refused at once.
HELD_MAX: Final = 4_096
PLACING_OPS: Final = frozenset({"order", "batch-orders", "order-algo"})


class HeldRequest(NamedTuple):
    """A message with all that the order path takes beside it. `mono_ns` and `real_ns` are when it was read."""

    session: int
    generation: int
    family: int
    is_req: bool
    message: bytes
    mono_ns: int
    real_ns: int


class HeldRequests:
    """In the order in which they came. `read` is the order path: it asks `hold` again as long as nothing is loaded."""

    def __init__(self, read: Callable[..., None], clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._read = read
        self._clock_ns = clock_ns
        self._held: list[tuple[int, HeldRequest]] = []
        self._closed = False

    def hold(self, deadline_ns: int, *request: int | bytes) -> bool:
        """Keeps a request that may wait to its deadline (monotonic); False: it is to be refused now."""
        if self._closed or deadline_ns <= self._clock_ns() or len(self._held) >= HELD_MAX:
            return False
        self._held.append((deadline_ns, HeldRequest(*request)))  # type: ignore[arg-type]
        return True

    def tick(self) -> None:
        """Those past their deadline are read now, and so refused."""
        if self._held:
            now_ns = self._clock_ns()
            self._take(lambda deadline_ns, _: deadline_ns <= now_ns)

    def release(self) -> None:
        """The instruments are loaded, or the gateway stops: all are read now, and none is kept any more."""
        self._closed = True
        self._take(lambda *_: True)

    def withdraw(self, family: int, inst_id: str) -> int:
        """Refuses what a strategy wants placed, of one instrument or ("") of all. Returns how many orders that is."""
        was_closed, self._closed = self._closed, True
        taken = self._take(lambda _, request: request.family == family and _places(request.message, inst_id))
        self._closed = was_closed
        return sum(len(_rows(request.message)) for request in taken)

    def _take(self, is_wanted: Callable[[int, HeldRequest], bool]) -> list[HeldRequest]:
        """Those are read, and so answered."""
        taken = [one for one in self._held if is_wanted(*one)]
        self._held = [one for one in self._held if one not in taken]
        for _, request in taken:
            self._read(*request)
        return [request for _, request in taken]


def _rows(message: bytes) -> list[dict[str, Any]]:
    """The order path has found the message well formed."""
    rows: list[dict[str, Any]] = orjson.loads(message)["args"]
    return rows


def _places(message: bytes, inst_id: str) -> bool:
    """It asks for orders, and not only of other instruments, as far as it says so (`instIdCode` does not)."""
    if orjson.loads(message)["op"] not in PLACING_OPS:
        return False
    return not inst_id or any(row.get("instId", inst_id) == inst_id for row in _rows(message))
