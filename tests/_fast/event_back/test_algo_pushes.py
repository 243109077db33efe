"""Rows of the algo channels through the pipeline: what is told, to whom, once; and whose the orders are that they place."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from tests._fast.conftest import Rig, order_row, orders_push

Json = dict[str, Any]


def algo_row(**changes: Any) -> Json:
    """OKX docs, WS / Algo orders channel, the example's members; alpha's number (900) begins the algoClOrdId."""
    row = {
        "actualPx": "", "actualSide": "", "actualSz": "0", "algoClOrdId": "9001234567890000001", "algoId": "581878926302093312",
        "amendResult": "", "cTime": "1700000000000", "uTime": "1700000000000", "failCode": "", "instId": "BTC-USDT",
        "instType": "SPOT", "last": "26174.8", "ordId": "", "ordIdList": [], "ordPx": "", "ordType": "conditional",
        "posSide": "", "reqId": "", "side": "buy", "slOrdPx": "", "slTriggerPx": "", "state": "live", "sz": "11",
        "tdMode": "cash", "tpOrdPx": "-1", "tpTriggerPx": "1", "tpTriggerPxType": "last", "triggerPx": "", "triggerTime": "",
    }  # fmt: skip
    return {**row, **changes}


def push(rig: Rig, *rows: Json, channel: str = "orders-algo") -> None:
    rig.frame({"arg": {"channel": channel, "instType": "ANY", "uid": "1"}, "data": list(rows)})


def told(rig: Rig, topic: str = "alpha.algo") -> list[Json]:
    return list(rig.on(topic))


def test_what_is_told(rig: Rig) -> None:
    row = algo_row(ordIdList=["98192973880283"], state="effective")
    push(rig, row)
    (event,) = told(rig)
    assert {key: value for key, value in event.items() if key not in ("gw", "session")} == {
        "seq": 1, "event": "algo", "source": "stream", "id": "", "row": 0, "instId": "BTC-USDT", "algoId": "581878926302093312",
        "algoClOrdId": "9001234567890000001", "ordType": "conditional", "state": "effective", "ordIdList": ["98192973880283"],
        "terminal": True, "failCode": "", "data": row,
    }  # fmt: skip


def test_an_algo_order_of_nobody_here_is_the_account_s(rig: Rig) -> None:
    push(rig, algo_row(algoClOrdId="STOP001"))
    assert [one["state"] for one in told(rig, "account.algo")] == ["live"]
    assert told(rig) == []


@pytest.mark.parametrize("channel", ["orders-algo", "algo-advance"])
def test_repeats_are_dropped_and_changes_are_told(rig: Rig, channel: str) -> None:
    push(rig, algo_row(), channel=channel)
    push(rig, algo_row(), channel=channel)
    push(rig, algo_row(uTime="1700000000005", last="7"), channel=channel)  # a repeat with a later uTime
    assert len(told(rig)) == 1
    push(rig, algo_row(uTime="1700000000006", sz="12"), channel=channel)
    push(rig, algo_row(uTime="1700000000004", sz="13"), channel=channel)  # late
    push(rig, algo_row(uTime="1700000000007", sz="12", tpOrdPx="2"), channel=channel)
    assert [(one["data"]["sz"], one["data"]["tpOrdPx"]) for one in told(rig)] == [
        ("11", "-1"),
        ("12", "-1"),
        ("12", "2"),
    ]


def test_the_result_of_an_amend_is_told_once_even_if_it_changed_nothing(rig: Rig) -> None:
    push(rig, algo_row())
    failed = algo_row(reqId="r1", amendResult="-1")
    push(rig, failed)
    push(rig, failed)
    assert [one["data"]["reqId"] for one in told(rig)] == ["", "r1"]


def test_any_order_of_pushes_ends_in_the_same_state() -> None:
    rows = [
        algo_row(),
        algo_row(uTime="1700000000010", sz="12"),
        algo_row(uTime="1700000000020", state="partially_effective", ordIdList=["1"]),
        algo_row(uTime="1700000000030", state="effective", ordIdList=["1", "2"]),
    ]
    for order in itertools.permutations(rows):
        rig = Rig()
        push(rig, *order)
        assert rig.algos.find("581878926302093312")["state"] == "effective"
        assert [one["terminal"] for one in told(rig)].count(True) == 1
        assert told(rig)[-1]["terminal"]
        assert [one["seq"] for one in told(rig)] == list(range(1, len(told(rig)) + 1))


def test_rest_s_rows_enter_where_pushes_do(rig: Rig) -> None:
    push(rig, algo_row())
    rig.algos.reconcile(json.dumps([algo_row(), algo_row(state="canceled", uTime="1700000000009")]).encode())
    assert [(one["state"], one["source"]) for one in told(rig)] == [("live", "stream"), ("canceled", "reconcile")]
    assert rig.algos.corrections() == 1
    push(rig, algo_row(state="canceled", uTime="1700000000009"))
    assert len(told(rig)) == 2 and rig.algos.open_count() == 0


def test_rows_that_cannot_be_understood_are_told_to_humans(rig: Rig) -> None:
    push(rig, algo_row(state="order_placed"))
    rig.frame({"arg": {"channel": "orders-algo"}, "data": [7, algo_row(algoId="2")]})
    assert told(rig)[0]["algoId"] == "2"
    assert [one["reason"] for one in rig.on("gateway.alarm")] == ["pushes_unrecognised"]


def test_members_written_with_escapes_are_read(rig: Rig) -> None:
    text = json.dumps({"arg": {"channel": "orders-algo"}, "data": [algo_row()]})
    rig.frame(text.replace('"live"', '"\\u006cive"').replace('"algoId"', '"algo\\u0049d"').encode())
    assert [(one["state"], one["algoId"]) for one in told(rig)] == [("live", "581878926302093312")]


def test_an_order_that_an_algo_order_places_is_its_owner_s(rig: Rig) -> None:
    """Known by algoId alone, by the number in a minted algoClOrdId, or by neither."""
    push(rig, algo_row(algoClOrdId=""), algo_row(algoId="7"))
    by_id = order_row(ordId="50", clOrdId="", algoId="7", algoClOrdId="")
    by_number = order_row(ordId="51", clOrdId="", algoId="999", algoClOrdId="9001234567890000002")
    strange = order_row(ordId="52", clOrdId="", algoId="581878926302093312", algoClOrdId="")
    for row in (by_id, by_number, strange):
        rig.frame(orders_push(row))
    assert [(one["ordId"], one["algoId"]) for one in rig.on("alpha.order")] == [("50", "7"), ("51", "999")]
    assert rig.on("alpha.order")[1]["algoClOrdId"] == "9001234567890000002"
    assert [one["ordId"] for one in rig.on("account.order")] == ["52"]


def test_algo_orders_and_orders_have_ids_of_their_own(rig: Rig) -> None:
    rig.place("A1", "12")
    push(rig, algo_row(algoId="12", algoClOrdId="A1"))
    assert rig.api.find_order("12")["state"] == "live"
    assert [one["algoId"] for one in rig.algos.open_algos()] == ["12"]
    assert [one["ordId"] for one in rig.api.open_orders()] == ["12"]


def test_an_end_is_remembered_after_its_slot_was_given_away() -> None:
    rig = Rig(order_capacity=2)
    push(rig, algo_row(state="canceled"))
    push(rig, algo_row(algoId="2"), algo_row(algoId="3"))
    push(rig, algo_row(state="canceled"))
    assert [one["algoId"] for one in told(rig)] == ["581878926302093312", "2", "3"]
    push(rig, algo_row(algoId="4"))
    assert [one["reason"] for one in rig.on("gateway.alarm")] == ["order_table_full"]


def test_a_row_cut_at_any_length_tells_nothing_and_breaks_nothing(rig: Rig) -> None:
    text = json.dumps({"arg": {"channel": "orders-algo"}, "data": [algo_row()]})
    for length in range(len(text)):
        rig.frame(text[:length].encode())
    assert told(rig) == []
