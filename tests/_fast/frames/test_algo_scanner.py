"""Rows of the algo channels: which members are read, as what, and which of them are a change that a strategy must hear of.

Shapes: OKX docs, Algo Trading, WS / Algo orders channel and WS / Advance algo orders channel.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

Json = dict[str, Any]
MINTED = "9001234567890000001"  # alpha's: its number is 900
ROW: Json = {
    "instType": "SWAP", "instId": "BTC-USDT-SWAP", "ordId": "", "ordIdList": ["98192973880283"], "algoId": "581878926302093312",
    "algoClOrdId": MINTED, "clOrdId": "", "sz": "11", "ordType": "conditional", "side": "buy", "posSide": "net",
    "tdMode": "cross", "tgtCcy": "", "lever": "3", "state": "live", "tpTriggerPx": "30000", "tpTriggerPxType": "last",
    "tpOrdPx": "-1", "slTriggerPx": "18000", "slTriggerPxType": "mark", "slOrdPx": "-1", "triggerPx": "", "triggerPxType": "",
    "ordPx": "", "last": "26174.8", "actualSz": "0", "actualPx": "", "notionalUsd": "11", "tag": "", "failCode": "",
    "reqId": "", "amendResult": "", "closeFraction": "", "callbackRatio": "", "callbackSpread": "", "activePx": "",
    "linkedOrd": {"ordId": "77"}, "triggerTime": "", "cTime": "1700000000000", "uTime": "1700000000001",
}  # fmt: skip


def text_of(*rows: Json | str, channel: str = "orders-algo") -> str:
    inner = ",".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    return f'{{"arg":{{"channel":"{channel}","instType":"ANY","uid":"1"}},"data":[{inner}]}}'


def push(rig: Any, *rows: Json | str) -> None:
    rig.frame(text_of(*rows).encode())


def published(rig: Any) -> list[Json]:
    return list(rig.on("alpha.algo"))


# ---------------------------------------------------------------- what is read


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("instId", "BTC-USDT-SWAP"),
        ("algoId", "581878926302093312"),
        ("algoClOrdId", MINTED),
        ("ordType", "conditional"),
        ("state", "live"),
        ("failCode", ""),
        ("ordIdList", ["98192973880283"]),
    ],
)
def test_members_that_an_event_shows(rig: Any, member: str, value: Any) -> None:
    push(rig, ROW)
    assert published(rig)[0][member] == value


@pytest.mark.parametrize(
    "member", ["side", "ordType", "tdMode", "sz", "cTime", "uTime", "state", "instId", "algoClOrdId"]
)
def test_members_that_an_order_query_shows(rig: Any, member: str) -> None:
    push(rig, ROW)
    assert rig.algos.find(ROW["algoId"])[member] == ROW[member]


def test_the_fail_code_is_the_row_s(rig: Any) -> None:
    push(rig, {**ROW, "state": "order_failed", "failCode": "51008"})
    (event,) = published(rig)
    assert (event["failCode"], event["terminal"]) == ("51008", True)


def test_the_row_itself_is_passed_on_byte_for_byte(rig: Any) -> None:
    row = json.dumps(ROW, indent=1).replace('"net"', '"n\\u0065t"')
    push(rig, row)
    ((_, body),) = [one for one in rig.events_sink.events if one[0] == b"alpha.algo"]
    assert b'"data":' + row.encode() in body


@pytest.mark.parametrize("order", [sorted(ROW), sorted(ROW, reverse=True)])
def test_the_order_of_members_does_not_matter(rig: Any, order: list[str]) -> None:
    push(rig, ROW, {**{key: ROW[key] for key in order}, "uTime": "1700000000002"})
    assert len(published(rig)) == 1, "it is a repeat"


def test_numbers_are_read_as_the_same_texts(rig: Any) -> None:
    push(rig, ROW, json.dumps({**ROW, "uTime": 1700000000002}).replace('"sz": "11"', '"sz": 11'))
    assert len(published(rig)) == 1, "it is a repeat"


@pytest.mark.parametrize("value", [None, True, {}, [], {"a": [1]}])
def test_a_member_of_another_type_is_as_absent(rig: Any, value: Any) -> None:
    push(rig, {**ROW, "failCode": value, "triggerPx": value, "new": value})
    push(rig, {**ROW, "uTime": "1700000000002"})
    assert [one["failCode"] for one in published(rig)] == [""]


# ---------------------------------------------------------------- what is a change

TERMS: Json = {
    "sz": "12", "triggerPx": "1", "slTriggerPx": "17000", "tpTriggerPx": "31000", "ordPx": "2", "slOrdPx": "16999",
    "tpOrdPx": "31001", "triggerPxType": "index", "slTriggerPxType": "last", "tpTriggerPxType": "mark",
    "callbackRatio": "0.05", "callbackSpread": "10", "activePx": "25000", "closeFraction": "1",
    "ordIdList": ["98192973880283", "2"],
}  # fmt: skip
NO_TERMS: Json = {
    "last": "26200", "actualSz": "1", "actualPx": "7", "notionalUsd": "12", "lever": "4", "tag": "t", "triggerTime": "1",
    "posSide": "long", "tgtCcy": "base_ccy", "new": "x",
}  # fmt: skip


@pytest.mark.parametrize("member", TERMS)
def test_a_row_with_another_size_price_or_order_is_a_change(rig: Any, member: str) -> None:
    """What an amend can change (OKX docs, POST / Amend algo order), and the orders that were placed."""
    push(rig, ROW, {**ROW, member: TERMS[member], "uTime": "1700000000002"})
    assert [one["data"][member] for one in published(rig)] == [ROW[member], TERMS[member]]


@pytest.mark.parametrize("member", NO_TERMS)
def test_a_row_with_the_market_s_values_alone_is_a_repeat(rig: Any, member: str) -> None:
    push(rig, ROW, {**ROW, member: NO_TERMS[member], "uTime": "1700000000002"})
    assert len(published(rig)) == 1


def test_each_pair_of_changed_members_is_another_row(rig: Any) -> None:
    """One value moved to another member is a change: 5 as trigger price is not 5 as order price."""
    prices = ["triggerPx", "ordPx", "activePx", "callbackSpread", "closeFraction"]
    stamps = itertools.count(1_700_000_000_002)
    push(rig, *({**ROW, member: "5", "uTime": str(next(stamps))} for member in prices))
    assert len(published(rig)) == len(prices)


def test_an_empty_value_is_as_none(rig: Any) -> None:
    push(rig, ROW, {**{key: value for key, value in ROW.items() if value != ""}, "uTime": "1700000000002"})
    assert len(published(rig)) == 1


@pytest.mark.parametrize("ids", [[7], ["1", None], [["1"]], {"0": "1"}, "98192973880283", None])
def test_a_list_of_orders_of_another_form_is_as_absent(rig: Any, ids: Any) -> None:
    push(rig, {**ROW, "ordIdList": ids})
    assert published(rig)[0]["ordIdList"] == []


# ---------------------------------------------------------------- orders that belong to it


@pytest.mark.parametrize(
    ("changes", "ord_id"), [({}, "98192973880283"), ({}, "77"), ({"linkedOrd": {"new": 1, "ordId": "78"}}, "78")]
)
def test_the_orders_that_it_placed_or_that_are_linked_are_its_owner_s(
    rig: Any, wire: Any, changes: Json, ord_id: str
) -> None:
    push(rig, {**ROW, **changes})
    rig.frame(wire.orders_push(wire.order_row(ordId=ord_id, clOrdId="")))
    assert [one["ordId"] for one in rig.on("alpha.order")] == [ord_id]


@pytest.mark.parametrize("linked", [{"ordId": ""}, {"ordId": 77}, {"ordid": "77"}, {}, [], "77", None])
def test_a_link_without_an_order_is_none(rig: Any, wire: Any, linked: Any) -> None:
    push(rig, {**ROW, "linkedOrd": linked})
    rig.frame(wire.orders_push(wire.order_row(ordId="77", clOrdId="")))
    assert [one["ordId"] for one in rig.on("account.order")] == ["77"]


@pytest.mark.parametrize(
    ("linked", "topic"),
    [
        ({"algoId": ROW["algoId"]}, "alpha"),
        ({"new": {"algoId": "1"}, "algoId": ROW["algoId"]}, "alpha"),
        ({"algoId": ""}, "account"),
        ({"algoId": "58187892630209331"}, "account"),
        ({"algoid": ROW["algoId"]}, "account"),
        ([ROW["algoId"]], "account"),
        (ROW["algoId"], "account"),
        (None, "account"),
    ],
)
def test_an_order_that_is_linked_to_an_algo_order_is_that_one_s_owner_s(
    rig: Any, wire: Any, linked: Any, topic: str
) -> None:
    """A take-profit that rests as a limit order (OKX docs, WS / Order channel, `linkedAlgoOrd`)."""
    push(rig, ROW)
    rig.frame(wire.orders_push(wire.order_row(ordId="50", clOrdId="", linkedAlgoOrd=linked)))
    assert [one["ordId"] for one in rig.on(f"{topic}.order")] == ["50"]


# ---------------------------------------------------------------- rows that are none


def test_a_frame_cut_at_any_length_tells_nothing(rig: Any) -> None:
    text = text_of(ROW)
    for length in range(len(text)):
        rig.frame(text[:length].encode())
    assert published(rig) == []
    push(rig, ROW)
    assert len(published(rig)) == 1


@pytest.mark.parametrize("tail", ["x", "}", "]", "{}", ",", "\x00", text_of(ROW)])
def test_bytes_behind_a_frame_spoil_it(rig: Any, tail: str) -> None:
    rig.frame((text_of(ROW) + tail).encode())
    assert published(rig) == []


def test_blanks_around_and_within_a_frame_do_not(rig: Any) -> None:
    rig.frame(json.dumps(json.loads(text_of(ROW)), indent=2).encode() + b" \r\n")
    assert len(published(rig)) == 1


@pytest.mark.parametrize("row", ["7", '"x"', "null", "[]", "[{}]", "true", "{}"])
def test_a_row_that_is_none_is_counted_and_the_next_is_heard(rig: Any, row: str) -> None:
    push(rig, row, ROW)
    assert [one["algoId"] for one in published(rig)] == [ROW["algoId"]]
    assert rig.api.status()["counters"]["pushes_unrecognised"] == 1


@pytest.mark.parametrize("member", ["algoId", "instId"])
def test_a_row_without_its_name_is_counted(rig: Any, member: str) -> None:
    push(rig, {**ROW, member: ""})
    assert published(rig) == []
    assert rig.api.status()["counters"]["pushes_unrecognised"] == 1


@pytest.mark.parametrize("rows", [0, 1, 100, 1_000])
def test_a_frame_of_any_number_of_rows(new_rig: Any, rows: int) -> None:
    rig = new_rig(order_capacity=4_096)
    push(
        rig,
        *(
            {**ROW, "algoId": str(number + 1), "algoClOrdId": "", "ordIdList": [], "linkedOrd": {}}
            for number in range(rows)
        ),
    )
    assert [one["algoId"] for one in rig.on("account.algo")] == [str(number + 1) for number in range(rows)]
