"""What leaves for OKX is exactly the intended message: Python's parser reads it back, for every op and whatever the values are.

The field types are those of OKX's documentation: Order Book Trading, WS / Place order, Cancel order, Amend order, Mass cancel order.
"""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

# Documented text fields of an order row that the gateway has no rule of its own for.
FREE_TEXTS = [
    "ccy",
    "tag",
    "posSide",
    "outcome",
    "speedBump",
    "tgtCcy",
    "pxAmendType",
    "tradeQuoteCcy",
    "slippagePct",
    "stpMode",
]
FREE_TEXTS += ["quickMgnType"]
FLAGS = ["reduceOnly", "banAmend", "cxlOnFail", "isElpTakerAccess", "rpiTakerAccess", "rpiPxRound"]
NEW_VALUES = ["newSz", "newPx", "newPxUsd", "newPxVol"]
PLACE_OPS, CANCEL_OPS = ("order", "batch-orders"), ("cancel-order", "batch-cancel-orders")
AMEND_OPS = ("amend-order", "batch-amend-orders")
OPS = (*PLACE_OPS, *CANCEL_OPS, *AMEND_OPS, "mass-cancel")
CODES = {"BTC-USDT": 10001, "ETH-USDT": 10002, "BTC-USDT-SWAP": 10459, "XRP-USDT-SWAP": 2021032601102993}
KNOWN = {
    "instId",
    "instIdCode",
    "gw",
    "attachAlgoOrds",
    "tdMode",
    "side",
    "ordType",
    "sz",
    "px",
    "pxUsd",
    "pxVol",
    "clOrdId",
}
KNOWN |= {"ordId", "reqId", "instType", "instFamily", "lockInterval", *NEW_VALUES, *FREE_TEXTS, *FLAGS}
LETTERS = string.ascii_letters + string.digits
SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "/": "\\/"}
ALGO_TYPES = {"conditional", "oco", "trigger", "move_order_stop", "twap", "chase", "smart_iceberg", "iceberg"}


def units(char: str) -> list[int]:
    """The UTF-16 units of a character, as `\\u` escapes write it."""
    encoded = char.encode("utf-16-be")
    return [int.from_bytes(encoded[at : at + 2], "big") for at in range(0, len(encoded), 2)]


