"""The skewed clock and the ids of the exchange."""

from __future__ import annotations

import pytest

from gateway.sim.base import clock as clock_module
from gateway.sim.base.clock import Clock, IdSource


def test_the_skew_moves_the_exchange_but_not_the_arrival(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module.time, "time_ns", lambda: 1_700_000_000_123_456_789)
    clock = Clock(skew_ms=-2_000)
    assert clock.now_ns() == 1_699_999_998_123_456_789
    assert clock.now_ms() == 1_699_999_998_123
    assert clock.arrival_ns() == 1_700_000_000_123_456_789


def test_arrivals_never_go_back(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter((20, 10, 30))
    monkeypatch.setattr(clock_module.time, "time_ns", lambda: next(times))
    clock = Clock()
    assert [clock.arrival_ns() for _ in range(3)] == [20, 20, 30]


def test_ids_grow_have_19_digits_and_outgrow_those_of_an_earlier_start() -> None:
    ids = IdSource(1_700_000_000_000)
    first, second = ids.next_id(), ids.next_id()
    assert first < second and len(str(first)) == 19
    assert IdSource(1_700_000_000_001).next_id() > first + 10_000 * 64
