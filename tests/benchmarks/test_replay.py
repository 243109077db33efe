"""A small run: orders go on beside replays that reach behind what memory holds, and both are counted."""

from __future__ import annotations

from benchmarks import replay


def test_both_kinds_of_rounds_are_measured() -> None:
    cost = replay.measure(events=600, readers=2, rounds=2, orders=20)
    assert (cost.alone.count, cost.beside.count) == (40, 40)
    assert 0 < cost.alone.p50 <= cost.alone.max
    assert cost.pages > 0 and cost.events >= cost.pages
