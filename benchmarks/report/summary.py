"""Pure. From samples to the numbers of the report: percentiles over all rounds, ratios within each round."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.measurement.catalogue import RatioEntry


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Of all samples of one column in one state; ns. With fewer than 1000 samples p99_9 leans on the largest few."""

    count: int
    min: float
    p10: float
    p50: float
    p90: float
    p99: float
    p99_9: float
    max: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """`rounds` has one value for each round; the median is the result, the quartiles say how steady it was."""

    what: str
    above: str
    below: tuple[str, ...]
    median: float
    lower_quartile: float
    upper_quartile: float
    rounds: list[float]


Rounds = Sequence[Mapping[str, Sequence[int]]]
"""For each round the samples by column."""


def percentiles(samples: Sequence[int]) -> Percentiles:
    """At least two samples."""
    cuts = statistics.quantiles(samples, n=1000, method="inclusive")
    p10, p50, p90, p99, p99_9 = (cuts[permille - 1] for permille in (100, 500, 900, 990, 999))
    return Percentiles(len(samples), min(samples), p10, p50, p90, p99, p99_9, max(samples))


def round_medians(rounds: Rounds, column: str = "round_trip") -> list[float]:
    """The p50 of each round."""
    return [statistics.median(samples[column]) for samples in rounds]


def ratio(entry: RatioEntry, rounds_by_subject: Mapping[str, Rounds]) -> Ratio | None:
    """None where one of its subjects was not measured."""
    names = (entry.above, *entry.below)
    if any(name not in rounds_by_subject for name in names):
        return None
    medians = {name: round_medians(rounds_by_subject[name]) for name in names}
    below = [sum(values) for values in zip(*(medians[name] for name in entry.below), strict=True)]
    rounds = [over / under for over, under in zip(medians[entry.above], below, strict=True)]
    lower, median, upper = statistics.quantiles(rounds, n=4, method="inclusive") if len(rounds) > 1 else rounds * 3
    return Ratio(entry.what, entry.above, entry.below, median, lower, upper, rounds)
