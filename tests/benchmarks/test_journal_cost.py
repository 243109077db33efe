"""A small run: every way of writing is measured, nothing is lost, and disk writes happen where they should."""

from __future__ import annotations

from pathlib import Path

from benchmarks import journal_cost


def test_each_way_of_writing_is_measured(tmp_path: Path) -> None:
    costs = journal_cost.measure(200, tmp_path)
    assert list(costs) == ["process_saturated", "process_paced", "disk_saturated", "disk_paced"]
    for cost in costs.values():
        assert (cost.append.count, cost.lost) == (200, 0)
        assert 0 < cost.append.p50 <= cost.append.p99_9 <= cost.append.max
    assert costs["process_paced"].disk_writes == 0
    assert costs["disk_paced"].disk_writes > 0
    assert list(tmp_path.iterdir()) == []
    table = journal_cost.lines(costs)
    assert len(table) == 5 and table[0].split()[-2:] == ["disk", "writes"]
