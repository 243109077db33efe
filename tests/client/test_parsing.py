"""Parsing the messages of the examples in docs/protocol.md."""

import json
from typing import Any

import pytest

from gateway.client.errors import MalformedError
from gateway.client.messages import (
    Ack,
    Alarm,
    Event,
    Fill,
    GatewayState,
    Order,
    OrderEvent,
    Resolved,
    RowResult,
    Snapshot,
    Stamps,
)
from gateway.client.parsing import (
    first_of,
    parse_answer,
    parse_event,
    parse_heartbeat,
    parse_hello,
    parse_json,
    parse_order,
    parse_replay,
    parse_snapshot_page,
    parse_status,
)

GW = {"recvNs": "1", "sentNs": "2", "venueNs": "3", "pubNs": "1700000000000000004"}
ACK: dict[str, Any] = json.loads(
    """{"seq":1,"event":"ack","session":"5f","id":"o1","op":"order","code":"0","msg":"","data":[
  {"row":0,"result":"accepted","origin":"okx","reason":"","msg":"Order successfully placed.","clOrdId":"900",
   "ordId":"123","sCode":"0","okx":{"ordId":"123"}}],"inTime":"1","outTime":"2",
   "gw":{"recvNs":"1","sentNs":"2","venueNs":"3","pubNs":"1700000000000000004"}}"""
)
FILL: dict[str, Any] = json.loads(
    """{"seq":3,"event":"fill","session":"5f","source":"stream","id":"o1","row":0,"instId":"BTC-USDT","ordId":"123",
 "clOrdId":"900","tradeId":"77","side":"buy","posSide":"","fillPx":"20000","fillSz":"0.01","fillTime":"1700000000123",
 "fillFee":"-0.00001","fillFeeCcy":"BTC","execType":"M","accFillSz":"0.01","gw":{}}"""
)
ORDER: dict[str, Any] = json.loads(
    """{"seq":4,"event":"order","session":"5f","source":"stream","id":"o1","row":0,"instId":"BTC-USDT","ordId":"123",
 "clOrdId":"900","state":"filled","accFillSz":"0.01","terminal":true,"reason":"","data":{"px":"20000"},"gw":{}}"""
)


def test_ack() -> None:
    event = parse_event("alpha.ack", ACK)
    row = RowResult(0, "accepted", "okx", "", "Order successfully placed.", "900", "123", "0")
    assert event == Ack("alpha.ack", "5f", 1, Stamps(1, 2, 3, 1700000000000000004), ACK, "o1", "order", "0", "", (row,))
    assert isinstance(event, Ack)
    assert event.accepted
    assert event.rows[0].okx == {"ordId": "123"}
    assert event.raw["inTime"] == "1"


def test_ack_with_one_row_refused_is_not_accepted() -> None:
    rows = [ACK["data"][0], {"row": 1, "result": "rejected", "origin": "gateway", "reason": "rate_limited"}]
    event = parse_event("alpha.ack", {**ACK, "data": rows, "retryAfterMs": 40})
    assert isinstance(event, Ack)
    assert not event.accepted
    assert event.rows[1] == RowResult(1, "rejected", "gateway", "rate_limited", "", "", "", "")
    assert event.retry_after_ms == 40


def test_ack_without_an_answer_of_okx() -> None:
    rows = [{"row": 0, "result": "unknown", "origin": "okx", "reason": "ack_timeout"}]
    raw = {"seq": 2, "event": "ack", "session": "5f", "id": "o1", "op": "order", "data": rows}
    event = parse_event("alpha.ack", raw)
    assert isinstance(event, Ack)
    assert (event.code, event.msg, event.rows[0].reason) == ("", "", "ack_timeout")


def test_resolved() -> None:
    raw = {
        "seq": 9,
        "event": "resolved",
        "session": "5f",
        "id": "o1",
        "op": "order",
        "row": 0,
        "result": "accepted",
        "proof": "order_push",
        "clOrdId": "900",
        "ordId": "123",
    }
    assert parse_event("alpha.ack", raw) == Resolved(
        "alpha.ack", "5f", 9, Stamps(), raw, "o1", "order", 0, "accepted", "order_push", "900", "123"
    )


