"""OKX's frames, whole, cut at every length, and with bytes behind them: each kind is known, and one odd message kills nothing."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway._fast.frames.scanner import compare, kind_of

BROKEN, PONG, PING, ACK, ORDERS, ACCOUNT, POSITIONS, BALANCE, OTHER, ALGOS = range(10)

# Shapes: OKX docs and recordings; values invented.
ACK_FRAME = (
    '{"id":"67be700e00000000","op":"order","code":"0","msg":"","data":[{"tag":"","ts":"1700000000120","ordId":"12",'
    '"clOrdId":"gwA1","sCode":"0","sMsg":"Order successfully placed.","subCode":""}],"inTime":"1700000000120345","outTime":"1700000000121955"}'
)
PUSH_FRAME = (
    '{"arg":{"channel":"orders","instType":"ANY","uid":"1"},"data":[{"instId":"BTC-USDT","ordId":"12","clOrdId":"gwA1","state":"live",'
    '"accFillSz":"0","px":"20000","sz":"0.001","linkedAlgoOrd":{"algoId":""},"attachAlgoOrds":[]}]}'
)


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ("pong", PONG),
        ("ping", PING),
        (ACK_FRAME, ACK),
        (PUSH_FRAME, ORDERS),
        ('{"code":"0","data":[{"clOrdId":"","ordId":"1","sCode":"0","sMsg":""}],"id":"1","msg":"","op":"order"}', ACK),
        ('{"id":"g7","op":"mass-cancel","code":"0","msg":"","data":[{"result":true}]}', ACK),
        ('{"id":"g8","op":"order","code":"60013","msg":"Invalid args","data":[]}', ACK),
        ('{"data":[],"arg":{"channel":"orders"}}', ORDERS),
        (
            '{"arg":{"channel":"account","uid":"1"},"eventType":"snapshot","curPage":1,"lastPage":true,"data":[{}]}',
            ACCOUNT,
        ),
        ('{"arg":{"channel":"positions"},"data":[]}', POSITIONS),
        ('{"arg":{"channel":"balance_and_position"},"data":[{}]}', BALANCE),
        ('{"arg":{"channel":"orders-algo"},"data":[]}', ALGOS),
        ('{"arg":{"channel":"algo-advance","instType":"ANY"},"data":[{}]}', ALGOS),
        ('{"arg":{"channel":"fills"},"data":[]}', OTHER),
        ('{"arg":{"channel":"orders"}}', OTHER),
        ('{"arg":{"channel":"orders"},"data":{}}', OTHER),
        ('{"arg":"orders","data":[]}', OTHER),
        ('{"arg":{},"data":[]}', OTHER),
        ('{"event":"login","code":"0","msg":"","connId":"a1b2c3d4"}', OTHER),
        ('{"event":"subscribe","arg":{"channel":"orders","instType":"ANY"},"connId":"a1b2c3d4"}', OTHER),
        ('{"event":"notice","code":"64008","msg":"The connection will soon be closed.","connId":"a1"}', OTHER),
        (
            '{"event":"error","msg":"Illegal request: {\\"id\\":\\"g9\\",\\"op\\":\\"order\\"}","code":"60012","connId":"a1"}',
            OTHER,
        ),
        ('{"id":"1","op":"order","event":"error","code":"60012","msg":"","data":[]}', OTHER),
        ('{"id":"1","code":"0"}', OTHER),
        ('{"id":5,"op":"order","data":[]}', OTHER),
        ("{}", OTHER),
        ("", BROKEN),
        ("pon", BROKEN),
        ("pong ", BROKEN),
        ("[]", BROKEN),
        ("null", BROKEN),
        ('"pong"', BROKEN),
        ("{", BROKEN),
        ('{"a":1}}', BROKEN),
    ],
)
def test_each_kind_of_frame(frame: str, kind: int) -> None:
    assert kind_of(frame.encode()) == kind


@pytest.mark.parametrize("frame", [ACK_FRAME, PUSH_FRAME])
def test_a_frame_cut_at_any_length_is_broken(frame: str) -> None:
    for length in range(len(frame)):
        assert kind_of(frame[:length].encode()) == BROKEN


@pytest.mark.parametrize("frame", [ACK_FRAME, PUSH_FRAME])
@pytest.mark.parametrize("tail", ["x", "}", ",", "{}", "\x00", " {"])
def test_bytes_behind_a_frame_break_it(frame: str, tail: str) -> None:
    assert kind_of((frame + tail).encode()) == BROKEN
    assert kind_of((frame + " \r\n").encode()) == kind_of(frame.encode())


@pytest.mark.parametrize("frame", [ACK_FRAME, PUSH_FRAME])
def test_no_cut_frame_is_acted_upon(rig: Any, frame: str) -> None:
    rig.send(rig.order("o1", clOrdId="gwA1"))
    text = frame.replace("67be700e00000000", rig.frames[0]["id"])
    for length in range(len(text)):
        rig.frame(text[:length].encode())
    assert [topic for topic, _ in rig.events] == ["gateway.alarm"]
    assert rig.api.status()["counters"]["frames_malformed"] == len(text)
    rig.frame(text.encode())
    assert len(rig.events) == 2


@settings(max_examples=100)
@given(data=st.data())
def test_frames_with_any_bytes_changed_do_no_harm(new_rig: Any, data: st.DataObject) -> None:
    """What comes is told at most once, and the whole frame still works after it."""
    rig = new_rig()
    rig.send(rig.order("o1", clOrdId="gwA1"))
    whole = (
        data.draw(st.sampled_from([ACK_FRAME, PUSH_FRAME])).replace("67be700e00000000", rig.frames[0]["id"]).encode()
    )
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 4)))
    rig.frame(whole[:start] + data.draw(st.binary(max_size=4)) + whole[end:])
    assert len([topic for topic, _ in rig.events if topic != "gateway.alarm"]) <= 1
    rig.push(clOrdId="gwA1", ordId="12", state="canceled", cancelSource="1", px="20000", sz="0.001")
    rig.ack(rig.frames[0]["id"], "order", {"ordId": "12", "clOrdId": "gwA1", "sCode": "0", "sMsg": ""})
    assert len(rig.on("alpha.ack")) == 1
    assert rig.on("alpha.ack")[0]["data"][0]["result"] in ("accepted", "unknown", "rejected")


@pytest.mark.parametrize(
    "keys",
    [
        ("arg", "data", "op", "id"),
        ("op", "data", "arg"),
        ("op", "data", "id", "arg"),
        ("arg", "op", "data"),
        ("data", "arg", "op"),
    ],
)
def test_a_frame_that_begins_as_one_kind_and_ends_as_another(rig: Any, keys: tuple[str, ...]) -> None:
    """No frame of OKX's; it must be read as one kind or the other, never as a mixture."""
    rig.send(rig.order("o1", clOrdId="A1"))
    row = {"instId": "BTC-USDT", "ordId": "12", "clOrdId": "A1", "state": "live", "sCode": "0", "sMsg": "words"}
    members = {
        "arg": {"channel": "orders"},
        "op": "order",
        "id": rig.frames[0]["id"],
        "data": [row],
        "code": "0",
        "msg": "",
    }
    rig.frame({key: members[key] for key in keys})
    ((topic, event),) = rig.events
    if {"op", "id"} <= set(keys):
        assert (topic, event["data"][0]["result"], event["data"][0]["msg"]) == ("alpha.ack", "accepted", "words")
    else:
        assert (topic, event["state"], event["data"]) == ("alpha.order", "live", row)


