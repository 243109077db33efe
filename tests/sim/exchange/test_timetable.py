"""The clock makes funding, interest and expiry fall due."""

from __future__ import annotations

from typing import Any

import pytest

SWAP = 10_459
HOUR_MS = 3_600_000


@pytest.fixture
def bench(modest_bench: Any) -> Any:
    return modest_bench


def dated(bench: Any, start: str) -> str:
    return next(one for one in bench.exchange.markets if one.startswith(start) and one != "BTC-USDT-SWAP")


def test_the_clock_fires_funding_and_interest(bench: Any) -> None:
    bench.match(SWAP, "100000", "20")
    cash = bench.cash("USDT")
    clock = bench.exchange.clock
    to_boundary = 8 * HOUR_MS - clock.now_ms() % (8 * HOUR_MS)
    clock.skew_ms += to_boundary + 1
    bench.exchange.timetable.run_due()
    assert bench.cash("USDT") == cash - 2  # 20,000 x 0.0001
    bench.exchange.timetable.run_due()
    assert bench.cash("USDT") == cash - 2
    clock.skew_ms += 24 * HOUR_MS  # three periods at once
    bench.exchange.timetable.run_due()
    assert bench.cash("USDT") == cash - 8


def test_expiry_comes_by_the_clock(bench: Any) -> None:
    inst_id = dated(bench, "BTC-USDT-")
    expires = int(bench.exchange.markets[inst_id].instrument.exp_time)
    bench.exchange.clock.skew_ms += expires - bench.exchange.clock.now_ms() + 1_000
    bench.exchange.timetable.run_due()
    states = {one.instrument.state for one in bench.exchange.markets.values() if one.instrument.exp_time}
    assert states == {"expired"}
