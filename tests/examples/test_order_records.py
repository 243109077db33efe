"""The bookkeeping of the sample strategy."""

from typing import Any

from order_records import OrderRecords

from gateway.client import Ack, Fill, Gap, OrderEvent, Receipt, Resolved, RowResult, Stamps

STAMPS = Stamps(11, 12, 13, 14)


def ack(request_id: str, *results: str, gw: Stamps = STAMPS) -> Ack:
    rows = tuple(
        RowResult(row, result, "okx", "", "", "", f"{request_id}{row}" if result == "accepted" else "", "0")
        for row, result in enumerate(results)
    )
    return Ack("alpha.ack", "s1", 1, gw, {}, request_id, "order", "0", "", rows)


def fill(ord_id: str, trade_id: str) -> Fill:
    return Fill(
        "alpha.fill",
        "s1",
        2,
        Stamps(),
        {"secret": 1},
        "stream",
        "o",
        0,
        "BTC-USDT",
        ord_id,
        "9",
        trade_id,
        "buy",
        "",
        "20000",
        "0.01",
        "1",
        "-1",
        "BTC",
        "M",
        "0.01",
    )


def order(ord_id: str, state: str, terminal: bool) -> OrderEvent:
    head: Any = ("alpha.order", "s1", 3, Stamps(), {}, "stream", "o", 0, "BTC-USDT", ord_id, "9")
    return OrderEvent(*head, state, "0.01", terminal, "", {})


def test_row_waits_until_its_result_is_proven() -> None:
    records = OrderRecords()
    records.sent("o", "order", 2, 10)
    assert [row.row for row in records.waiting_rows()] == [0, 1]
    records.on(ack("o", "accepted", "unknown"), 15)
    assert [row.row for row in records.waiting_rows()] == [1]
    records.on(Resolved("alpha.ack", "s1", 2, Stamps(), {}, "o", "order", 1, "rejected", "late_ack", "9", ""), 16)
    assert records.waiting_rows() == []
    assert records.troubles == []


def test_accepted_order_is_open_until_its_end() -> None:
    records = OrderRecords()
    records.sent("o", "order", 1, 10)
    records.on(ack("o", "accepted"), 15)
    assert (records.open_orders(), records.ord_id("o")) == (["o0"], "o0")
    records.on(order("o0", "live", False), 16)
    assert records.open_orders() == ["o0"]
    records.on(order("o0", "filled", True), 17)
    assert records.open_orders() == []


def test_accepted_cancel_is_no_order() -> None:
    records = OrderRecords()
    records.sent("c", "cancel", 1, 10)
    records.on(ack("c", "accepted"), 15)
    assert records.orders == {}


def test_latency_of_an_acked_request() -> None:
    records = OrderRecords()
    records.sent("o", "order", 1, 10)
    records.on(ack("o", "accepted"), 15)
    records.on(ack("of another", "accepted"), 15)
    records.sent("r", "order", 1, 10)
    records.on(ack("r", "rejected", gw=Stamps(11, None, None, 14)), 15)
    (latency,) = records.latencies
    stamps = (latency.client_sent_ns, latency.recv_ns, latency.sent_ns, latency.venue_ns, latency.pub_ns)
    assert (*stamps, latency.client_recv_ns) == (10, 11, 12, 13, 14, 15)


def test_protocol_violations_are_noted() -> None:
    records = OrderRecords()
    records.sent("o", "order", 1, 10)
    for item in (ack("o", "accepted"), ack("o", "rejected"), fill("o0", "7"), fill("o0", "7"), fill("o0", "8")):
        records.on(item, 15)
    for item in (order("o0", "filled", True), order("o0", "live", False), Gap("alpha", "s1", 1, 2, "gone")):
        records.on(item, 15)
    records.on(Receipt("o", "order", ("9",)), 15)
    second, filled_twice, went_on, gap = records.troubles
    assert second.startswith("second result for o row 0")
    assert filled_twice.startswith("fill published twice")
    assert went_on.startswith("order o0 went on after its end")
    assert gap.startswith("Gap(")
    assert len(records.fills) == 2


def test_report_is_plain() -> None:
    records = OrderRecords()
    records.sent("o", "order", 1, 10, may_fail=True)
    records.on(ack("o", "accepted"), 15)
    records.on(fill("o0", "7"), 15)
    report = records.report()
    assert report["rows"] == [
        {
            "id": "o",
            "row": 0,
            "op": "order",
            "may_fail": True,
            "result": "accepted",
            "origin": "okx",
            "reason": "",
            "s_code": "0",
            "ord_id": "o0",
        }
    ]
    assert report["fills"][0]["trade_id"] == "7"
    assert "raw" not in report["fills"][0]
    assert report["orders"][0]["ord_id"] == "o0"