@st.composite
def raw_strings(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """A JSON string as it may be written: each character as it is, by its short escape, or by its number."""
    written = []
    for char in draw(texts):
        forms = ["".join(f"\\u{unit:04x}" for unit in units(char))]
        if char in SHORT_ESCAPES:
            forms.append(SHORT_ESCAPES[char])
        if char >= " " and char not in '"\\':
            forms += [char, char]
        written.append(draw(st.sampled_from(forms)))
    return '"' + "".join(written) + '"'


CHARS = st.characters(codec="utf-8")
ANY_TEXT = st.text(CHARS | st.sampled_from('"\\/\b\f\n\r\t\x00\x1f\x7fé€😀'), max_size=12)
SOME_TEXT = ANY_TEXT.filter(bool)
WORD = st.text(LETTERS, min_size=1, max_size=32)
RAW_NUMBER = st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?", fullmatch=True).filter(str.isascii)
RAW_ANY_NUMBER = st.from_regex(r"-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,8})?([eE][+-]?[0-9]{1,3})?", fullmatch=True).filter(
    str.isascii
)
RAW_TEXT = raw_strings(ANY_TEXT) | RAW_NUMBER
RAW_SOME_TEXT = raw_strings(SOME_TEXT) | RAW_NUMBER
RAW_FLAG = st.sampled_from(["true", "false", '"true"', '"false"'])
PLAIN_KEY = st.text(CHARS.filter(lambda char: char >= " " and char not in '"\\'), max_size=10)
NEW_KEY = PLAIN_KEY.filter(lambda key: key not in KNOWN)
SPACE = st.sampled_from(["", "", "", " ", "\n\t", " \r\n "])


def joined(pairs: list[tuple[str, str]], space: str = "") -> str:
    return "{" + ",".join(f'{space}"{key}"{space}:{space}{raw}{space}' for key, raw in pairs) + "}"


RAW_VALUE = st.recursive(
    st.sampled_from(["null", "true", "false", "{}", "[]", "[ ]", "{ }"]) | RAW_ANY_NUMBER | raw_strings(ANY_TEXT),
    lambda inner: (
        st.builds(
            lambda parts, space: "[" + f",{space}".join(parts) + "]", st.lists(inner, min_size=1, max_size=3), SPACE
        )
        | st.builds(joined, st.lists(st.tuples(PLAIN_KEY, inner), max_size=3, unique_by=lambda pair: pair[0]), SPACE)
    ),
    max_leaves=6,
)
EXTRAS = st.lists(
    st.tuples(st.sampled_from(FREE_TEXTS), RAW_TEXT)
    | st.tuples(st.sampled_from(FLAGS), RAW_FLAG)
    | st.tuples(NEW_KEY, RAW_VALUE),
    max_size=8,
    unique_by=lambda pair: pair[0],
)
INST_IDS = st.sampled_from(sorted(CODES))


def quoted(text: str) -> str:
    return json.dumps(text)


@st.composite
def place_rows(draw: st.DrawFn) -> list[tuple[str, str]]:
    ord_type = draw(
        SOME_TEXT.filter(lambda text: text not in ALGO_TYPES)
        | st.sampled_from(["limit", "post_only", "fok", "ioc", "market"])
    )
    pairs = [
        ("instId", quoted(draw(INST_IDS))),
        ("tdMode", draw(raw_strings(SOME_TEXT) | st.just('"cash"'))),
        ("side", draw(st.sampled_from(['"buy"', '"sell"']))),
        ("ordType", draw(raw_strings(st.just(ord_type)))),
        ("sz", draw(RAW_SOME_TEXT)),
        (draw(st.sampled_from(["px", "pxUsd", "pxVol"])), draw(RAW_SOME_TEXT)),
    ]
    return draw(st.permutations([*pairs, *draw(EXTRAS)]))


@st.composite
def cancel_rows(draw: st.DrawFn) -> list[tuple[str, str]]:
    names = draw(st.sampled_from([["ordId"], ["clOrdId"], ["ordId", "clOrdId"]]))
    pairs = [("instId", quoted(draw(INST_IDS))), *((name, quoted(draw(WORD))) for name in names)]
    return draw(st.permutations([*pairs, *draw(EXTRAS)]))


@st.composite
def amend_rows(draw: st.DrawFn) -> list[tuple[str, str]]:
    changes = draw(st.lists(st.sampled_from(NEW_VALUES), min_size=1, unique=True))
    pairs = [("instId", quoted(draw(INST_IDS))), ("ordId", draw(WORD.map(quoted) | st.integers(1, 10**20).map(str)))]
    pairs += [(name, draw(RAW_SOME_TEXT)) for name in changes]
    pairs += [("reqId", quoted(draw(WORD)))] if draw(st.booleans()) else []
    return draw(st.permutations([*pairs, *draw(EXTRAS)]))


@st.composite
def mass_cancel_rows(draw: st.DrawFn) -> list[tuple[str, str]]:
    pairs = [
        ("instType", draw(raw_strings(SOME_TEXT))),
        ("instFamily", draw(RAW_SOME_TEXT)),
        ("lockInterval", draw(RAW_TEXT)),
    ]
    return draw(st.permutations([*pairs, *draw(EXTRAS)]))


ROWS = {
    **dict.fromkeys(PLACE_OPS, place_rows()),
    **dict.fromkeys(CANCEL_OPS, cancel_rows()),
    **dict.fromkeys(AMEND_OPS, amend_rows()),
    "mass-cancel": mass_cancel_rows(),
}


def okx_value(key: str, raw: str) -> Any:
    """What OKX must read for this key: texts as texts, flags as booleans, what is not documented as given."""
    value = json.loads(raw, parse_int=str, parse_float=str) if key in KNOWN - set(FLAGS) else json.loads(raw)
    if key in FLAGS and isinstance(value, str):
        return value == "true"
    return value


def raw_message(
    draw: Callable[[Any], Any], request_id: str, op: str, rows: list[list[tuple[str, str]]], exp_time: str | None
) -> bytes:
    space = draw(SPACE)
    args = "[" + f",{space}".join(joined(row, draw(SPACE)) for row in rows) + "]"
    members = [("id", quoted(request_id)), ("op", quoted(op)), ("args", args)]
    if exp_time is not None:
        members.append(("expTime", exp_time))
    if draw(st.booleans()):
        members.append(
            ("gw", draw(st.sampled_from(['{"maxWaitMs":0}', '{"receipt":false}', '{ "maxWaitMs" : 5 }', "{}"])))
        )
    return (space + joined(draw(st.permutations(members)), space) + space).encode()


@pytest.mark.parametrize("op", OPS)
@settings(max_examples=40)
@given(data=st.data())
def test_a_parser_reads_back_exactly_the_intended_message(
    new_rig: Any, wire: Any, op: str, data: st.DataObject
) -> None:
    rows = data.draw(st.lists(ROWS[op], min_size=1, max_size=4 if op.startswith("batch") else 1))
    if op in PLACE_OPS:
        for number, row in enumerate(rows):
            if data.draw(st.booleans()):
                own = data.draw(WORD.filter(lambda word: len(word) < 30).map(quoted) | st.just('""'))
                row.append(("clOrdId", own if own == '""' else f'"{own[1:-1]}X{number}"'))
    may_expire = op in (*PLACE_OPS, *AMEND_OPS)
    exp_time = data.draw(st.sampled_from([None, '"1700000009999"', "1700000009999"])) if may_expire else None
    rig = new_rig()
    rig.send(raw_message(data.draw, "o1", op, rows, exp_time))
    assert rig.replies == []
    (raw,) = rig.sink.sent
    sent = wire.strict(raw)

    assert list(sent) == (["id", "op", "expTime", "args"] if may_expire else ["id", "op", "args"])
    assert len(sent["id"]) == 16
    assert set(sent["id"]) <= set(LETTERS)
    assert sent["op"] == op
    if may_expire:
        assert sent["expTime"] == ("1700000005000" if exp_time is None else "1700000009999")
    assert len(sent["args"]) == len(rows)
    for row, found in zip(rows, sent["args"], strict=True):
        expected = {key: okx_value(key, raw_value) for key, raw_value in row}
        if op != "mass-cancel":
            expected["instIdCode"] = CODES[expected.pop("instId")]
            assert type(found["instIdCode"]) is int
        if op in PLACE_OPS and not expected.get("clOrdId"):
            assert found["clOrdId"].isdigit()
            expected["clOrdId"] = found["clOrdId"]
        if op in AMEND_OPS and "reqId" not in expected:
            assert 1 <= len(found["reqId"]) <= 32
            assert set(found["reqId"]) <= set(LETTERS)
            expected["reqId"] = found["reqId"]
        assert found == expected
        for key, raw_value in row:
            untouched = key not in ("instId", "instIdCode") and not (key == "clOrdId" and raw_value == '""')
            if untouched and not (key in KNOWN and raw_value[0] not in '"tf') and key not in FLAGS:
                assert f'"{key}":{raw_value}'.encode() in raw, "the value as it was written"
    assert rig.journal.records[-1] == ("intent", raw)


@pytest.mark.parametrize("op", OPS)
@settings(max_examples=25)
@given(data=st.data())
def test_a_key_twice_is_refused_wherever_it_stands_and_nothing_is_sent(
    new_rig: Any, op: str, data: st.DataObject
) -> None:
    row = data.draw(ROWS[op])
    again = data.draw(st.sampled_from(row))
    row.insert(data.draw(st.integers(0, len(row))), again)
    rig = new_rig()
    rig.send(raw_message(data.draw, "o1", op, [row], None))
    assert rig.sink.sent == []
    assert (rig.reply["id"], rig.reply["reason"]) == ("o1", "duplicate_key")


@pytest.mark.parametrize("place", range(7))
@settings(max_examples=8)
@given(data=st.data())
def test_an_escape_in_a_key_is_refused_wherever_it_stands_and_nothing_is_sent(
    new_rig: Any, place: int, data: st.DataObject
) -> None:
    escaped = data.draw(st.sampled_from(["\\u0070x", "s\\u007a", "a\\/b", "x\\n", "\\\\"]))
    k = [escaped if number == place else f"k{number}" for number in range(7)]
    row = '"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"market","sz":"1"'
    inner = f'"{k[1]}":{{"{k[2]}":[{{"{k[3]}":1}}]}},"{k[4]}":[1,{{"{k[5]}":2}}],"{k[6]}":""'
    text = f'{{"id":"o1","op":"batch-orders","args":[{{{row},"{k[0]}":1}},{{{row},{inner}}}]}}'
    rig = new_rig()
    rig.send(text.encode())
    assert rig.sink.sent == []
    assert rig.reply["reason"] == "duplicate_key"


def test_keys_inside_unknown_values_are_checked_too(rig: Any) -> None:
    for number, value in enumerate(['{"a":1,"a":2}', '[[{"b":{},"b":1}]]', '{"x":{"y":[0,{"z":1,"z":1}]}}'], start=1):
        text = json.dumps(rig.order(f"o{number}", note="@")).replace('"@"', value)
        rig.send(text.encode())
        assert rig.replies[-1]["reason"] == "duplicate_key"
    assert rig.sink.sent == []


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"px":20000', {"px": "20000"}),
        ('"px":0.10', {"px": "0.10"}),
        ('"px":-0.0', {"px": "-0.0"}),
        ('"px":"1e5"', {"px": "1e5"}),
        ('"px":"\\u0031"', {"px": "1"}),
        ('"px":1,"reduceOnly":"true"', {"px": "1", "reduceOnly": True}),
        ('"px":1,"reduceOnly":false', {"px": "1", "reduceOnly": False}),
        ('"px":1,"unknown":"true"', {"px": "1", "unknown": "true"}),
        ('"px":1,"unknown":1e3', {"px": "1", "unknown": 1000.0}),
        ('"px":1,"clOrdId":77', {"px": "1", "clOrdId": "77"}),
        ('"px":1,"ordId":"","reqId":""', {"px": "1"}),
        ('"px":1,"instIdCode":10001', {"px": "1"}),
    ],
)
def test_the_json_type_is_put_right_for_documented_keys_and_only_for_those(
    rig: Any, written: str, expected: dict[str, Any]
) -> None:
    text = '{"id":"o1","op":"order","args":[{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","sz":"1",%s}]}'
    rig.send((text % written).encode())
    row = rig.frames[0]["args"][0]
    named = {"instIdCode": 10001, "tdMode": "cash", "side": "buy", "ordType": "limit", "sz": "1"}
    if "clOrdId" not in expected:
        expected = {**expected, "clOrdId": "9001234567890000001"}
    assert row == {**named, **expected}


