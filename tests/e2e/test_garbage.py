"""Any message on the orders socket gets one answer that names the fault; the gateway continues, and OKX receives nothing."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.processes import Exchange
from tests.e2e.strategy import Strategy, spot

ORDER = {"id": "g", "op": "order", "args": [spot()]}
DEEP = json.loads("[" * 15 + "]" * 15)


def text(**members: Any) -> bytes:
    return json.dumps({**ORDER, **members}).encode()


def row(**members: Any) -> bytes:
    """An order with its row changed; None takes a key away."""
    return text(args=[{key: value for key, value in spot(**members).items() if value is not None}])


def gw(**members: Any) -> bytes:
    return text(gw=members)


def cancel(**members: Any) -> bytes:
    return text(op="cancel-order", args=[{"instId": "BTC-USDT", **members}])


def amend(**members: Any) -> bytes:
    return text(op="amend-order", args=[{"instId": "BTC-USDT", **members}])


NOT_JSON = {
    "empty": b"",
    "binary": bytes(range(256)),
    "word": b"nope",
    "array": b"[]",
    "number": b"1",
    "string": b'"x"',
    "null": b"null",
    "open": b"{",
    "trailing comma": b'{"id":"g","op":"ping",}',
    "two values": b'{"id":"g","op":"ping"}{}',
    "single quotes": b"{'id':'g','op':'ping'}",
    "comment": b'{"id":"g","op":"ping"} // hello',
    "byte order mark": b'\xef\xbb\xbf{"id":"g","op":"ping"}',
    "NaN": b'{"id":"g","op":"order","args":[{"px":NaN}]}',
    "leading zero": b'{"id":"g","op":"order","args":[{"px":01}]}',
    "raw control character": b'{"id":"g","op":"order","args":[{"px":"1\n"}]}',
    "bad UTF-8": b'{"id":"g","op":"order","args":[{"px":"\xff"}]}',
    "UTF-16": '{"id":"g","op":"ping"}'.encode("utf-16"),
    "overlong UTF-8": b'{"id":"g","op":"order","args":[{"px":"\xc0\xaf"}]}',
    "lone surrogate": b'{"id":"g","op":"order","args":[{"px":"\\ud800"}]}',
    "unclosed nesting": b"[" * 60_000,
    "closed nesting": b"[" * 30_000 + b"]" * 30_000,
    "deep row": row(new=[[DEEP]]),
    "MessagePack": b"\x82\xa2id\xa1g\xa2op\xa4ping",
}

MALFORMED = {
    "nothing": (b"{}", "bad_request", ""),
    "no id": (b'{"op":"ping"}', "bad_request", ""),
    "id a number": (text(id=1), "bad_request", ""),
    "id empty": (text(id=""), "bad_request", ""),
    "id too long": (text(id="x" * 65), "bad_request", ""),
    "id with a space": (text(id="a b"), "bad_request", ""),
    "no op": (b'{"id":"g"}', "bad_request", "g"),
    "op a number": (text(op=1), "bad_request", "g"),
    "op unknown": (text(op="place"), "unknown_op", "g"),
    "op in capitals": (text(op="ORDER"), "unknown_op", "g"),
    "op long": (text(op="o" * 5_000), "unknown_op", "g"),
    "unknown key": (text(expiry=1), "bad_request", "g"),
    "key twice": (b'{"id":"g","id":"h","op":"ping"}', "duplicate_key", None),
    "key twice in a row": (b'{"id":"g","op":"order","args":[{"px":"1","px":"2"}]}', "duplicate_key", "g"),
    "unknown key twice": (b'{"id":"g","op":"order","args":[{"new":"1","new":"2"}]}', "duplicate_key", "g"),
    "key twice inside": (b'{"id":"g","op":"order","args":[{"new":{"a":1,"a":2}}]}', "duplicate_key", "g"),
    "key with an escape": (b'{"id":"g","op":"order","args":[{"\\u0070x":"1"}]}', "duplicate_key", None),
    "gw no object": (text(gw=1), "bad_request", "g"),
    "gw unknown key": (gw(maxwaitms=1), "bad_request", "g"),
    "maxWaitMs negative": (gw(maxWaitMs=-1), "bad_request", "g"),
    "maxWaitMs a text": (gw(maxWaitMs="5"), "bad_request", "g"),
    "maxWaitMs a fraction": (gw(maxWaitMs=1.5), "bad_request", "g"),
    "maxWaitMs too long": (gw(maxWaitMs=60_001), "bad_request", "g"),
    "maxWaitMs beyond 64 bits": (gw(maxWaitMs=1 << 70), "bad_request", "g"),
    "receipt a text": (gw(receipt="true"), "bad_request", "g"),
    "sentNs a word": (gw(sentNs="now"), "bad_request", "g"),
    "sentNs long ago": (gw(sentNs="1700000000000000000"), "stale", "g"),
    "sentNs in the future": (gw(sentNs=str(time.time_ns() + 10**12)), "bad_request", "g"),
    "expTime a word": (text(expTime="soon"), "bad_request", "g"),
    "expTime past": (text(expTime="1700000000000"), "expired", "g"),
    "expTime on a cancel": (text(op="cancel-order", expTime="4000000000000"), "bad_request", "g"),
    "no args": (b'{"id":"g","op":"order"}', "bad_request", "g"),
    "args no array": (text(args=spot()), "bad_request", "g"),
    "args empty": (text(args=[]), "bad_request", "g"),
    "args of numbers": (text(args=[1]), "bad_request", "g"),
    "args of arrays": (text(args=[[]]), "bad_request", "g"),
    "args null": (text(args=None), "bad_request", "g"),
    "two rows in a single op": (text(args=[spot(), spot()]), "too_many_rows", "g"),
    "21 rows": (text(op="batch-orders", args=[spot()] * 21), "too_many_rows", "g"),
    "21 cancels": (
        text(op="batch-cancel-orders", args=[{"instId": "BTC-USDT", "ordId": "1"}] * 21),
        "too_many_rows",
        "g",
    ),
    "10,000 rows": (text(op="batch-orders", args=[{}] * 10_000), None, "g"),
    **{
        f"no {key}": (row(**{key: None}), "bad_request", "g")
        for key in ("instId", "tdMode", "side", "ordType", "sz", "px")
    },
    **{f"{key} empty": (row(**{key: ""}), "bad_request", "g") for key in ("instId", "tdMode", "side", "ordType", "sz")},
    **{f"{key} a list": (row(**{key: ["1"]}), "bad_request", "g") for key in ("instId", "tdMode", "side", "sz", "px")},
    "sz true": (row(sz=True), "bad_request", "g"),
    "sz null": (row(sz=json.loads("[null]")), "bad_request", "g"),
    "sz an object": (row(sz={"value": 1}), "bad_request", "g"),
    "px with an exponent": (
        b'{"id":"g","op":"order","args":[' + row(px=7).split(b"[", 1)[1].replace(b"7", b"7e3", 1),
        "bad_request",
        "g",
    ),
    "side": (row(side="hold"), "bad_request", "g"),
    "flag": (row(reduceOnly="yes"), "bad_request", "g"),
    "clOrdId with a dash": (row(clOrdId="a-b"), "bad_request", "g"),
    "clOrdId too long": (row(clOrdId="a" * 33), "bad_request", "g"),
    "instId unknown": (row(instId="BTC-FOO"), "unknown_instrument", "g"),
    "instId long": (row(instId="B" * 5_000), None, "g"),
    "instIdCode another's": (row(instIdCode=10_002), "unknown_instrument", "g"),
    "instIdCode a word": (row(instIdCode="abc"), "bad_request", "g"),
    "attachAlgoOrds": (row(attachAlgoOrds={"tpTriggerPx": "1"}), "bad_request", "g"),
    "attachAlgoOrds of numbers": (row(attachAlgoOrds=[{"tpTriggerPx": 1}]), "bad_request", "g"),
    "algo order": (row(ordType="trigger"), "not_supported", "g"),
    "cancel of nothing": (cancel(), "bad_request", "g"),
    "cancel by two names": (cancel(ordId="1", gw={"id": "o1"}), "bad_request", "g"),
    "cancel by an unknown request": (cancel(gw={"id": "never"}), "unknown_order", "g"),
    "cancel by a bad reference": (cancel(gw="o1"), "bad_request", "g"),
    "cancel by a bad row": (cancel(gw={"id": "o1", "row": 20}), "bad_request", "g"),
    "cancel by quotes": (cancel(ordId='1","x":"'), "bad_request", "g"),
    "amend of nothing": (amend(ordId="1"), "bad_request", "g"),
    "mass-cancel without owner": (text(op="mass-cancel", args=[{"instType": "OPTION"}]), "bad_request", "g"),
    "65537 bytes": (text(args=[spot(tag="x" * 66_000)]), "too_large", ""),
    "1 MB": (b"x" * 1_000_000, "too_large", ""),
    "1 MB of JSON": (text(args=[spot(tag="x" * 1_000_000)]), "too_large", ""),
}


def gateway_op(op: str, *args: Any) -> bytes:
    return json.dumps({"id": "g", "op": op, "args": list(args)}).encode()


GATEWAY_OPS = {
    "hello nameless": (gateway_op("hello"), "bad_request"),
    "hello a number": (gateway_op("hello", {"strategy": 1}), "bad_request"),
    "hello a list": (gateway_op("hello", {"strategy": ["alpha"]}), "bad_request"),
    "hello reserved": (gateway_op("hello", {"strategy": "account"}), "not_allowed"),
    "hello reserved too": (gateway_op("hello", {"strategy": "gateway"}), "not_allowed"),
    "hello with a dot": (gateway_op("hello", {"strategy": "a.b"}), "bad_request"),
    "hello too long": (gateway_op("hello", {"strategy": "a" * 33}), "bad_request"),
    "hello with a newline": (gateway_op("hello", {"strategy": "a\n"}), "bad_request"),
    "hello not ASCII": (gateway_op("hello", {"strategy": "é"}), "bad_request"),
    "hello nonce too long": (gateway_op("hello", {"strategy": "a", "nonce": "n" * 65}), "bad_request"),
    "hello nonce a number": (gateway_op("hello", {"strategy": "a", "nonce": 1}), "bad_request"),
    "hello nonce not ASCII": (gateway_op("hello", {"strategy": "a", "nonce": "é"}), "bad_request"),
    "hello unknown key": (gateway_op("hello", {"strategy": "a", "password": "x"}), "bad_request"),
    "hello twice in one": (gateway_op("hello", {"strategy": "a"}, {"strategy": "b"}), "bad_request"),
    "ping with something": (gateway_op("ping", {"a": 1}), "bad_request"),
    "ping with an endless number": (b'{"id":"g","op":"ping","args":[{"a":1e999}]}', "bad_request"),
    "snapshot limit": (gateway_op("snapshot", {"limit": 501}), "bad_request"),
    "snapshot limit a text": (gateway_op("snapshot", {"limit": "1"}), "bad_request"),
    "snapshot from": (gateway_op("snapshot", {"from": -1}), "bad_request"),
    "snapshot endless": (b'{"id":"g","op":"snapshot","args":[{"from":1e999}]}', "bad_request"),
    "get-order of nothing": (gateway_op("get-order"), "bad_request"),
    "get-order of two": (gateway_op("get-order", {"ordId": "1", "id": "x"}), "bad_request"),
    "get-order unknown": (gateway_op("get-order", {"ordId": "1"}), "unknown_order"),
    "get-order a number": (gateway_op("get-order", {"ordId": 1}), "bad_request"),
    "replay of others": (gateway_op("replay", {"owner": "beta"}), "bad_request"),
    "replay from a text": (gateway_op("replay", {"fromSeq": "1"}), "bad_request"),
    "replay from far away": (gateway_op("replay", {"fromSeq": 1 << 60}), "bad_request"),
    "cancel-all of a list": (gateway_op("cancel-all", {"instId": ["BTC-USDT"]}), "bad_request"),
    "cancel-all long id": (json.dumps({"id": "i" * 60, "op": "cancel-all"}).encode(), "bad_request"),
}


@pytest.fixture(scope="module")
def exchange(module_stage: Any) -> Exchange:
    started: Exchange = module_stage.exchange("--limiter-window", "off")
    return started


@pytest.fixture(scope="module")
def gateway(module_stage: Any, exchange: Exchange) -> Any:
    return module_stage.gateway(exchange, {"limits": {"window_ms": 1, "margin_ms": 0}})


@pytest.fixture(scope="module")
def alpha(module_stage: Any, exchange: Exchange, gateway: Any) -> Iterator[Strategy]:
    """After all that garbage, OKX has seen no request, and the next order goes through."""
    strategy: Strategy = module_stage.trader(gateway)
    yield strategy
    assert exchange.ledger("request") == []
    (placed,) = strategy.ack("order", spot())
    assert placed["result"] == "accepted"
    assert len(exchange.live_orders()) == 1


def answers_to(speaker: Strategy, *frames: bytes) -> list[dict[str, Any]]:
    """All answers to one message, and no more: the answer to the ping after it ends them."""
    speaker.answers.clear()
    speaker.send(*frames)
    last = speaker.submit("ping")
    speaker.wait(
        lambda: any(one["id"] == last for one in speaker.answers), f"an answer to a ping behind {frames[0][:80]!r}"
    )
    assert speaker.answers[-1]["id"] == last and not speaker.orders.poll(0)
    return speaker.answers[:-1]


def the_refusal(speaker: Strategy, *frames: bytes) -> dict[str, Any]:
    answers = answers_to(speaker, *frames)
    assert len(answers) == 1, answers
    assert answers[0]["code"] == "1" and answers[0]["msg"] and answers[0]["data"] == [], answers
    return answers[0]


@pytest.mark.parametrize("message", NOT_JSON.values(), ids=NOT_JSON)
def test_not_json(alpha: Strategy, message: bytes) -> None:
    answer = the_refusal(alpha, message)
    assert (answer["reason"], answer["id"], answer["op"]) == ("not_json", "", "")


@pytest.mark.parametrize(("message", "reason", "request_id"), MALFORMED.values(), ids=MALFORMED)
def test_malformed(alpha: Strategy, message: bytes, reason: str | None, request_id: str | None) -> None:
    """None for values that the contract leaves open. A refusal uses up its id, so each message has its own."""
    own_id = alpha.next_id()
    answer = the_refusal(
        alpha,
        message.replace(b'"id": "g"', f'"id": "{own_id}"'.encode()).replace(b'"id":"g"', f'"id":"{own_id}"'.encode()),
    )
    assert reason in (None, answer["reason"]), answer
    assert request_id is None or answer["id"] == (own_id if request_id == "g" else request_id), answer


@pytest.mark.parametrize(("message", "reason"), GATEWAY_OPS.values(), ids=GATEWAY_OPS)
def test_malformed_gateway_ops(alpha: Strategy, message: bytes, reason: str) -> None:
    answer = the_refusal(alpha, message)
    assert answer["reason"] == reason, answer
    assert alpha.ask("status")["code"] == "0"  # still alpha's connection


@pytest.mark.parametrize(
    "frames",
    [(b"a", b"b"), (b"", b"a", b"b"), (b"", b"", b"{}"), (b"{}", b""), tuple(b"abcdefgh"[i : i + 1] for i in range(8))],
)
def test_wrong_frame_counts(alpha: Strategy, frames: tuple[bytes, ...]) -> None:
    assert the_refusal(alpha, *frames)["reason"] == "bad_frames"


def test_an_order_cut_short_at_every_length(alpha: Strategy) -> None:
    complete = json.dumps(
        {"id": "cut", "op": "order", "args": [spot(tag="é")], "gw": {"maxWaitMs": 5}}, ensure_ascii=False
    ).encode()
    for length in range(len(complete)):
        assert the_refusal(alpha, complete[:length])["reason"] == "not_json", complete[:length]


def test_random_bytes(alpha: Strategy) -> None:
    source = random.Random(7)
    for size in (1, 2, 3, 10, 100, 1_000, 65_536):
        for _ in range(5):
            assert the_refusal(alpha, source.randbytes(size))["reason"] == "not_json"


def test_no_request_is_accepted_before_hello(
    module_stage: Any, gateway: Any, alpha: Strategy, exchange: Exchange
) -> None:
    """An unauthenticated session gets the same answers, and can place no order."""
    unauthenticated = module_stage.strategy(gateway, "unauthenticated")
    for message in (text(), gateway_op("ping"), gateway_op("status"), gateway_op("cancel-all"), b"{}"):
        unauthenticated.send(message)
        answer = unauthenticated.wait(lambda: unauthenticated.answers and unauthenticated.answers.pop(), "an answer")
        assert (answer["code"], answer["reason"]) == ("1", "hello_required"), message
    for message in NOT_JSON.values():
        unauthenticated.send(message)
        answer = unauthenticated.wait(
            lambda: unauthenticated.answers and unauthenticated.answers.pop(), f"an answer to {message[:50]!r}"
        )
        assert answer["code"] == "1" and answer["reason"] in ("not_json", "hello_required"), (message, answer)
    for message, reason in GATEWAY_OPS.values():
        if b"hello" in message:
            unauthenticated.send(message)
            answer = unauthenticated.wait(
                lambda: unauthenticated.answers and unauthenticated.answers.pop(), f"an answer to {message[:50]!r}"
            )
            assert (answer["code"], answer["reason"]) == ("1", reason), (message, answer)
    assert unauthenticated.ask("order", spot())["reason"] == "hello_required"


def test_a_message_of_many_megabytes_costs_its_sender_the_connection(
    module_stage: Any, gateway: Any, alpha: Strategy
) -> None:
    """It is not even read; its sender reconnects and must send hello again, and no other session is affected."""
    sender = module_stage.trader(gateway, "sender")
    sender.send(b"x" * (17 << 20))
    sender.wait(lambda: must_authenticate_again(sender), "the end of the connection")
    assert alpha.ask("status")["code"] == "0"
    assert sender.hello()["ready"]


def must_authenticate_again(sender: Strategy) -> bool:
    """Asks until the answer shows a new connection."""
    sender.submit("ping")
    sender.pump(50)
    return any(one["reason"] == "hello_required" for one in sender.answers)


def test_refusals_are_results_too(alpha: Strategy) -> None:
    """Each readable row gets its result on the events socket, and the id is used up."""
    rows = [spot(), spot(sz=""), spot()]
    request_id = alpha.submit("batch-orders", *rows)
    assert alpha.answer(request_id)["reason"] == "bad_request"
    ack = alpha.event("ack", id=request_id)
    assert [(one["row"], one["result"], one["origin"], one["reason"]) for one in ack["data"]] == [
        (number, "rejected", "gateway", "bad_request") for number in range(3)
    ]
    again = alpha.ask("order", spot(), id=request_id)
    assert again["duplicate"] is True and [one["result"] for one in again["data"]] == ["rejected"] * 3
