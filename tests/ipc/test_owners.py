"""A name's orders are its own from the epoch on since which its number is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("cl_ord_id", "topic"),
    [
        ("9001000000000000001", "alpha.order"),  # of the configuration: whenever it was minted
        ("8501234567890000001", "late.order"),
        ("8501000000000000001", "late.order"),  # the first epoch since which its number is kept
        ("8500999999990000001", "account.order"),  # an earlier run may have given 850 to another name
    ],
)
def test_an_order_minted_before_its_name_was_kept_belongs_to_nobody(new_rig: Any, cl_ord_id: str, topic: str) -> None:
    rig = new_rig(given={"late": 850})
    rig.push(clOrdId=cl_ord_id, ordId="801")
    assert [shown for shown, _ in rig.events] == [topic]


def test_a_name_that_is_new_in_this_run_owns_nothing_older(rig: Any, connect: Callable[..., Any]) -> None:
    connect().hello("fresh")
    rig.push(clOrdId="9011234567880000001", ordId="801")
    rig.push(clOrdId="9011234567890000001", ordId="802")
    assert [topic for topic, _ in rig.events] == ["account.order", "fresh.order"]


def test_names_and_numbers(rig: Any) -> None:
    assert rig.owners.numbers() == (0, 1, rig.alpha, rig.beta)
    assert [rig.owners.name_of(number) for number in rig.owners.numbers()] == ["account", "gateway", "alpha", "beta"]
    assert rig.owners.number_of("beta") == rig.beta
    assert rig.owners.number_of("nobody") is None


def test_a_name_that_is_known_keeps_its_owner(rig: Any) -> None:
    assert rig.owners.granted("alpha", 900) == rig.alpha
    assert rig.kept_numbers == []