def test_fill() -> None:
    event = parse_event("alpha.fill", FILL)
    assert isinstance(event, Fill)
    assert (event.source, event.id, event.row, event.inst_id) == ("stream", "o1", 0, "BTC-USDT")
    assert (event.ord_id, event.cl_ord_id, event.trade_id) == ("123", "900", "77")
    assert (event.side, event.pos_side, event.fill_px, event.fill_sz) == ("buy", "", "20000", "0.01")
    assert (event.fill_time, event.fill_fee, event.fill_fee_ccy) == ("1700000000123", "-0.00001", "BTC")
    assert (event.exec_type, event.acc_fill_sz) == ("M", "0.01")


def test_order() -> None:
    event = parse_event("alpha.order", ORDER)
    assert isinstance(event, OrderEvent)
    assert (event.source, event.id, event.row, event.inst_id) == ("stream", "o1", 0, "BTC-USDT")
    assert (event.ord_id, event.cl_ord_id, event.state) == ("123", "900", "filled")
    assert (event.acc_fill_sz, event.terminal, event.reason, event.data) == ("0.01", True, "", {"px": "20000"})


def test_gateway_state_and_alarm() -> None:
    head = {"seq": 1, "session": "5f"}
    state = parse_event("gateway.state", {**head, "event": "state", "state": "ready", "ready": True, "reason": ""})
    assert isinstance(state, GatewayState)
    assert (state.state, state.ready, state.reason, state.gw) == ("ready", True, "", Stamps())
    alarm = parse_event("gateway.alarm", {**head, "event": "alarm", "reason": "r", "msg": "m"})
    assert isinstance(alarm, Alarm)
    assert (alarm.reason, alarm.msg) == ("r", "m")


def test_kind_without_a_class_is_a_plain_event() -> None:
    raw = {"seq": 2, "event": "positions", "session": "5f", "data": {"arg": {}}}
    event = parse_event("account.positions", raw)
    assert type(event) is Event
    assert event.raw is raw


@pytest.mark.parametrize(
    ("raw", "key"),
    [(FILL, key) for key in ("instId", "ordId", "tradeId", "side", "fillPx", "fillSz")]
    + [(ORDER, key) for key in ("instId", "ordId", "state", "accFillSz", "terminal")]
    + [(ACK, key) for key in ("id", "op", "data")],
)
def test_event_without_an_important_key_keeps_its_seq(raw: dict[str, Any], key: str) -> None:
    cut = {name: value for name, value in raw.items() if name != key}
    event = parse_event("alpha.x", cut)
    assert type(event) is Event
    assert (event.seq, event.raw) == (raw["seq"], cut)


@pytest.mark.parametrize("raw", [ACK, FILL, ORDER])
@pytest.mark.parametrize("malformed", [None, 1, "text", [], [1], {}, True])
def test_malformed_values_never_raise(raw: dict[str, Any], malformed: Any) -> None:
    for key in raw.keys() - {"seq", "event", "session", "gw"}:
        assert parse_event("alpha.x", {**raw, key: malformed}).seq == raw["seq"]


@pytest.mark.parametrize("key", ["seq", "event", "session"])
def test_event_without_its_envelope_is_malformed(key: str) -> None:
    with pytest.raises(MalformedError):
        parse_event("alpha.ack", {name: value for name, value in ACK.items() if name != key})


@pytest.mark.parametrize("gw", [None, [1], "x", {"recvNs": "soon"}, {"recvNs": None}])
def test_event_is_not_lost_for_malformed_stamps(gw: Any) -> None:
    event = parse_event("alpha.fill", {**FILL, "gw": gw})
    assert isinstance(event, Fill)
    assert event.gw == Stamps()


