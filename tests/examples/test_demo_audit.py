"""The demo's audit names each kind of fault, made by hand."""

import copy
from typing import Any

import pytest
from demo_audit import audit, latency_table, percentiles

ROW = {
    "id": "o",
    "row": 0,
    "op": "order",
    "may_fail": False,
    "result": "accepted",
    "origin": "okx",
    "reason": "",
    "s_code": "0",
    "ord_id": "1",
}
REFUSED = {**ROW, "id": "r", "may_fail": True, "result": "rejected", "origin": "gateway", "reason": "x", "ord_id": ""}
REPORT: dict[str, Any] = {
    "rows": [ROW, REFUSED],
    "orders": [{"ord_id": "1", "state": "filled", "acc_fill_sz": "0.3", "terminal_events": 1}],
    "fills": [
        {
            "inst_id": "BTC-USDT",
            "ord_id": "1",
            "trade_id": trade_id,
            "side": "buy",
            "fill_px": "5",
            "fill_sz": sz,
            "exec_type": exec_type,
            "fill_fee": "-1",
            "fill_fee_ccy": "BTC",
        }
        for trade_id, sz, exec_type in (("7", "0.1", "M"), ("8", "0.2", "T"))
    ],
    "latencies": [],
    "troubles": [],
}
FILLS = [
    {
        "inst_id": "BTC-USDT",
        "ord_id": "1",
        "trade_id": trade_id,
        "side": "buy",
        "px": "5",
        "sz": sz,
        "exec_type": exec_type,
        "fee": "-1",
        "fee_ccy": "BTC",
    }
    for trade_id, sz, exec_type in (("7", "0.1", "M"), ("8", "0.2", "T"))
]
ORDERS = [
    {"ord_id": "1", "state": "live", "acc_fill_sz": "0"},
    {"ord_id": "1", "state": "filled", "acc_fill_sz": "0.3"},
]
REQUESTS = [{"op": "order", "args": [{}]}, {"op": "cancel-order", "args": [{}]}]
LIMITS = [{"op": "order", "inst": "BTC-USDT", "limit": 60, "sliding": 60, "fixed": 60}]


def faults(report: Any = REPORT, **exchange: Any) -> list[str]:
    records = {"fills": FILLS, "orders": ORDERS, "requests": REQUESTS, "limits": LIMITS, **exchange}
    return [f"{finding.check}: {finding.found}" for finding in audit(report, **records) if finding.found]


def changed(path: str, value: Any) -> dict[str, Any]:
    """The report with one value changed, by a path as `rows.0.result`."""
    report = copy.deepcopy(REPORT)
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place: Any = report
    for step in way:
        place = place[step]
    place[last] = value
    return report


def test_a_correct_report_has_no_finding() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("report", "found"),
    [
        (changed("rows.0.result", "unknown"), "every row has its result: order o row 0"),
        (changed("rows.0.result", ""), "every row has its result: order o row 0"),
        (changed("rows.1.may_fail", False), "only the intended requests were refused: order r row 0 x0"),
        (changed("orders.0.terminal_events", 0), "every accepted order came to exactly one end: 1: 0 ends"),
        (changed("orders.0.terminal_events", 2), "every accepted order came to exactly one end: 1: 2 ends"),
        (changed("orders", []), "every accepted order came to exactly one end: 1: 0 ends"),
        (changed("orders.0.state", "canceled"), "every order ended as the exchange says: not published: 1 filled 0.3"),
        (changed("orders.0.acc_fill_sz", "0.4"), "the fills of each order add up to its size filled: 1: fills 0.3"),
        (
            changed("fills.0.fill_px", "6"),
            "every fill of the exchange arrived, once, as it was: not published: BTC-USDT 1 7",
        ),
        (changed("fills", []), "every fill of the exchange arrived, once, as it was: not published: BTC-USDT 1 7"),
        (changed("fills", [REPORT["fills"][0]] * 2), "every fill of the exchange arrived, once"),
        (changed("rows.1.origin", "okx"), "the exchange saw each order that left the gateway once: 2 orders left, 1"),
        (
            changed("fills.0.exec_type", "T"),
            "the strategy traded as maker and as taker: no",
        ),
        (changed("troubles", ["Gap()"]), "no event was lost, no session, no repeat: Gap()"),
    ],
)
def test_faults_of_the_gateway(report: Any, found: str) -> None:
    assert any(fault.startswith(found) for fault in faults(report)), faults(report)


@pytest.mark.parametrize(
    ("exchange", "found"),
    [
        (
            {"fills": FILLS[:1]},
            "every fill of the exchange arrived, once, as it was: published but wrong: BTC-USDT 1 8",
        ),
        ({"orders": ORDERS[:1]}, "every order ended as the exchange says: not published: 1 live 0"),
        (
            {"orders": [*ORDERS, {**ORDERS[0], "ord_id": "2"}]},
            "every order ended as the exchange says: not published: 2 live",
        ),
        ({"requests": REQUESTS * 2}, "the exchange saw each order that left the gateway once: 1 orders left, 2 were"),
        ({"limits": [{**LIMITS[0], "sliding": 61}]}, "the exchange's rate limits were kept: order BTC-USDT: 61 of 60"),
        ({"limits": [{**LIMITS[0], "fixed": 61}]}, "the exchange's rate limits were kept: order BTC-USDT: 61 of 60"),
    ],
)
def test_faults_seen_at_the_exchange(exchange: Any, found: str) -> None:
    assert any(fault.startswith(found) for fault in faults(**exchange)), faults(**exchange)


def test_percentiles_are_values_that_occurred() -> None:
    assert percentiles([float(value) for value in range(100, 0, -1)]) == [50, 90, 99, 100]
    assert percentiles([3.0]) == [3, 3, 3, 3]
    assert percentiles([1.0, 2.0]) == [1, 2, 2, 2]
    assert percentiles([]) == []


def test_stages_in_microseconds() -> None:
    latency = {
        "client_sent_ns": 0,
        "recv_ns": 1_000,
        "sent_ns": 3_000,
        "venue_ns": 103_000,
        "pub_ns": 107_000,
        "client_recv_ns": 115_500,
    }
    assert [values[0] for _, values in latency_table([latency])] == [1, 2, 100, 4, 8.5, 115.5]
