"""The order path, and OKX's answers to it: each ack to its request, each item to its row, told once.

Frames are written by hand after OKX's documents: WS / Place order, Place multiple orders, Cancel order, Amend order, Mass cancel order
(answers).
"""

from __future__ import annotations

import itertools
import json
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
    """By `clOrdId` in whatever order; without any id by their place. A placement must name the order that it made."""
    rig.send(two_rows(rig, op))
    done = "accepted" if "ordId" in named or op != "batch-orders" else "unknown"
    items = [wire.item("A1", "801"), wire.item("B2", "802", "51008", "No balance")]
    items = [
        {key: value if key in named or key not in ("clOrdId", "ordId") else "" for key, value in item.items()}
        for item in items
    ]
    if swapped and by != "place":
        items.reverse()
    rig.ack(rig.frames[0]["id"], op, *items, code="2")
    assert [(row["row"], row["result"], row["sCode"], row["clOrdId"]) for row in rig.rows("o1")] == [
        (0, done, "0", "A1"),
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
        *(wire.item(name, "80" + name[1:] if s_code == "0" else "", s_code) for name, s_code in items),
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
    assert rig.api.status()["counters"]["acks_repeated"] == 2


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
    rig.api.connection_opened(rig.sink)
    rig.api.set_ready(True)
    rig.api.tick_at(rig.now + 1)
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
    assert (rig.row("o2")["result"], rig.reply["reason"]) == ("rejected", "journal")


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
