"""Minted ids: number, 9 digits of epoch, 7 of counter. Expected values are put together by hand."""

from __future__ import annotations

from typing import Any

import pytest

from gateway._fast.base import minted_ids
from gateway._fast.base.minted_ids import minted_by

# The epoch of the rigs: see `tests/_fast/conftest.py`.
EPOCH = "123456789"


def test_the_numbers_of_the_layout() -> None:
    assert (minted_ids.EPOCH_DIGITS, minted_ids.COUNTER_DIGITS) == (9, 7)
    assert minted_ids.EPOCH_START_S == 1_577_836_800, "date -u -d 2020-01-01 +%s"
    assert minted_ids.STRATEGY_NUMBER_MAX == 919
    assert 919_999_999_999_9999999 < 2**63, "its last id"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (b"9001234567890000001", (900, 123_456_789)),
        (b"71234567890000001", (7, 123_456_789)),
        (b"421234567899999999", (42, 123_456_789)),
        (b"0071234567890000001", (7, 123_456_789)),
        (b"9190000000019999999", (919, 1)),
        (b"9999999999999999999", (999, 999_999_999)),
        (b"", None),
        (b"1234567890000001", None),  # 16 digits
        (b"90012345678900000011", None),  # 20
        (b"900123456789000000x", None),
        (b"-001234567890000001", None),
        (b"9001234567890000 01", None),
        ("９001234567890001".encode(), None),  # a digit, but not of ASCII: 19 bytes
    ],
)
def test_what_a_minted_id_says(text: bytes, read: tuple[int, int] | None) -> None:
    assert minted_by(text) == read


def test_ids_are_consecutive_and_bear_number_and_epoch(rig: Any) -> None:
    for number in range(3):
        rig.send(rig.order(f"o{number}"), owner=rig.beta)
    names = [frame["args"][0]["clOrdId"] for frame in rig.frames]
    assert names == [f"7{EPOCH}000000{counter}" for counter in (1, 2, 3)]


@pytest.mark.parametrize("epoch", [0, -1, 1_000_000_000])
def test_an_epoch_of_another_length_is_refused(new_rig: Any, epoch: int) -> None:
    with pytest.raises(ValueError, match="9 digits"):
        new_rig(epoch=epoch)


@pytest.mark.parametrize("number", [0, 920])
def test_a_number_whose_ids_okx_would_not_show_is_refused(rig: Any, number: int) -> None:
    with pytest.raises(ValueError, match="not 1 to 919"):
        rig.trading.add_strategy("gamma", number, 0)


@pytest.mark.parametrize("cl_ord_id", ["1" * 17, "1" * 18, "1" * 19])
def test_a_strategy_may_not_use_the_form_itself(rig: Any, cl_ord_id: str) -> None:
    rig.send(rig.order("o1", clOrdId=cl_ord_id))
    assert rig.reply["reason"] == "bad_request"
    rig.send(rig.order("o2", clOrdId=cl_ord_id + "x"))
    assert len(rig.frames) == 1
