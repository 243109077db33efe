"""Rows with unknown fields, empty strings and unknown enum values; repeated pushes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.sim.faults.malformed_rows import malformed, merged, repeated

ROW = {"ordId": "1", "state": "live", "sz": "2", "px": "", "fillTime": None, "uTime": "1700000000000"}


def changed(kind: str, fields: str = "", value: str = "new") -> Any:
    payload = json.dumps({"arg": {"channel": "orders"}, "data": [ROW]}).encode()
    (row,) = json.loads(malformed(payload, {"kind": kind, "fields": fields, "value": value}))["data"]
    return row


def test_unknown_fields() -> None:
    assert changed("unknown_field") == {**ROW, "someNewField": "new", "someNewObject": {"someNewList": ["new"]}}
    assert changed("unknown_field", "a,b")["a"] == changed("unknown_field", "a,b")["b"] == "new"


def test_empty_strings_leave_the_identity_alone_unless_it_is_named() -> None:
    assert changed("empty_strings") == {**ROW, "sz": "", "uTime": ""}
    assert changed("empty_strings", "ordId,absent") == {**ROW, "ordId": ""}


def test_an_unknown_enum_value() -> None:
    assert changed("unknown_enum") == {**ROW, "state": "new"}
    assert changed("unknown_enum", "sz") == {**ROW, "sz": "new"}


@pytest.mark.parametrize("payload", [b"[]", b'{"data":null}', b'{"data":["text"]}', b'{"event":"error"}'])
def test_a_frame_without_rows_stays(payload: bytes) -> None:
    assert malformed(payload, {"kind": "unknown_field", "fields": "", "value": "new"}) == payload


def test_a_repeated_push_has_a_later_time() -> None:
    assert json.loads(repeated(json.dumps({"data": [ROW]}).encode())) == {"data": [{**ROW, "uTime": "1700000000001"}]}
    assert repeated(b'{"data":[{"uTime":""}]}') == b'{"data":[{"uTime":""}]}'


def test_rows_of_one_argument_come_in_one_frame() -> None:
    def push(arg: str, row: int) -> bytes:
        return b'{"arg":{"channel":"%s"},"data":[%d]}' % (arg.encode(), row)

    assert merged([push("a", 1), push("b", 2), push("a", 3)]) == [
        b'{"arg":{"channel":"a"},"data":[1,3]}', b'{"arg":{"channel":"b"},"data":[2]}'
    ]  # fmt: skip
    assert merged([]) == []
