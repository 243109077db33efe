"""One outcome: each row gets one result, told once; what OKX answered stays with it; what is in flight shows in its order's life."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest


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


def test_a_late_ack_of_an_old_connection_does_not_reach_a_new_use_of_its_slot(new_rig: Any, wire: Any) -> None:
    rig = new_rig(request_capacity=2)
    rig.send(rig.order("o1", clOrdId="A1"))
    old = rig.frames[0]["id"]
    rig.ack(old, "order", wire.item("A1", "", "51008"), code="1")
    for name in ("B2", "C3"):
        rig.send(rig.order(f"o{name}", clOrdId=name))
    rig.forget()
    rig.ack(old, "order", wire.item("B2", "", "51008"), code="1")
    assert rig.events == []


# ------------------------------------------------------------------ cancels and amends in flight


def test_what_is_in_flight_shows_in_the_life_of_its_order(rig: Any, wire: Any) -> None:
    def life() -> str:
        return str(rig.api.find_order(cl_ord_id="A1")["lifecycle"])

    rig.send(rig.order("o1", clOrdId="A1"))
    assert life() == "pending"
    rig.accept(0, "801")
    rig.push(clOrdId="A1", ordId="801")
    assert life() == "live"
    rig.send(rig.amend("a1", clOrdId="A1"))
    rig.send(rig.cancel("c1", clOrdId="A1"))
    rig.send(rig.cancel("c2", clOrdId="A1"))
    assert life() == "cancel_in_flight"
    rig.ack(rig.frames[2]["id"], "cancel-order", wire.item("A1", "801", "51400"), code="1")
    rig.give_up_waiting()
    assert life() == "cancel_in_flight", "the other one is unknown"
    rig.ack(rig.frames[3]["id"], "cancel-order", wire.item("A1", "801", "51400"), code="1")
    assert life() == "amend_in_flight"
    req_id = rig.frames[1]["args"][0]["reqId"]
    rig.push(clOrdId="A1", ordId="801", px="20001", reqId=req_id, amendResult="0")
    assert life() == "live"
    rig.send(rig.cancel("c3", clOrdId="A1"))
    rig.push(clOrdId="A1", ordId="801", px="20001", state="canceled")
    assert life() == "canceled"


def test_an_order_without_proof_lives_as_unknown(rig: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.send(rig.cancel("c1", clOrdId="A1"))
    assert rig.ask("get-order", {"clOrdId": "A1"})["data"][0]["lifecycle"] == "cancel_in_flight"
    rig.give_up_waiting()
    shown = rig.ask("get-order", {"clOrdId": "A1"})["data"][0]
    assert (shown["lifecycle"], shown["state"], shown["result"]) == ("unknown", "pending", "unknown")
    rig.api.not_found("A1")
    assert rig.api.find_order(cl_ord_id="A1")["lifecycle"] == "rejected"


def test_what_never_left_is_not_in_flight(rig: Any) -> None:
    rig.place("A1", "801")
    rig.sink.failing = True
    rig.send(rig.cancel("c1", clOrdId="A1"))
    assert rig.row("c1")["reason"] == "send_failed"
    assert rig.api.find_order(cl_ord_id="A1")["lifecycle"] == "live"


# ------------------------------------------------------------------ over any mix


def check_told_once(rig: Any, first_seq: int, rows: int) -> None:
    """Each of `rows` rows has one result, one `resolved` at most, and each order one end."""
    events = rig.events
    assert [body["seq"] for topic, body in events if topic.startswith("alpha.")] == list(
        range(first_seq, first_seq + len(events))
    )
    results: dict[tuple[str, int], list[str]] = {}
    for body in rig.on("alpha.ack"):
        for row in body["data"]:
            assert (body["id"], row["row"]) not in results, "one ack"
            results[body["id"], row["row"]] = [row["result"]]
    for body in rig.on("alpha.ack", "resolved"):
        results[body["id"], body["row"]].append(body["result"])
    open_rows = {(row["id"], row["row"]) for row in rig.api.unknown_rows()}
    assert len(results) == rows
    for row, told in results.items():
        if told[0] == "unknown" and row not in open_rows:
            assert len(told) == 2, "one resolved"
            assert told[1] in ("accepted", "rejected")
        else:
            assert len(told) == 1
    ends = [body["ordId"] for body in rig.on("alpha.order") if body["terminal"]]
    assert len(ends) == len(set(ends)), "one end for each order"


def send_random_request(rig: Any, rng: random.Random, number: int) -> list[dict[str, Any]]:
    """A request about one of ten orders, or a new one; returns the frames that left."""
    name = f"c{rng.randrange(10)}"
    kind = rng.choice(["order", "cancel", "amend", "batch"])
    message = {
        "order": lambda: rig.order(f"r{number}", clOrdId=f"n{number}"),
        "cancel": lambda: rig.cancel(f"r{number}", clOrdId=name),
        "amend": lambda: rig.amend(f"r{number}", clOrdId=name),
        "batch": lambda: rig.batch(f"r{number}", f"n{number}a", f"n{number}b"),
    }[kind]()
    before = len(rig.sink.sent)
    rig.send(message)
    return list(rig.frames[before:])


def answer_randomly(rig: Any, wire: Any, rng: random.Random, frame: dict[str, Any]) -> None:
    """An ack of a frame: row by row, or refused as a whole."""
    if rng.random() < 0.15:
        rig.ack(frame["id"], frame["op"], code=rng.choice(["60013", "50004"]))
        return
    codes = ["0", "0", "51008", "51149", "77777"]
    names = [row.get("clOrdId", "") for row in frame["args"]]
    rig.ack(frame["id"], frame["op"], *[wire.item(name, f"8{name}", rng.choice(codes)) for name in names], code="2")


def push_randomly(rig: Any, rng: random.Random, frame: dict[str, Any]) -> None:
    """A push about the order of one of the frame's rows."""
    row = rng.choice(frame["args"])
    state = rng.choice(["live", "live", "partially_filled", "filled", "canceled"])
    acc = {"partially_filled": "0.005", "filled": "0.01"}.get(state, "0")
    name = row["clOrdId"]
    rig.push(clOrdId=name, ordId=f"8{name}", state=state, accFillSz=acc, reqId=row.get("reqId", ""), amendResult="0")


@pytest.mark.parametrize("seed", range(8))
def test_one_ack_and_one_resolved_at_most_whatever_comes_when(new_rig: Any, wire: Any, seed: int) -> None:
    """Requests of all kinds on ten orders; acks, repeats, pushes, timeouts and losses in a random order."""
    rng = random.Random(seed)
    rig = new_rig(request_capacity=256, order_capacity=256)
    sent: list[dict[str, Any]] = []
    for number in range(10):
        rig.place(f"c{number}", f"8c{number}")
    first_seq = rig.bus.last_seq(rig.alpha) + 1
    for number in range(120):
        if number < 60:
            sent.extend(send_random_request(rig, rng, number))
        step = rng.random()
        if step < 0.35:
            answer_randomly(rig, wire, rng, rng.choice(sent))
        elif step < 0.75:
            push_randomly(rig, rng, rng.choice(sent))
        elif step < 0.85:
            rig.give_up_waiting()
        elif step < 0.9:
            rig.api.connection_lost()
            rig.api.connection_opened(rig.sink)
            rig.api.set_ready(True)
    rig.give_up_waiting()
    check_told_once(rig, first_seq, sum(len(frame["args"]) for frame in sent))
