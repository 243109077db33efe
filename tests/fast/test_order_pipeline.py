"""Both paths through the pipeline: acks to their rows, pushes to their orders, each told once and in order.

Frames are written by hand after OKX's documents: WS / Place order, Place multiple orders, Cancel order, Amend order, Mass cancel order
(answers), WS / Order channel (pushes).
"""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest

MS = 1_000_000
OPS_OF_TWO_ROWS = ("batch-orders", "batch-cancel-orders", "batch-amend-orders")


def two_rows(rig: Any, op: str) -> dict[str, Any]:
    """A batch of two rows named A1 and B2."""
    if op == "batch-orders":
        message: dict[str, Any] = rig.batch("o1", "A1", "B2")
        return message
    change = {} if op == "batch-cancel-orders" else {"newPx": "5"}
    rows = [{"instId": "BTC-USDT", "clOrdId": name, **change} for name in ("A1", "B2")]
    return {"id": "o1", "op": op, "args": rows}


# ------------------------------------------------------------------ acks


def test_an_ack_tells_the_row_and_passes_okx_s_item_on(rig: Any, wire: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    okx_id = rig.frames[0]["id"]
    placed = wire.item("A1", "312269865356374016", s_msg="Order successfully placed.")
    rig.ack(okx_id, "order", placed)
    (ack,) = rig.on("alpha.ack")
    assert {key: ack[key] for key in ("seq", "session", "id", "op", "code", "msg", "inTime", "outTime")} == {
        "seq": 1,
        "session": "5e5510n",
        "id": "o1",
        "op": "order",
        "code": "0",
        "msg": "",
        "inTime": "1700000000120345",
        "outTime": "1700000000121955",
    }
    assert ack["data"] == [
        {
            "row": 0,
            "result": "accepted",
            "origin": "okx",
            "reason": "",
            "msg": "Order successfully placed.",
            "clOrdId": "A1",
            "ordId": "312269865356374016",
            "sCode": "0",
            "okx": placed,
        }
    ]
    assert sorted(ack["gw"]) == ["pubNs", "recvNs", "sentNs", "venueNs"]
    assert (ack["gw"]["recvNs"], ack["gw"]["venueNs"]) == ("1700000000000000000", "1700000000000000007")
    assert rig.replies == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_acks_find_their_requests_in_any_order(rig: Any, wire: Any, order: tuple[int, ...]) -> None:
    for number in range(3):
        rig.send(rig.order(f"o{number}", clOrdId=f"c{number}"))
    frames = rig.frames
    for number in order:
        rig.ack(frames[number]["id"], "order", wire.item(f"c{number}", f"70{number}"))
    assert [body["id"] for body in rig.on("alpha.ack")] == [f"o{number}" for number in order]
    assert [body["data"][0]["ordId"] for body in rig.on("alpha.ack")] == [f"70{number}" for number in order]
    assert [body["seq"] for body in rig.on("alpha.ack")] == [1, 2, 3]


@pytest.mark.parametrize(
    "key_order",
    [("id", "op", "code", "msg", "data"), ("code", "data", "id", "msg", "op"), ("data", "op", "id", "code", "msg")],
)
def test_an_ack_s_keys_may_stand_in_any_order(rig: Any, wire: Any, key_order: tuple[str, ...]) -> None:
    """OKX has changed the order over the years (2021: code first)."""
    rig.send(rig.order("o1", clOrdId="A1"))
    frame = {
        "id": rig.frames[0]["id"],
        "op": "order",
        "code": "1",
        "msg": "",
        "data": [wire.item("A1", "", "51008", "No balance")],
    }
    rig.frame({key: frame[key] for key in key_order})
    assert (rig.row("o1")["result"], rig.row("o1")["sCode"]) == ("rejected", "51008")


@pytest.mark.parametrize("op", OPS_OF_TWO_ROWS)
@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("named", "by"),
    [(("clOrdId",), "clOrdId"), (("clOrdId", "ordId"), "both"), ((), "place")],
    ids=["clOrdId", "both", "place"],
)
def test_batch_items_find_their_rows(
    rig: Any, wire: Any, op: str, swapped: bool, named: tuple[str, ...], by: str
) -> None:
    """By `clOrdId` in whatever order; without any id by their place."""
    rig.send(two_rows(rig, op))
    items = [wire.item("A1", "801"), wire.item("B2", "802", "51008", "No balance")]
    items = [
        {key: value if key in named or key not in ("clOrdId", "ordId") else "" for key, value in item.items()}
        for item in items
    ]
    if swapped and by != "place":
        items.reverse()
    rig.ack(rig.frames[0]["id"], op, *items, code="2")
    assert [(row["row"], row["result"], row["sCode"], row["clOrdId"]) for row in rig.rows("o1")] == [
        (0, "accepted", "0", "A1"),
        (1, "rejected", "51008", "B2"),
    ]
    assert [row["okx"]["sCode"] for row in rig.rows("o1")] == ["0", "51008"]