def test_unknown_members_and_types_read_as_absent(rig: Any) -> None:
    row = {
        "instId": "BTC-USDT",
        "ordId": "12",
        "state": "live",
        "px": 20000,
        "sz": None,
        "new": [{"x": {}}],
        "accFillSz": None,
    }
    rig.frame(
        {
            "zeta": [1, {"data": []}],
            "arg": {"new": {}, "channel": "orders"},
            "data": [row],
            "more": {"id": "x", "op": "order"},
        }
    )
    (event,) = rig.on("account.order")
    assert event["data"] == row
    assert (event["accFillSz"], event["clOrdId"]) == ("", "")


def test_okx_s_own_bytes_are_passed_on(rig: Any) -> None:
    """Spaces, escapes and the order of the keys, as they came."""
    row = '{ "state" : "live" ,"instId":"BTC-USDT","ordId":"12","x":"\\u00e9\\/","y":1.0e+5 }'
    rig.frame(('{"arg":{"channel":"orders"},"data":[' + row + "]}").encode())
    assert row.encode() in rig.events_sink.events[0][1]


@pytest.mark.parametrize(
    "new",
    [
        r'"new":{"a\/b":1}',
        r'"a\"\\\u0000\ud83d\ude00":{"\n":[{"\t":1}]}',
        '"new":' + "[" * 400 + "]" * 400,
        '"new":' + '{"a":' * 400 + "1" + "}" * 400,
    ],
)
def test_no_key_and_no_nesting_of_okx_s_loses_a_push(rig: Any, new: str) -> None:
    """It is valid JSON; only strategies are forbidden to write it."""
    row = '{"instId":"BTC-USDT","ordId":"12",' + new + ',"state":"live"}'
    rig.frame(('{"arg":{"channel":"orders"},' + new + ',"data":[' + row + "]}").encode())
    (event,) = rig.on("account.order")
    assert event["data"] == json.loads(row)
    assert row.encode() in rig.events_sink.events[0][1]


