"""Sizes are added up exactly, against Python's decimal numbers; what cannot be is said."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway._fast.base.decimals import remainder, total

SIZES = st.decimals(0, 10**15, places=18).map(lambda size: f"{size:f}")


@given(st.lists(SIZES, max_size=50))
def test_a_sum(sizes: list[str]) -> None:
    with localcontext(prec=60):
        assert Decimal(total(sizes) or "") == sum(map(Decimal, sizes))


@given(SIZES, SIZES)
def test_what_is_left(whole: str, part: str) -> None:
    with localcontext(prec=60):
        assert Decimal(remainder(whole, part) or "") == max(Decimal(whole) - Decimal(part), Decimal(0))


@pytest.mark.parametrize(
    ("size", "read"),
    [
        ("", "0"),
        ("7", "7"),
        ("007.50", "7.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("0.000000000000000001", "0.000000000000000001"),
        ("0.0000000000000000010", "0.000000000000000001"),
        ("99999999999999999", "99999999999999999"),
    ],
)
def test_how_sizes_are_read(size: str, read: str) -> None:
    assert Decimal(total([size]) or "-1") == Decimal(read)


@pytest.mark.parametrize("size", ["-1", "1e3", "1.2.3", "x", " 1", "0.0000000000000000001", "100000000000000000"])
def test_what_cannot_be_added_up_is_said(size: str) -> None:
    assert total(["1", size]) is None and remainder("1", size) is None and remainder(size, "1") is None
