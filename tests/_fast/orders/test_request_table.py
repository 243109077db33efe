"""The same id again never makes a second order: it is answered from memory, and refused when that is gone. Capacities are refusals."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

MS = 1_000_000


@pytest.mark.parametrize("change", ["same", "other_op", "other_rows", "malformed"])
def test_a_repeated_id_is_answered_with_the_recorded_result(rig: Any, wire: Any, change: str) -> None:
    rig.send(rig.batch("o1", "A1", "B2"))
    rig.ack(
        rig.frames[0]["id"],
        "batch-orders",
        wire.item("A1", "801", s_msg="fine"),
        wire.item("B2", "", "51008", "No"),
        code="2",
    )
    rows = rig.rows("o1")
    rig.forget()
    again = {
        "same": rig.batch("o1", "A1", "B2"),
        "other_op": rig.cancel("o1", ordId="5"),
        "other_rows": rig.batch("o1", "C3"),
        "malformed": {"id": "o1", "op": "order", "args": []},
    }[change]
    rig.send(again)
    assert rig.sink.sent == []
    assert rig.events == []
    reply = rig.reply
    assert {key: reply[key] for key in ("id", "op", "code", "reason", "msg", "duplicate")} == {
        "id": "o1",
        "op": "batch-orders",
        "code": "0",
        "reason": "",
        "msg": "",
        "duplicate": True,
    }
    assert reply["data"] == [{key: value for key, value in row.items() if key != "okx"} for row in rows]


def test_a_repeat_of_what_is_not_json_is_not_a_repeat(rig: Any) -> None:
    rig.send(rig.order("o1"))
    rig.send(json.dumps(rig.order("o1")).encode()[:-1])
    assert rig.reply["reason"] == "not_json"


@pytest.mark.parametrize("stage", ["sent", "unknown", "resolved", "refused"])
def test_a_repeat_tells_what_is_known_by_now(rig: Any, wire: Any, stage: str) -> None:
    rig.send(rig.order("o1", clOrdId="A1") if stage != "refused" else rig.order("o1", sz=""))
    if stage in ("unknown", "resolved"):
        rig.api.connection_lost()
    if stage == "resolved":
        rig.push(clOrdId="A1", ordId="801")
    rig.forget()
    rig.send(rig.order("o1"))
    (row,) = rig.reply["data"]
    expected = {
        "sent": ("pending", "", ""),
        "unknown": ("unknown", "connection_lost", ""),
        "resolved": ("accepted", "", "801"),
        "refused": ("rejected", "bad_request", ""),
    }
    assert (row["result"], row["reason"], row["ordId"]) == expected[stage]
    assert rig.sink.sent == []


def test_ids_are_each_strategys_own(rig: Any) -> None:
    rig.send(rig.order("o1"))
    rig.send(rig.order("o1"), owner=rig.beta)
    assert len(rig.frames) == 2
    rig.send(rig.order("o1"), owner=rig.beta)
    assert rig.reply["data"][0]["clOrdId"] == rig.frames[1]["args"][0]["clOrdId"]


def test_ids_differ_by_case_and_by_every_character(rig: Any) -> None:
    names = ["a", "A", "a.", "a-", "a_", "a:", "b" * 64, "b" * 63]
    for name in names:
        rig.send(rig.order(name))
    assert len(rig.frames) == len(names)


def test_the_gateways_own_ops_share_no_ids_with_requests(rig: Any) -> None:
    rig.send(rig.order("g1"))
    assert rig.ask("ping")["code"] == "0"
    assert rig.ask("ping")["code"] == "0"
    rig.send({"id": "g1", "op": "ping", "args": [1]})
    assert rig.replies[-1]["reason"] == "bad_request", "a malformed ping is not the repeat of an order"
    rig.send(rig.order("o2"))
    assert len(rig.frames) == 2


def test_the_oldest_results_are_forgotten_and_their_ids_still_refused(new_rig: Any) -> None:
    rig = new_rig(request_capacity=4, order_capacity=16)
    for number in range(12):
        rig.send(rig.order(f"o{number}"))
        rig.accept(-1, str(number))
    rig.forget()
    answers = {}
    for number in range(12):
        rig.send(rig.order(f"o{number}"))
        answers[number] = rig.reply
        rig.forget()
    assert [number for number, reply in answers.items() if reply.get("duplicate")] == [8, 9, 10, 11]
    assert {answers[number]["reason"] for number in range(8)} == {"duplicate_id"}
    assert {answers[number]["op"] for number in range(8)} == {"order"}


def test_the_last_id_read_outlives_its_request(new_rig: Any) -> None:
    rig = new_rig(request_capacity=2, order_capacity=16)
    assert rig.api.last_request_id(rig.alpha) == ""
    rig.send(rig.order("mine"))
    rig.accept(-1)
    for number in range(5):
        rig.send(rig.order(f"other{number}"), owner=rig.beta)
        rig.accept(-1, str(number))
    assert rig.api.last_request_id(rig.alpha) == "mine"
    assert rig.api.last_request_id(rig.beta) == "other4"
    rig.send({"id": "bad", "op": "order", "args": []})
    assert rig.api.last_request_id(rig.alpha) == "bad"


def test_a_full_request_table_refuses_and_frees_itself_with_acks(new_rig: Any) -> None:
    rig = new_rig(request_capacity=2, order_capacity=16)
    rig.send(rig.order("o1"))
    rig.send(rig.order("o2"))
    rig.send(rig.order("o3"))
    assert (rig.reply["id"], rig.reply["reason"]) == ("o3", "capacity")
    assert "request table is full" in rig.reply["msg"]
    assert rig.events == [], "there is no slot to record it in: it is only answered"
    rig.send(rig.cancel("c1", ordId="5"))
    assert rig.replies[-1]["reason"] == "capacity"
    assert len(rig.frames) == 2
    rig.accept(0, "801")
    rig.send(rig.order("o3"))
    assert len(rig.frames) == 3, "its id was not used up"


@pytest.mark.parametrize("state", ["in flight", "unknown", "waiting"])
def test_what_is_open_is_never_forgotten(new_rig: Any, state: str) -> None:
    rig = new_rig(request_capacity=2, order_capacity=16, ready=state != "waiting")
    rig.send(rig.order("o1", gw={"maxWaitMs": 60_000}))
    if state == "unknown":
        rig.api.connection_lost()
        rig.api.connection_opened(rig.sink)
    rig.forget()
    for number in range(5):
        rig.send(rig.order(f"x{number}", sz=""))
    rig.forget()
    rig.send(rig.order("o1"))
    assert rig.reply["duplicate"] is True


def test_rows_have_a_capacity_too(new_rig: Any) -> None:
    """Twice as many rows as requests; a batch that does not fit is refused as a whole."""
    rig = new_rig(request_capacity=4, order_capacity=64)
    rig.send(rig.batch("o1", *"ABCDE"))
    rig.send(rig.batch("o2", *"FGHI"))
    assert rig.reply["reason"] == "capacity"
    rig.send(rig.batch("o3", *"FGH"))
    assert [len(frame["args"]) for frame in rig.frames] == [5, 3]


def test_a_full_order_table_refuses_and_leaves_no_trace(new_rig: Any) -> None:
    rig = new_rig(order_capacity=3)
    rig.place("A", "801")
    rig.send(rig.batch("o2", "B", "C", "D"))
    assert (rig.reply["id"], rig.reply["reason"]) == ("o2", "capacity")
    assert "order table is full" in rig.reply["msg"]
    assert [row["result"] for row in rig.rows("o2")] == ["rejected"] * 3
    assert [order["clOrdId"] for order in rig.api.open_orders()] == ["A"]
    rig.forget()
    rig.send(rig.batch("o3", "B", "C"))
    assert len(rig.frames) == 1, "the two that fit do"
    rig.push(clOrdId="A", ordId="801", state="canceled", cancelSource="1")
    rig.send(rig.order("o4", clOrdId="D"))
    assert len(rig.frames) == 2, "an ended order makes room"


def test_orders_of_others_need_room_too(new_rig: Any) -> None:
    rig = new_rig(order_capacity=2)
    for number in range(801, 804):
        rig.push(ordId=str(number))
    assert [body["ordId"] for body in rig.on("account.order")] == ["801", "802"]
    (alarm,) = rig.on("gateway.alarm")
    assert alarm["reason"] == "order_table_full"
    rig.push(ordId="801", state="canceled", cancelSource="1")
    rig.push(ordId="803")
    assert rig.on("account.order")[-1]["ordId"] == "803"


@pytest.mark.parametrize("seed", range(4))
def test_against_a_dict_over_many_rounds(new_rig: Any, wire: Any, seed: int) -> None:
    """Ids come again at random over a tiny table: an id never sends twice, whatever is remembered of it."""
    rng = random.Random(seed)
    rig = new_rig(request_capacity=8, order_capacity=512)
    sent: set[str] = set()
    in_flight: list[dict[str, Any]] = []
    for _ in range(400):
        if in_flight and (len(in_flight) > 5 or rng.random() < 0.4):
            frame = in_flight.pop(rng.randrange(len(in_flight)))
            rig.ack(frame["id"], "order", wire.item(frame["args"][0]["clOrdId"], "", "51008"), code="1")
            continue
        name = f"o{rng.randrange(30)}"
        rig.forget()
        rig.send(rig.order(name))
        if name in sent:
            assert rig.sink.sent == []
            assert rig.reply.get("duplicate") or rig.reply["reason"] == "duplicate_id"
        else:
            assert len(rig.frames) == 1
            sent.add(name)
            in_flight.append(rig.frames[0])


@pytest.mark.parametrize("change", [{"instId": "NO-SUCH"}, {"side": "both"}, {"ordType": "trigger"}])
def test_a_repeat_tells_the_gateway_s_own_words_again(rig: Any, change: dict[str, str]) -> None:
    """As the `.ack` told them, as far as a recorded row can hold them (119 bytes)."""
    rig.send(rig.order("o1", **change))
    said = rig.row("o1")["msg"]
    assert said == rig.reply["msg"] != ""
    rig.forget()
    rig.send(rig.order("o1", **change))
    recorded = rig.reply["data"][0]["msg"]
    assert recorded == said if len(said) <= 119 else said.startswith(recorded)
