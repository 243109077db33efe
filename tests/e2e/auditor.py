"""Compares published events with the exchange's own ledger."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.e2e.processes import UID, Exchange
from tests.e2e.strategy import PATIENCE_S, Json, Strategy

ENDED = frozenset({"filled", "canceled", "mmp_canceled"})
PLACE_OPS = frozenset({"order", "batch-orders"})
TIMED_OPS = frozenset({"order", "batch-orders", "amend-order", "batch-amend-orders"})


def audit(exchange: Exchange, strategies: Sequence[Strategy]) -> None:
    """Every order's end and every fill is published once, and nothing else is."""
    settle(exchange, strategies)
    published = [(topic, event) for strategy in strategies for topic, event in strategy.events]
    check_orders(exchange, [event for topic, event in published if topic.endswith(".order")])
    check_fills(exchange, [event for topic, event in published if topic.endswith(".fill")])
    check_placements(exchange, [event for topic, event in published if topic.endswith(".ack")])
    check_frames(exchange)


def settle(exchange: Exchange, strategies: Sequence[Strategy]) -> None:
    """Waits for events in flight: an ack can come long before its order's push."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for strategy in strategies:
            strategy.pump(20)
        published = {
            (event["ordId"], event["state"], Decimal(event["accFillSz"]))
            for strategy in strategies
            for topic, event in strategy.events
            if topic.endswith(".order")
        }
        fills = sum(topic.endswith(".fill") for strategy in strategies for topic, _ in strategy.events)
        orders = [one for one in exchange.ledger("order") if one["uid"] == UID]
        last = {one["ord_id"]: (one["ord_id"], one["state"], Decimal(one["acc_fill_sz"])) for one in orders}
        if published.issuperset(last.values()) and fills >= sum(one["uid"] == UID for one in exchange.ledger("fill")):
            return


def check_orders(exchange: Exchange, events: list[Json]) -> None:
    truth = {one["ord_id"]: one for one in exchange.ledger("order") if one["uid"] == UID}
    last = {event["ordId"]: event for event in events}
    assert last.keys() == truth.keys()
    for ord_id, record in truth.items():
        event = last[ord_id]
        assert (event["state"], event["clOrdId"]) == (record["state"], record["cl_ord_id"])
        assert Decimal(event["accFillSz"]) == Decimal(record["acc_fill_sz"])
        assert event["terminal"] == (record["state"] in ENDED)
    ends = Counter(event["ordId"] for event in events if event["terminal"])
    assert ends == Counter(ord_id for ord_id, record in truth.items() if record["state"] in ENDED)


def check_fills(exchange: Exchange, events: list[Json]) -> None:
    def of_ledger(one: dict[str, Any]) -> tuple[Any, ...]:
        numbers = (Decimal(one["px"]), Decimal(one["sz"]), Decimal(one["fee"]))
        return one["inst_id"], one["ord_id"], one["trade_id"], one["side"], one["exec_type"], *numbers

    def of_event(one: Json) -> tuple[Any, ...]:
        numbers = (Decimal(one["fillPx"]), Decimal(one["fillSz"]), Decimal(one["fillFee"]))
        return one["instId"], one["ordId"], one["tradeId"], one["side"], one["execType"], *numbers

    truth = Counter(of_ledger(one) for one in exchange.ledger("fill") if one["uid"] == UID)
    assert Counter(of_event(one) for one in events) == truth


def check_placements(exchange: Exchange, acks: list[Json]) -> None:
    """The placements that OKX accepted from the gateway are those published as accepted, at once or after a proof.

    Its orders have a `clOrdId`; external orders, placed by REST, have none. No request placed a stop's own order.
    """
    rest = [row for one in exchange.ledger("request") if one["transport"] != "ws" for row in one["rows"]]
    elsewhere = {row["ordId"] for row in rest if not row.get("clOrdId")}
    by_algos = {ord_id for one in exchange.ledger("algo") for ord_id in one["ordIdList"]}
    truth = {one["ord_id"] for one in exchange.ledger("order") if one["uid"] == UID} - elsewhere - by_algos
    rows = [row for ack in acks if ack["op"] in PLACE_OPS and ack["event"] == "ack" for row in ack["data"]]
    rows += [ack for ack in acks if ack["op"] in PLACE_OPS and ack["event"] == "resolved"]
    accepted = [row["ordId"] for row in rows if row["result"] == "accepted"]
    assert len(accepted) == len(set(accepted))
    assert set(accepted) == truth


def check_frames(exchange: Exchange) -> None:
    """Checks the gateway's requests: `expTime` only where OKX takes it, no `gw`, instruments by their codes."""
    for request in exchange.ledger("request"):
        if request["transport"] != "ws":
            continue
        assert (request["exp_time"] is not None) == (request["op"] in TIMED_OPS), request
        assert 1 <= len(request["id"]) <= 32 and request["id"].isalnum()
        for row in request["args"]:
            assert "gw" not in row and "instId" not in row, request
            assert request["op"] == "mass-cancel" or isinstance(row["instIdCode"], int)
