"""A small run: the gateway comes back with its orders, and every start is measured."""

from __future__ import annotations

from pathlib import Path

from benchmarks import start


def test_each_start_takes_over_the_journal_and_the_open_orders(tmp_path: Path) -> None:
    starts = start.measure(tmp_path, orders=200, open_orders=20, times=2)
    assert [one.open_orders for one in starts] == [20, 20]
    # request, intent, ack and one state at least of each order
    assert 800 < starts[0].records < starts[1].records
    for one in starts:
        assert 0 < one.recovered_ms < one.ready_ms
