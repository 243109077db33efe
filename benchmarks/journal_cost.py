"""What the journal costs the order path: each append timed in its thread, while the journal's own writes to disk.

python -m benchmarks.journal_cost [--count N] [--dir DIR]
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.native import extensions
from benchmarks.report.summary import Percentiles, percentiles
from gateway._fast.journal.writer import Journal
from gateway.journal.format import header_template

COUNT: Final = 20_000
# Bytes of an ack event with one row; a request and an intent are somewhat smaller.
BODY_BYTES: Final = 500
SEGMENT_MIB: Final = 32
INTERVAL_MS: Final = 10


@dataclass(frozen=True, slots=True)
class JournalCost:
    """One way of writing, in ns with two readings of the clock; `disk_writes` counts groups written meanwhile."""

    what: str
    durability: str
    gap_us: int
    body_bytes: int
    append: Percentiles
    disk_writes: int
    lost: int


def measure(count: int = COUNT, directory: Path | None = None) -> dict[str, JournalCost]:
    """By name: without and with writing to disk, one append after the other and with pauses as orders have them."""
    found = {}
    for durability in ("process", "disk"):
        for name, gap_us in (("saturated", 0), ("paced", 200)):
            with TemporaryDirectory(prefix="okx-journal-", dir=directory) as folder:
                found[f"{durability}_{name}"] = _one(Path(folder), durability, name, gap_us, count)
    return found


def clock_cost() -> Percentiles:
    """The two readings of the clock, which are in every figure."""
    return percentiles(extensions.load("append_times").time_nothing(COUNT))


def _time_appends(journal: Journal, count: int, gap_us: int) -> list[int]:
    times: list[int] = extensions.load("append_times").time_appends(journal, count, BODY_BYTES, gap_us)
    return times


def _one(folder: Path, durability: str, name: str, gap_us: int, count: int) -> JournalCost:
    size = SEGMENT_MIB << 20
    header = header_template("bench", "bench", "simulator", size)
    journal = Journal(os.fspath(folder), header, size, INTERVAL_MS, durability == "disk", 1, 1, 1)
    try:
        _time_appends(journal, 1_000, 0)  # warm
        _settle(journal, folder, durability == "disk")
        before = journal.syncs
        times = _time_appends(journal, count, gap_us)
        written, lost = journal.syncs - before, journal.lost
    finally:
        journal.close()
    return JournalCost(name, durability, gap_us, BODY_BYTES, percentiles(times), written, lost)


def _settle(journal: Journal, folder: Path, to_disk: bool) -> None:
    """Until the next file stands ready, and a group has been written behind it where groups are written."""
    while len(list(folder.glob("*.journal"))) < 2:
        time.sleep(0.01)
    _time_appends(journal, 1, 0)
    while to_disk and journal.unsynced_bytes:
        time.sleep(0.01)


def lines(costs: dict[str, JournalCost]) -> list[str]:
    """A table for a terminal."""
    titles = f"{'p50':>8}{'p90':>8}{'p99':>8}{'p99.9':>9}{'max':>10}{'disk writes':>13}"
    head = f"{'journal append, ns':<24}{'count':>8}{titles}"
    rows = [
        f"{name:<24}{cost.append.count:>8}{cost.append.p50:>8.0f}{cost.append.p90:>8.0f}{cost.append.p99:>8.0f}"
        f"{cost.append.p99_9:>9.0f}{cost.append.max:>10.0f}{cost.disk_writes:>13}"
        for name, cost in costs.items()
    ]
    return [head, *rows]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.journal_cost", description="ns of an append.")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--dir", type=Path, help="a directory on the disk to be measured (default: the temporary one)")
    options = parser.parse_args()
    costs = measure(options.count, options.dir)
    clock = clock_cost()
    print("\n".join(lines(costs)))
    print(f"two readings of the clock, in all of these: p50 {clock.p50:.0f}, p99 {clock.p99:.0f} ns")


if __name__ == "__main__":
    main()
