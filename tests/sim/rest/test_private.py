"""Order and fill queries: filters, names, refusals (OKX docs, "Get order", "Get order history", "Get fills")."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sim.rest import private

SWAP = 10_459
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def names(answer: dict[str, Any]) -> list[str]:
    return [one["clOrdId"] for one in answer["data"]]


def test_an_order_by_either_id(bench: Any) -> None:
    ord_id = bench.place(clOrdId="a1")["ordId"]
    for query in ({"ordId": ord_id}, {"clOrdId": "a1"}, {"ordId": ord_id, "clOrdId": "other"}):
        assert names(bench.rest(private.order, instId="BTC-USDT", **query)) == ["a1"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"clOrdId": "a1"}, "50014"),
        ({"instId": "NO-SUCH", "clOrdId": "a1"}, "51001"),
        ({"instId": "BTC-USDT"}, "51003"),
        ({"instId": "BTC-USDT", "clOrdId": "a2"}, "51603"),
        ({"instId": "ETH-USDT", "clOrdId": "a1"}, "51603"),
    ],
)
def test_an_order_that_is_not_found(bench: Any, query: dict[str, str], code: str) -> None:
    bench.place(clOrdId="a1")
    assert bench.rest(private.order, **query)["code"] == code


def test_open_orders_are_filtered_newest_first(bench: Any) -> None:
    bench.place(clOrdId="a1")
    bench.place(clOrdId="a2", ordType="post_only")
    bench.place(clOrdId="a3", instIdCode=SWAP, tdMode="cross", px="99000", sz="1")
    assert names(bench.rest(private.orders_pending)) == ["a3", "a2", "a1"]
    assert names(bench.rest(private.orders_pending, instType="SPOT")) == ["a2", "a1"]
    assert names(bench.rest(private.orders_pending, ordType="post_only,fok")) == ["a2"]
    assert names(bench.rest(private.orders_pending, instId="BTC-USDT-SWAP")) == ["a3"]
    assert bench.rest(private.orders_pending, state="partially_filled")["data"] == []
    assert bench.rest(private.orders_pending, instType="COIN")["code"] == "51000"


@pytest.mark.parametrize(
    ("sz_filled", "hours", "history", "archive"),
    [
        ("0", 1, 1, 1),
        ("0", 3, 0, 0),  # canceled without a fill: two hours
        ("0.1", 3, 1, 1),
        ("0.1", 7 * 24 + 1, 0, 1),
        ("0.1", 90 * 24 + 1, 0, 0),
    ],
)
def test_finished_orders_are_kept_for_a_time(
    bench: Any, sz_filled: str, hours: int, history: int, archive: int
) -> None:
    if sz_filled != "0":
        bench.command("quote", inst_id="BTC-USDT", side="sell", px="100000", sz=sz_filled)
    bench.place(clOrdId="a1", ordType="ioc", px="100000", sz="0.5")
    bench.command("clock", skew_ms=hours * HOUR_MS)
    assert len(bench.rest(private.orders_history, instType="SPOT")["data"]) == history
    assert len(bench.rest(private.orders_archive, instType="SPOT")["data"]) == archive


def test_fills_by_order_and_sub_type(bench: Any) -> None:
    bench.command("quote", inst_id="BTC-USDT", side="sell", px="100000", sz="1")
    ord_id = bench.place(clOrdId="a1", px="100000", sz="0.5")["ordId"]
    assert names(bench.rest(private.fills, ordId=ord_id, subType="1")) == ["a1"]
    assert bench.rest(private.fills, subType="2")["data"] == []
    bench.command("clock", skew_ms=3 * DAY_MS + HOUR_MS)
    assert bench.rest(private.fills)["data"] == []
    assert names(bench.rest(private.fills_history, instType="SPOT")) == ["a1"]
    assert bench.rest(private.fills_history)["code"] == "50014"