def test_a_batch_of_twenty_rows_of_three_kilobytes(rig: Any) -> None:
    rows = [rig.order("", clOrdId=f"c{number}", note="é" * 1_450)["args"][0] for number in range(20)]
    text = json.dumps({"id": "o1", "op": "batch-orders", "args": rows}, ensure_ascii=False).encode()
    assert 60_000 < len(text) <= 65_536
    rig.send(text)
    (sent,) = rig.frames
    expected = [{**{key: value for key, value in row.items() if key != "instId"}, "instIdCode": 10001} for row in rows]
    assert sent["args"] == expected


def test_a_row_named_by_its_request_goes_out_under_its_cl_ord_id(rig: Any) -> None:
    rig.send(rig.batch("o1", "A1", "B2"))
    rig.accept()
    rig.send(rig.cancel("c1", gw=None) | {"args": [{"instId": "BTC-USDT", "gw": {"id": "o1", "row": 1}}]})
    rig.send(
        {
            "id": "a1",
            "op": "amend-order",
            "args": [{"gw": {"id": "o1"}, "instId": "BTC-USDT", "reqId": "R", "newPx": 5}],
        }
    )
    cancel, amend = rig.frames[1:]
    assert cancel["args"] == [{"instIdCode": 10001, "clOrdId": "B2"}]
    assert amend["args"] == [{"instIdCode": 10001, "newPx": "5", "reqId": "R", "clOrdId": "A1"}]


def test_an_instrument_without_exp_time_for_cancels(rig: Any) -> None:
    rig.send(rig.cancel("c1", ordId="5"))
    rig.send({"id": "m1", "op": "mass-cancel", "args": [{"instType": "OPTION", "instFamily": "BTC-USD"}]})
    assert [sorted(frame) for frame in rig.frames] == [["args", "id", "op"]] * 2
    assert rig.frames[1]["args"] == [{"instType": "OPTION", "instFamily": "BTC-USD"}]
