"""Every rule of a request's form: what breaks it is told in words that name the place, and nothing of it reaches OKX."""

from __future__ import annotations

import json
from typing import Any

import pytest

ROW = '{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"20000","sz":"0.01"}'
CANCEL = '{"instId":"BTC-USDT","ordId":"5"}'
AMEND = '{"instId":"BTC-USDT","ordId":"5","newPx":"1"}'


def with_row(row: str, op: str = "order") -> str:
    return f'{{"id":"o1","op":"{op}","args":[{row}]}}'


def with_field(field: str, row: str = ROW, op: str = "order") -> str:
    return with_row(f"{row[:-1]},{field}}}", op)


def without(key: str, row: str = ROW, op: str = "order") -> str:
    return with_row(json.dumps({name: value for name, value in json.loads(row).items() if name != key}), op)


def with_head(members: str) -> str:
    return f'{{{members},"args":[{ROW}]}}'


def with_top(members: str, args: str = f"[{ROW}]", op: str = "order") -> str:
    return f'{{"id":"o1","op":"{op}","args":{args},{members}}}'


# message, reason, a part of what the answer says, and the id and op that the answer bears
BAD: list[tuple[str | bytes, str, str, str, str]] = [
    # not JSON at all
    (b"", "not_json", "one JSON object", "", ""),
    (b"\x00", "not_json", "one JSON object", "", ""),
    (b"nope", "not_json", "one JSON object", "", ""),
    (b"[]", "not_json", "one JSON object", "", ""),
    (b'"order"', "not_json", "one JSON object", "", ""),
    (b"{", "not_json", "strict JSON", "", ""),
    (b"{}x", "not_json", "strict JSON", "", ""),
    (with_row(ROW) + "{}", "not_json", "strict JSON", "", ""),
    (with_row(ROW)[:-1], "not_json", "strict JSON", "", ""),
    (with_row(ROW + ","), "not_json", "strict JSON", "", ""),
    (with_row("," + ROW), "not_json", "strict JSON", "", ""),
    (with_row(ROW + ROW), "not_json", "strict JSON", "", ""),
    (with_row(ROW.replace('"sz"', "sz")), "not_json", "strict JSON", "", ""),
    (with_field('"x":NaN'), "not_json", "strict JSON", "", ""),
    (with_field("'x':1"), "not_json", "strict JSON", "", ""),
    (with_field('"x":01'), "not_json", "strict JSON", "", ""),
    (with_field('"x":"\t"'), "not_json", "strict JSON", "", ""),
    (b'{"id":"o1","op":"order\xff"}', "not_json", "UTF-8", "", ""),
    (with_field('"x":"\\ud800"'), "not_json", "UTF-8", "", ""),
    (with_row(ROW).encode().replace(b"cash", b"c\xc3(h"), "not_json", "UTF-8", "", ""),
    (with_field('"x":' + "[" * 17 + "]" * 17), "not_json", "nested at most 16 deep", "", ""),
    (with_field('"x":' + "[" * 30_000), "not_json", "nested at most 16 deep", "", ""),
    # the top level
    (b"{}", "bad_request", "id must be present", "", ""),
    (with_head('"op":"order"'), "bad_request", "id must be present", "", "order"),
    (with_head('"id":1,"op":"order"'), "bad_request", "id must be a string", "", "order"),
    (with_head('"id":"","op":"order"'), "bad_request", "id must be a string", "", "order"),
    (with_head('"id":"a b","op":"order"'), "bad_request", "id must be a string", "", "order"),
    (with_head('"id":"\\u0061","op":"order"'), "bad_request", "id must be a string", "", "order"),
    (with_head('"id":"' + "i" * 65 + '","op":"order"'), "bad_request", "id must be a string", "", "order"),
    (with_head('"id":"é","op":"order"'), "bad_request", "id must be a string", "", "order"),
    ('{"id":"o1"}', "bad_request", "op must be present", "o1", ""),
    (with_head('"id":"o1","op":5'), "bad_request", "op must be a string", "o1", ""),
    (with_head('"id":"o1","op":"buy"'), "unknown_op", "op 'buy' is none", "o1", "buy"),
    (with_head('"id":"o1","op":"Order"'), "unknown_op", "op 'Order' is none", "o1", "Order"),
    (with_head('"id":"o1","op":"sprd-order"'), "unknown_op", "op 'sprd-order' is none", "o1", "sprd-order"),
    ('{"id":"o1","op":"%s"}' % ("x" * 5_000), "unknown_op", "is none that the gateway knows", "o1", ""),
    ('{"id":"o1","op":"\\"\\\\\\n😀"}', "unknown_op", "is none that the gateway knows", "o1", '"\\\n😀'),
    (with_top('"postOnly":true'), "bad_request", "postOnly must be one of id, op, args, expTime and gw", "o1", "order"),
    (with_top('"id":"o2"'), "duplicate_key", "id must be given once", "o1", "order"),
    (with_top('"op":"order"'), "duplicate_key", "op must be given once", "o1", "order"),
    (with_top('"args":[]'), "duplicate_key", "args must be given once", "o1", "order"),
    (with_top('"gw":{},"gw":{}'), "duplicate_key", "gw must be given once", "o1", "order"),
    ('{"\\u0069d":"o1"}', "duplicate_key", "written without escapes in its keys", "", ""),
    (with_top('"x":{"\\u0061":1}'), "duplicate_key", "written without escapes in its keys", "o1", "order"),
    # expTime
    (with_top('"expTime":"170000000500"'), "bad_request", "expTime must be Unix time in milliseconds", "o1", "order"),
    (with_top('"expTime":"17000000050000"'), "bad_request", "expTime must be Unix time in milliseconds", "o1", "order"),
    (with_top('"expTime":"170000000500x"'), "bad_request", "expTime must be Unix time in milliseconds", "o1", "order"),
    (with_top('"expTime":true'), "bad_request", "expTime must be Unix time in milliseconds", "o1", "order"),
    (with_top('"expTime":1700000005.00'), "bad_request", "expTime must be Unix time in milliseconds", "o1", "order"),
    (with_top('"expTime":"0000000000000"'), "bad_request", "expTime must be Unix time in milliseconds", "o1", "order"),
    (with_top('"expTime":"1700000000000"'), "expired", "expTime must be later than OKX's clock", "o1", "order"),
    (
        with_top('"expTime":"1700000005000"', f"[{CANCEL}]", "cancel-order"),
        "bad_request",
        "expTime must be absent",
        "o1",
        "cancel-order",
    ),
    (
        with_top('"expTime":"1700000005000"', "[{}]", "mass-cancel"),
        "bad_request",
        "expTime must be absent",
        "o1",
        "mass-cancel",
    ),
    # gw
    (with_top('"gw":1'), "bad_request", "gw must be an object", "o1", "order"),
    (with_top('"gw":{"wait":1}'), "bad_request", "wait must be one of maxWaitMs, sentNs and receipt", "o1", "order"),
    (with_top('"gw":{"receipt":1}'), "bad_request", "receipt must be true or false", "o1", "order"),
    (with_top('"gw":{"receipt":"true"}'), "bad_request", "receipt must be true or false", "o1", "order"),
    (with_top('"gw":{"receipt":true,"receipt":true}'), "duplicate_key", "receipt must be given once", "o1", "order"),
    (with_top('"gw":{"maxWaitMs":-1}'), "bad_request", "maxWaitMs must be a whole number", "o1", "order"),
    (with_top('"gw":{"maxWaitMs":1.5}'), "bad_request", "maxWaitMs must be a whole number", "o1", "order"),
    (with_top('"gw":{"maxWaitMs":"5"}'), "bad_request", "maxWaitMs must be a whole number", "o1", "order"),
    (with_top('"gw":{"maxWaitMs":60001}'), "bad_request", "maxWaitMs must be no more than", "o1", "order"),
    (with_top('"gw":{"maxWaitMs":999999999999999999}'), "bad_request", "maxWaitMs must be no more than", "o1", "order"),
    (with_top('"gw":{"sentNs":""}'), "bad_request", "sentNs must be Unix time in nanoseconds", "o1", "order"),
    (with_top('"gw":{"sentNs":"1x"}'), "bad_request", "sentNs must be Unix time in nanoseconds", "o1", "order"),
    (with_top('"gw":{"sentNs":1e18}'), "bad_request", "sentNs must be Unix time in nanoseconds", "o1", "order"),
    (with_top('"gw":{"sentNs":null}'), "bad_request", "sentNs must be Unix time in nanoseconds", "o1", "order"),
    (
        with_top('"gw":{"sentNs":"99999999999999999999"}'),
        "bad_request",
        "sentNs must be Unix time in nanoseconds",
        "o1",
        "order",
    ),
    (
        with_top('"gw":{"sentNs":"9999999999999999999"}'),
        "bad_request",
        "sentNs must be Unix time in nanoseconds",
        "o1",
        "order",
    ),
    (with_top('"gw":{"sentNs":"1700000001000000001"}'), "bad_request", "not in the future", "o1", "order"),
    (with_top('"gw":{"sentNs":"1699999998999999999"}'), "stale", "younger than max_age_ms", "o1", "order"),
    # args
    ('{"id":"o1","op":"order"}', "bad_request", "args must be an array with at least one row", "o1", "order"),
    ('{"id":"o1","op":"order","args":[]}', "bad_request", "args must be an array with at least one row", "o1", "order"),
    ('{"id":"o1","op":"order","args":{}}', "bad_request", "args must be an array of objects", "o1", "order"),
    ('{"id":"o1","op":"order","args":"x"}', "bad_request", "args must be an array of objects", "o1", "order"),
    (with_row("1"), "bad_request", "args must be an array of objects", "o1", "order"),
    (with_row(ROW + ",null", "batch-orders"), "bad_request", "args must be an array of objects", "o1", "batch-orders"),
    (with_row(f"{ROW},{ROW}"), "too_many_rows", "one row: use the batch op", "o1", "order"),
    (
        with_row(f"{CANCEL},{CANCEL}", "cancel-order"),
        "too_many_rows",
        "one row: use the batch op",
        "o1",
        "cancel-order",
    ),
    (with_row(f"{AMEND},{AMEND}", "amend-order"), "too_many_rows", "one row: use the batch op", "o1", "amend-order"),
    (with_row("{},{}", "mass-cancel"), "too_many_rows", "one row", "o1", "mass-cancel"),
    (with_row(",".join([ROW] * 21), "batch-orders"), "too_many_rows", "at most 20 rows", "o1", "batch-orders"),
    (
        with_row(",".join([CANCEL] * 600), "batch-cancel-orders"),
        "too_many_rows",
        "at most 20 rows",
        "o1",
        "batch-cancel-orders",
    ),
    # a row
    (with_row("{}"), "bad_request", "args[0].instId must be present", "o1", "order"),
    (with_row(f"{ROW},{{}}", "batch-orders"), "bad_request", "args[1].instId must be present", "o1", "batch-orders"),
    (without("instId"), "bad_request", "args[0].instId must be present", "o1", "order"),
    (without("tdMode"), "bad_request", "args[0].tdMode must be present", "o1", "order"),
    (without("side"), "bad_request", "args[0].side must be present", "o1", "order"),
    (without("ordType"), "bad_request", "args[0].ordType must be present", "o1", "order"),
    (without("sz"), "bad_request", "args[0].sz must be present", "o1", "order"),
    (without("px"), "bad_request", "args[0].px must be present", "o1", "order"),
    (with_row(ROW.replace('"0.01"', '""')), "bad_request", "args[0].sz must be present and not empty", "o1", "order"),
    (with_row(ROW.replace('"buy"', '"BUY"')), "bad_request", "args[0].side must be buy or sell", "o1", "order"),
    (with_row(ROW.replace('"0.01"', "1e-2")), "bad_request", "args[0].sz must be a string", "o1", "order"),
    (with_row(ROW.replace('"0.01"', "null")), "bad_request", "args[0].sz must be a string", "o1", "order"),
    (with_row(ROW.replace('"0.01"', '["0.01"]')), "bad_request", "args[0].sz must be a string", "o1", "order"),
    (with_row(ROW.replace('"0.01"', "true")), "bad_request", "args[0].sz must be a string", "o1", "order"),
    (with_field('"tag":{}'), "bad_request", "args[0].tag must be a string", "o1", "order"),
    (with_field('"reduceOnly":1'), "bad_request", "args[0].reduceOnly must be true or false", "o1", "order"),
    (with_field('"reduceOnly":"yes"'), "bad_request", "args[0].reduceOnly must be true or false", "o1", "order"),
    (with_field('"reduceOnly":null'), "bad_request", "args[0].reduceOnly must be true or false", "o1", "order"),
    (with_field('"px":"1"'), "duplicate_key", "args[0].px must be given once", "o1", "order"),
    (with_field('"new":1,"new":1'), "duplicate_key", "args[0].new must be given once", "o1", "order"),
    (with_field('"clOrdId":"a-b"'), "bad_request", "args[0].clOrdId must be 1 to 32 letters and digits", "o1", "order"),
    (with_field('"clOrdId":"%s"' % ("c" * 33)), "bad_request", "args[0].clOrdId must be 1 to 32", "o1", "order"),
    (with_field('"clOrdId":"\\u0061"'), "bad_request", "args[0].clOrdId must be 1 to 32", "o1", "order"),
    (with_field('"instIdCode":"10001"'), "bad_request", "args[0].instIdCode must be an integer", "o1", "order"),
    (with_field('"instIdCode":1.5'), "bad_request", "args[0].instIdCode must be a positive integer", "o1", "order"),
    (with_field('"instIdCode":0'), "bad_request", "args[0].instIdCode must be a positive integer", "o1", "order"),
    (with_field('"instIdCode":-1'), "bad_request", "args[0].instIdCode must be a positive integer", "o1", "order"),
    (with_field('"instIdCode":10002'), "unknown_instrument", "args[0].instId must be an instrument", "o1", "order"),
    (
        with_field('"attachAlgoOrds":[]'),
        "bad_request",
        "args[0].attachAlgoOrds must be an array of at least one object",
        "o1",
        "order",
    ),
    (
        with_row(ROW.replace('"limit"', '"twap"')),
        "not_supported",
        "args[0].ordType must be an ordType of the order op",
        "o1",
        "order",
    ),
    (with_field('"gw":{"id":"x"}'), "bad_request", "args[0].gw must be absent", "o1", "order"),
    (with_field(",".join(f'"k{number}":1' for number in range(60))), "bad_request", "at most 63 keys", "o1", "order"),
    (
        with_field('"k":{' + ",".join(f'"k{number}":1' for number in range(70)) + "}"),
        "bad_request",
        "at most 64 keys",
        "o1",
        "order",
    ),
    (
        with_row(ROW.replace("BTC-USDT", "XYZ-USDT")),
        "unknown_instrument",
        "args[0].instId must be an instrument",
        "o1",
        "order",
    ),
    (with_row(ROW.replace("BTC-USDT", "B\\u0054C-USDT")), "unknown_instrument", "args[0].instId", "o1", "order"),
    (with_row(ROW.replace("BTC-USDT", "I" * 60_000)), "unknown_instrument", "args[0].instId", "o1", "order"),
    (with_row(ROW.replace("BTC-USDT", "NEW-USDT")), "instrument_has_no_code", "instIdCode", "o1", "order"),
    (
        with_row(ROW.replace("BTC-USDT", "ADA-USDT").replace("cash", "cross")),
        "ambiguous_instrument",
        "SPOT and MARGIN share",
        "o1",
        "order",
    ),
    (with_row(ROW.replace('"20000"', '""')), "bad_request", "args[0].px must be present", "o1", "order"),
    # cancels and amends
    (
        with_row('{"instId":"BTC-USDT","ordId":"5","newPx":"","newSz":""}', "amend-order"),
        "bad_request",
        "args[0].newSz must be present",
        "o1",
        "amend-order",
    ),
    (
        with_row('{"instId":"BTC-USDT","gw":{"id":"a","id":"b"}}', "cancel-order"),
        "duplicate_key",
        "id must be given once",
        "o1",
        "cancel-order",
    ),
    (
        with_row('{"instId":"BTC-USDT"}', "cancel-order"),
        "bad_request",
        "args[0].ordId must be present (or clOrdId, or gw)",
        "o1",
        "cancel-order",
    ),
    (
        with_row('{"instId":"BTC-USDT","ordId":""}', "cancel-order"),
        "bad_request",
        "args[0].ordId must be present",
        "o1",
        "cancel-order",
    ),
    (with_row('{"ordId":"5"}', "cancel-order"), "bad_request", "args[0].instId must be present", "o1", "cancel-order"),
    (
        with_row('{"instId":"BTC-USDT","ordId":"5-6"}', "cancel-order"),
        "bad_request",
        "args[0].ordId must be OKX's order id",
        "o1",
        "cancel-order",
    ),
    (
        with_field('"gw":{"id":"x"}', CANCEL, "cancel-order"),
        "bad_request",
        "args[0].gw must be either gw or ordId / clOrdId",
        "o1",
        "cancel-order",
    ),
    (
        with_row('{"instId":"BTC-USDT","gw":{}}', "cancel-order"),
        "bad_request",
        'args[0].gw must be an object with the "id"',
        "o1",
        "cancel-order",
    ),
    (
        with_row('{"instId":"BTC-USDT","gw":"x"}', "cancel-order"),
        "bad_request",
        "args[0].gw must be an object",
        "o1",
        "cancel-order",
    ),
    (
        with_row('{"instId":"BTC-USDT","gw":{"id":"x","row":20}}', "cancel-order"),
        "bad_request",
        "args[0].gw must be an object of",
        "o1",
        "cancel-order",
    ),
    (
        with_row('{"instId":"BTC-USDT","gw":{"id":5}}', "cancel-order"),
        "bad_request",
        "args[0].gw must be an object of",
        "o1",
        "cancel-order",
    ),
    (
        with_row('{"instId":"BTC-USDT","gw":{"id":"x","extra":1}}', "cancel-order"),
        "bad_request",
        "args[0].gw must be an object of",
        "o1",
        "cancel-order",
    ),
    (
        with_row('{"instId":"BTC-USDT","gw":{"id":"nobody"}}', "cancel-order"),
        "unknown_order",
        "args[0].gw must be the id",
        "o1",
        "cancel-order",
    ),
    (
        with_row('{"instId":"XYZ","ordId":"5"}', "cancel-order"),
        "unknown_instrument",
        "args[0].instId",
        "o1",
        "cancel-order",
    ),
    (
        with_row('{"instId":"ADA-USDT","ordId":"5"}', "cancel-order"),
        "ambiguous_instrument",
        "args[0].instId",
        "o1",
        "cancel-order",
    ),
    (
        without("newPx", AMEND, "amend-order"),
        "bad_request",
        "args[0].newSz must be present (or newPx, newPxUsd, newPxVol)",
        "o1",
        "amend-order",
    ),
    (
        with_field('"reqId":"a.b"', AMEND, "amend-order"),
        "bad_request",
        "args[0].reqId must be 1 to 32",
        "o1",
        "amend-order",
    ),
    (
        with_row('{"instType":"OPTION"}', "mass-cancel"),
        "bad_request",
        "args[0].instFamily must be present",
        "o1",
        "mass-cancel",
    ),
    (
        with_row('{"instFamily":"BTC-USD"}', "mass-cancel"),
        "bad_request",
        "args[0].instType must be present",
        "o1",
        "mass-cancel",
    ),
    # the gateway's own ops
    ('{"id":"o1","op":"ping","args":[1]}', "bad_request", "args must be an array of objects", "o1", "ping"),
    ('{"id":"o1","op":"ping","expTime":"1700000005000"}', "bad_request", "expTime must be absent", "o1", "ping"),
    (
        '{"id":"o1","op":"status","args":[{},{}]}',
        "bad_request",
        "args must be an array of at most one object",
        "o1",
        "status",
    ),
    ('{"id":"o1","op":"status","args":[{"x":1}]}', "bad_request", "args[0].x is unknown here", "o1", "status"),
    ('{"op":"ping"}', "bad_request", "id must be present", "", "ping"),
]


