"""Requests by REST: which go so, in what words, and what an answer, silence or failure of REST proves.

Frames of OKX's after OKX docs, Order Book Trading, POST / Place order, Cancel order, Amend multiple orders.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from gateway._fast.control.rest import RestControl
from gateway._fast.ports.recorders import RecordingRestSink

SL = {"slTriggerPx": "18000", "slOrdPx": "-1", "slTriggerPxType": "mark"}


class Lane:
    """A rig's REST lane, and OKX's answers on it."""

    def __init__(self, rig: Any, *, cancels: bool = True) -> None:
        self.rig, self.api, self.port = rig, RestControl(rig.api), RecordingRestSink()
        self.api.rest_opened(self.port, cancels)

    @property
    def calls(self) -> list[tuple[str, Any, int]]:
        """(op, body, expTime)"""
        return [(op, json.loads(body), exp_time) for _, op, body, exp_time in self.port.sent]

    def answer(self, index: int, *items: dict[str, Any], code: str = "0", msg: str = "") -> None:
        okx_id, op, _, _ = self.port.sent[index]
        named = {"id": okx_id.decode(), "op": op}
        frame = json.dumps({**named, "code": code, "data": list(items), "inTime": "1", "msg": msg, "outTime": "2"})
        self.api.answered(okx_id, frame.encode(), self.rig.now, 7)

    def no_proof(self, index: int, reason: str) -> None:
        self.api.no_proof(self.port.sent[index][0], reason, self.rig.now)

    def not_sent(self, index: int) -> None:
        self.api.not_sent(self.port.sent[index][0], b"connection refused", self.rig.now)


# The ack timeout is far away, so that only what a test does ends a request.
ACK_TIMEOUT_MS = 3_600_000
AFTER_IT_NS = 3_700_000_000_000


@pytest.fixture
def rig(new_rig: Any) -> Any:
    return new_rig(ack_timeout_ms=ACK_TIMEOUT_MS)


@pytest.fixture
def rest(rig: Any) -> Lane:
    return Lane(rig)


def intents(rig: Any) -> list[dict[str, Any]]:
    return [json.loads(record) for kind, record in rig.journal.records if kind == "intent"]


# ------------------------------------------------------------------ what goes by REST, and how


def test_an_order_with_attached_algo_orders_goes_by_rest(rig: Any, rest: Lane) -> None:
    attached = [{**SL, "attachAlgoClOrdId": "mine1"}]
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=attached))
    assert rig.frames == []
    ((op, body, exp_time),) = rest.calls
    row = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "20000", "sz": "0.01"}
    assert (op, body, exp_time) == ("order", {**row, "clOrdId": "A", "attachAlgoOrds": attached}, 1_700_000_005_000)
    (intent,) = intents(rig)
    assert intent["args"] == [body] and intent["expTime"] == "1700000005000" and intent["op"] == "order"
    assert len(intent["id"]) == 16


def test_the_sub_objects_are_passed_on_byte_for_byte(rig: Any, rest: Lane) -> None:
    inner = b'[ {"slTriggerPx" : "18000","attachAlgoClOrdId": "mine1" ,"new":[1,{"a":null}]} ]'
    message = (
        json.dumps(rig.order("o1", clOrdId="A"))
        .encode()
        .replace(b'"clOrdId"', b'"attachAlgoOrds":%s,"clOrdId"' % inner)
    )
    rig.send(message)
    assert b'"attachAlgoOrds":' + inner in rest.port.sent[0][2]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (b'[ {"slTriggerPx" : "18000" } ]', b'[ {"slTriggerPx" : "18000" ,"attachAlgoClOrdId":"%s"} ]'),
        (b'[{}]', b'[{"attachAlgoClOrdId":"%s"}]'),
        (b'[{"attachAlgoClOrdId": "" ,"sz":"1"}]', b'[{"attachAlgoClOrdId": "%s" ,"sz":"1"}]'),
        (b'[{"attachAlgoClOrdId":"a"},{"sz":"1"},{"sz":"2"}]',
         b'[{"attachAlgoClOrdId":"a"},{"sz":"1","attachAlgoClOrdId":"%s"},{"sz":"2","attachAlgoClOrdId":"%s"}]'),
    ],
)  # fmt: skip
def test_a_sub_object_without_an_id_gets_one_that_tells_its_strategy(
    rig: Any, rest: Lane, given: bytes, sent: bytes
) -> None:
    """alpha's number is 900; the rest is as given."""
    message = json.dumps(rig.order("o1", clOrdId="A")).encode()
    rig.send(message.replace(b'"clOrdId"', b'"attachAlgoOrds":%s,"clOrdId"' % given))
    body = rest.port.sent[0][2]
    ids = re.findall(rb'"(900\d{16})"', body)
    assert len(set(ids)) == sent.count(b"%s") and b'"attachAlgoOrds":' + sent % tuple(ids) in body


