"""Public data by name, by hand (OKX docs, "Get open interest", "Get index tickers", "Get funding rate")."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

SWAP = 10_459


def test_open_interest_counts_each_contract_once(bench: Any) -> None:
    data, market = bench.exchange.market_data, bench.exchange.markets["BTC-USDT-SWAP"]
    assert data.open_interest(market, 5)["oi"] == "0"
    bench.match(SWAP, "100000", "7")
    row = data.open_interest(market, 5)
    assert (row["oi"], row["oiCcy"], row["ts"]) == ("7", "0.07", "5")


def test_the_index_of_a_pair_and_of_contracts_without_one(bench: Any) -> None:
    data = bench.exchange.market_data
    bench.exchange.markets["BTC-USDT"].reference_px = Decimal(99000)
    assert data.index_px("BTC-USDT") == 99000
    bench.exchange.markets["BTC-USD-SWAP"].reference_px = Decimal(98000)
    assert data.index_px("BTC-USD") == 98000


def test_only_contracts_in_their_last_hour_have_an_estimated_price(bench: Any) -> None:
    future = next(one for one in bench.exchange.instruments if one.inst_type == "FUTURES")
    end_ms = int(future.exp_time)
    rows = [
        len(bench.exchange.market_data.estimated_prices([future], now_ms))
        for now_ms in (end_ms - 3_600_001, end_ms - 3_600_000, end_ms, end_ms + 1)
    ]
    assert rows == [0, 1, 1, 0]


@pytest.mark.parametrize("rate", ["0.0005", "-0.0002"])
def test_the_settled_rate_follows_the_announced_one(bench: Any, rate: str) -> None:
    bench.command("pay_funding", inst_id="BTC-USDT-SWAP", rate=rate)
    row = bench.exchange.market_data.funding_rate(bench.exchange.markets["BTC-USDT-SWAP"], 5)
    assert (row["fundingRate"], row["settFundingRate"]) == ("0.0001", rate)