def test_cancel_items_find_their_rows_by_ord_id(rig: Any, wire: Any) -> None:
    """A failed cancel by `ordId` echoes that and an empty `clOrdId` (recorded)."""
    rig.send(
        {
            "id": "o1",
            "op": "batch-cancel-orders",
            "args": [{"instId": "BTC-USDT", "ordId": number} for number in ("801", "802")],
        }
    )
    rig.ack(
        rig.frames[0]["id"],
        "batch-cancel-orders",
        wire.item("", "802", "51400", "gone"),
        wire.item("", "801"),
        code="2",
    )
    assert [(row["result"], row["ordId"]) for row in rig.rows("o1")] == [("accepted", "801"), ("rejected", "802")]


def test_an_item_that_names_another_order_is_not_taken_by_its_place(rig: Any, wire: Any) -> None:
    rig.send(two_rows(rig, "batch-orders"))
    rig.ack(rig.frames[0]["id"], "batch-orders", wire.item("C3", "", "51008"), wire.item("B2", "802"), code="2")
    assert [(row["result"], row["reason"]) for row in rig.rows("o1")] == [("unknown", "okx_unknown"), ("accepted", "")]


def test_the_same_order_twice_in_one_batch_takes_two_items(rig: Any, wire: Any) -> None:
    row = {"instId": "BTC-USDT", "clOrdId": "A1"}
    rig.send({"id": "o1", "op": "batch-cancel-orders", "args": [row, row]})
    rig.ack(
        rig.frames[0]["id"], "batch-cancel-orders", wire.item("A1", "801"), wire.item("A1", "801", "51400"), code="2"
    )
    assert [row["result"] for row in rig.rows("o1")] == ["accepted", "rejected"]


@pytest.mark.parametrize(
    ("code", "items", "results"),
    [
        ("0", [("A1", "0"), ("B2", "0")], ["accepted", "accepted"]),
        ("1", [("A1", "51008"), ("B2", "51016")], ["rejected", "rejected"]),
        ("2", [("A1", "51008"), ("B2", "0")], ["rejected", "accepted"]),
        # The items count; the code only sums them up.
        ("1", [("A1", "0"), ("B2", "51008")], ["accepted", "rejected"]),
        # A row of which OKX says nothing is unknown, whatever the sum says.
        ("0", [("A1", "0")], ["accepted", "unknown"]),
        ("1", [("A1", "51008")], ["rejected", "unknown"]),
        ("2", [], ["unknown", "unknown"]),
        ("1", [], ["unknown", "unknown"]),
        ("0", [], ["unknown", "unknown"]),
        ("", [], ["unknown", "unknown"]),
        # Frames refused as a whole: a proving code is for every row.
        ("60013", [], ["rejected", "rejected"]),
        ("50011", [], ["rejected", "rejected"]),
        ("50061", [], ["rejected", "rejected"]),
        ("50036", [], ["rejected", "rejected"]),
        # Either form of the limiter's refusal.
        ("1", [("A1", "50011"), ("B2", "50061")], ["rejected", "rejected"]),
        ("2", [("A1", "0"), ("B2", "50061")], ["accepted", "rejected"]),
        # Codes that prove nothing, and codes that nobody has documented.
        ("50004", [], ["unknown", "unknown"]),
        ("64007", [], ["unknown", "unknown"]),
        ("99999", [], ["unknown", "unknown"]),
        ("1", [("A1", "51149"), ("B2", "51054")], ["unknown", "unknown"]),
        ("1", [("A1", "12345"), ("B2", "51008")], ["unknown", "rejected"]),
        ("1", [("A1", ""), ("B2", "5100x")], ["unknown", "unknown"]),
        ("1", [("A1", "-1"), ("B2", "051008 ")], ["unknown", "unknown"]),
        # 2^32 + 51008: must not become 51008
        ("1", [("A1", "4295018304"), ("B2", "999999999999999999")], ["unknown", "unknown"]),
        ("4295017307", [], ["unknown", "unknown"]),
    ],
)
def test_what_okx_says_of_each_row(
    rig: Any, wire: Any, code: str, items: list[tuple[str, str]], results: list[str]
) -> None:
    rig.send(two_rows(rig, "batch-orders"))
    rig.ack(
        rig.frames[0]["id"],
        "batch-orders",
        *(wire.item(name, "", s_code) for name, s_code in items),
        code=code,
        msg="words",
    )
    rows = rig.rows("o1")
    assert [row["result"] for row in rows] == results
    assert {row["origin"] for row in rows} == {"okx"}
    assert [row["reason"] for row in rows] == ["okx_unknown" if result == "unknown" else "" for result in results]
    assert all(row["sCode"] == "0" for row in rows if row["result"] == "accepted")
    assert not any(row["sCode"] == "0" for row in rows if row["result"] != "accepted")


