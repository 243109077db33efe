"""The order path, and OKX's answers to it: each ack to its request, each item to its row, told once.

Frames are written by hand after OKX's documents: WS / Place order, Place multiple orders, Cancel order, Amend order, Mass cancel order
(answers).
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

MS = 1_000_000


# ------------------------------------------------------------------ acks


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
