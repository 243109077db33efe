"""One sentence: whatever bytes a strategy sends, it gets exactly one answer, nothing that is not a whole request reaches OKX,
and the next request is served. (Invariant: one odd message kills nothing.)"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

ROW = '{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"20000","sz":"0.01"}'
AMEND = '{"instId":"BTC-USDT","ordId":"5","newPx":"1"}'


def with_row(row: str, op: str = "order") -> str:
    return f'{{"id":"o1","op":"{op}","args":[{row}]}}'


def with_top(members: str, args: str = f"[{ROW}]", op: str = "order") -> str:
    return f'{{"id":"o1","op":"{op}","args":{args},{members}}}'


# message, reason, a part of what the answer says, and the id and op that the answer bears
VALID = [
    with_row(f'{ROW[:-1]},"clOrdId":"c1","tag":"t","reduceOnly":true,"x":{{"y":[1,"z"]}}}}'),
    with_row(f"{ROW},{ROW},{ROW}", "batch-orders"),
    with_row('{"instId":"BTC-USDT","ordId":"5","clOrdId":"c"}', "cancel-order"),
    with_row(f"{AMEND},{AMEND}", "batch-amend-orders"),
    with_row('{"instType":"OPTION","instFamily":"BTC-USD","lockInterval":"5"}', "mass-cancel"),
    with_top('"expTime":"1700000009000","gw":{"maxWaitMs":0,"sentNs":"1700000000000000000"}'),
    '{"id":"o1","op":"get-order","args":[{"clOrdId":"c"}]}',
    '{"id":"o1","op":"replay","args":[{"fromSeq":1,"limit":5,"owner":"account"}]}',
    '{"id":"o1","op":"snapshot"}',
    '{"id":"o1","op":"hello","args":[{"strategy":"alpha","nonce":"n"}]}',
    '{"id":"o1","op":"cancel-all","args":[{"instId":"BTC-USDT"}]}',
]
PIECES = st.sampled_from(
    [bytes([code]) for code in b'{}[]:,"\\ \n\x00019.eE-aortxX']
    + [
        b"\xff",
        b"\xc3\xa9",
        b"\xed\xa0\x80",
        b"null",
        b"true",
        b'"gw":{',
        b'"id":"z",',
        b'"args":',
        b'"side":"buy",',
        b"\\u0061",
        b"[[[[[[[[",
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    message = draw(st.sampled_from(VALID)).encode()
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(message)))
        end = draw(st.integers(start, min(len(message), start + draw(st.sampled_from([0, 1, 2, 8])))))
        message = message[:start] + draw(PIECES | st.just(b"") | st.binary(max_size=2)) + message[end:]
    return message


def check_one_answer(rig: Any, message: bytes) -> None:
    rig.send(message)
    frames, replies = rig.frames, rig.replies
    acks = [body for topic, body in rig.events if topic == "alpha.ack"]
    assert len(acks) <= 1
    if frames:
        assert len(frames) == 1
        assert [reply["code"] for reply in replies] in ([], ["0"]), "a receipt at most"
        assert acks == []
        json.loads(message)
    else:
        assert len(replies) == 1
        assert replies[0]["code"] in "01"
        assert [ack["data"][0]["result"] for ack in acks] in ([], ["rejected"])
    rig.forget()
    rig.send(rig.order("next"))
    assert len(rig.frames) == 1


@settings(max_examples=300)
@given(message=mutated())
@example(message=b'{"id":"o1","op":"replay","args":[{"fromSeq":9999999999999999999999}]}')
@example(message=b'{"id":"o1","op":"replay","args":[{"owner":"\xc3\xa9"}]}')
@example(message=b'{"id":"o1","op":"hello","args":[{"strategy":{}}]}')
@example(message=b'{"id":"o1","op":"hello","args":[{"strategy":["alpha"],"nonce":5}]}')
@example(message=b'{"id":"o1","op":"get-order","args":[{"id":"o1","row":-1}]}')
@example(message=b'{"id":"o1","op":"get-order","args":[{"id":"%s"}]}' % (b"x" * 64))
@example(message=b'{"id":"o1","op":"snapshot","args":[{"from":1e400,"limit":true}]}')
def test_a_damaged_request_gets_one_answer_or_goes_out_whole(new_rig: Any, message: bytes) -> None:
    check_one_answer(new_rig(), message)


@settings(max_examples=200)
@given(message=st.binary(max_size=60) | st.lists(PIECES, max_size=15).map(b"".join))
def test_bytes_without_meaning_get_one_answer(new_rig: Any, message: bytes) -> None:
    check_one_answer(new_rig(), message)


@pytest.mark.parametrize("text", VALID)
def test_a_request_cut_at_any_length_gets_one_answer_and_sends_nothing(new_rig: Any, text: str) -> None:
    rig = new_rig()
    for length in range(len(text)):
        rig.send(text[:length].encode())
        assert rig.reply["reason"] == "not_json"
        assert rig.events == []
        assert rig.sink.sent == []
        rig.forget()


ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
ARG_KEYS = [
    "strategy",
    "nonce",
    "from",
    "limit",
    "clOrdId",
    "ordId",
    "id",
    "row",
    "owner",
    "fromSeq",
    "instId",
    "other",
]


@settings(max_examples=150)
@given(
    op=st.sampled_from(["hello", "ping", "status", "snapshot", "get-order", "replay", "cancel-all"]),
    arg=st.dictionaries(st.sampled_from(ARG_KEYS), ANY_JSON, max_size=3),
)
def test_the_gateways_own_ops_answer_once_whatever_their_arguments(new_rig: Any, op: str, arg: dict[str, Any]) -> None:
    rig = new_rig()
    rig.send({"id": "g1", "op": op, "args": [arg]})
    assert rig.sink.sent == []
    reply = rig.reply
    assert reply["code"] == ("1" if reply["reason"] else "0")
    assert bool(reply["msg"]) == bool(reply["reason"])
    assert rig.events == []