def test_an_amend_names_what_is_there_and_gets_no_id(rig: Any, rest: Lane) -> None:
    rig.send(
        {
            "id": "a1",
            "op": "amend-order",
            "args": [
                {"instId": "BTC-USDT", "ordId": "1", "attachAlgoOrds": [{"attachAlgoId": "7", "newSlTriggerPx": "0"}]}
            ],
        }
    )
    assert rest.calls[0][1]["attachAlgoOrds"] == [{"attachAlgoId": "7", "newSlTriggerPx": "0"}]


def test_a_batch_is_a_bare_array_and_goes_as_a_whole(rig: Any, rest: Lane) -> None:
    batch = rig.batch("b1", "A", "B", "C")
    batch["args"][1].update(instId="XRP-USDT-SWAP", attachAlgoOrds=[SL])
    batch["args"][2]["instId"] = "BTC-USDT-SWAP"
    rig.send(batch)
    ((op, body, _),) = rest.calls
    assert op == "batch-orders" and rig.frames == []
    assert [(row["instId"], row["clOrdId"]) for row in body] == [
        ("BTC-USDT", "A"), ("XRP-USDT-SWAP", "B"), ("BTC-USDT-SWAP", "C")
    ]  # fmt: skip
    assert not any("instIdCode" in row for row in body)


def test_an_instrument_given_by_code_alone_is_named(rig: Any, rest: Lane) -> None:
    order = rig.order("o1", attachAlgoOrds=[SL], instIdCode=10459)
    del order["args"][0]["instId"]
    rig.send(order)
    assert rest.calls[0][1]["instId"] == "BTC-USDT-SWAP"


def test_an_amend_of_attached_orders_alone(rig: Any, rest: Lane) -> None:
    rig.place("A", "11")
    attached = [{"attachAlgoId": "5", "newSlTriggerPx": "18500"}]
    rig.send(
        {"id": "a1", "op": "amend-order", "args": [{"instId": "BTC-USDT", "ordId": "11", "attachAlgoOrds": attached}]}
    )
    ((op, body, _),) = rest.calls
    assert op == "amend-order" and body["attachAlgoOrds"] == attached and len(body["reqId"]) == 17


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "an array of at least one object"),
        ({}, "an array of at least one object"),
        ("x", "an array of at least one object"),
        (None, "an array of at least one object"),
        ([SL, 5], "an array of at least one object"),
        ([{"slTriggerPx": 18000}], "a string, inside attachAlgoOrds"),
        ([{"slTriggerPx": None}], "a string, inside attachAlgoOrds"),
    ],
)
def test_ill_formed_attached_orders(rig: Any, rest: Lane, value: Any, words: str) -> None:
    rig.send(rig.order("o1", attachAlgoOrds=value))
    assert rig.reply["reason"] == "bad_request" and words in rig.reply["msg"]
    assert rest.calls == []


def test_a_key_twice_in_an_attached_order(rig: Any, rest: Lane) -> None:
    message = json.dumps(rig.order("o1", attachAlgoOrds=[{"sz": "1"}])).replace('"sz": "1"', '"sz": "1", "sz": "2"')
    rig.send(message.encode())
    assert rig.reply["reason"] == "duplicate_key"


