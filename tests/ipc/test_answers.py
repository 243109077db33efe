"""What the gateway says on the orders socket in words of its own: always one JSON object, whatever it quotes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.ipc import answers
from gateway.ipc.answers import BadArgs

TEXT = st.text(st.characters(codec="utf-8"), max_size=120)


def test_an_answer_and_a_refusal() -> None:
    assert json.loads(answers.answer("g1", "ping", [{"ns": "5"}])) == {
        "id": "g1",
        "op": "ping",
        "code": "0",
        "reason": "",
        "msg": "",
        "data": [{"ns": "5"}],
    }
    assert json.loads(answers.refusal("g1", "replay", "gone", "too old", [{"first": 7}])) == {
        "id": "g1",
        "op": "replay",
        "code": "1",
        "reason": "gone",
        "msg": "too old",
        "data": [{"first": 7}],
    }
    assert json.loads(answers.refusal("", "", "not_json", "x"))["data"] == []


@settings(max_examples=200)
@given(
    reason=st.sampled_from(["unknown_op", "not_json", "bad_request"]),
    expected=TEXT,
    key=TEXT,
    row=st.integers(-1, 20),
    op=TEXT,
)
def test_words_of_a_refusal_fit_into_a_json_string_whatever_they_quote(
    reason: str, expected: str, key: str, row: int, op: str
) -> None:
    words = answers.refusal_message(reason, expected, key, row, op)
    read: str = json.loads(b'"' + words + b'"')
    assert read.endswith(f"must be {expected}")


@pytest.mark.parametrize(
    ("reason", "key", "row", "expected"),
    [
        ("bad_request", "sz", 3, "args[3].sz must be X"),
        ("bad_request", "args", 3, "args must be X"),
        ("bad_request", "expTime", -1, "expTime must be X"),
        ("bad_request", "k" * 81, 0, "args[0]." + "k" * 80 + "… must be X"),
        ("not_json", "sz", 3, "the message must be X"),
        ("bad_request", "", -1, "the message must be X"),
        ("unknown_op", "op", -1, "op 'buy' is none that the gateway knows: it must be X"),
    ],
)
def test_words_of_a_refusal_name_the_place(reason: str, key: str, row: int, expected: str) -> None:
    assert answers.refusal_message(reason, "X", key, row, "buy").decode() == expected


@pytest.mark.parametrize(
    "message", [b"", b"[]", b"1", b"null", b'{"a":', b"\xff", b'{"a":"\\ud800"}', b'{"a":1e400}', b"[" * 2_000]
)
def test_messages_that_are_no_object(message: bytes) -> None:
    with pytest.raises(BadArgs, match="JSON object"):
        answers.read_message(message)


@pytest.mark.parametrize("args", [5, "x", {}, None, [1], [[]], [{}, {}], [None]])
def test_args_that_are_not_at_most_one_object(args: Any) -> None:
    with pytest.raises(BadArgs, match="at most one object"):
        answers.first_arg({"args": args}, frozenset())


def test_the_first_arg() -> None:
    assert answers.first_arg({}, frozenset()) == {}
    assert answers.first_arg({"args": []}, frozenset()) == {}
    assert answers.first_arg({"args": [{"a": 1}]}, frozenset({"a", "b"})) == {"a": 1}
    with pytest.raises(BadArgs, match=r"args\[0\]\.c is unknown here: there may be a, b"):
        answers.first_arg({"args": [{"c": 1}]}, frozenset({"a", "b"}))
    with pytest.raises(BadArgs, match="there may be no keys"):
        answers.first_arg({"args": [{"c": 1}]}, frozenset())


@pytest.mark.parametrize("value", [-1, 11, 1.0, "5", True, None, [], 10**30])
def test_whole_numbers(value: Any) -> None:
    with pytest.raises(BadArgs, match="from 0 to 10"):
        answers.integer({"n": value}, "n", 3, 0, 10)
    assert [answers.integer({"n": good}, "n", 3, 0, 10) for good in (0, 10)] == [0, 10]
    assert answers.integer({}, "n", 3, 0, 10) == 3


@pytest.mark.parametrize("value", [5, None, True, "x" * 65, "é", "a\nb", "\x7f", []])
def test_texts(value: Any) -> None:
    with pytest.raises(BadArgs, match="printable ASCII"):
        answers.text({"t": value}, "t")
    assert answers.text({"t": "a b~"}, "t") == "a b~"
    assert answers.text({"t": "x" * 64}, "t") == "x" * 64
    assert answers.text({}, "t") == ""


@pytest.mark.parametrize(
    ("arg", "rows", "start", "more"),
    [
        ({}, range(100), 0, True),
        ({"from": 100}, range(100, 200), 100, True),
        ({"from": 200}, range(200, 250), 200, False),
        ({"from": 240, "limit": 10}, range(240, 250), 240, False),
        ({"from": 240, "limit": 9}, range(240, 249), 240, True),
        ({"from": 250}, range(0), 250, False),
        ({"from": 9_999}, range(0), 9_999, False),
        ({"limit": 500}, range(250), 0, False),
        ({"limit": 1}, range(1), 0, True),
    ],
)
def test_pages(arg: dict[str, int], rows: range, start: int, more: bool) -> None:
    assert answers.page(list(range(250)), arg) == (list(rows), start, more)


@pytest.mark.parametrize("arg", [{"limit": 501}, {"limit": 0}, {"limit": -1}, {"from": -1}, {"from": "0"}])
def test_pages_that_are_none(arg: dict[str, Any]) -> None:
    with pytest.raises(BadArgs):
        answers.page([], arg)
