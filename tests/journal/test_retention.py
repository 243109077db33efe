"""Which files can be removed: each limit alone, and the files that no limit removes."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.journal.retention import Kept, first_to_keep

FIVE = [Kept(number, 100, 1_000 * number) for number in (3, 4, 5, 6, 7)]
NO_LIMIT: dict[str, Any] = {"needed": 99, "now_s": 8_000, "keep_bytes": 0, "keep_s": 0, "keep_count": 0}


@pytest.mark.parametrize(
    ("limits", "first"),
    [
        ({}, 3),
        ({"keep_bytes": 500}, 3),
        ({"keep_bytes": 499}, 4),
        ({"keep_bytes": 250}, 6),
        ({"keep_bytes": 1}, 7),
        ({"keep_count": 2}, 6),
        ({"keep_s": 4_000}, 4),
        ({"keep_s": 3_999}, 5),
        ({"keep_bytes": 1, "needed": 5}, 5),
        ({"keep_count": 1, "needed": 3}, 3),
        ({"keep_s": 1, "needed": 1}, 3),
    ],
)
def test_the_first_file_that_stays(limits: dict[str, Any], first: int) -> None:
    assert first_to_keep(FIVE, **{**NO_LIMIT, **limits}) == first


def test_without_files_there_is_nothing_to_keep() -> None:
    assert first_to_keep([], **NO_LIMIT) == 0
