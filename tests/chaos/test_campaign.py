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


def test_the_seeds_together_cover_all_results_and_faults(result_of: Callable[[int], Result]) -> None:
    """A campaign without faults would be clean as well."""
    trails = [result_of(seed).trail for seed in SEEDS]
    results = {(fate.result, fate.acked["origin"]) for trail in trails for fate in trail.fates}
    assert results >= {("accepted", "okx"), ("accepted", "gateway"), ("rejected", "okx"), ("rejected", "gateway")}
    resolved = [fate for trail in trails for fate in trail.fates if fate.acked["result"] == "unknown"]
    assert {fate.result for fate in resolved} >= {"accepted", "rejected"}
    assert sum(len(list(trail.of_ledger("fill"))) for trail in trails) > len(SEEDS)
    assert any(one["type"] == "replayed" for trail in trails for records in trail.records.values() for one in records)
    actions = {one["action"] for trail in trails for one in trail.actions}
    assert actions >= {
        "kill_gateway",
        "kill_strategy",
        "stop_gateway",
        "stop_strategy",
        "slow_reader",
        "fill_disk",
        "free_disk",
    }
    sessions = [{event["session"] for _, _, event in trail.received()} for trail in trails]
    assert max(map(len, sessions)) > 1
    assert any(fate.acked["reason"] == "journal" for trail in trails for fate in trail.fates)
    assert any(one["run"] > 1 for trail in trails for records in trail.records.values() for one in records)
