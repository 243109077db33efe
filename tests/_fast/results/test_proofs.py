"""Without proof a row is `unknown`, and then resolved exactly once, with its proof: a late ack, a push, a query, the end of its order."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

MS = 1_000_000
# OKX docs, WS / Order channel, `cancelSource`: 1 and 38 are a user's cancel.
ENDS_OF_CANCELS = pytest.mark.parametrize(
    ("state", "source", "result"),
    [
        ("canceled", "1", "accepted"),
        ("canceled", "38", "accepted"),
        ("canceled", "", "accepted"),
        ("canceled", "14", "rejected"),
        ("canceled", "20", "rejected"),
        ("canceled", "999", "rejected"),
        ("mmp_canceled", "39", "rejected"),
        ("filled", "", "rejected"),
    ],
)
LOSSES = {"ack_timeout": lambda rig: rig.give_up_waiting(), "connection_lost": lambda rig: rig.api.connection_lost()}


def resolved(rig: Any) -> list[tuple[str, int, str, str]]:
    return [(body["id"], body["row"], body["result"], body["proof"]) for body in rig.on("alpha.ack", "resolved")]


# ------------------------------------------------------------------ becoming unknown


@pytest.mark.parametrize("reason", LOSSES)
def test_without_an_ack_every_row_is_unknown_and_told_once(rig: Any, reason: str) -> None:
    rig.send(rig.batch("o1", "A1", "B2"))
    rig.send(rig.cancel("c1", ordId="5"))
    rig.send(rig.amend("a1", ordId="5"))
    LOSSES[reason](rig)
    rig.give_up_waiting()
    for request_id, rows in (("o1", 2), ("c1", 1), ("a1", 1)):
        assert [(row["result"], row["origin"], row["reason"], row["sCode"]) for row in rig.rows(request_id)] == [
            ("unknown", "okx", reason, "")
        ] * rows
    assert [(row["id"], row["row"]) for row in rig.api.unknown_rows(rig.alpha)] == [
        ("o1", 0),
        ("o1", 1),
        ("c1", 0),
        ("a1", 0),
    ]
    assert rig.api.unknown_rows(rig.beta) == []


def test_a_request_times_out_by_its_own_sending(rig: Any) -> None:
    rig.send(rig.order("o1"))
    sent = int(rig.api.unknown_rows() == [])
    assert sent
    rig.api.tick_at(rig.started + 2_000 * MS)
    assert rig.on("alpha.ack") == []
    assert rig.api.status()["inFlight"] == 1


@pytest.mark.parametrize("reason", LOSSES)
def test_an_order_that_was_pushed_is_accepted_without_its_ack(rig: Any, reason: str) -> None:
    rig.send(rig.batch("o1", "A1", "B2"))
    rig.push(clOrdId="B2", ordId="802")
    LOSSES[reason](rig)
    assert [(row["result"], row["ordId"]) for row in rig.rows("o1")] == [("unknown", ""), ("accepted", "802")]


@ENDS_OF_CANCELS
@pytest.mark.parametrize("reason", LOSSES)
def test_a_cancel_of_an_order_whose_end_was_pushed_needs_no_ack(
    rig: Any, state: str, source: str, result: str, reason: str
) -> None:
    """No other push will come that could resolve it later."""
    rig.place("A1", "801")
    rig.send(rig.cancel("c1", clOrdId="A1"))
    rig.push(
        clOrdId="A1", ordId="801", state=state, cancelSource=source, accFillSz="0.01" if state == "filled" else "0"
    )
    LOSSES[reason](rig)
    assert rig.row("c1")["result"] == result
    assert rig.api.unknown_rows() == []


@pytest.mark.parametrize(("amend_result", "result"), [("0", "accepted"), ("-1", "rejected"), ("1", "rejected")])
@pytest.mark.parametrize("reason", LOSSES)
def test_an_amend_whose_push_came_first_needs_no_ack(rig: Any, amend_result: str, result: str, reason: str) -> None:
    rig.place("A1", "801")
    rig.send(rig.amend("a1", clOrdId="A1", reqId="R1"))
    rig.send(rig.amend("a2", clOrdId="A1", reqId="R2"))
    rig.push(
        clOrdId="A1",
        ordId="801",
        reqId="R1",
        amendResult=amend_result,
        state="canceled" if amend_result == "1" else "live",
    )
    LOSSES[reason](rig)
    assert (rig.row("a1")["result"], rig.row("a1")["ordId"]) == (result, "801")
    of_the_other = "rejected" if amend_result == "1" else "unknown"  # it ended as it had stood before both
    assert rig.row("a2")["result"] == of_the_other


# ------------------------------------------------------------------ proof: late ack


@pytest.mark.parametrize(
    ("s_code", "result"), [("0", "accepted"), ("51008", "rejected"), ("51149", None), ("77777", None)]
)
def test_a_late_ack_resolves_once(rig: Any, wire: Any, s_code: str, result: str | None) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.give_up_waiting()
    for _ in range(2):
        rig.ack(rig.frames[0]["id"], "order", wire.item("A1", "801" if s_code == "0" else "", s_code), code="0")
    assert resolved(rig) == ([] if result is None else [("o1", 0, result, "late_ack")])
    assert len(rig.on("alpha.ack")) == 1
    if result == "accepted":
        (event,) = rig.on("alpha.ack", "resolved")
        assert (event["clOrdId"], event["ordId"], event["op"], event["event"]) == ("A1", "801", "order", "resolved")
        assert event["seq"] == 2


def test_a_late_ack_resolves_each_row_of_a_batch(rig: Any, wire: Any) -> None:
    rig.send(rig.batch("o1", "A1", "B2", "C3"))
    rig.api.connection_lost()
    rig.push(clOrdId="B2", ordId="802")
    rig.ack(
        rig.frames[0]["id"],
        "batch-orders",
        wire.item("A1", "801"),
        wire.item("B2", "802"),
        wire.item("C3", "", "51008"),
        code="2",
    )
    assert resolved(rig) == [
        ("o1", 1, "accepted", "order_push"),
        ("o1", 0, "accepted", "late_ack"),
        ("o1", 2, "rejected", "late_ack"),
    ]


def test_a_late_refusal_of_the_whole_frame_resolves_every_row(rig: Any) -> None:
    rig.send(rig.batch("o1", "A1", "B2"))
    rig.give_up_waiting()
    rig.ack(rig.frames[0]["id"], "batch-orders", code="60013", msg="Invalid args")
    assert resolved(rig) == [("o1", 0, "rejected", "late_ack"), ("o1", 1, "rejected", "late_ack")]


def test_an_item_that_proved_nothing_is_not_overruled_by_the_frames_code(rig: Any, wire: Any) -> None:
    rig.send(rig.batch("o1", "A1", "B2"))
    rig.ack(rig.frames[0]["id"], "batch-orders", wire.item("A1", "801"), wire.item("B2", "", "51149"), code="2")
    rig.ack(rig.frames[0]["id"], "batch-orders", code="60013", msg="Invalid args")
    assert resolved(rig) == []


# ------------------------------------------------------------------ proof: pushes and queries


@pytest.mark.parametrize("state", ["live", "partially_filled", "filled", "canceled"])
def test_a_push_resolves_an_unknown_placement(rig: Any, wire: Any, state: str) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.give_up_waiting()
    changes = {"live": {}, "canceled": {"state": "canceled", "cancelSource": "31"}}
    rig.push(clOrdId="A1", ordId="801", **changes.get(state, wire.filled("77", "0.01", "0.01", state=state)))
    rig.push(clOrdId="A1", ordId="801", **changes.get(state, wire.filled("77", "0.01", "0.01", state=state)))
    assert resolved(rig) == [("o1", 0, "accepted", "order_push")]
    (event,) = rig.on("alpha.ack", "resolved")
    assert event["ordId"] == "801"
    rig.ack(rig.frames[0]["id"], "order", wire.item("A1", "801"))
    rig.ack(rig.frames[0]["id"], "order", wire.item("A1", "", "51008"), code="1")
    assert len(resolved(rig)) == 1, "and its late ack says nothing more"


def test_rest_resolves_an_unknown_placement(rig: Any, wire: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.api.connection_lost()
    row = wire.rest_row("A1", "801")
    rig.api.reconcile_orders(json.dumps([row]).encode())
    rig.api.reconcile_orders(json.dumps([row]).encode())
    assert resolved(rig) == [("o1", 0, "accepted", "order_query")]
    (order,) = rig.on("alpha.order")
    assert (order["source"], order["id"]) == ("reconcile", "o1")


@ENDS_OF_CANCELS
@pytest.mark.parametrize("by", ["clOrdId", "ordId", "gw"])
def test_the_end_of_its_order_resolves_an_unknown_cancel(
    rig: Any, state: str, source: str, result: str, by: str
) -> None:
    rig.place("A1", "801", request_id="o1")
    name = {"clOrdId": {"clOrdId": "A1"}, "ordId": {"ordId": "801"}, "gw": {}}[by]
    message = rig.cancel("c1", **name)
    if by == "gw":
        message["args"][0]["gw"] = {"id": "o1"}
    rig.send(message)
    rig.give_up_waiting()
    rig.push(clOrdId="A1", ordId="801", px="20005")
    assert resolved(rig) == [], "that it still lives proves nothing"
    rig.push(
        clOrdId="A1", ordId="801", state=state, cancelSource=source, accFillSz="0.01" if state == "filled" else "0"
    )
    assert resolved(rig) == [("c1", 0, result, "terminal")]


@pytest.mark.parametrize("pushed", ["before", "after"])
@pytest.mark.parametrize("name", [{"ordId": "999"}, {"clOrdId": "elsewhere"}])
def test_a_cancel_of_an_order_that_was_not_known_yet_is_resolved_too(
    rig: Any, pushed: str, name: dict[str, str]
) -> None:
    """One placed elsewhere, of which OKX tells only when it ends."""
    rig.send(rig.cancel("c1", **name))
    if pushed == "after":
        rig.give_up_waiting()
    rig.push(clOrdId="elsewhere", ordId="999", state="canceled", cancelSource="1")
    rig.give_up_waiting()
    assert rig.row("c1")["result"] == ("accepted" if pushed == "before" else "unknown")
    assert resolved(rig) == ([("c1", 0, "accepted", "terminal")] if pushed == "after" else [])
    assert rig.api.unknown_count() == 1, "its token is still out"
    rig.api.pong_received(rig.now)
    assert rig.api.unknown_count() == 0


@pytest.mark.parametrize(
    ("amend_result", "state", "result"),
    [("0", "live", "accepted"), ("-1", "live", "rejected"), ("1", "canceled", "rejected"), ("0", "filled", "accepted")],
)
@pytest.mark.parametrize("own_req_id", [True, False])
def test_the_push_of_its_req_id_resolves_an_unknown_amend(
    rig: Any, amend_result: str, state: str, result: str, own_req_id: bool
) -> None:
    """`amendResult` 0: amended; -1: failed; 1: failed and the order cancelled for it (`cxlOnFail`)."""
    rig.place("A1", "801")
    rig.send(rig.amend("a1", clOrdId="A1", **({"reqId": "R1"} if own_req_id else {})))
    req_id = rig.frames[0]["args"][0]["reqId"]
    rig.give_up_waiting()
    rig.push(clOrdId="A1", ordId="801", reqId="another", amendResult="0", px="20009")
    assert resolved(rig) == []
    changes = {
        "px": "20001" if amend_result == "0" else "20009",
        "state": state,
        "accFillSz": "0.01" if state == "filled" else "0",
    }
    rig.push(clOrdId="A1", ordId="801", reqId=req_id, amendResult=amend_result, **changes)
    assert resolved(rig) == [("a1", 0, result, "order_push")]


@pytest.mark.parametrize("state", ["canceled", "filled"])
@pytest.mark.parametrize(
    ("asked", "ended", "result"),
    [
        ({"newPx": "20001"}, {"px": "20001"}, "accepted"),
        ({"newPx": "20001.0"}, {"px": "20001"}, "accepted"),
        ({"newPx": 20001}, {"px": "20001"}, "accepted"),
        ({"newPx": "20001"}, {"px": "20000"}, "rejected"),
        ({"newPx": "20001", "newSz": "0.02"}, {"px": "20001", "sz": "0.02"}, "accepted"),
        ({"newPx": "20001", "newSz": "0.02"}, {"px": "20001", "sz": "0.01"}, None),  # half of it is no amend of OKX's
        ({"newPx": "20001"}, {"px": "20009"}, None),  # as nobody here has asked
        ({"newSz": "0.02"}, {"sz": "0.015"}, None),
        ({"newSz": "0.02"}, {"px": "20009", "sz": "0.02"}, "accepted"),
        ({"newPxVol": "0.5"}, {}, None),
        ({"newPx": "20000"}, {"px": "20000"}, None),  # so it was before
        ({"newPx": "20000.0", "newSz": "0.01"}, {"px": "20000", "sz": "0.01"}, None),
    ],
)
@pytest.mark.parametrize("source", ["stream", "reconcile"])
def test_the_end_of_its_order_resolves_an_unknown_amend(
    rig: Any, wire: Any, state: str, asked: dict[str, Any], ended: dict[str, Any], result: str | None, source: str
) -> None:
    """By whether it ended as the amend would have it."""
    rig.place("A1", "801")
    row = {"instId": "BTC-USDT", "clOrdId": "A1", **asked}
    rig.send({"id": "a1", "op": "amend-order", "args": [row]})
    rig.give_up_waiting()
    end = wire.order_row(
        clOrdId="A1", ordId="801", state=state, accFillSz="0.01" if state == "filled" else "0", **ended
    )
    if source == "stream":
        rig.frame(wire.orders_push(end))
    else:
        rig.api.reconcile_orders(json.dumps([end]).encode())
    assert resolved(rig) == ([] if result is None else [("a1", 0, result, "terminal")])


@pytest.mark.parametrize(
    ("px", "results"),
    [
        ("20001", {"a1": "accepted"}),
        ("20002", {"a2": "accepted"}),  # the others may have been executed before it
        ("20003.0", {"a3": "accepted"}),
        ("20000", {"a1": "rejected", "a2": "rejected", "a3": "rejected"}),  # as it had stood before them all
        ("20009", {}),  # as nobody here has asked
    ],
)
def test_of_several_unknown_amends_the_end_of_the_order_proves_the_last(
    rig: Any, px: str, results: dict[str, str]
) -> None:
    rig.place("A1", "801")
    for number in (1, 2, 3):
        rig.send(rig.amend(f"a{number}", clOrdId="A1", newPx=f"2000{number}"))
    rig.give_up_waiting()
    rig.push(clOrdId="A1", ordId="801", px=px, state="filled", accFillSz="0.01")
    assert {one[0]: one[2] for one in resolved(rig)} == results
    assert {row["id"] for row in rig.api.unknown_rows()} == {"a1", "a2", "a3"} - results.keys()


@pytest.mark.parametrize(
    ("other", "px"),
    [
        ({"newPx": "20001"}, "20001"),  # either
        ({"newPx": "20001.00"}, "20001"),
        ({"newPx": "20000"}, "20000"),  # it may have set it back
    ],
)
@pytest.mark.parametrize("is_accepted", [False, True])
def test_where_two_amends_ask_for_what_stands_neither_is_proven(
    rig: Any, other: dict[str, str], px: str, is_accepted: bool
) -> None:
    rig.place("A1", "801")
    rig.send(rig.amend("a1", clOrdId="A1", newPx="20001"))
    rig.send(rig.amend("a2", clOrdId="A1", **other))
    if is_accepted:
        rig.accept(-1)
    rig.give_up_waiting()
    rig.push(clOrdId="A1", ordId="801", px=px, state="canceled")
    assert resolved(rig) == []


@pytest.mark.parametrize(
    "told",
    [
        {"amendResult": "0", "amendSource": "1", "reqId": ""},  # by the app
        {"amendResult": "0", "amendSource": "4", "reqId": ""},  # OKX's own resize
        {"amendResult": "0", "amendSource": "1", "reqId": "somebody"},
    ],
)
@pytest.mark.parametrize("px", ["20000", "20001"])
def test_where_something_else_has_amended_the_order_its_values_prove_nothing(
    rig: Any, told: dict[str, str], px: str
) -> None:
    rig.place("A1", "801")
    rig.send(rig.amend("a1", clOrdId="A1", newPx="20001"))
    rig.give_up_waiting()
    rig.push(clOrdId="A1", ordId="801", px="20005", uTime="1700000000200", **told)
    rig.push(clOrdId="A1", ordId="801", px=px, state="canceled", uTime="1700000000300")
    assert resolved(rig) == []


def test_an_order_that_had_ended_was_not_amended(rig: Any) -> None:
    """By OKX's own time of its end, however many amends there were."""
    rig.place("A1", "801")
    rig.api.set_okx_clock(1_700_000_060_000_000_000 - time.monotonic_ns())  # a minute after its placement
    rig.send(rig.amend("a1", clOrdId="A1", newPx="20001"))
    rig.send(rig.amend("a2", clOrdId="A1", newPx="20002"))
    rig.give_up_waiting()
    rig.push(clOrdId="A1", ordId="801", px="20000", state="canceled", uTime="1700000058000")
    assert [one[:3] for one in resolved(rig)] == [("a1", 0, "rejected"), ("a2", 0, "rejected")]