def test_a_cancel_takes_no_attached_orders(rig: Any, rest: Lane) -> None:
    rig.send(rig.cancel("c1", ordId="5", attachAlgoOrds=[SL]))
    assert rig.reply["reason"] == "bad_request"


def test_what_goes_by_the_socket_still_does(rig: Any, rest: Lane) -> None:
    rig.send(rig.order("o1"))
    rig.send(rig.cancel("c1", ordId="5"))
    assert [frame["op"] for frame in rig.frames] == ["order", "cancel-order"] and rest.calls == []
    assert "instIdCode" in rig.frames[0]["args"][0]


def test_without_a_lane_it_waits_or_is_refused(rig: Any) -> None:
    rig.send(rig.order("o1", attachAlgoOrds=[SL]))
    assert rig.reply["reason"] == "not_ready"
    rig.send(rig.order("o2", attachAlgoOrds=[SL], gw={"maxWaitMs": 1_000}))
    rest = Lane(rig)
    rig.api.tick_at(rig.now + 1_000_000)
    assert rest.calls[0][1]["instId"] == "BTC-USDT"


def test_it_counts_in_the_same_budgets(new_rig: Any) -> None:
    """OKX docs, Place order: the limit is shared by REST and WebSocket."""
    rig = new_rig(window_ns=2_000_000_000, limits=(2, 3, 2, 8, 1, 4), ack_timeout_ms=ACK_TIMEOUT_MS)
    rest = Lane(rig)
    rig.send(rig.order("o1", attachAlgoOrds=[SL]))
    rig.send(rig.order("o2"))
    rig.send(rig.order("o3", attachAlgoOrds=[SL]))
    assert rig.reply["reason"] == "rate_limited" and len(rest.calls) == 1
    assert rig.api.usage("BTC-USDT", "order")[:2] == (2, 2)
    rest.answer(0, {"ordId": "1", "sCode": "0"})
    assert rig.api.usage("BTC-USDT", "order")[:2] == (2, 1)


# ------------------------------------------------------------------ what ends it


def test_an_answer_is_an_ack(rig: Any, rest: Lane) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL]))
    rest.answer(0, {"clOrdId": "A", "ordId": "77", "sCode": "0", "sMsg": "Order placed", "tag": "", "ts": "1"})
    (ack,) = rig.on("alpha.ack")
    row = ack["data"][0]
    assert (row["result"], row["ordId"], row["okx"]["sMsg"]) == ("accepted", "77", "Order placed")
    assert ack["gw"]["route"] == "rest" and rig.api.status()["inFlight"] == 0 and rest.api.calls() == 0


def test_a_refusal_row_by_row(rig: Any, rest: Lane) -> None:
    batch = rig.batch("b1", "A", "B")
    batch["args"][0]["attachAlgoOrds"] = [SL]
    rig.send(batch)
    refused = {"clOrdId": "B", "ordId": "", "sCode": "51008", "sMsg": "Insufficient balance"}
    rest.answer(0, {"clOrdId": "A", "ordId": "77", "sCode": "0", "sMsg": ""}, refused, code="2")
    assert [(row["result"], row["sCode"]) for row in rig.rows("b1")] == [("accepted", "0"), ("rejected", "51008")]


@pytest.mark.parametrize(("code", "result"), [("50011", "rejected"), ("50001", "unknown"), ("59999", "unknown")])
def test_a_refusal_as_a_whole(rig: Any, rest: Lane, code: str, result: str) -> None:
    rig.send(rig.order("o1", attachAlgoOrds=[SL]))
    rest.answer(0, code=code, msg="words")
    assert rig.row("o1")["result"] == result


def test_an_answer_without_rows_proves_nothing(rig: Any, rest: Lane) -> None:
    rig.send(rig.order("o1", attachAlgoOrds=[SL]))
    rest.answer(0)
    assert (rig.row("o1")["result"], rig.row("o1")["reason"]) == ("unknown", "okx_unknown")