@pytest.mark.parametrize(("message", "reason", "words", "request_id", "op"), BAD)
def test_a_malformed_request_is_told_what_is_wrong(
    rig: Any, message: str | bytes, reason: str, words: str, request_id: str, op: str
) -> None:
    text = message if isinstance(message, bytes) else message.encode()
    rig.send(text)
    assert rig.sink.sent == []
    reply = rig.reply
    assert (reply["id"], reply["op"], reply["code"], reply["reason"], reply["data"]) == (
        request_id,
        op,
        "1",
        reason,
        [],
    )
    assert words in reply["msg"]
    is_order_op = op in (
        "order",
        "batch-orders",
        "cancel-order",
        "batch-cancel-orders",
        "amend-order",
        "batch-amend-orders",
        "mass-cancel",
    )
    if request_id and is_order_op:
        rows = rig.rows("o1")
        assert {(row["result"], row["origin"], row["reason"]) for row in rows} == {("rejected", "gateway", reason)}
        assert {row["msg"] for row in rows} == {reply["msg"]}
    else:
        assert rig.events == []
    rig.forget()
    rig.send(rig.order("next"))
    assert len(rig.frames) == 1, "the next request is served"


def test_a_refused_request_bears_its_own_ids_in_its_ack(rig: Any) -> None:
    rows = ",".join(ROW[:-1] + f',"clOrdId":"c{number}"' + "}" for number in range(20))
    rig.send(with_row(rows.replace('"0.01"', '""', 1), "batch-orders").encode())
    assert [row["clOrdId"] for row in rig.rows("o1")] == [f"c{number}" for number in range(20)]