def test_a_code_that_proves_nothing_does_not_unmake_what_a_push_has_proven(rig: Any, wire: Any) -> None:
    rig.send(rig.batch("o1", "A1", "B2"))
    rig.push(clOrdId="A1", ordId="801")
    rig.ack(rig.frames[0]["id"], "batch-orders", wire.item("A1", "", "51149"), wire.item("B2", "", "51149"), code="1")
    assert [(row["result"], row["ordId"]) for row in rig.rows("o1")] == [("accepted", "801"), ("unknown", "")]


@pytest.mark.parametrize("pushed", [True, False])
@pytest.mark.parametrize("late", [True, False])
def test_a_placement_is_not_accepted_before_it_is_known_as_which_order(
    rig: Any, wire: Any, pushed: bool, late: bool
) -> None:
    """OKX names the order in every ack of success; one that does not is no proof, and what is told as accepted has its `ordId`."""
    rig.send(rig.order("o1", clOrdId="A1"))
    if late:
        rig.give_up_waiting()
    if pushed:
        rig.push(clOrdId="A1", ordId="801")
    rig.ack(rig.frames[0]["id"], "order", wire.item("A1", ""))
    assert rig.api.find_order(cl_ord_id="A1")["lifecycle"] == ("live" if pushed else "unknown")
    rig.push(clOrdId="A1", ordId="801")
    told = [*rig.rows("o1"), *rig.on("alpha.ack", "resolved")]
    assert [(one["result"], one["ordId"]) for one in told][-1] == ("accepted", "801")
    assert [one["result"] for one in told] == (["accepted"] if pushed and not late else ["unknown", "accepted"])


