"""The gateway's own ops. Names and fields after docs/protocol.md."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest


def test_ping_gives_the_gateways_clock(alpha: Any) -> None:
    (data,) = alpha.ask("ping")["data"]
    assert list(data) == ["ns"]
    assert len(data["ns"]) == 19


@pytest.mark.parametrize("op", ["ping", "status", "snapshot", "get-order", "replay", "cancel-all", "hello"])
def test_unknown_arguments_are_named(alpha: Any, op: str) -> None:
    answer = alpha.ask(op, {"bogus": 1})
    assert (answer["reason"], answer["op"], answer["id"]) == ("bad_request", op, "g1")
    assert "args[0].bogus" in answer["msg"]


def test_status(rig: Any, alpha: Any) -> None:
    alpha.send(rig.order("o1", clOrdId="A1"))
    rig.send(rig.order("o1", clOrdId="B2"), owner=rig.beta)
    rig.api.connection_lost()
    (data,) = alpha.ask("status")["data"]
    (row,) = data["unknown"]
    assert {key: row[key] for key in ("id", "row", "op", "clOrdId")} == {
        "id": "o1",
        "row": 0,
        "op": "order",
        "clOrdId": "A1",
    }
    assert row["ageMs"] >= 0
    assert (data["state"], data["ready"], data["session"], data["seq"], data["inFlight"], data["waiting"]) == (
        "connecting",
        False,
        "5e5510n",
        1,
        0,
        0,
    )
    assert data["counters"]["sent"] == 2
    assert data["limits"]["placePer2s"] == 60


def test_a_snapshot_has_the_own_orders_that_have_not_ended(rig: Any, alpha: Any) -> None:
    for number in range(1, 6):
        rig.place(f"A{number}", f"80{number}", request_id=f"o{number}")
    rig.place("B1", "901", owner=rig.beta)
    rig.push(clOrdId="A2", ordId="802", state="canceled", cancelSource="1")
    (whole,) = alpha.ask("snapshot")["data"]
    assert [order["clOrdId"] for order in whole["orders"]] == ["A1", "A3", "A4", "A5"]
    assert (whole["from"], whole["more"], whole["seq"]) == (0, False, rig.bus.last_seq(rig.alpha))
    shown = {"id", "row", "instId", "clOrdId", "ordId", "state", "side", "ordType", "tdMode", "px", "sz", "accFillSz"}
    assert set(whole["orders"][0]) == shown | {"lifecycle", "avgPx", "cTime", "uTime", "result", "reason"}
    (page,) = alpha.ask("snapshot", {"from": 1, "limit": 2})["data"]
    assert ([order["clOrdId"] for order in page["orders"]], page["from"], page["more"]) == (["A3", "A4"], 1, True)


@pytest.mark.parametrize("arg", [{"clOrdId": "A1"}, {"ordId": "801"}, {"id": "o1"}, {"id": "o1", "row": 0}])
def test_get_order(rig: Any, alpha: Any, arg: dict[str, Any]) -> None:
    rig.place("A1", "801", request_id="o1")
    (order,) = alpha.ask("get-order", arg)["data"]
    assert (order["id"], order["clOrdId"], order["ordId"], order["state"], order["result"]) == (
        "o1",
        "A1",
        "801",
        "live",
        "accepted",
    )


@pytest.mark.parametrize(
    ("arg", "reason"),
    [
        ({"clOrdId": "B1"}, "not_owner"),
        ({"ordId": "901"}, "not_owner"),
        ({"clOrdId": "none"}, "unknown_order"),
        ({"id": "ob"}, "unknown_order"),
        ({"id": "o1", "row": 1}, "unknown_order"),
        ({}, "bad_request"),
        ({"clOrdId": "A1", "ordId": "801"}, "bad_request"),
        ({"clOrdId": ""}, "bad_request"),
        ({"clOrdId": 5}, "bad_request"),
        ({"id": "o1", "row": 20}, "bad_request"),
    ],
)
def test_orders_that_cannot_be_got(rig: Any, alpha: Any, arg: dict[str, Any], reason: str) -> None:
    rig.place("A1", "801", request_id="o1")
    rig.place("B1", "901", request_id="ob", owner=rig.beta)
    assert alpha.ask("get-order", arg)["reason"] == reason


def test_an_order_of_nobody_may_be_asked_about(rig: Any, alpha: Any) -> None:
    rig.push(ordId="901", clOrdId="manual")
    (order,) = alpha.ask("get-order", {"ordId": "901"})["data"]
    assert (order["id"], order["row"], order["clOrdId"]) == ("", 0, "manual")


def test_replay_of_the_own_family_and_the_shared_ones(rig: Any, alpha: Any) -> None:
    rig.place("A1", "801", live=False)
    rig.push(clOrdId="A1", ordId="801")
    rig.push(ordId="901")
    rig.state.set("ready", ready=True)
    published = {}
    for owner in ("alpha", "account", "gateway"):
        (data,) = alpha.ask("replay", {"owner": owner})["data"]
        published[owner] = data["events"]
        assert data["more"] is False
    assert [event["topic"] for event in published["alpha"]] == ["alpha.ack", "alpha.order"]
    assert [event["topic"] for event in published["account"]] == ["account.order"]
    assert [event["topic"] for event in published["gateway"]] == ["gateway.state"]
    assert alpha.ask("replay")["data"][0]["events"] == published["alpha"]
    (page,) = alpha.ask("replay", {"fromSeq": 1, "limit": 1})["data"]
    assert (page["events"], page["more"]) == (published["alpha"][:1], True)
    assert alpha.ask("replay", {"fromSeq": 3})["data"][0]["events"] == []


@pytest.mark.parametrize(
    "arg",
    [
        {"owner": "beta"},
        {"owner": "nobody"},
        {"fromSeq": -1},
        {"fromSeq": 0},
        {"fromSeq": "1"},
        {"limit": 501},
        {"limit": 0},
    ],
)
def test_replays_that_are_refused(alpha: Any, arg: dict[str, Any]) -> None:
    assert alpha.ask("replay", arg)["reason"] == "bad_request"


def test_a_replay_from_beyond_the_last_seq_is_refused(alpha: Any) -> None:
    """The strategy's kept `seq` belongs to a journal that is lost: an empty answer would hide that."""
    assert alpha.ask("replay", {"fromSeq": 1})["data"][0]["events"] == []
    refusal = alpha.ask("replay", {"fromSeq": 2})
    assert (refusal["reason"], refusal["data"]) == ("bad_request", [])
    assert refusal["msg"] == "args[0].fromSeq must be at most 1: the last seq of alpha is 0"


