"""Nothing is lost, doubled or misreported, whatever goes wrong: the seeds that every change is tested with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.chaos.campaign import Result
from tests.chaos.conftest import SEEDS


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_is_clean(result_of: Callable[[int], Result], seed: int) -> None:
    result = result_of(seed)
    assert not result.violations, result.text


def test_the_seeds_together_meet_what_they_are_for(result_of: Callable[[int], Result]) -> None:
    """A campaign in which nothing happens would be clean as well."""
    stories = [result_of(seed).story for seed in SEEDS]
    results = {(fate.result, fate.told["origin"]) for story in stories for fate in story.fates}
    assert results >= {("accepted", "okx"), ("accepted", "gateway"), ("rejected", "okx"), ("rejected", "gateway")}
    resolved = [fate for story in stories for fate in story.fates if fate.told["result"] == "unknown"]
    assert {fate.result for fate in resolved} >= {"accepted", "rejected"}
    assert sum(len(list(story.of_ledger("fill"))) for story in stories) > len(SEEDS)
    assert any(one["what"] == "replayed" for story in stories for records in story.told.values() for one in records)
    deeds = {one["what"] for story in stories for one in story.deeds}
    assert deeds >= {
        "kill_gateway",
        "kill_strategy",
        "stop_gateway",
        "stop_strategy",
        "slow_reader",
        "fill_disk",
        "free_disk",
    }
    sessions = [{event["session"] for _, _, event in story.heard()} for story in stories]
    assert max(map(len, sessions)) > 1
    assert any(fate.told["reason"] == "journal" for story in stories for fate in story.fates)
    assert any(one["run"] > 1 for story in stories for records in story.told.values() for one in records)
