"""Pure. The result as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks import instructions
from benchmarks.measurement.catalogue import HEADLINE_AIM
from benchmarks.report.result import Result, StateConditions
from benchmarks.report.summary import Percentiles


def lines(result: Result) -> Iterator[str]:
    """The whole report."""
    yield f"{result.utc}  commit {result.commit.hash[:12] or 'none'}{' (modified)' if result.commit.modified else ''}"
    yield f"{result.machine['cpu']}, {result.machine['cores']} cores, {result.machine['system']}"
    yield from (f"{name}={value}" for name, value in result.gateway_overrides.items())
    for state, conditions in result.states.items():
        yield ""
        yield f"{state}: {result.rounds} rounds of {conditions.orders_per_round} orders, {_conditions(conditions)}"
        yield from _round_trips(result, state)
        yield from _stages(result, state)
        yield from _ratios(result, state)
    for counted in result.instructions.values():
        yield ""
        yield from instructions.lines(counted)
    yield ""
    yield from result.notes


def _conditions(conditions: StateConditions) -> str:
    gaps = f"gaps {conditions.gap_min_us / 1000:g} to {conditions.gap_max_us / 1000:g} ms"
    stolen = f"{conditions.steal_s:.1f} s stolen by the host"
    return f"{gaps}, cores kept awake by {conditions.cores_awake_by}, {stolen}"


def _columns(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        f"{cell:>{width}}" if at else f"{cell:<{width}}"
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *rest]).rstrip()


WIDTHS = (52, 8, 8, 8, 8, 8)


def _row(name: str, numbers: Percentiles) -> str:
    times = (numbers.p10, numbers.p50, numbers.p90, numbers.p99)
    return _columns([name, str(numbers.count), *(f"{time / 1000:.1f}" for time in times)], WIDTHS)


def _round_trips(result: Result, state: str) -> Iterator[str]:
    yield _columns(["  round trip, µs", "orders", "p10", "p50", "p90", "p99"], WIDTHS)
    for subject in result.subjects.values():
        yield _row(f"    {subject.what}", subject.states[state].columns["round_trip"])


def _stages(result: Result, state: str) -> Iterator[str]:
    for subject in result.subjects.values():
        columns = subject.states[state].columns
        if len(columns) == 1:
            continue
        yield _columns([f"  stages, {subject.what}, µs", "orders", "p10", "p50", "p90", "p99"], WIDTHS)
        for name, numbers in columns.items():
            if name != "round_trip":
                yield _row(f"    {name}", numbers)


def _ratios(result: Result, state: str) -> Iterator[str]:
    if result.ratios[state]:
        yield _columns(["  ratio of p50s within a round", "median", "quarter", "to", "", ""], WIDTHS)
    for name, ratio in result.ratios[state].items():
        quartiles = (ratio.median, ratio.lower_quartile, ratio.upper_quartile)
        aim = f"  (aim {HEADLINE_AIM})" if name == "headline" else ""
        yield _columns([f"    {ratio.what}", *(f"{value:.2f}" for value in quartiles), "", ""], WIDTHS) + aim