def test_a_frame_without_data_still_tells(rig: Any) -> None:
    rig.send(rig.order("o1"))
    rig.frame({"id": rig.frames[0]["id"], "op": "order", "code": "50011", "msg": "Rate limit reached."})
    row = rig.row("o1")
    assert (row["result"], row["sCode"], row["msg"]) == ("rejected", "50011", "Rate limit reached.")


@pytest.mark.parametrize(
    ("result", "code", "expected"), [(True, "0", "accepted"), (False, "1", "unknown"), (False, "50011", "rejected")]
)
def test_mass_cancel_s_answer_is_a_flag(rig: Any, result: bool, code: str, expected: str) -> None:
    rig.send({"id": "o1", "op": "mass-cancel", "args": [{"instType": "OPTION", "instFamily": "BTC-USD"}]})
    rig.frame({"id": rig.frames[0]["id"], "op": "mass-cancel", "data": [{"result": result}], "code": code, "msg": ""})
    assert rig.row("o1")["result"] == expected


@pytest.mark.parametrize(
    "data", [[None], [1, 2], ["x"], {}, None, [[]], [{}], [{"sCode": 0}], [{"sCode": None, "clOrdId": 5}]]
)
def test_an_ack_of_an_unknown_shape_proves_nothing(rig: Any, data: Any) -> None:
    rig.send(rig.order("o1"))
    rig.frame({"id": rig.frames[0]["id"], "op": "order", "code": "0", "msg": "", "data": data})
    assert rig.row("o1")["result"] == "unknown"


@pytest.mark.parametrize("okx_id", ["", "1", "x" * 16, "0" * 16, "f" * 16, "g" * 17, "A" * 16])
def test_acks_under_ids_that_are_not_ours_are_counted_and_kept_out(rig: Any, wire: Any, okx_id: str) -> None:
    rig.send(rig.order("o1"))
    ours = rig.frames[0]["id"]
    generation, slot = ours[:8], ours[8:]
    strangers = [
        okx_id,
        f"{(int(generation, 16) + 1) % 2**32:08x}{slot}",
        f"{generation}{int(slot, 16) + 1:08x}",
        ours.upper() + "0",
    ]
    for stranger in strangers:
        rig.ack(stranger, "order", wire.item("A1", "801"))
    assert rig.events == []
    rig.ack(ours, "order", wire.item(rig.frames[0]["args"][0]["clOrdId"], "801"))
    assert rig.row("o1")["result"] == "accepted"


