"""Which records a filter selects, and which orders a record names; records made by hand after docs/journal.md."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.journal.filters import Filters, mentions, shown_of, strategy_of
from gateway.journal.format import Record

NS = 1_700_000_000_000_000_000
REQUEST = Record(1, NS, 2, 1, 512, b'\x05alpha{"id":"o1","op":"order","args":[{"clOrdId":"9001"}]}', 3)
FILL = Record(2, NS + 5, 4, 1, 640, b'\x0aalpha.fill{"seq":1,"event":"fill","ordId":"71"}', 3)
STATE = Record(3, NS + 9, 4, 1, 700, b'\x0dgateway.state{"seq":1,"event":"state"}', 3)
END = Record(4, NS + 9, 8, 1, 760, b"", 3)
RECORDS = [REQUEST, FILL, STATE, END]


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        (Filters(), [1, 2, 3, 4]),
        (Filters(types=frozenset({"event"})), [2, 3]),
        (Filters(types=frozenset({"event", "session_end"})), [2, 3, 4]),
        (Filters(strategies=frozenset({"alpha"})), [1, 2]),
        (Filters(strategies=frozenset({"gateway"})), [3]),
        (Filters(topic="alpha."), [2]),
        (Filters(topic="gate"), [3]),
        (Filters(texts=("9001",)), [1]),
        (Filters(texts=("900",)), []),  # only complete JSON strings match
        (Filters(texts=("71", "9001")), []),  # each text must be there
        (Filters(since_ns=NS + 5), [2, 3, 4]),
        (Filters(until_ns=NS + 5), [1]),
        (Filters(types=frozenset({"event"}), since_ns=NS + 6), [3]),
    ],
)
def test_every_condition_must_hold(filters: Filters, numbers: list[int]) -> None:
    assert [record.number for record in RECORDS if filters.takes(record) is not None] == numbers


def test_a_record_that_does_not_match_its_type_is_shown_in_hex() -> None:
    shown = shown_of(Record(7, NS, 2, 1, 512, b"\x05al", 3))
    assert shown["malformed"] == "a text is longer than its record"
    assert (shown["number"], shown["type"], shown["segment"], shown["payload"]) == (7, "type_2", 3, "05616c")


@pytest.mark.parametrize(
    ("shown", "strategy"),
    [
        ({"strategy": "alpha"}, "alpha"),
        ({"topic": "alpha.ack"}, "alpha"),
        ({"topic": "account.positions"}, "account"),
        ({"type": "session_end"}, ""),
    ],
)
def test_the_owner_of_a_record(shown: dict[str, Any], strategy: str) -> None:
    assert strategy_of(shown) == strategy


def named(shown: dict[str, Any]) -> list[tuple[str, int, str, str]]:
    return [(one.request, one.row, one.cl_ord_id, one.ord_id) for one in mentions(shown)]


def test_a_request_names_its_rows() -> None:
    message = {"id": "b1", "op": "batch-orders", "args": [{"clOrdId": "A"}, "no row", {"ordId": 7}]}
    assert named({"type": "request", "message": message}) == [("b1", 0, "A", ""), ("b1", 2, "", "7")]


def test_an_intent_has_the_strategys_id_and_row_numbers() -> None:
    """Row 1 was withdrawn before the frame was sent."""
    frame = {"id": "00ff", "op": "batch-orders", "args": [{"clOrdId": "A"}, {"clOrdId": "C"}]}
    shown = {"type": "intent", "id": "b1", "rows": [0, 2], "frame": frame}
    assert named(shown) == [("b1", 0, "A", ""), ("b1", 2, "C", "")]


def test_an_ack_names_each_row_and_other_events_one_order() -> None:
    ack = {"event": "ack", "id": "o1", "op": "order", "data": [{"row": 0, "clOrdId": "A", "ordId": "1"}]}
    assert named({"type": "event", "event": ack}) == [("o1", 0, "A", "1")]
    fill = {"event": "fill", "id": "o1", "row": 3, "clOrdId": "A", "ordId": "1"}
    assert named({"type": "event", "event": fill}) == [("o1", 3, "A", "1")]
    assert named({"type": "event", "event": {"event": "state"}}) == []
    assert named({"type": "session_end"}) == []


def test_algo_orders_are_named_by_their_own_ids() -> None:
    message = {"id": "s1", "op": "order-algo", "args": [{"algoClOrdId": "S", "clOrdId": "no"}]}
    assert named({"type": "request", "message": message}) == [("s1", 0, "S", "")]
    event = {"event": "algo", "id": "s1", "algoClOrdId": "S", "algoId": "9", "ordId": "no"}
    assert named({"type": "event", "event": event}) == [("s1", 0, "S", "9")]