@pytest.mark.parametrize("frame", [b"", b"{", b"[]", b"1", b"\xff", b'{"a":1}x'])
def test_not_one_json_object(frame: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_json(frame)


def test_heartbeat() -> None:
    raw = {"event": "heartbeat", "session": "5f", "seq": 3, "ready": False, "state": "waiting", "nonces": ["n"]}
    heartbeat = parse_heartbeat({**raw, "ns": "1700000000000000000"})
    assert (heartbeat.session, heartbeat.seq, heartbeat.ready, heartbeat.state) == ("5f", 3, False, "waiting")
    assert (heartbeat.nonces, heartbeat.ns) == (("n",), 1700000000000000000)
    with pytest.raises(MalformedError):
        parse_heartbeat(raw)


def test_answer() -> None:
    frame = b'{"id":"o1","op":"order","code":"1","reason":"rate_limited","msg":"m","data":[],"retryAfterMs":40}'
    answer = parse_answer(frame)
    assert (answer.id, answer.op, answer.code, answer.reason, answer.msg) == ("o1", "order", "1", "rate_limited", "m")
    assert (answer.data, answer.duplicate, answer.retry_after_ms) == ((), False, 40)
    assert parse_answer(b'{"id":"","op":"","code":"0","reason":"","msg":"","data":[],"duplicate":true}').duplicate
    for malformed in (b'{"id":"o1"}', b'{"id":"o1","op":"","code":"0","reason":"","msg":"","data":null}'):
        with pytest.raises(MalformedError):
            parse_answer(malformed)


def answer_with(*data: Any) -> Any:
    body = {"id": "x", "op": "x", "code": "0", "reason": "", "msg": "", "data": list(data)}
    return parse_answer(json.dumps(body).encode())


HELLO = {
    "strategy": "alpha",
    "number": 900,
    "session": "5f",
    "protocol": 1,
    "seq": 12,
    "lastId": "o9",
    "ready": True,
    "state": "ready",
    "acctLv": "2",
    "posMode": "net_mode",
    "environment": "demo",
    "limits": {"placePer2s": 60},
    "maxWaitMs": 1000,
    "heartbeatMs": 500,
}


def test_hello() -> None:
    hello = first_of(answer_with(HELLO), parse_hello)
    assert (hello.strategy, hello.number, hello.session, hello.protocol) == ("alpha", 900, "5f", 1)
    assert (hello.seq, hello.last_id, hello.ready, hello.state) == (12, "o9", True, "ready")
    assert (hello.acct_lv, hello.pos_mode, hello.environment) == ("2", "net_mode", "demo")
    assert (hello.limits, hello.max_wait_ms, hello.heartbeat_ms) == ({"placePer2s": 60}, 1000, 500)


def test_status() -> None:
    raw = {
        "state": "ready",
        "ready": True,
        "session": "5f",
        "seq": 7,
        "inFlight": 1,
        "waiting": 2,
        "unknown": [{"id": "o1"}],
        "orders": 3,
        "counters": {"a": 1},
        "limits": {"placePer2s": 60},
    }
    status = first_of(answer_with(raw), parse_status)
    assert (status.state, status.ready, status.session, status.seq) == ("ready", True, "5f", 7)
    assert (status.in_flight, status.waiting, status.orders) == (1, 2, 3)
    assert (status.unknown, status.counters, status.limits) == (({"id": "o1"},), {"a": 1}, {"placePer2s": 60})


ORDER_ROW = {
    "id": "o1",
    "row": 0,
    "instId": "BTC-USDT",
    "clOrdId": "900",
    "ordId": "123",
    "state": "live",
    "side": "buy",
    "ordType": "limit",
    "tdMode": "cash",
    "px": "20000",
    "sz": "0.01",
    "accFillSz": "0",
    "avgPx": "",
    "cTime": "1",
    "uTime": "2",
    "result": "accepted",
    "reason": "",
}
THE_ORDER = Order(
    "o1",
    0,
    "BTC-USDT",
    "900",
    "123",
    "live",
    "buy",
    "limit",
    "cash",
    "20000",
    "0.01",
    "0",
    "",
    "1",
    "2",
    "accepted",
    "",
)


def test_order_of_get_order_and_snapshot() -> None:
    assert first_of(answer_with(ORDER_ROW), parse_order) == THE_ORDER
    page = answer_with({"seq": 5, "orders": [ORDER_ROW], "algos": [], "from": 0, "more": True})
    assert first_of(page, parse_snapshot_page) == (Snapshot(5, (THE_ORDER,), ()), True)


def test_replay_page() -> None:
    events = [{"topic": "alpha.ack", "event": ACK}, {"topic": "alpha.fill", "event": FILL}]
    page = first_of(answer_with({"events": events, "more": False, "first": 1}), parse_replay)
    assert [type(event) for event in page.events] == [Ack, Fill]
    assert (page.more, page.first) == (False, 1)


@pytest.mark.parametrize("data", [(), (None,), ({},), ([],), ("x",)])
@pytest.mark.parametrize("parse", [parse_hello, parse_status, parse_order, parse_snapshot_page, parse_replay])
def test_malformed_answers(data: Any, parse: Any) -> None:
    with pytest.raises(MalformedError):
        first_of(answer_with(*data), parse)
