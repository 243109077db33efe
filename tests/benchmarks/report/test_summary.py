"""Percentiles over all samples, ratios within rounds: the expected values are computed by hand."""

import pytest

from benchmarks.measurement.catalogue import RatioEntry
from benchmarks.report.summary import Rounds, percentiles, ratio, round_medians

ENTRY = RatioEntry("r", "a over b and c", "a", ("b", "c"))


def rounds(*medians: int) -> Rounds:
    return [{"round_trip": [median - 1, median, median + 1000]} for median in medians]


def test_percentiles_of_0_to_1000() -> None:
    found = percentiles(list(range(1001)))
    assert (found.count, found.min, found.max) == (1001, 0, 1000)
    assert (found.p10, found.p50, found.p90, found.p99, found.p99_9) == pytest.approx((100, 500, 900, 990, 999))


def test_the_p50_of_each_round() -> None:
    assert round_medians(rounds(10, 30)) == [10, 30]


def test_a_ratio_is_taken_within_each_round() -> None:
    # A machine that is three times slower in the last round leaves no trace.
    by_subject = {"a": rounds(30, 40, 90), "b": rounds(5, 10, 15), "c": rounds(15, 10, 45)}
    found = ratio(ENTRY, by_subject)
    assert found is not None
    assert found.rounds == [1.5, 2.0, 1.5]
    assert (found.median, found.lower_quartile, found.upper_quartile) == (1.5, 1.5, 1.75)


def test_a_single_round_is_its_own_median() -> None:
    found = ratio(ENTRY, {"a": rounds(30), "b": rounds(10), "c": rounds(10)})
    assert found is not None
    assert (found.median, found.lower_quartile, found.upper_quartile) == (1.5, 1.5, 1.5)


def test_without_a_part_there_is_no_ratio() -> None:
    assert ratio(ENTRY, {"a": rounds(30), "b": rounds(10)}) is None
