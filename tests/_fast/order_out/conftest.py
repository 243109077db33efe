"""A clock in milliseconds, and limits that are soon reached."""

from __future__ import annotations

from typing import Any

import pytest

MS = 1_000_000
WINDOW_MS = 2_000
BATCH_LIMIT = 8
OPTION = "BTC-USD-261225-50000-C"
OTHER_OPTION = "BTC-USD-261225-50000-P"


@pytest.fixture
def limited(new_rig: Any) -> Any:
    """Limits: place 2, cancel 3, amend 2, batch rows 8, mass-cancel 1, sub-account 4, each per 2 s; the cold window is over."""
    return new_rig(window_ns=WINDOW_MS * MS, limits=(2, 3, 2, BATCH_LIMIT, 1, 4), ack_timeout_ms=3_600_000)


def at(rig: Any, ms: float) -> int:
    return int(rig.now + ms * MS)


def tick(rig: Any, ms: float) -> bool:
    return bool(rig.api.tick_at(at(rig, ms)))


def ack_all(rig: Any, ms: float) -> None:
    """OKX accepts whatever it has been sent, at this moment."""
    for index in range(len(rig.sink.sent)):
        rig.accept(index, *(f"{index}{row}" for row in range(20)), at=at(rig, ms))


def sent_names(rig: Any) -> list[str]:
    return [row.get("clOrdId", "") for frame in rig.frames for row in frame["args"]]


def place(rig: Any, *names: str, wait_ms: int = 60_000, ms: float = 0, **fields: Any) -> None:
    for name in names:
        rig.send(rig.order(f"p{name}", clOrdId=name, gw={"maxWaitMs": wait_ms}, **fields), at=at(rig, ms))
