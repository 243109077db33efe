"""For all tests: their order, and the memory they leave."""

from __future__ import annotations

import gc

import pytest
from hypothesis import settings

# No test is about wall-clock time: a busy machine may take as long as it likes for an example.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# They take longest, mostly by waiting; begun last they would keep the whole suite waiting.
FIRST = (
    "tests/chaos/test_campaign.py",
    "tests/e2e/test_rate_limit.py",
    "tests/e2e",
    "tests/chaos",
    "tests/test_packaging.py",
    "tests/benchmarks",
    "tests/examples",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        return next((n for n, path in enumerate(FIRST) if item.nodeid.startswith(path)), len(FIRST))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: without it a collection is short, and comes before the tests' large tables pile up."""
    gc.collect()
    gc.freeze()
