"""What REST has found: rows that enter where pushes do, and what REST proves of an unknown row."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests._fast.test_order_pushes import rest_fill


@pytest.mark.parametrize("stream_first", [True, False])
def test_a_fill_seen_by_stream_and_sweep_is_told_once(rig: Any, wire: Any, stream_first: bool) -> None:
    rig.place("A1", "801", request_id="o1")
    by_stream = lambda: rig.push(clOrdId="A1", ordId="801", **wire.filled("77", "0.004", "0.004"))  # noqa: E731
    by_sweep = lambda: rig.api.reconcile_fills(json.dumps([rest_fill("77")]).encode())  # noqa: E731
    first, second = (by_stream, by_sweep) if stream_first else (by_sweep, by_stream)
    first()
    second()
    (fill,) = rig.on("alpha.fill")
    assert (fill["source"], fill["id"], fill["fillFee"]) == (
        ("stream", "o1", "-0.00001") if stream_first else ("reconcile", "o1", "-0.000004")
    )
    (order,) = rig.on("alpha.order")
    assert order["state"] == "partially_filled"


def test_the_order_rows_of_rest_count_no_fills_and_mark_their_source(rig: Any, wire: Any) -> None:
    rig.place("A1", "801", request_id="o1")
    row = wire.rest_row("A1", "801", state="filled", accFillSz="0.01")
    rig.api.reconcile_orders(json.dumps([{**row, "tradeId": "77", "fillSz": "0.01", "fillPx": "20000"}]).encode())
    ((topic, event),) = rig.events
    assert (topic, event["source"], event["state"], event["terminal"], event["id"]) == (
        "alpha.order",
        "reconcile",
        "filled",
        True,
        "o1",
    )
    assert rig.api.reconcile_fills(json.dumps([rest_fill("77"), rest_fill("77"), {}, 5]).encode()) == 4
    assert len(rig.on("alpha.fill")) == 1


@pytest.mark.parametrize(("code", "known"), [(60012, True), (60012, False)])
def test_a_request_that_okx_echoes_as_unreadable_was_not_executed(rig: Any, code: int, known: bool) -> None:
    """60012 comes as an event with the request as text (recorded); its id is found in there."""
    rig.send(rig.batch("o1", "A1", "B2"))
    okx_id = rig.frames[0]["id"].encode() if known else b"0123456789abcdef"
    assert rig.api.refused_as_unreadable(okx_id, code, rb"Illegal request: {\"id\":1}") is known
    assert [row["result"] for ack in rig.on("alpha.ack") for row in ack["data"]] == (["rejected"] * 2 if known else [])
    if known:
        assert {(row["sCode"], row["msg"]) for row in rig.rows("o1")} == {("60012", 'Illegal request: {"id":1}')}


@pytest.mark.parametrize("rows", [b"", b"{}", b"[", b"5", b'"[]"'])
def test_rows_that_are_no_array(rig: Any, rows: bytes) -> None:
    for feed in (rig.api.reconcile_orders, rig.api.reconcile_fills):
        with pytest.raises(ValueError, match="not a JSON array"):
            feed(rows)


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize(("is_found", "proof"), [(True, "order_query"), (False, "not_found")])
def test_what_rest_has_proven_of_a_row_is_told_once(rig: Any, accepted: bool, is_found: bool, proof: str) -> None:
    rig.send(rig.cancel("c1", ordId="5"))
    assert rig.api.resolve_unknown(rig.alpha, "c1", 0, accepted, is_found) is False, "it is in flight"
    rig.give_up_waiting()
    assert rig.api.resolve_unknown(rig.alpha, "c1", 1, accepted, is_found) is False, "there is no such row"
    assert rig.api.resolve_unknown(rig.alpha, "c1", 0, accepted, is_found) is True
    assert rig.api.resolve_unknown(rig.alpha, "c1", 0, accepted, is_found) is False
    told = [(body["result"], body["proof"]) for body in rig.on("alpha.ack", "resolved")]
    assert told == [("accepted" if accepted else "rejected", proof)]


def test_a_cancel_is_repeated_for_a_token(new_rig: Any) -> None:
    """A limit of one per window: the cancel itself, which OKX is known to have counted, and no other for two seconds."""
    rig = new_rig(window_ns=1)
    rig.send(rig.cancel("c1", ordId="5"))
    assert rig.api.take_cancel_token(rig.alpha, "c1", 0) is False, "it is in flight"
    rig.give_up_waiting()
    assert rig.api.take_cancel_token(rig.alpha, "c1", 0) is True
    assert rig.api.cancel_repeated(rig.alpha, "c1", 0) is True
    assert [(body["result"], body["proof"]) for body in rig.on("alpha.ack", "resolved")] == [
        ("accepted", "cancel_repeated")
    ]
    assert rig.api.take_cancel_token(rig.alpha, "c1", 0) is False, "it is resolved"
