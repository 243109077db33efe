"""OKX's clock reaches the order path as its offset from the monotonic clock."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.errors import TransportError
from gateway.process.okx_clock import OkxClock, steady_clock_ns


class Rest:
    """OKX is 250 ns ahead, known to 40 ns, once it was asked."""

    def __init__(self) -> None:
        self.clock_offset_ns = self.clock_error_ns = 0
        self.is_away = False

    async def time_offset_ns(self) -> int:
        if self.is_away:
            raise TransportError("REST is away")
        self.clock_offset_ns, self.clock_error_ns = 250, 40
        return 250


def test_a_resync_sets_offset_and_error() -> None:
    seen: list[tuple[int, int]] = []
    api: Any = SimpleNamespace(set_okx_clock=lambda offset_ns, error_ns: seen.append((offset_ns, error_ns)))
    asyncio.run(OkxClock(Rest(), api, 1_000_000).resync())  # type: ignore[arg-type]
    assert seen == [(1_000_250, 40)]


def test_an_okx_that_does_not_answer_changes_nothing() -> None:
    seen: list[Any] = []
    api: Any = SimpleNamespace(set_okx_clock=lambda *clock: seen.append(clock))
    rest = Rest()
    rest.is_away = True
    with pytest.raises(TransportError):
        asyncio.run(OkxClock(rest, api, 1_000_000).resync())  # type: ignore[arg-type]
    assert seen == []


def test_the_steady_clock_goes_on_by_the_monotonic_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic_ns", lambda: 5)
    assert steady_clock_ns(100) == 105
