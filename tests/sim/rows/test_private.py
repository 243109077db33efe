"""Greeks of the account, and of the option summary."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.rows.market import option_summary_row
from gateway.sim.rows.private import greeks_row

UID_1, UID_2 = "1000000000000001", "1000000000000002"


@pytest.fixture
def bench(modest_bench: Any) -> Any:
    return modest_bench


def test_greeks_of_the_summary_and_of_the_account(bench: Any) -> None:
    """As above: 20 % a year at the money, so delta 0.5398, vega 396.95 dollars by point on one coin at 100,000."""
    bench.match(320_001, "0.05", "10")  # 0.1 BTC of face
    exchange = bench.exchange
    option, now_ms = exchange.instruments.by_inst_id_code[320_001], exchange.clock.now_ms()
    option.exp_time = str(now_ms + 365 * 86_400_000)
    market = exchange.markets[option.inst_id]
    market.commanded_mark_px = Decimal("0.079656")
    row = option_summary_row(market, now_ms)
    wanted = {
        "markVol": 0.2,
        "deltaBS": 0.5398,
        "delta": 0.4602,
        "vegaBS": 396.95,
        "vega": 0.0039695,
        "thetaBS": -10.875,
    }
    for name, value in wanted.items():
        assert abs(float(row[name]) / value - 1) < 1e-3, name
    assert (row["bidVol"], row["askVol"]) == ("", "")
    for uid, sign in ((UID_1, 1), (UID_2, -1)):
        account = exchange.accounts[uid]
        greeks = greeks_row(account, "BTC", exchange.markets, now_ms)
        cash = float(account.cash["BTC"])
        assert abs(float(greeks["deltaBS"]) - cash - sign * 0.05398) < 1e-4
        assert abs(float(greeks["deltaPA"]) - cash - sign * 0.04602) < 1e-4
        assert abs(float(greeks["vegaBS"]) - sign * 39.695) < 0.01
        assert abs(float(greeks["thetaBS"]) + sign * 1.0875) < 1e-3