def test_an_answer_about_nothing_that_we_know(rig: Any, rest: Lane) -> None:
    rig.send(rig.order("o1", attachAlgoOrds=[SL]))
    rest.api.answered(rest.port.sent[0][0], b'{"id":"x","op":"order","code":"0","data":[]}', rig.now, 7)
    assert rig.row("o1")["result"] == "unknown"


@pytest.mark.parametrize("reason", ["ack_timeout", "connection_lost", "okx_unknown"])
def test_no_proof_is_unknown_and_the_tokens_come_back_late(rig: Any, rest: Lane, reason: str) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL]))
    rest.no_proof(0, reason)
    assert (rig.row("o1")["result"], rig.row("o1")["reason"]) == ("unknown", reason)
    assert rig.api.usage("BTC-USDT", "order")[:2] == (1, 0)
    rig.push(clOrdId="A", ordId="5")
    assert rig.on("alpha.ack", "resolved")[0]["result"] == "accepted"


def test_what_was_not_sent_is_refused_and_gives_its_token_back(rig: Any, rest: Lane) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL]))
    rest.not_sent(0)
    row = rig.row("o1")
    assert (row["result"], row["origin"], row["reason"]) == ("rejected", "gateway", "send_failed")
    assert rig.reply["reason"] == "send_failed" and "sentNs" not in rig.on("alpha.ack")[0]["gw"]
    assert rig.api.usage("BTC-USDT", "order")[:2] == (0, 0)
    rig.forget()
    rig.send(rig.order("o2", clOrdId="A", attachAlgoOrds=[SL]))
    assert len(rest.calls) == 2, "its clOrdId is free again"


def test_what_was_not_sent_waits_on_to_its_deadline(rig: Any, rest: Lane) -> None:
    """Nothing has left: that is no resending. A cancel may then go by the socket, or withdraw what waits."""
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL], gw={"maxWaitMs": 1_000, "receipt": True}))
    rest.not_sent(0)
    assert rig.api.status()["waiting"] == 1 and rig.on("alpha.ack") == []
    assert rig.api.usage("BTC-USDT", "order")[:2] == (0, 0)
    rig.api.tick_at(rig.now + 100_000_000)
    first, second = rest.calls
    assert first[1] == second[1] and second[2] == first[2] + 100, "its expTime counts from the new departure"
    rest.not_sent(1)
    rig.send(rig.cancel("c1", clOrdId="A"))
    assert rig.row("o1")["reason"] == "cancelled_before_send" and rig.row("c1")["result"] == "accepted"
    assert len(rig.replies) == 1, "the receipt"


def test_its_deadline_ends_it(rig: Any, rest: Lane) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL], gw={"maxWaitMs": 1_000}))
    rest.not_sent(0)
    rest.port.writable = False
    rig.api.tick_at(rig.now + 1_000_000_001)
    assert rig.row("o1")["reason"] == "not_ready" and rig.api.open_orders() == []


def test_an_amend_that_waits_on_is_counted_once(rig: Any, rest: Lane) -> None:
    """Of several amends of one order none is guessed; one that was not sent is none."""
    rig.place("A", "11")
    rig.api.connection_lost()
    rest.api.allow_orders(True)
    rig.send(rig.amend("a1", ordId="11", newPx="20005", gw={"maxWaitMs": 1_000}))
    rest.not_sent(0)
    rig.api.tick_at(rig.now + 1)
    rest.no_proof(1, "connection_lost")
    rig.push(clOrdId="A", ordId="11", px="20005", state="canceled", uTime="1700000020000")
    assert rig.on("alpha.ack", "resolved")[0]["result"] == "accepted"


def test_a_receipt_is_the_only_answer(rig: Any, rest: Lane) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL], gw={"receipt": True}))
    rest.not_sent(0)
    assert rig.reply["code"] == "0" and rig.row("o1")["result"] == "rejected"


