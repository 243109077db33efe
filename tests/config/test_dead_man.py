"""The bounds of `[dead_man]`. Source: OKX docs, Order Book Trading, "POST / Cancel All After", and Place order, `tag`."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.config.dead_man import DeadManConfig


def test_it_is_off_by_default_and_cancels_all_orders() -> None:
    config = DeadManConfig()
    assert (config.enabled, config.timeout_s, config.renew_s, config.tags) == (False, 30, 5, ())


@pytest.mark.parametrize(
    "values",
    [
        {"timeout_s": 10, "renew_s": 5},
        {"timeout_s": 120, "renew_s": 60},
        {"tags": ["a", "Z9"]},
        {"tags": ["a" * 16]},
        {"tags": [f"t{number}" for number in range(20)]},
    ],
)
def test_values_within_okxs_bounds(values: dict[str, Any]) -> None:
    config = DeadManConfig.model_validate(values)
    assert {key: getattr(config, key) for key in values} == {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
    }


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"timeout_s": 9}, "greater than or equal to 10"),
        ({"timeout_s": 121}, "less than or equal to 120"),
        ({"timeout_s": 10, "renew_s": 6}, "renew_s 6 should be at most half of timeout_s 10"),
        ({"tags": ["a", "b", "a"]}, "should each be listed once"),
        ({"tags": ["a" * 17]}, "match pattern"),
        ({"tags": ["a-b"]}, "match pattern"),
        ({"tags": [f"t{number}" for number in range(21)]}, "at most 20 items"),
    ],
)
def test_values_that_are_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        DeadManConfig.model_validate(values)
