"""Requests on the wire, against docs/protocol.md's own example and against the standard library's reader."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.client.requests import REQUEST_MAX_BYTES, build_request


def test_request_of_the_protocol_document() -> None:
    row = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "20000", "sz": "0.01"}
    frame = build_request(
        "o1",
        "order",
        [row],
        exp_time=1700000005000,
        max_wait_ms=500,
        sent_ns=1700000000000000000,
        receipt=True,
    )
    assert frame == (
        b'{"id":"o1","op":"order","expTime":"1700000005000","args":[{"instId":"BTC-USDT","tdMode":"cash","side":"buy",'
        b'"ordType":"limit","px":"20000","sz":"0.01"}],'
        b'"gw":{"maxWaitMs":500,"sentNs":"1700000000000000000","receipt":true}}'
    )


def test_only_given_members_are_sent() -> None:
    assert build_request("p", "ping", []) == b'{"id":"p","op":"ping","args":[]}'
    assert json.loads(build_request("o", "order", [{}], max_wait_ms=0))["gw"] == {"maxWaitMs": 0}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("0.10", b'"0.10"'),
        (Decimal("0.10"), b'"0.10"'),
        (Decimal("1E+3"), b'"1000"'),
        (Decimal("1E-8"), b'"0.00000001"'),
        (3, b"3"),
        (True, b"true"),
        ({"id": "o1", "row": 0}, b'{"id":"o1","row":0}'),
        ([Decimal("2")], b'["2"]'),
        (("a",), b'["a"]'),
    ],
)
def test_values(value: Any, written: bytes) -> None:
    assert build_request("o", "order", [{"k": value}]) == b'{"id":"o","op":"order","args":[{"k":' + written + b"}]}"


@pytest.mark.parametrize("value", [20000.1, {"px": 1.0}, [1.5], float("nan")])
def test_floats_are_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="is a float"):
        build_request("o", "order", [{"px": value}])


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity")])
def test_decimal_that_is_no_number_is_refused(value: Decimal) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        build_request("o", "order", [{"px": value}])


@pytest.mark.parametrize("value", [b"bytes", object(), "\ud800"])
def test_values_that_json_cannot_hold_are_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        build_request("o", "order", [{"px": value}])


def test_size_limit() -> None:
    empty = len(build_request("o", "order", [{"tag": ""}]))
    fits = "x" * (REQUEST_MAX_BYTES - empty)
    assert len(build_request("o", "order", [{"tag": fits}])) == 65536
    with pytest.raises(ValueError, match="65537 bytes"):
        build_request("o", "order", [{"tag": fits + "x"}])


@given(
    st.lists(
        st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
            st.text(st.characters(exclude_categories=["Cs"])) | st.booleans() | st.integers(-(2**53), 2**53),
            max_size=6,
        ),
        max_size=5,
    )
)
def test_any_row_is_read_back_as_given(rows: list[dict[str, Any]]) -> None:
    assert json.loads(build_request("o", "order", rows)) == {"id": "o", "op": "order", "args": rows}
