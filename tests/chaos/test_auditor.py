"""Each rule finds a made-up audit trail that breaks it; a trail that breaks none is clean."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos.audit_trail import AuditTrail, Bounds
from tests.chaos.auditor import RULES, audit
from tests.chaos.request_rules import may_stay_unknown
from tests.chaos.timeline import timeline

UID = "1000000000000001"
T = 1_700_000_000_000_000_000  # ns; one step of the trail is a millisecond
MS = 1_000_000
Json = dict[str, Any]


def at(step: int) -> int:
    return T + step * MS


def stamps(step: int) -> Json:
    return {"recvNs": str(at(step)), "sentNs": str(at(step)), "pubNs": str(at(step))}


# ---------------------------------------------------------------- a clean trail


def request(step: int, op: str, request_id: str, args: list[Json], rows: list[Json], exp_ms: int | None = 500) -> Json:
    exp_time = None if exp_ms is None else str(at(step) // MS + exp_ms)
    return {"type": "request", "time_ns": at(step), "transport": "ws", "session": 1, "uid": UID, "op": op, "id": request_id,
            "exp_time": exp_time, "args": args, "code": "0", "rows": rows}  # fmt: skip


def order(step: int, ord_id: str, cl_ord_id: str, state: str, **more: Any) -> Json:
    return {"type": "order", "time_ns": at(step), "uid": UID, "inst_id": "BTC-USDT", "ord_id": ord_id, "cl_ord_id": cl_ord_id,
            "px": "100", "sz": "3", "acc_fill_sz": "0", "state": state, "req_id": "", "amend_result": "", **more}  # fmt: skip


def sent(step: int, request_id: str, op: str, args: list[Json], **more: Any) -> Json:
    gw = {"maxWaitMs": 0, "sentNs": str(at(step))}
    return {
        "ns": at(step),
        "run": 1,
        "type": "sent",
        "request": {"id": request_id, "op": op, "args": args, "gw": gw, **more},
    }


def event(step: int, kind: str, seq: int, **members: Any) -> Json:
    body = {"seq": seq, "event": kind, "session": "s1", "gw": stamps(step), **members}
    topic = "alpha.ack" if kind == "resolved" else f"alpha.{kind}"
    return {"ns": at(step), "run": 1, "type": "event", "topic": topic, "event": body}


def row(result: str, cl_ord_id: str, ord_id: str, **more: Any) -> Json:
    return {
        "row": 0,
        "result": result,
        "origin": "okx",
        "reason": "",
        "sCode": "0",
        "clOrdId": cl_ord_id,
        "ordId": ord_id,
        **more,
    }


def state(step: int, seq: int, ord_id: str, cl_ord_id: str, name: str, filled: str = "0", px: str = "100") -> Json:
    return event(step, "order", seq, source="stream", id={"A": "a1", "B": "a4"}[cl_ord_id], row=0, instId="BTC-USDT", ordId=ord_id, clOrdId=cl_ord_id,
                 state=name, accFillSz=filled, terminal=name in ("filled", "canceled"), data={"px": px, "sz": "3"})  # fmt: skip


def clean_trail() -> AuditTrail:
    """Two orders: A is amended, filled in part and cancelled; B is unknown at first and then filled."""
    ledger = [
        request(1, "order", "r1", [{"clOrdId": "A"}], [{"sCode": "0", "ordId": "1"}]),
        order(1, "1", "A", "live"),
        request(3, "amend-order", "r2", [{"ordId": "1", "reqId": "q"}], [{"sCode": "0", "ordId": "1"}]),
        order(3, "1", "A", "live", px="101", req_id="q", amend_result="0"),
        order(5, "1", "A", "partially_filled", px="101", acc_fill_sz="1"),
        {"type": "fill", "time_ns": at(5), "uid": UID, "inst_id": "BTC-USDT", "trade_id": "7", "ord_id": "1", "cl_ord_id": "A",
         "side": "buy", "px": "101", "sz": "1", "exec_type": "M", "fee": "-0.1"},
        request(7, "cancel-order", "r3", [{"ordId": "1"}], [{"sCode": "0", "ordId": "1"}], None),
        order(7, "1", "A", "canceled", px="101", acc_fill_sz="1"),
        request(9, "order", "r4", [{"clOrdId": "B"}], [{"sCode": "0", "ordId": "2"}]),
        order(9, "2", "B", "live"),
    ]  # fmt: skip
    alpha = [
        sent(0, "a1", "order", [{"instId": "BTC-USDT"}]),
        event(2, "ack", 1, id="a1", op="order", code="0", data=[row("accepted", "A", "1")]),
        state(2, 2, "1", "A", "live"),
        sent(2, "a2", "amend-order", [{"ordId": "1", "reqId": "q"}]),
        event(4, "ack", 3, id="a2", op="amend-order", code="0", data=[row("accepted", "A", "1")]),
        state(4, 4, "1", "A", "live", px="101"),
        event(6, "fill", 5, source="stream", accFillSz="1", instId="BTC-USDT", ordId="1", clOrdId="A", tradeId="7", side="buy", execType="M", fillPx="101",
              fillSz="1", fillFee="-0.1", fillFeeCcy="BTC"),
        state(6, 6, "1", "A", "partially_filled", "1", "101"),
        sent(6, "a3", "cancel-order", [{"ordId": "1"}]),
        event(8, "ack", 7, id="a3", op="cancel-order", code="0", data=[row("accepted", "A", "1")]),
        state(8, 8, "1", "A", "canceled", "1", "101"),
        sent(8, "a4", "order", [{"instId": "BTC-USDT"}]),
        event(10, "ack", 9, id="a4", op="order", code="", data=[row("unknown", "B", "", sCode="")]),
        state(11, 10, "2", "B", "live"),
        event(11, "resolved", 11, id="a4", op="order", row=0, result="accepted", proof="order_push", clOrdId="B", ordId="2"),
        {"ns": at(12), "run": 1, "type": "answer", "answer": {"id": "a4", "op": "order", "code": "0", "duplicate": True,
                                                              "data": [row("accepted", "B", "2")]}},
        {"ns": at(13), "run": 1, "type": "quiet", "status": {"unknown": [], "journal": {"takesOrders": True}},
         "orders": [{"ordId": "2", "state": "live", "accFillSz": ""}]},
    ]  # fmt: skip
    return AuditTrail(
        ledger=ledger,
        records={"alpha": alpha},
        live=[{"ordId": "2", "state": "live", "accFillSz": "0"}],
        accounts=[{"uid": UID, "positions": {}, "cash": {"BTC": "10.9"}}],
        limits=[
            {"owner": UID, "op": "order", "inst": "BTC-USDT", "limit": 60, "sliding": 60, "fixed": 60, "total": 99}
        ],
        opening_cash={"BTC": "10"},
        bounds=Bounds(max_age_ms=1_000, order_ttl_ms=600),
    )


def test_a_clean_trail_breaks_no_rule() -> None:
    assert audit(clean_trail()) == []


# ---------------------------------------------------------------- changes that break each rule


def published(trail: AuditTrail, kind: str, number: int = 0) -> Json:
    """The `number`-th event of a kind."""
    found = [one["event"] for one in trail.records["alpha"] if one["type"] == "event" and one["event"]["event"] == kind]
    body: Json = found[number]
    return body


def add(trail: AuditTrail, *records: Json) -> None:
    trail.records["alpha"] += records


def drop_event(trail: AuditTrail, seq: int) -> None:
    """And closes the hole in the numbers."""
    records = [one for one in trail.records["alpha"] if one["type"] != "event" or one["event"]["seq"] != seq]
    for one in records:
        if one["type"] == "event" and one["event"]["seq"] > seq:
            one["event"]["seq"] -= 1
    trail.records["alpha"] = records


def again(trail: AuditTrail, seq: int) -> Json:
    """The event once more, as the 12th."""
    (found,) = (one for one in trail.records["alpha"] if one["type"] == "event" and one["event"]["seq"] == seq)
    copied = copy.deepcopy(found)
    copied["ns"], copied["event"]["seq"] = at(12), 12
    return copied


def ledger(trail: AuditTrail, kind: str, number: int = 0) -> Json:
    return [one for one in trail.ledger if one["type"] == kind][number]


def refuse_for_journal(trail: AuditTrail, number: int) -> None:
    published(trail, "ack", number)["data"][0].update(result="rejected", origin="gateway", reason="journal")


def disk_full(begin: int, end: int) -> list[Json]:
    return [{"time_ns": at(begin), "action": "fill_disk"}, {"time_ns": at(end), "action": "free_disk"}]


def algo(step: int, state_name: str) -> Json:
    return {
        "type": "algo",
        "time_ns": at(step),
        "uid": UID,
        "algoId": "7",
        "algoClOrdId": "S",
        "state": state_name,
        "ordIdList": [],
    }


def algo_event(step: int, seq: int, state_name: str) -> Json:
    return event(step, "algo", seq, algoId="7", algoClOrdId="S", state=state_name, terminal=state_name != "live")


def place_an_algo_order(trail: AuditTrail) -> None:
    """A sell stop that is cancelled."""
    request_row = {"algoClOrdId": "S"}
    trail.ledger += [
        {**request(12, "order-algo", "", [request_row], [{"sCode": "0"}], None), "transport": "rest"},
        algo(12, "live"),
        algo(14, "canceled"),
    ]
    add(trail, sent(12, "a6", "order-algo", [{"instId": "BTC-USDT"}]))
    ack_row = {**row("accepted", "", ""), "algoClOrdId": "S", "algoId": "7"}
    add(trail, event(12, "ack", 12, id="a6", op="order-algo", code="0", data=[ack_row]))
    add(trail, algo_event(12, 13, "live"), algo_event(14, 14, "canceled"))


def edit_algo(edit: Callable[[AuditTrail], object]) -> Callable[[AuditTrail], object]:
    def edited(trail: AuditTrail) -> None:
        place_an_algo_order(trail)
        edit(trail)

    return edited


CASES: dict[str, tuple[str, Callable[[AuditTrail], object]]] = {
    "no ack": ("one result per row", lambda s: drop_event(s, 7)),
    "two acks": ("one result per row", lambda s: add(s, again(s, 1))),
    "a row too few": ("one result per row", lambda s: published(s, "ack")["data"].clear()),
    "an ack of nothing": ("one result per row", lambda s: published(s, "ack").update(id="a77")),
    "never resolved": ("one result per row", lambda s: drop_event(s, 11)),
    "resolved twice": ("one result per row", lambda s: add(s, again(s, 11))),
    "resolved to nothing": ("one result per row", lambda s: published(s, "resolved").update(result="unknown")),
    "no such result": ("one result per row", lambda s: published(s, "ack")["data"][0].update(result="maybe")),
    "another answer to a repeat": ("repeats agree", lambda s: s.records["alpha"][-2]["answer"]["data"][0].update(result="rejected")),
    "a refusal that was an order": ("placements are true", lambda s: published(s, "ack")["data"][0].update(result="rejected")),
    "resolved as refused": ("placements are true", lambda s: published(s, "resolved").update(result="rejected")),
    "an order that is none": ("placements are true", lambda s: published(s, "ack")["data"][0].update(clOrdId="C", ordId="9")),
    "an order of nobody": ("placements are true", lambda s: s.ledger.append(order(12, "3", "C", "live"))),
    "a cancel that was refused": ("cancels are true", lambda s: ledger(s, "request", 2)["rows"][0].update(sCode="51400")),
    "a cancel that was taken": ("cancels are true", lambda s: published(s, "ack", 2)["data"][0].update(result="rejected")),
    "an amend that was refused": ("amends are true", lambda s: (
        ledger(s, "request", 1)["rows"][0].update(sCode="51503"), ledger(s, "order", 1).update(req_id=""))),
    "an amend that was done": ("amends are true", lambda s: published(s, "ack", 1)["data"][0].update(result="rejected")),
    "placed twice": ("nothing sent twice", lambda s: s.ledger.append({**ledger(s, "request"), "id": "r9"})),
    "amended twice": ("nothing sent twice", lambda s: s.ledger.append({**ledger(s, "request", 1), "id": "r9"})),
    "one id twice": ("nothing sent twice", lambda s: ledger(s, "request", 1).update(id="r1")),
    "left too late": ("nothing sent late", lambda s: published(s, "ack")["gw"].update(sentNs=str(at(1_100)))),
    "came too late": ("nothing sent late", lambda s: ledger(s, "request").update(time_ns=at(3_100))),
    "no expTime": ("expTime", lambda s: ledger(s, "request").update(exp_time=None)),
    "expTime on a cancel": ("expTime", lambda s: ledger(s, "request", 2).update(exp_time=str(at(500) // MS))),
    "another expTime": ("expTime", lambda s: s.records["alpha"][0]["request"].update(expTime="1700000000400")),
    "too long an expTime": ("expTime", lambda s: ledger(s, "request").update(exp_time=str(at(900) // MS))),
    "done after its expTime": ("expTime", lambda s: ledger(s, "request").update(time_ns=at(700))),
    "refused for the limit": ("no rate-limit refusal", lambda s: ledger(s, "request").update(code="50011")),
    "a row refused for the limit": ("no rate-limit refusal", lambda s: ledger(s, "request")["rows"][0].update(sCode="50061")),
    "over the limit": ("no rate-limit refusal", lambda s: s.limits[0].update(sliding=61)),
    "refused for the journal with room": ("full disk", lambda s: refuse_for_journal(s, 0)),
    "refused for the journal long after": ("full disk", lambda s: (refuse_for_journal(s, 0), s.actions.extend(disk_full(-4_000, -3_000)))),
    "a cancel refused for the journal": ("full disk", lambda s: (refuse_for_journal(s, 2), s.actions.extend(disk_full(0, 20)))),
    "no orders at the end": ("full disk", lambda s: s.records["alpha"][-1]["status"]["journal"].update(takesOrders=False)),
    "an end before its time": ("no end before its time", lambda s: published(s, "order", 3)["gw"].update(pubNs=str(at(6)))),
    "a hole": ("seq is contiguous", lambda s: s.records["alpha"].pop(4)),
    "a tail that is missing": ("seq is contiguous", lambda s: add(s, event(14, "heartbeat", 12))),
    "one number, two events": ("seq is contiguous", lambda s: add(s, {**again(s, 2), "type": "replayed", "event": {**published(s, "order"), "seq": 1}})),
    "back and forth": ("received in order", lambda s: s.records["alpha"].insert(0, s.records["alpha"].pop(2))),
    "an order nobody made": ("states are true", lambda s: published(s, "order").update(ordId="9")),
    "published to another": ("states are true", lambda s: s.records["alpha"][2].update(topic="beta.order")),
    "a state that never was": ("states are true", lambda s: published(s, "order", 2).update(accFillSz="2")),
    "published twice": ("states are true", lambda s: add(s, again(s, 10))),
    "states in a wrong order": ("states are true", lambda s: (
        published(s, "order", 0)["data"].update(px="101"), published(s, "order", 1)["data"].update(px="100"))),
    "no end": ("states are true", lambda s: drop_event(s, 8)),
    "two ends": ("states are true", lambda s: add(s, again(s, 8))),
    "an end of a live order": ("states are true", lambda s: published(s, "order", 4).update(state="canceled", terminal=True)),
    "the last state is missing": ("states are true", lambda s: s.ledger.append(order(12, "2", "B", "live", px="102"))),
    "live and not shown": ("live orders agree", lambda s: s.records["alpha"][-1]["orders"].clear()),
    "shown and not live": ("live orders agree", lambda s: s.live.clear()),
    "shown with other fills": ("live orders agree", lambda s: s.live[0].update(accFillSz="1")),
    "unknown at the end": ("nothing left unknown", lambda s: s.records["alpha"][-1]["status"].update(unknown=[{"id": "a4", "row": 0}])),
    "never at rest": ("nothing left unknown", lambda s: s.records["alpha"].pop()),
    "a fill that is missing": ("each fill once", lambda s: drop_event(s, 5)),
    "a fill twice": ("each fill once", lambda s: add(s, again(s, 5))),
    "a fill that never was": ("each fill once", lambda s: published(s, "fill").update(tradeId="8")),
    "a fill of another size": ("each fill once", lambda s: published(s, "fill").update(fillSz="2")),
    "a fill published to another": ("each fill once", lambda s: s.records["alpha"][6].update(topic="beta.fill")),
    "a fill after its state": ("fills before states", lambda s: published(s, "order", 1).update(accFillSz="1")),
    "an algo order that is none": ("algo orders are true", edit_algo(lambda s: published(s, "ack", 4)["data"][0].update(algoId="8"))),
    "a refused algo order that is one": ("algo orders are true", edit_algo(lambda s: published(s, "ack", 4)["data"][0].update(result="rejected"))),
    "an algo order sent twice": ("algo orders are true", edit_algo(lambda s: s.ledger.append(ledger(s, "request", 4)))),
    "an algo order published to another": ("algo states are true", edit_algo(lambda s: s.records["alpha"][-1].update(topic="beta.algo"))),
    "an algo order nobody made": ("algo states are true", edit_algo(lambda s: published(s, "algo").update(algoId="8"))),
    "an algo order without its end": ("algo states are true", edit_algo(lambda s: drop_event(s, 14))),
    "an algo order with another end": ("algo states are true", edit_algo(lambda s: published(s, "algo", 1).update(state="effective"))),
    "an algo order with two ends": ("algo states are true", edit_algo(lambda s: (s.ledger.append(algo(15, "canceled")), add(s, algo_event(15, 15, "canceled"))))),
    "an algo order that is left": ("no algo order is left", edit_algo(lambda s: ledger(s, "algo", 1).update(state="pause"))),
    "coins that do not add up": ("positions add up", lambda s: s.accounts[0]["cash"].update(BTC="11")),
    "a position that does not add up": ("positions add up", lambda s: s.accounts[0]["positions"].update({"BTC-USDT-SWAP/net": "1"})),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_trail_that_breaks_a_rule_is_found(case: str) -> None:
    trail = clean_trail()
    rule, edit = CASES[case]
    edit(trail)
    assert rule in {one.rule for one in audit(trail)}


def test_a_trail_with_an_algo_order_is_clean() -> None:
    trail = clean_trail()
    place_an_algo_order(trail)
    assert audit(trail) == []


@pytest.mark.parametrize(
    ("topic", "seq", "broken"), [("alpha.order", 15, set()), ("account.order", 1, {"states are true"})]
)
def test_an_order_placed_by_an_algo_order_belongs_to_its_strategy(topic: str, seq: int, broken: set[str]) -> None:
    """No request placed it, so no placement is missing."""
    trail = clean_trail()
    place_an_algo_order(trail)
    ledger(trail, "algo", 1)["ordIdList"] = ["4"]
    trail.ledger.append(order(14, "4", "", "canceled"))
    body = event(14, "order", seq, source="stream", id="", row=0, instId="BTC-USDT", ordId="4", clOrdId="", state="canceled",
                 accFillSz="0", terminal=True, data={"px": "100", "sz": "3"})  # fmt: skip
    body["topic"] = topic
    add(trail, body)
    assert {one.rule for one in audit(trail)} == broken


def test_one_of_several_amends_of_an_order_can_stay_unknown() -> None:
    """A single amend cannot."""
    alone, several = clean_trail(), clean_trail()
    for trail in (alone, several):
        published(trail, "ack", 1)["data"][0].update(result="unknown")
    add(several, sent(12, "a5", "amend-order", [{"ordId": "1", "reqId": "q5"}]))
    add(several, event(12, "ack", 12, id="a5", op="amend-order", code="", data=[row("unknown", "A", "1", sCode="")]))
    assert {one.rule for one in audit(alone)} == {"one result per row"}
    assert audit(several) == []


@pytest.mark.parametrize(
    ("req_ids", "clean"),
    [(("q6", "q5"), True), (("q6", "q6"), False), (("q6", "q5", "q5"), False), (("q6", ""), False)],
)
def test_an_overtaken_amend_is_published_once_with_the_current_order(req_ids: tuple[str, ...], clean: bool) -> None:
    trail = clean_trail()
    for req_id, px in (("q5", "102"), ("q6", "103")):
        trail.ledger.append(order(12, "2", "B", "live", px=px, req_id=req_id))
    for number, req_id in enumerate(req_ids):
        update = state(12, 12 + number, "2", "B", "live", px="103")
        update["event"]["data"]["reqId"] = req_id
        add(trail, update)
    assert ({one.rule for one in audit(trail)} == set()) == clean


@pytest.mark.parametrize(("new_px", "may"), [("100.0", True), ("101", False)])
def test_an_amend_to_the_current_values_can_stay_unknown(new_px: str, may: bool) -> None:
    trail = clean_trail()
    published(trail, "ack", 1)["data"][0].update(result="unknown")
    fate = next(one for one in trail.fates if one.op == "amend-order")
    fate.asked["newPx"] = new_px
    for record in trail.order_records[trail.target(fate)]:
        record["px"] = "100"
    assert may_stay_unknown(trail, fate) == may


def test_orders_can_be_refused_for_the_journal_while_the_disk_is_full() -> None:
    trail = clean_trail()
    refuse_for_journal(trail, 0)
    trail.actions += disk_full(0, 20)
    assert "full disk" not in {one.rule for one in audit(trail)}


def test_every_rule_has_a_case() -> None:
    assert {rule for rule, _ in CASES.values()} == RULES.keys()


# ---------------------------------------------------------------- the timeline


def test_the_timeline_shows_one_order_in_order_of_time() -> None:
    """By any of its names, both parties', without the other order and without heartbeats."""
    trail = clean_trail()
    add(trail, event(14, "heartbeat", 11))
    lines = timeline(trail, ["A"]).splitlines()
    assert lines == timeline(trail, ["1"]).splitlines() == timeline(trail, ["a1"]).splitlines()
    assert [line.split()[1] for line in lines[:4]] == ["alpha#1", "exchange", "exchange", "alpha#1"]
    assert lines[0].startswith("22:13:20.000000") and "a1" in lines[0]
    assert "canceled" in lines[-1] and not any("r4" in line or "heartbeat" in line for line in lines)
