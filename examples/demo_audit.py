"""Pure. Compares the events published to a strategy with the exchange's own records, and sums up."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

PLACES = ("order", "batch-orders")
STAGES = (
    ("strategy > gateway", "client_sent_ns", "recv_ns"),
    ("in the gateway", "recv_ns", "sent_ns"),
    ("OKX and the way there and back", "sent_ns", "venue_ns"),
    ("OKX's answer > published", "venue_ns", "pub_ns"),
    ("published > strategy", "pub_ns", "client_recv_ns"),
    ("round trip", "client_sent_ns", "client_recv_ns"),
)
PERCENTILES = (50, 90, 99, 100)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `found` names the faults, "" if there is none."""

    check: str
    found: str


def audit(
    report: Json, fills: list[Json], orders: list[Json], requests: list[Json], limits: list[Json]
) -> list[Finding]:
    """Check a strategy's `report` against the exchange's own records of the same account.

    `fills`, `orders` (one record per change, oldest first) and `requests` are rows of its ledger, `limits` its peaks.
    """
    return [
        Finding("every row has its result", _rows_without_result(report)),
        Finding("only the intended requests were refused", _unexpected_results(report)),
        Finding("every accepted order came to exactly one end", _orders_without_end(report)),
        Finding("the strategy traded as maker and as taker", _one_sided(report)),
        Finding(
            "every fill of the exchange arrived, once, as it was", _difference(_published_fills(report), _fills(fills))
        ),
        Finding("every order ended as the exchange says", _difference(_published_ends(report), _ends(orders))),
        Finding("the fills of each order add up to its size filled", _sums(report)),
        Finding("the exchange saw each order that left the gateway once", _seen(report, requests)),
        Finding("the exchange's rate limits were kept", _exceeded(limits)),
        Finding("no event was lost, no session, no repeat", "; ".join(report["troubles"])),
    ]


def latency_table(latencies: list[Json]) -> list[tuple[str, list[float]]]:
    """Return per stage the `PERCENTILES` in microseconds (nearest rank)."""
    return [
        (name, percentiles([(latency[end] - latency[start]) / 1_000 for latency in latencies]))
        for name, start, end in STAGES
    ]


def percentiles(values: list[float]) -> list[float]:
    """Return the `PERCENTILES` of `values` by nearest rank; none of no values."""
    ranked = sorted(values)
    return [ranked[max(0, -(-percent * len(ranked) // 100) - 1)] for percent in PERCENTILES] if ranked else []


def _rows_without_result(report: Json) -> str:
    return _listed(_row_name(row) for row in report["rows"] if row["result"] not in ("accepted", "rejected"))


def _unexpected_results(report: Json) -> str:
    return _listed(
        f"{_row_name(row)} {row['reason']}{row['s_code']}"
        for row in report["rows"]
        if row["result"] == "rejected" and not row["may_fail"]
    )


def _orders_without_end(report: Json) -> str:
    accepted = {row["ord_id"] for row in report["rows"] if row["op"] in PLACES and row["result"] == "accepted"}
    ends = {order["ord_id"]: order["terminal_events"] for order in report["orders"]}
    return _listed(
        f"{ord_id}: {ends.get(ord_id, 0)} ends" for ord_id in sorted(accepted | ends.keys()) if ends.get(ord_id) != 1
    )


def _one_sided(report: Json) -> str:
    liquidity = {fill["exec_type"] for fill in report["fills"]}
    return _listed(name for kind, name in (("M", "no maker fill"), ("T", "no taker fill")) if kind not in liquidity)


def _published_fills(report: Json) -> Counter[tuple[str, ...]]:
    keys = ("inst_id", "ord_id", "trade_id", "side", "fill_px", "fill_sz", "exec_type", "fill_fee", "fill_fee_ccy")
    return Counter(tuple(fill[key] for key in keys) for fill in report["fills"])


def _fills(fills: list[Json]) -> Counter[tuple[str, ...]]:
    keys = ("inst_id", "ord_id", "trade_id", "side", "px", "sz", "exec_type", "fee", "fee_ccy")
    return Counter(tuple(fill[key] for key in keys) for fill in fills)


def _published_ends(report: Json) -> Counter[tuple[str, ...]]:
    return Counter((order["ord_id"], order["state"], order["acc_fill_sz"]) for order in report["orders"])


def _ends(orders: list[Json]) -> Counter[tuple[str, ...]]:
    last = {order["ord_id"]: order for order in orders}
    return Counter((order["ord_id"], order["state"], order["acc_fill_sz"]) for order in last.values())


def _sums(report: Json) -> str:
    sums: dict[str, Decimal] = {}
    for fill in report["fills"]:
        sums[fill["ord_id"]] = sums.get(fill["ord_id"], Decimal(0)) + Decimal(fill["fill_sz"])
    return _listed(
        f"{order['ord_id']}: fills {sums.get(order['ord_id'], 0)}, accFillSz {order['acc_fill_sz']}"
        for order in report["orders"]
        if sums.get(order["ord_id"], Decimal(0)) != Decimal(order["acc_fill_sz"])
    )


def _seen(report: Json, requests: list[Json]) -> str:
    left = sum(row["op"] in PLACES and row["origin"] != "gateway" for row in report["rows"])
    seen = sum(len(request["args"]) for request in requests if request["op"] in PLACES)
    return "" if left == seen else f"{left} orders left, {seen} were seen"


def _exceeded(limits: list[Json]) -> str:
    return _listed(
        f"{peak['op']} {peak['inst']}: {max(peak['sliding'], peak['fixed'])} of {peak['limit']}"
        for peak in limits
        if max(peak["sliding"], peak["fixed"]) > peak["limit"]
    )


def _difference(published: Counter[tuple[str, ...]], known: Counter[tuple[str, ...]]) -> str:
    missing = [f"not published: {' '.join(one)}" for one in (known - published).elements()]
    invented = [f"published but wrong: {' '.join(one)}" for one in (published - known).elements()]
    return _listed(missing + invented)


def _row_name(row: Json) -> str:
    return f"{row['op']} {row['id']} row {row['row']}"


def _listed(findings: Iterable[str]) -> str:
    return "; ".join(findings)
