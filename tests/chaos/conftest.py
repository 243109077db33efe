"""All seeds of the campaign start with the first test that asks for one: a few at a time, each in separate processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.chaos.campaign import Result, run_plan
from tests.chaos.plan import make_plan

SEEDS = range(1, 21)
SAFETY_MS = 2_000
# A run mostly waits for its faults and time limits; on two cores more runs at once would starve each other.
RUNS_AT_ONCE = 3


@pytest.fixture(scope="session")
def result_of() -> Iterator[Callable[[int], Result]]:
    """The result of a seed, once it is known."""
    with ThreadPoolExecutor(RUNS_AT_ONCE) as pool:
        runs: dict[int, Future[Result]] = {
            seed: pool.submit(run_plan, make_plan(seed, safety_ms=SAFETY_MS)) for seed in SEEDS
        }
        yield lambda seed: runs[seed].result()
        pool.shutdown(cancel_futures=True)