def test_a_repeated_ack_is_told_once(rig: Any, wire: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    for item in (wire.item("A1", "801"), wire.item("A1", "801"), wire.item("A1", "", "51008")):
        rig.ack(rig.frames[0]["id"], "order", item)
    assert rig.row("o1")["result"] == "accepted"
    assert rig.handle.status()["counters"]["acks_repeated"] == 2


def test_an_ack_before_its_request_is_sent_is_nobodys(rig: Any, wire: Any, new_rig: Any) -> None:
    """While a request waits inside, no frame bears its id."""
    rig = new_rig(ready=False)
    rig.send(rig.order("o1", gw={"maxWaitMs": 500}))
    for generation in range(3):
        rig.ack(f"{generation:08x}00000000", "order", wire.item("", "801"))
    assert rig.events == []


@pytest.mark.parametrize("length", [118, 119, 120, 130, 400])
@pytest.mark.parametrize("char", ["x", "é", "€", "😀"])
def test_long_words_of_okx_s_stay_valid_text(rig: Any, wire: Any, length: int, char: str) -> None:
    """A kept `sMsg` is cut, but never through a character: the event is UTF-8, and so is the recorded answer."""
    said = "x" * (length - length // 2) + char * (length // 2)
    rig.send(rig.order("o1", clOrdId="A1"))
    frame = {
        "id": rig.frames[0]["id"],
        "op": "order",
        "code": "1",
        "msg": "",
        "data": [wire.item("A1", "", "51008", said)],
    }
    rig.frame(json.dumps(frame, ensure_ascii=False).encode())
    row = rig.row("o1")
    assert row["okx"]["sMsg"] == said
    assert said.startswith(row["msg"])
    assert len(row["msg"].encode()) > 110 or row["msg"] == said
    rig.send(rig.order("o1"))
    assert said.startswith(rig.reply["data"][0]["msg"])


def test_escapes_in_okx_s_words_are_passed_on(rig: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    words = r"\"quoted\" \\ back\u00e9\ud83d\ude00"
    frame = '{"id":"%s","op":"order","code":"1","msg":"%s","data":[{"clOrdId":"A1","sCode":"51008","sMsg":"%s"}]}'
    rig.frame((frame % (rig.frames[0]["id"], words, words)).encode())
    (ack,) = rig.on("alpha.ack")
    assert ack["msg"] == ack["data"][0]["msg"] == '"quoted" \\ backé😀'


# ------------------------------------------------------------------ receipts


def test_a_receipt_follows_the_sending_and_bears_the_minted_ids(rig: Any) -> None:
    rows = [rig.order("")["args"][0], rig.order("", clOrdId="B2")["args"][0]]
    rig.send({"id": "o1", "op": "batch-orders", "args": rows, "gw": {"receipt": True}})
    assert rig.reply == {
        "id": "o1",
        "op": "batch-orders",
        "code": "0",
        "reason": "",
        "msg": "",
        "data": [{"row": 0, "clOrdId": "9001234567890000001"}, {"row": 1, "clOrdId": "B2"}],
    }
    rig.accept()
    assert len(rig.replies) == 1


def test_a_req_socket_always_gets_a_receipt(rig: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"), is_req=True)
    assert rig.reply["data"] == [{"row": 0, "clOrdId": "A1"}]


def test_the_receipt_of_a_waiting_request_comes_when_it_leaves(rig: Any, new_rig: Any) -> None:
    rig = new_rig(ready=False)
    rig.send(rig.order("o1", gw={"maxWaitMs": 500, "receipt": True}))
    assert rig.replies == []
    rig.handle.connection_opened(rig.sink)
    rig.handle.set_ready(True)
    rig.handle.tick_at(rig.now + 1)
    assert rig.reply["id"] == "o1"
    assert len(rig.frames) == 1


# ------------------------------------------------------------------ the journal, the socket


def test_intent_first(rig: Any) -> None:
    """No order byte leaves before its intent is in the journal."""
    rig.send(rig.order("o1"))
    assert [kind for kind, _ in rig.journal.records] == ["received", "intent"]
    assert rig.journal.records[1][1] == rig.sink.sent[0]
    rig.forget()
    rig.journal.full = True
    rig.send(rig.order("o2"))
    assert rig.sink.sent == []
    assert (rig.row("o2")["result"], rig.reply["reason"]) == ("rejected", "capacity")


def test_a_failing_socket_rejects_for_nothing_has_left(rig: Any) -> None:
    rig.sink.failing = True
    rig.send(rig.order("o1", clOrdId="A1"))
    assert (rig.row("o1")["result"], rig.row("o1")["reason"], rig.row("o1")["origin"]) == (
        "rejected",
        "send_failed",
        "gateway",
    )
    assert rig.reply["reason"] == "send_failed"
    rig.sink.failing = False
    rig.send(rig.order("o2", clOrdId="A1"))
    assert len(rig.frames) == 1, "its clOrdId is free again"


# ------------------------------------------------------------------ pushes


def test_a_push_before_the_ack(rig: Any, wire: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.push(clOrdId="A1", ordId="801", state="live")
    rig.push(clOrdId="A1", ordId="801", **wire.filled("77", "0.01", "0.01", state="filled"))
    rig.ack(rig.frames[0]["id"], "order", wire.item("A1", "801"))
    assert [(topic, body.get("state", "")) for topic, body in rig.events] == [
        ("alpha.order", "live"),
        ("alpha.fill", ""),
        ("alpha.order", "filled"),
        ("alpha.ack", ""),
    ]
    assert [body["seq"] for _, body in rig.events] == [1, 2, 3, 4]
    assert {body["id"] for _, body in rig.events} == {"o1"}


def test_a_fill_comes_before_the_order_event_of_its_push(rig: Any, wire: Any) -> None:
    rig.place("A1", "801", request_id="o1")
    rig.push(clOrdId="A1", ordId="801", avgPx="20000", **wire.filled("77", "0.004", "0.004"))
    (fill_topic, fill), (order_topic, order) = rig.events
    assert (fill_topic, order_topic) == ("alpha.fill", "alpha.order")
    assert order["seq"] == fill["seq"] + 1
    stamps = fill.pop("gw")
    assert sorted(stamps) == ["pubNs", "recvNs", "sentNs", "venueNs"]
    assert {key: value for key, value in fill.items() if key != "seq"} == {
        "event": "fill",
        "session": "5e5510n",
        "source": "stream",
        "id": "o1",
        "row": 0,
        "instId": "BTC-USDT",
        "ordId": "801",
        "clOrdId": "A1",
        "tradeId": "77",
        "side": "buy",
        "posSide": "",
        "fillPx": "20000",
        "fillSz": "0.004",
        "fillTime": "1700000000123",
        "fillFee": "-0.00001",
        "fillFeeCcy": "BTC",
        "execType": "M",
        "accFillSz": "0.004",
    }
    assert (order["state"], order["accFillSz"], order["terminal"], order["reason"]) == (
        "partially_filled",
        "0.004",
        False,
        "",
    )
    assert order["data"] == wire.order_row(
        clOrdId="A1", ordId="801", avgPx="20000", **wire.filled("77", "0.004", "0.004")
    )


def test_rows_of_one_push_are_told_in_their_order(rig: Any, wire: Any) -> None:
    rig.place("A1", "801")
    rig.place("B2", "802")
    rows = [
        wire.order_row(clOrdId="A1", ordId="801", **wire.filled("1", "0.001", "0.001")),
        wire.order_row(clOrdId="B2", ordId="802", **wire.filled("2", "0.002", "0.002")),
        wire.order_row(clOrdId="A1", ordId="801", **wire.filled("3", "0.009", "0.01", state="filled")),
    ]
    rig.frame(wire.orders_push(*rows))
    assert [(topic, body["ordId"], body["accFillSz"]) for topic, body in rig.events] == [
        ("alpha.fill", "801", "0.001"),
        ("alpha.order", "801", "0.001"),
        ("alpha.fill", "802", "0.002"),
        ("alpha.order", "802", "0.002"),
        ("alpha.fill", "801", "0.01"),
        ("alpha.order", "801", "0.01"),
    ]


@pytest.mark.parametrize("count", [1, 19, 20, 21, 60])
@pytest.mark.parametrize("arg_last", [False, True])
def test_pushes_of_many_rows(new_rig: Any, wire: Any, count: int, arg_last: bool) -> None:
    rig = new_rig()
    push = wire.orders_push(*(wire.order_row(clOrdId="", ordId=str(number)) for number in range(1, count + 1)))
    rig.frame({"data": push["data"], "arg": push["arg"]} if arg_last else push)
    assert [body["ordId"] for body in rig.on("account.order")] == [str(number) for number in range(1, count + 1)]


def test_two_strategies_hear_only_their_own(rig: Any, wire: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.send(rig.order("o1", clOrdId="B2"), family=rig.beta)
    rig.accept(0, "801")
    rig.accept(1, "802")
    rig.push(clOrdId="B2", ordId="802", **wire.filled("5", "0.01", "0.01", state="filled"))
    rig.push(clOrdId="A1", ordId="801", state="canceled", cancelSource="1")
    assert [(topic, body["seq"], body["id"]) for topic, body in rig.events] == [
        ("alpha.ack", 1, "o1"),
        ("beta.ack", 1, "o1"),
        ("beta.fill", 2, "o1"),
        ("beta.order", 3, "o1"),
        ("alpha.order", 2, "o1"),
    ]
    assert [event["ordId"] for event in rig.on("alpha.order")] == ["801"]


def test_orders_that_nobody_here_owns_go_to_the_account(rig: Any, wire: Any) -> None:
    rig.push(clOrdId="manual1", ordId="901")
    rig.push(clOrdId="manual1", ordId="901", **wire.filled("5", "0.01", "0.01", state="filled"))
    assert [(topic, body["seq"], body["id"], body["row"]) for topic, body in rig.events] == [
        ("account.order", 1, "", 0),
        ("account.fill", 2, "", 0),
        ("account.order", 3, "", 0),
    ]
    assert sorted(rig.on("account.fill")[0]["gw"]) == ["pubNs", "venueNs"]


@pytest.mark.parametrize(
    ("cl_ord_id", "topic"),
    [
        ("9001234567880000001", "alpha.order"),  # minted for number 900 by an earlier run
        ("71234567880000001", "beta.order"),
        ("8001234567880000001", "account.order"),
        ("900123456788000000", "account.order"),
        ("90012345678800000011", "account.order"),
        ("900123456788000000x", "account.order"),
        ("0071234567880000001", "beta.order"),
        ("", "account.order"),
    ],
)
def test_a_minted_id_names_its_owner_after_a_restart(rig: Any, cl_ord_id: str, topic: str) -> None:
    rig.push(clOrdId=cl_ord_id, ordId="901")
    assert [shown for shown, _ in rig.events] == [topic]


@pytest.mark.parametrize(
    "row",
    [
        None,
        1,
        {},
        {"instId": "BTC-USDT", "ordId": "901"},
        {"instId": "BTC-USDT", "ordId": "901", "state": "sleeping"},
        {"instId": "BTC-USDT", "ordId": "", "state": "live"},
        {"instId": "", "ordId": "901", "state": "live"},
        {"instId": "BTC-USDT", "ordId": 901, "state": "live"},
    ],
)
def test_an_odd_row_is_counted_and_the_next_is_heard(rig: Any, wire: Any, row: Any) -> None:
    rig.frame(wire.orders_push(row, wire.order_row(ordId="902")))
    assert [body["ordId"] for body in rig.on("account.order")] == ["902"]
    assert rig.handle.status()["counters"]["pushes_odd"] == 1


@pytest.mark.parametrize("channel", ["account", "positions", "balance_and_position"])
def test_other_pushes_of_the_account_pass_as_they_came(rig: Any, channel: str) -> None:
    frame = {
        "arg": {"channel": channel, "uid": "1"},
        "eventType": "snapshot",
        "curPage": 1,
        "lastPage": True,
        "data": [{"e": ["\n", {}, "é"]}],
    }
    rig.frame(frame)
    ((topic, event),) = rig.events
    assert topic == f"account.{channel}"
    assert (event["event"], event["data"], event["seq"]) == (channel, frame, 1)
    assert sorted(event["gw"]) == ["pubNs", "venueNs"]


# ------------------------------------------------------------------ repeats (OKX docs, WS / Order channel, on repeated pushes)


def news_after(rig: Any, *pushes: dict[str, Any]) -> list[str]:
    """What the last of these pushes on order 801 has published."""
    for changes in pushes[:-1]:
        rig.push(clOrdId="A1", ordId="801", **changes)
    before = len(rig.events)
    rig.push(clOrdId="A1", ordId="801", **pushes[-1])
    return [topic.partition(".")[2] for topic, _ in rig.events[before:]]


LATER = {"uTime": "1700000009999"}
PART = {"tradeId": "77", "fillSz": "0.004", "accFillSz": "0.004", "state": "partially_filled"}
MORE = {"tradeId": "78", "fillSz": "0.001", "accFillSz": "0.005", "state": "partially_filled"}
WHOLE = {"tradeId": "79", "fillSz": "0.01", "accFillSz": "0.01", "state": "filled"}
CLOSED = {"tradeId": "", "fillSz": "0", "accFillSz": "0.01", "state": "filled"}
GONE = {"state": "canceled", "cancelSource": "1"}
AMENDED = {"reqId": "r1", "amendResult": "0", "amendSource": "1", "px": "20001"}
AMENDED_AGAIN = {"reqId": "r2", "amendResult": "0", "amendSource": "1", "px": "20002"}


@pytest.mark.parametrize(
    ("pushes", "news"),
    [
        # keep the first of a tradeId
        ([PART, PART], []),
        ([PART, PART | LATER], []),
        ([PART, MORE, PART | LATER], []),
        ([PART, MORE, MORE], []),
        ([PART, AMENDED | {"accFillSz": "0.004", "state": "partially_filled"}, PART | LATER], []),
        ([WHOLE, WHOLE | LATER], []),
        # an empty tradeId and `filled`: keep the first of an ordId
        ([CLOSED, CLOSED | LATER], []),
        ([PART, CLOSED], ["order"]),
        ([WHOLE, CLOSED], []),
        # `canceled`, `mmp_canceled`: keep the first of an ordId
        ([GONE, GONE | LATER], []),
        ([{"state": "mmp_canceled"}, {"state": "mmp_canceled"} | LATER], []),
        ([GONE, {"state": "mmp_canceled"}], []),
        # keep the first of a reqId
        ([AMENDED, AMENDED | LATER], []),
        ([AMENDED, AMENDED_AGAIN], ["order"]),
        ([AMENDED, AMENDED_AGAIN, AMENDED | LATER], []),
        ([AMENDED, AMENDED_AGAIN, AMENDED, AMENDED_AGAIN], []),
        ([{"reqId": "r1", "amendResult": "-1"}, {"reqId": "r1", "amendResult": "-1"}], []),
        ([AMENDED, {"reqId": "r3", "amendResult": "-1", "px": "20001"}], ["order"]),
        # news
        ([PART], ["fill", "order"]),
        ([PART, MORE], ["fill", "order"]),
        ([PART, WHOLE], ["fill", "order"]),
        ([WHOLE], ["fill", "order"]),
        ([CLOSED], ["order"]),
        ([GONE], ["order"]),
        ([PART, GONE | {"accFillSz": "0.004"}], ["order"]),
        ([AMENDED], ["order"]),
        # the plain `live` again, and states that run backwards
        ([{}, {} | LATER], []),
        ([PART, {"state": "live"}], []),
        ([WHOLE, {"state": "live"}], []),
        ([GONE, {"state": "live"}], []),
        ([WHOLE, GONE | {"accFillSz": "0.01"}], []),
        ([GONE, WHOLE], ["fill"]),
    ],
)
def test_each_rule_on_repeated_pushes(rig: Any, pushes: list[dict[str, Any]], news: list[str]) -> None:
    rig.place("A1", "801")
    assert news_after(rig, *pushes) == news


def test_a_repeat_of_an_older_push_does_not_turn_the_order_back(rig: Any) -> None:
    rig.place("A1", "801")
    news_after(rig, PART, AMENDED | {"accFillSz": "0.004", "state": "partially_filled"}, PART | LATER)
    assert rig.handle.find_order(ord_id="801")["px"] == "20001"


def test_each_trade_counts_by_its_instrument(rig: Any, wire: Any) -> None:
    """A tradeId is unique per instId."""
    rig.place("A1", "801")
    rig.push(clOrdId="A1", ordId="801", **wire.filled("77", "0.01", "0.01", state="filled"))
    rig.push(instId="ETH-USDT", ordId="802", **wire.filled("77", "0.01", "0.01", state="filled"))
    rig.push(instId="BTC-USDT", ordId="803", **wire.filled("77", "0.01", "0.01", state="filled"))
    assert [(topic, body["ordId"]) for topic, body in rig.events if topic.endswith(".fill")] == [
        ("alpha.fill", "801"),
        ("account.fill", "802"),
        ("account.fill", "803"),
    ]


# ------------------------------------------------------------------ every fill once, whatever the source


def rest_fill(trade_id: str, **changes: Any) -> dict[str, Any]:
    """A row of REST's fills (OKX docs, Get transaction details)."""
    row = {
        "instType": "SPOT",
        "instId": "BTC-USDT",
        "tradeId": trade_id,
        "ordId": "801",
        "clOrdId": "A1",
        "billId": "1",
    }
    paid = {
        "fillPx": "20000",
        "fillSz": "0.004",
        "side": "buy",
        "posSide": "net",
        "execType": "T",
        "feeCcy": "BTC",
        "fee": "-0.000004",
    }
    return {**row, **paid, "ts": "1700000000200", "fillTime": "1700000000199", **changes}


@pytest.mark.parametrize("stream_first", [True, False])
def test_a_fill_seen_by_stream_and_sweep_is_told_once(rig: Any, wire: Any, stream_first: bool) -> None:
    rig.place("A1", "801", request_id="o1")
    by_stream = lambda: rig.push(clOrdId="A1", ordId="801", **wire.filled("77", "0.004", "0.004"))  # noqa: E731
    by_sweep = lambda: rig.handle.reconcile_fills(json.dumps([rest_fill("77")]).encode())  # noqa: E731
    first, second = (by_stream, by_sweep) if stream_first else (by_sweep, by_stream)
    first()
    second()
    (fill,) = rig.on("alpha.fill")
    assert (fill["source"], fill["id"], fill["fillFee"]) == (
        ("stream", "o1", "-0.00001") if stream_first else ("reconcile", "o1", "-0.000004")
    )
    (order,) = rig.on("alpha.order")
    assert order["state"] == "partially_filled"


def test_the_order_rows_of_rest_count_no_fills_and_mark_their_source(rig: Any) -> None:
    rig.place("A1", "801", request_id="o1")
    row = {
        "instId": "BTC-USDT",
        "ordId": "801",
        "clOrdId": "A1",
        "state": "filled",
        "accFillSz": "0.01",
        "px": "20000",
        "sz": "0.01",
    }
    rig.handle.reconcile_orders(json.dumps([{**row, "tradeId": "77", "fillSz": "0.01", "fillPx": "20000"}]).encode())
    ((topic, event),) = rig.events
    assert (topic, event["source"], event["state"], event["terminal"], event["id"]) == (
        "alpha.order",
        "reconcile",
        "filled",
        True,
        "o1",
    )
    assert rig.handle.reconcile_fills(json.dumps([rest_fill("77"), rest_fill("77"), {}, 5]).encode()) == 4
    assert len(rig.on("alpha.fill")) == 1


@pytest.mark.parametrize("seed", range(6))
def test_every_fill_once_and_one_end_over_any_mix_of_repeats(new_rig: Any, wire: Any, seed: int) -> None:
    """Three orders live through partial fills to their ends; pushes are repeated, REST is asked in between. Stream order is kept."""
    rng = random.Random(seed)
    rig = new_rig()
    histories: dict[str, list[dict[str, Any]]] = {}
    for name, ord_id in (("A1", "801"), ("B2", "802"), ("C3", "803")):
        rig.place(name, ord_id, request_id=name, live=False)
        fills = rng.randrange(0, 4)
        ends_filled = rng.random() < 0.5 and fills > 0
        history = [wire.order_row(clOrdId=name, ordId=ord_id)]
        for number in range(1, fills + 1):
            acc = "0.01" if ends_filled and number == fills else f"0.00{number}"
            told = wire.filled(
                f"{ord_id}{number}", "0.001", acc, state="filled" if acc == "0.01" else "partially_filled"
            )
            history.append(wire.order_row(clOrdId=name, ordId=ord_id, **told))
        if not ends_filled:
            acc = history[-1]["accFillSz"]
            history.append(
                wire.order_row(clOrdId=name, ordId=ord_id, accFillSz=acc, state="canceled", cancelSource="1")
            )
        histories[name] = history
    told: list[dict[str, Any]] = []
    steps = [name for name, history in histories.items() for _ in history]
    rng.shuffle(steps)
    cursors = {name: iter(history) for name, history in histories.items()}
    for name in steps:
        told.append(next(cursors[name]))
        rig.frame(wire.orders_push(told[-1]))
        while rng.random() < 0.4:
            rig.frame(wire.orders_push(rng.choice(told) | {"uTime": "1700000000999"}))
        if rng.random() < 0.3:
            seen = [row for row in told if row["tradeId"]]
            fills_of_rest = [rest_fill(row["tradeId"], ordId=row["ordId"], clOrdId=row["clOrdId"]) for row in seen]
            rig.handle.reconcile_fills(json.dumps(fills_of_rest).encode())
    expected_fills = [row["tradeId"] for row in told if row["tradeId"]]
    assert [body["tradeId"] for body in rig.on("alpha.fill")] == expected_fills
    for name, history in histories.items():
        mine = [body for body in rig.on("alpha.order") if body["clOrdId"] == name]
        assert [(body["state"], body["accFillSz"]) for body in mine] == [
            (row["state"], row["accFillSz"]) for row in history
        ]
        assert [body["terminal"] for body in mine] == [False] * (len(mine) - 1) + [True]
    assert [body["seq"] for _, body in rig.events] == list(
        range(rig.events[0][1]["seq"], rig.events[0][1]["seq"] + len(rig.events))
    )


def test_a_late_repeat_of_an_ended_order_whose_place_was_given_away(new_rig: Any) -> None:
    rig = new_rig(order_capacity=2)
    rig.push(ordId="901", state="canceled", cancelSource="1")
    for number in range(902, 905):
        rig.push(ordId=str(number), state="canceled", cancelSource="1")
    rig.forget()
    rig.push(ordId="901", state="canceled", cancelSource="1")
    rig.push(ordId="901", state="live")
    assert rig.events == []


def test_an_order_that_is_seen_alive_after_all_is_open_again(rig: Any) -> None:
    """A rejected row's order that OKX then shows must not lose its slot while it lives."""
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.ack(rig.frames[0]["id"], "order", code="60013", msg="Invalid args")
    rig.push(clOrdId="A1", ordId="801")
    assert [order["clOrdId"] for order in rig.handle.open_orders(rig.alpha)] == ["A1"]
    assert [body["state"] for body in rig.on("alpha.order")] == ["live"]
