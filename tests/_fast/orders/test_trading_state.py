"""Who owns an order that is not held: the number that a minted `clOrdId` begins with, and the epoch since which it is its own."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def owner_of(rig: Any) -> Any:
    """The topic of a push of an order with this clOrdId. `edge` has the number 919 since the epoch 100; `small` has 5."""
    rig.trading.add_strategy("edge", 919, 100)
    rig.trading.add_strategy("small", 5, 0)

    def ask(cl_ord_id: str) -> str:
        rig.forget()
        rig.push(clOrdId=cl_ord_id, ordId=f"8{rig.now % 1_000}{cl_ord_id[-6:]}")
        ((topic, _),) = rig.events
        return str(topic)

    return ask


@pytest.mark.parametrize(
    ("cl_ord_id", "topic"),
    [
        ("9001234567890000001", "alpha.order"),
        ("71234567890000001", "beta.order"),  # 17 digits: a number of one
        ("51234567890000001", "small.order"),
        ("9190000001000000001", "edge.order"),  # the first epoch that is its own
        ("9190000000999999999", "account.order"),  # and the last that is not
        ("9190000001009999999", "edge.order"),
        ("9991234567890000001", "account.order"),  # nobody's number
        ("0071234567890000001", "beta.order"),  # leading zeros
        ("1234567890000001", "account.order"),  # 16 digits: no number
        ("90012345678900000012", "account.order"),  # 20 digits
        ("900123456789000000a", "account.order"),
        ("a001234567890000001", "account.order"),
    ],
)
def test_owner_of_a_minted_id(owner_of: Any, cl_ord_id: str, topic: str) -> None:
    assert owner_of(cl_ord_id) == topic


def test_of_two_with_one_number_the_first_whose_epoch_it_is(rig: Any) -> None:
    """A number of the configuration that an earlier run had given to another name."""
    rig.trading.add_strategy("old", 42, 200)
    rig.trading.add_strategy("new", 42, 0)
    rig.push(clOrdId="420000001990000001", ordId="801")
    rig.push(clOrdId="420000002000000001", ordId="802")
    assert [topic for topic, _ in rig.events] == ["new.order", "old.order"]


@pytest.mark.parametrize("number", [0, 920, -1])
def test_a_number_out_of_range(rig: Any, number: int) -> None:
    with pytest.raises(ValueError, match="1 to 919"):
        rig.trading.add_strategy("edge", number, 0)


def test_a_name_that_is_there_already(rig: Any) -> None:
    with pytest.raises(ValueError, match="alpha"):
        rig.trading.add_strategy("alpha", 11, 0)
