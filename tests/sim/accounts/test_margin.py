"""The margin of orders follows positions and money; numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

UID_1 = "1000000000000001"
SPOT, SWAP = 10_001, 10_459


@pytest.fixture
def bench(modest_bench: Any) -> Any:
    return modest_bench


def test_order_margin_follows_the_position(bench: Any) -> None:
    bench.match(SWAP, "100000", "10")
    account = bench.exchange.accounts[UID_1]
    bench.place(instIdCode=SWAP, tdMode="cross", side="sell", px="110000", sz="10")
    assert account.frozen["USDT"] == 0  # it only closes
    bench.exchange.background_market.quote("BTC-USDT-SWAP", "buy", Decimal(100_000), Decimal(6))
    bench.place(instIdCode=SWAP, tdMode="cross", side="sell", px="100000", sz="6", reduceOnly=True)
    # Six of ten would open a short now: 6 x 1,100 x (0.1 + 0.0005).
    assert account.frozen["USDT"] == Decimal("663.3")


def test_the_closing_size_passes_to_the_next_order(bench: Any) -> None:
    bench.match(SWAP, "100000", "10")
    frozen = bench.exchange.accounts[UID_1].frozen
    first, second = (
        bench.place(instIdCode=SWAP, tdMode="cross", side="sell", px="110000", sz="10")["ordId"] for _ in range(2)
    )
    assert frozen["USDT"] == Decimal("1105.5")  # the second would open a short: 11,000 x (0.1 + 0.0005)
    bench.run("cancel-order", {"instIdCode": SWAP, "ordId": first})
    assert frozen["USDT"] == 0
    bench.run("cancel-order", {"instIdCode": SWAP, "ordId": second})


def test_orders_on_money_that_was_lost_are_cancelled(bench: Any) -> None:
    bench.match(SWAP, "100000", "50")
    bench.place(instIdCode=SPOT, px="49000", sz="0.1")  # holds 4,900 of the 4,975 that are left
    assert bench.states()[-1] == "live"
    bench.exchange.background_market.quote("BTC-USDT-SWAP", "buy", Decimal(82_000), Decimal(50))
    bench.exchange.markets["BTC-USDT-SWAP"].commanded_mark_px = Decimal(100_000)
    bench.place(instIdCode=SWAP, tdMode="cross", side="sell", px="82000", sz="50", reduceOnly=True)
    assert (bench.pushes[UID_1][-1]["instId"], bench.pushes[UID_1][-1]["cancelSource"]) == ("BTC-USDT", "3")
    assert bench.cash("USDT") > 0 and bench.available("USDT") == bench.cash("USDT")
