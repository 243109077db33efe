from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.sim.base.formats import (
    decimal_text,
    flag_param,
    is_client_id,
    is_tag,
    parse_decimal,
    parse_integer,
    quotient,
    share,
    text_param,
)


@pytest.mark.parametrize("text", ["0", "1", "0.5", "9999999999999999", "0.000000000000000000000001", "007"])
def test_plain_numbers_are_read(text: str) -> None:
    assert parse_decimal(text) == Decimal(text)


@pytest.mark.parametrize(
    "value", ["", "-1", "+1", "1e5", ".5", "1.", "1 ", "NaN", "Infinity", "٣", "1_0", "12345678901234567", None, 1, 0.5]
)
def test_everything_else_is_not_a_number(value: object) -> None:
    assert parse_decimal(value) is None


def test_integers() -> None:
    assert [parse_integer(one) for one in ("0", "007", "1882597188290277120")] == [0, 7, 1882597188290277120]
    assert {parse_integer(one) for one in ("", "-1", "1.0", "1e3", " 1", "٣", "9" * 21, "9" * 5000, None, 1)} == {None}


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.10", "0.1"), ("1E+2", "100"), ("-0", "0"), ("0.00", "0"), ("-1.50", "-1.5"), ("1E-8", "0.00000001")],
)
def test_plain_notation(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text


def test_quotients_are_cut_and_a_whole_share_is_the_whole() -> None:
    assert quotient(Decimal(1), Decimal(3)) == Decimal("0.3333333333333333")
    total = Decimal("0.12345678901234567")
    assert share(total, Decimal(3), Decimal(3)) is total
    assert share(Decimal(1), Decimal(1), Decimal(3)) == Decimal("0.3333333333333333")


@pytest.mark.parametrize(
    ("text", "ok"), [("a", True), ("A1" * 16, True), ("", False), ("a" * 33, False), ("a-b", False), ("é", False)]
)
def test_client_ids(text: str, ok: bool) -> None:
    assert is_client_id(text) is ok


@pytest.mark.parametrize(("text", "ok"), [("a" * 16, True), ("a" * 17, False), ("a_b", False), (None, False)])
def test_tags(text: object, ok: bool) -> None:
    assert is_tag(text) is ok


def test_absent_null_and_empty_are_the_same() -> None:
    assert [text_param(row, "px") for row in ({}, {"px": None}, {"px": ""})] == ["", "", ""]
    assert [flag_param(row, "f") for row in ({}, {"f": None}, {"f": ""}, {"f": "false"})] == [False] * 4
    assert [flag_param(row, "f") for row in ({"f": True}, {"f": "true"})] == [True] * 2


@pytest.mark.parametrize("value", [1, 1.5, True, [], {}])
def test_wrong_types_name_the_parameter(value: object) -> None:
    with pytest.raises(TypeError, match="px"):
        text_param({"px": value}, "px")


@pytest.mark.parametrize("value", [1, "yes", []])
def test_wrong_flags_name_the_parameter(value: object) -> None:
    with pytest.raises(TypeError, match="f"):
        flag_param({"f": value}, "f")