def test_unknown_for_long_and_then_proven_not_sent(rig: Any, rest: Lane) -> None:
    rig.place("A", "11")
    rig.send(rig.amend("a1", ordId="11", attachAlgoOrds=[SL]))
    rig.api.tick_at(rig.now + AFTER_IT_NS)
    assert rig.row("a1")["reason"] == "ack_timeout"
    rest.not_sent(0)
    (told,) = rig.on("alpha.ack", "resolved")
    assert (told["result"], told["proof"]) == ("rejected", "not_sent")
    assert rig.api.unknown_count() == 0


def test_a_late_answer_is_proof(rig: Any, rest: Lane) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL]))
    rig.api.tick_at(rig.now + AFTER_IT_NS)
    rest.answer(0, {"clOrdId": "A", "ordId": "77", "sCode": "0", "sMsg": ""})
    (told,) = rig.on("alpha.ack", "resolved")
    assert (told["result"], told["proof"]) == ("accepted", "late_ack")


def test_the_socket_and_the_lane_prove_nothing_of_each_other(new_rig: Any) -> None:
    """Neither an answer nor an end of one says what OKX has read of the other."""
    rig = new_rig(window_ns=2_000_000_000, limits=(9, 9, 9, 20, 1, 99), ack_timeout_ms=ACK_TIMEOUT_MS)
    rest = Lane(rig)
    rig.send(rig.order("r1", attachAlgoOrds=[SL]))
    rig.send(rig.order("s1"))
    rig.api.tick_at(rig.now + AFTER_IT_NS)
    assert rig.api.usage("BTC-USDT", "order")[:2] == (2, 2)
    rig.send(rig.order("s2"))
    rig.accept(-1, "9")
    assert rig.api.usage("BTC-USDT", "order")[:2] == (3, 1), "r1 is still held"
    rig.send(rig.order("r2", attachAlgoOrds=[SL]))
    rig.api.connection_lost()
    assert rig.api.in_flight_count() == 1, "r2 went by REST"
    rest.answer(1, {"ordId": "2", "sCode": "0"})
    assert rig.row("r2")["result"] == "accepted"
    assert rig.api.usage("BTC-USDT", "order")[1] == 1


# ------------------------------------------------------------------ one order, one route


def test_a_cancel_does_not_overtake_its_placement(rig: Any, rest: Lane) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL]))
    rig.send(rig.cancel("c0", clOrdId="A"))
    assert rig.row("c0")["reason"] == "not_ready"
    rig.send(rig.cancel("c1", clOrdId="A", gw={"maxWaitMs": 1_000}))
    rig.api.tick_at(rig.now + 1)
    assert rig.frames == []
    rest.answer(0, {"clOrdId": "A", "ordId": "77", "sCode": "0"})
    rig.api.tick_at(rig.now + 2)
    assert [frame["op"] for frame in rig.frames] == ["cancel-order"]


def test_a_push_shows_that_its_placement_has_come_first(rig: Any, rest: Lane) -> None:
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=[SL]))
    rig.push(clOrdId="A", ordId="77")
    rig.send(rig.cancel("c1", clOrdId="A"))
    assert len(rig.frames) == 1


def test_amends_of_one_order_keep_their_order_and_cancels_do_not_wait_for_them(rig: Any, rest: Lane) -> None:
    rig.place("A", "11")
    rig.send(rig.amend("a1", ordId="11", attachAlgoOrds=[{"newSlTriggerPx": "1"}]))
    rig.send(rig.amend("a2", ordId="11", newPx="20002", gw={"maxWaitMs": 1_000}))
    rig.send(rig.amend("a3", ordId="12", newPx="20002"))
    rig.send(rig.cancel("c1", ordId="11"))
    assert [frame["op"] for frame in rig.frames] == ["amend-order", "cancel-order"]
    rest.answer(0, {"ordId": "11", "sCode": "0"})
    rig.api.tick_at(rig.now + 1)
    assert rig.frames[-1]["args"][0]["newPx"] == "20002"


# ------------------------------------------------------------------ while the socket is down