def test_a_snapshot_of_no_rows_is_refused(alpha: Any) -> None:
    """Its pages would never end."""
    assert alpha.ask("snapshot", {"limit": 0})["reason"] == "bad_request"


def test_replay_of_what_memory_holds_no_longer_comes_from_the_journal(new_rig: Any, connection_to: Any) -> None:
    """Or is refused, with the oldest that there is."""
    rig = new_rig(ring_bytes=4_096)
    connection = connection_to(rig)
    connection.hello()
    for number in range(20):
        connection.send(rig.order(f"o{number}", sz=""))
    kept = rig.events_sink.events[:3]
    pages = {2: (kept[1:], 2), 1: ([], 2)}
    asked = []

    async def page(*args: Any) -> Any:
        asked.append(args)
        return pages[args[1]]

    rig.pages.page = page
    rig.reply_sink.replies.clear()
    for number, from_seq in enumerate((2, 1)):
        assert connection.send({"id": f"g{number}", "op": "replay", "args": [{"fromSeq": from_seq, "limit": 2}]}) == []
    rig.loop.run_until_complete(asyncio.sleep(0))
    assert asked == [("alpha", 2, 2, 20), ("alpha", 1, 2, 20)]
    replayed, gone = [json.loads(body) for _, body in rig.reply_sink.replies]
    assert (replayed["id"], gone["id"], gone["reason"]) == ("g0", "g1", "gone")
    (data,) = replayed["data"]
    assert [event["event"] for event in data["events"]] == [json.loads(body) for _, body in kept[1:]]
    assert (data["more"], gone["data"]) == (True, [{"first": 2}])


@pytest.mark.parametrize(("op", "member"), [("resume", "resumed"), ("reconnect", "begun")])
@pytest.mark.parametrize("done", [True, False])
def test_what_a_strategy_may_have_done(rig: Any, alpha: Any, op: str, member: str, done: bool) -> None:
    setattr(rig.operations, op, lambda: done)
    assert alpha.ask(op)["data"] == [{member: done}]
    assert alpha.ask(op, {"x": 1})["reason"] == "bad_request"


def test_status_shows_what_runs_beside_the_order_path(rig: Any, alpha: Any) -> None:
    rig.operations.status = lambda: {"halted": "so it is"}
    assert alpha.ask("status")["data"][0]["halted"] == "so it is"
