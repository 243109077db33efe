"""The audit trail of one order among the records of several, made by hand after docs/protocol.md and docs/journal.md."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.journal.audit_trail import build_trail, find_orders, length, texts_of, timeline

T = 1_700_000_000_000_000_000  # 2023-11-14 22:13:20 UTC
US = 1_000


def request(ns: int, strategy: str, request_id: str, op: str, *rows: Any) -> dict[str, Any]:
    message = {"id": request_id, "op": op, "args": list(rows)}
    return {"type": "request", "ns": ns, "strategy": strategy, "message": message}


def event(ns: int, topic: str, seq: int, **members: Any) -> dict[str, Any]:
    body = {"seq": seq, "event": topic.rpartition(".")[2], "gw": {}, **members}
    return {"type": "event", "ns": ns, "topic": topic, "event": body}


def acked(row: int, cl_ord_id: str, ord_id: str) -> dict[str, Any]:
    return {"row": row, "clOrdId": cl_ord_id, "ordId": ord_id, "result": "accepted", "sCode": "0", "reason": ""}


RECORDS = [
    request(T, "alpha", "b1", "batch-orders", {"sz": "1"}, {"sz": "2"}),
    request(T + 1, "beta", "b1", "order", {"sz": "3"}),
    event(
        T + 900 * US,
        "alpha.ack",
        1,
        id="b1",
        op="batch-orders",
        data=[acked(0, "A", "71"), acked(1, "B", "72")],
        gw={"venueNs": str(T + 800 * US)},
    ),
    event(T + 950 * US, "beta.ack", 1, id="b1", op="order", data=[acked(0, "C", "73")]),
    request(T + 1_000 * US, "alpha", "c1", "cancel-order", {"gw": {"id": "b1", "row": 1}}),
    event(
        T + 2_500 * US,
        "alpha.order",
        2,
        id="b1",
        row=1,
        clOrdId="B",
        ordId="72",
        state="canceled",
        reason="user",
        source="reconcile",
    ),
]


@pytest.mark.parametrize(
    ("key", "orders"),
    [
        ("A", [("A", "71")]),
        ("72", [("B", "72")]),
        ("c1", [("B", "72")]),  # the cancel names its order by the request that placed it
        ("b1", [("A", "71"), ("B", "72"), ("C", "73")]),  # two strategies used this id
        ("nowhere", []),
    ],
)
def test_the_orders_of_a_key(key: str, orders: list[tuple[str, str]]) -> None:
    assert sorted((names.cl_ord_id, names.ord_id) for names in find_orders(RECORDS, key)) == orders


def test_an_id_of_two_strategies_can_be_narrowed_to_one() -> None:
    found = [names for names in find_orders(RECORDS, "b1") if names.belongs_to("beta")]
    assert [(names.cl_ord_id, names.placed_by) for names in found] == [("C", ("beta", "b1", 0))]


def test_the_texts_that_find_an_orders_records() -> None:
    (names,) = find_orders(RECORDS, "B")
    assert texts_of(names) == ["B", "72", "b1"]


def test_the_steps_of_one_order_in_order_of_time() -> None:
    (names,) = find_orders(RECORDS, "B")
    trail = build_trail(RECORDS, names)
    assert (trail.strategy, trail.request, trail.row, trail.cl_ord_id, trail.ord_id) == ("alpha", "b1", 1, "B", "72")
    assert [(step.total_ns // US, step.source, step.action) for step in trail.steps] == [
        (0, "alpha", "asks: batch-orders (b1)"),
        (800, "OKX", "answers"),
        (900, "gateway", "publishes: batch-orders accepted"),
        (1_000, "alpha", "asks: cancel-order (c1)"),
        (2_500, "OKX (asked)", "is canceled (user)"),
        (2_500, "gateway", "publishes: order"),
    ]
    assert [step.after_ns // US for step in trail.steps] == [0, 800, 100, 100, 1_500, 0]
    assert trail.steps[1].detail == {"result": "accepted", "sCode": "0", "ordId": "72"}


def test_the_json_uses_okxs_names() -> None:
    (names,) = find_orders(RECORDS, "B")
    shown = build_trail(RECORDS, names).as_json()
    assert {key: shown[key] for key in shown if key != "steps"} == {
        "strategy": "alpha",
        "id": "b1",
        "row": 1,
        "clOrdId": "B",
        "ordId": "72",
    }
    assert shown["steps"][1]["ns"] == str(T + 800 * US)  # beyond 2^53


def test_a_proven_result_is_a_step() -> None:
    records = [
        event(T, "alpha.ack", 1, id="o1", op="order", data=[{"row": 0, "clOrdId": "A", "result": "unknown"}]),
        event(
            T + 1,
            "alpha.ack",
            2,
            event="resolved",
            id="o1",
            op="order",
            row=0,
            clOrdId="A",
            result="accepted",
            proof="order_push",
        ),
    ]
    (names,) = find_orders(records, "A")
    actions = [step.action for step in build_trail(records, names).steps]
    assert actions == ["publishes: order unknown", "publishes: the result is proven, accepted (order_push)"]


def test_the_text_has_one_line_per_step() -> None:
    (names,) = find_orders(RECORDS, "B")
    head, first, second, *_ = timeline(build_trail(RECORDS, names)).splitlines()
    assert head == "alpha: clOrdId B, ordId 72, row 1 of b1"
    assert " ".join(first.split()) == "2023-11-14 22:13:20.000000 +0 ns 0 ns alpha asks: batch-orders (b1) [sz=2]"
    assert "+800.0 us   800.0 us  OKX" in second


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (1_000, "1.0 us"),
        (8_190, "8.1 us"),
        (1_000_000, "1.0 ms"),
        (59_990_000_000, "59.9 s"),
    ],
)
def test_lengths_have_the_unit_that_fits(ns: int, text: str) -> None:
    assert length(ns) == text