def test_known_keys_and_values_may_be_written_with_escapes(rig: Any) -> None:
    """Two spellings of one text: https://www.rfc-editor.org/rfc/rfc8259#section-8.3."""
    row = r'{"inst\u0049d":"BTC\u002dUSDT","\u006frdId":"\u0031\u0032","state":"li\u0076e","x\u0079":"\"","accFillSz":"0"}'
    rig.frame((r'{"\u0061rg":{"\u0063hannel":"order\u0073"},"dat\u0061":[' + row + "]}").encode())
    (event,) = rig.on("account.order")
    assert (event["instId"], event["ordId"], event["state"], event["accFillSz"]) == ("BTC-USDT", "12", "live", "0")
    rig.send(rig.order("o1", clOrdId="A1"))
    item = r'{"\u0063lOrdId":"A1","ordId":"13","s\u0043ode":"0","sMsg":""}'
    frame = r'{"\u0069d":"%s","op":"order","code":"0","msg":"","data":[%s]}' % (rig.frames[0]["id"], item)
    rig.frame(frame.encode())
    assert (rig.row("o1")["result"], rig.row("o1")["ordId"]) == ("accepted", "13")


def test_a_number_where_okx_writes_a_text_is_taken_as_written(rig: Any) -> None:
    row = '{"instId":"BTC-USDT","ordId":1234567890123456789,"state":"live","accFillSz":0.010,"sz":1e-2}'
    rig.frame(('{"arg":{"channel":"orders"},"data":[' + row + "]}").encode())
    (event,) = rig.on("account.order")
    assert (event["ordId"], event["accFillSz"]) == ("1234567890123456789", "0.010")


def test_a_fill_in_a_state_that_okx_does_not_document_is_told(rig: Any, wire: Any) -> None:
    rig.place("A1", "12")
    rig.push(clOrdId="A1", ordId="12", **wire.filled("77", "0.004", "0.004", state="half_filled"))
    assert [topic for topic, _ in rig.events] == ["gateway.alarm", "alpha.fill"]
    assert rig.on("alpha.fill")[0]["tradeId"] == "77"
    assert rig.ask("get-order", {"clOrdId": "A1"})["data"][0]["state"] == "live"


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b'{"arg"', "frames_malformed"),
        ({"arg": {"channel": "orders"}, "data": [{"instId": "BTC-USDT"}]}, "pushes_unrecognised"),
    ],
)
def test_what_cannot_be_read_is_told_once_and_counted(rig: Any, frame: Any, reason: str) -> None:
    for _ in range(3):
        rig.frame(frame)
    (alarm,) = rig.on("gateway.alarm")
    assert alarm["reason"] == reason
    assert rig.api.status()["counters"][reason] == 3


NUMBERS = st.from_regex(r"[0-9]{0,12}(\.[0-9]{0,12})?", fullmatch=True).filter(
    lambda text: text.isascii() and text != "."
)


@settings(max_examples=200)
@given(NUMBERS, NUMBERS)
def test_sizes_compare_as_numbers(a: str, b: str) -> None:
    x, y = Decimal(a or 0), Decimal(b or 0)
    assert compare(a, b) == (x > y) - (x < y)


@pytest.mark.parametrize(
    ("a", "b", "order"),
    [
        ("", "", 0),
        ("", "0", 0),
        ("0", "0.000", 0),
        ("00.10", "0.1", 0),
        ("9", "10", -1),
        ("0.09", "0.1", -1),
        ("0.1000000000000000000000000001", "0.1", 1),
        ("123456789012345678901234567890", "123456789012345678901234567889", 1),
        ("1.", "1", 0),
        (".5", "0.5", 0),
    ],
)
def test_sizes_that_are_easily_got_wrong(a: str, b: str, order: int) -> None:
    assert compare(a, b) == order
    assert compare(b, a) == -order


def test_json_and_the_scanner_agree_on_the_samples() -> None:
    assert json.loads(ACK_FRAME)["data"][0]["sCode"] == "0"
    assert json.loads(PUSH_FRAME)["data"][0]["state"] == "live"