# ------------------------------------------------------------------ proof: it never was


def test_not_found_after_its_exp_time(rig: Any) -> None:
    rig.send(rig.batch("o1", "A1", "B2"))
    rig.api.connection_lost()
    rig.push(clOrdId="A1", ordId="801")
    assert rig.api.not_found("A1") is False, "it lives"
    assert rig.api.not_found("B2") is True
    assert rig.api.not_found("B2") is False, "once"
    assert rig.api.not_found("nobody") is False
    assert resolved(rig) == [("o1", 0, "accepted", "order_push"), ("o1", 1, "rejected", "not_found_after_exp_time")]
    assert [order["clOrdId"] for order in rig.api.open_orders(rig.alpha)] == ["A1"]
    assert rig.api.find_order(cl_ord_id="B2")["state"] == "rejected"


def test_what_was_asked_of_an_order_that_never_was_is_rejected_with_it(rig: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.send(rig.cancel("c1", clOrdId="A1"))
    rig.send(rig.amend("a1", clOrdId="A1"))
    rig.send(rig.cancel("c2", clOrdId="other"))
    rig.api.connection_lost()
    rig.api.not_found("A1")
    assert resolved(rig) == [(name, 0, "rejected", "not_found_after_exp_time") for name in ("o1", "c1", "a1")]
    assert [row["id"] for row in rig.api.unknown_rows()] == ["c2"]


def test_an_order_in_flight_is_not_given_up_by_a_query(rig: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    assert rig.api.not_found("A1") is False
    assert rig.on("alpha.ack") == []


def test_the_exp_time_that_bounds_an_unknown_order_is_known(rig: Any) -> None:
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.send(rig.order("o2", clOrdId="B2") | {"expTime": "1700000009000"})
    assert [(order["clOrdId"], order["expTimeMs"]) for order in rig.api.open_orders()] == [
        ("A1", 1_700_000_005_000),
        ("B2", 1_700_000_009_000),
    ]