def test_cancels_go_by_rest_while_no_socket_is_logged_in(new_rig: Any) -> None:
    rig = new_rig(ready=False)
    rest = Lane(rig)
    rig.send(rig.cancel("c1", ordId="5"))
    rig.send(
        {
            "id": "c2",
            "op": "batch-cancel-orders",
            "args": [{"instId": "BTC-USDT", "ordId": "6"}, {"instId": "ETH-USDT", "clOrdId": "Z"}],
        }
    )
    rig.send({"id": "m1", "op": "mass-cancel", "args": [{"instType": "OPTION", "instFamily": "BTC-USD"}]})
    assert rest.calls == [
        ("cancel-order", {"instId": "BTC-USDT", "ordId": "5"}, 0),
        ("batch-cancel-orders", [{"instId": "BTC-USDT", "ordId": "6"}, {"instId": "ETH-USDT", "clOrdId": "Z"}], 0),
        ("mass-cancel", {"instType": "OPTION", "instFamily": "BTC-USD"}, 0),
    ]
    rest.answer(2, {"result": True})
    assert rig.row("m1")["result"] == "accepted"
    rig.send(rig.order("o1"))
    assert rig.row("o1")["reason"] == "not_ready"


def test_fallback_none(new_rig: Any) -> None:
    rig = new_rig(ready=False)
    rest = Lane(rig, cancels=False)
    rig.send(rig.cancel("c1", ordId="5"))
    assert rig.row("c1")["reason"] == "not_ready" and rest.calls == []


def test_a_cancel_that_waits_goes_by_rest_once_the_socket_is_lost(rig: Any, rest: Lane) -> None:
    rig.sink.writable = False
    rig.send(rig.cancel("c1", ordId="5", gw={"maxWaitMs": 1_000}))
    assert rest.calls == []
    rig.api.connection_lost()
    rig.api.tick_at(rig.now + 1)
    assert rest.calls[0][1] == {"instId": "BTC-USDT", "ordId": "5"}


def test_orders_by_rest_only_when_allowed_and_not_halted(rig: Any, rest: Lane) -> None:
    rig.api.connection_lost()
    rig.send(rig.order("o1"))
    rest.api.allow_orders(True)
    rig.send(rig.order("o2", clOrdId="A"))
    assert rig.row("o1")["reason"] == "not_ready"
    ((op, body, exp_time),) = rest.calls
    assert (op, body["clOrdId"], exp_time) == ("order", "A", 1_700_000_005_000)
    rest.api.allow_orders(False)
    rig.send(rig.order("o3"))
    assert rig.row("o3")["reason"] == "not_ready"


def test_a_batch_that_waited_is_cut_before_it_goes_by_rest(rig: Any, rest: Lane) -> None:
    rig.api.connection_lost()
    rig.send(rig.batch("b1", "A", "B", "C", gw={"maxWaitMs": 1_000}))
    rig.send(rig.cancel("c1", clOrdId="B"))
    rest.api.allow_orders(True)
    rig.api.tick_at(rig.now + 1)
    ((op, body, _),) = rest.calls
    assert op == "batch-orders" and [row["clOrdId"] for row in body] == ["A", "C"]
    assert [row["instId"] for row in body] == ["BTC-USDT"] * 2
    rest.answer(0, {"clOrdId": "A", "ordId": "1", "sCode": "0"}, {"clOrdId": "C", "ordId": "2", "sCode": "0"})
    assert [row["result"] for row in rig.rows("b1")] == ["accepted", "rejected", "accepted"]


def test_a_lane_that_takes_nothing(rig: Any, rest: Lane) -> None:
    rest.port.failing = True
    rig.send(rig.order("o1", attachAlgoOrds=[SL]))
    assert rig.row("o1")["reason"] == "send_failed"
    rest.port.failing, rest.port.writable = False, False
    rig.send(rig.order("o2", attachAlgoOrds=[SL]))
    assert rig.row("o2")["reason"] == "not_ready" and rest.calls == []
