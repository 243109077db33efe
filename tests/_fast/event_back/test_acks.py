"""OKX's answer: each item to its row, and what its code proves of it.

After OKX docs, WS / Place multiple orders, Cancel multiple orders, Amend multiple orders, Mass cancel order (answers).
"""

from __future__ import annotations

from typing import Any

import pytest

OPS_OF_TWO_ROWS = ("batch-orders", "batch-cancel-orders", "batch-amend-orders")


def two_rows(rig: Any, op: str) -> dict[str, Any]:
    """A batch of two rows named A1 and B2."""
    if op == "batch-orders":
        message: dict[str, Any] = rig.batch("o1", "A1", "B2")
        return message
    change = {} if op == "batch-cancel-orders" else {"newPx": "5"}
    rows = [{"instId": "BTC-USDT", "clOrdId": name, **change} for name in ("A1", "B2")]
    return {"id": "o1", "op": op, "args": rows}


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
