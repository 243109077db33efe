"""Requests by REST: which go so, and in what words.

Frames of OKX's after OKX docs, Order Book Trading, POST / Place order, Cancel order, Amend multiple orders.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests._fast.rest_orders import ACK_TIMEOUT_MS, SL, RestOrders


@pytest.fixture
def rig(new_rig: Any) -> Any:
    return new_rig(ack_timeout_ms=ACK_TIMEOUT_MS)


@pytest.fixture
def rest(rig: Any) -> RestOrders:
    return RestOrders(rig)


def intents(rig: Any) -> list[dict[str, Any]]:
    return [json.loads(record) for kind, record in rig.journal.records if kind == "intent"]


# ------------------------------------------------------------------ what goes by REST, and how


def test_an_order_with_attached_algo_orders_goes_by_rest(rig: Any, rest: RestOrders) -> None:
    attached = [{**SL, "attachAlgoClOrdId": "mine1"}]
    rig.send(rig.order("o1", clOrdId="A", attachAlgoOrds=attached))
    assert rig.frames == []
    ((op, body, exp_time),) = rest.calls
    row = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "20000", "sz": "0.01"}
    assert (op, body, exp_time) == ("order", {**row, "clOrdId": "A", "attachAlgoOrds": attached}, 1_700_000_005_000)
    (intent,) = intents(rig)
    assert intent["args"] == [body] and intent["expTime"] == "1700000005000" and intent["op"] == "order"
    assert len(intent["id"]) == 16


def test_the_sub_objects_are_passed_on_byte_for_byte(rig: Any, rest: RestOrders) -> None:
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
    rig: Any, rest: RestOrders, given: bytes, sent: bytes
) -> None:
    """alpha's number is 900; the rest is as given."""
    message = json.dumps(rig.order("o1", clOrdId="A")).encode()
    rig.send(message.replace(b'"clOrdId"', b'"attachAlgoOrds":%s,"clOrdId"' % given))
    body = rest.port.sent[0][2]
    ids = re.findall(rb'"(900\d{16})"', body)
    assert len(set(ids)) == sent.count(b"%s") and b'"attachAlgoOrds":' + sent % tuple(ids) in body


def test_an_amend_names_what_is_there_and_gets_no_id(rig: Any, rest: RestOrders) -> None:
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


def test_a_batch_is_a_bare_array_and_goes_as_a_whole(rig: Any, rest: RestOrders) -> None:
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


def test_an_instrument_given_by_code_alone_is_named(rig: Any, rest: RestOrders) -> None:
    order = rig.order("o1", attachAlgoOrds=[SL], instIdCode=10459)
    del order["args"][0]["instId"]
    rig.send(order)
    assert rest.calls[0][1]["instId"] == "BTC-USDT-SWAP"


def test_an_amend_of_attached_orders_alone(rig: Any, rest: RestOrders) -> None:
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
def test_ill_formed_attached_orders(rig: Any, rest: RestOrders, value: Any, words: str) -> None:
    rig.send(rig.order("o1", attachAlgoOrds=value))
    assert rig.reply["reason"] == "bad_request" and words in rig.reply["msg"]
    assert rest.calls == []


def test_a_key_twice_in_an_attached_order(rig: Any, rest: RestOrders) -> None:
    message = json.dumps(rig.order("o1", attachAlgoOrds=[{"sz": "1"}])).replace('"sz": "1"', '"sz": "1", "sz": "2"')
    rig.send(message.encode())
    assert rig.reply["reason"] == "duplicate_key"


def test_a_cancel_takes_no_attached_orders(rig: Any, rest: RestOrders) -> None:
    rig.send(rig.cancel("c1", ordId="5", attachAlgoOrds=[SL]))
    assert rig.reply["reason"] == "bad_request"


def test_what_goes_by_the_socket_still_does(rig: Any, rest: RestOrders) -> None:
    rig.send(rig.order("o1"))
    rig.send(rig.cancel("c1", ordId="5"))
    assert [frame["op"] for frame in rig.frames] == ["order", "cancel-order"] and rest.calls == []
    assert "instIdCode" in rig.frames[0]["args"][0]


def test_without_a_lane_it_waits_or_is_refused(rig: Any) -> None:
    rig.send(rig.order("o1", attachAlgoOrds=[SL]))
    assert rig.reply["reason"] == "not_ready"
    rig.send(rig.order("o2", attachAlgoOrds=[SL], gw={"maxWaitMs": 1_000}))
    rest = RestOrders(rig)
    rig.api.tick_at(rig.now + 1_000_000)
    assert rest.calls[0][1]["instId"] == "BTC-USDT"


def test_it_counts_in_the_same_budgets(new_rig: Any) -> None:
    """OKX docs, Place order: the limit is shared by REST and WebSocket."""
    rig = new_rig(window_ns=2_000_000_000, limits=(2, 3, 2, 8, 1, 4), ack_timeout_ms=ACK_TIMEOUT_MS)
    rest = RestOrders(rig)
    rig.send(rig.order("o1", attachAlgoOrds=[SL]))
    rig.send(rig.order("o2"))
    rig.send(rig.order("o3", attachAlgoOrds=[SL]))
    assert rig.reply["reason"] == "rate_limited" and len(rest.calls) == 1
    assert rig.api.usage("BTC-USDT", "order")[:2] == (2, 2)
    rest.answer(0, {"ordId": "1", "sCode": "0"})
    assert rig.api.usage("BTC-USDT", "order")[:2] == (2, 1)


# ------------------------------------------------------------------ while the socket is down


def test_a_batch_that_waited_is_cut_before_it_goes_by_rest(rig: Any, rest: RestOrders) -> None:
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
