"""Days of market leave as many objects behind as the first ones did."""

from __future__ import annotations

import gc
from collections import Counter
from typing import Any

import pytest

from gateway.sim.accounts import accounts, bills, finished_orders
from gateway.sim.market import candles, markets
from gateway.sim.market.algo_orders import AlgoOrder
from gateway.sim.market.candles import Candle
from gateway.sim.market.markets import Trade
from gateway.sim.market.orders import Fill, Order

DAY_MS = 24 * 3_600_000
DAYS = 3
ACTIONS_A_DAY = 700
LEVELS = 2
# Small ones in place of the real limits, which only days of real time would reach.
LEDGER, BACKGROUND, RECORDS, BILLS, ORDERS, TRADES, MINUTES = 500, 50, 60, 70, 40, 20, 60
UID_1 = "1000000000000001"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "BACKGROUND_KEPT", BACKGROUND)
    monkeypatch.setattr(accounts, "RECORDS_KEPT", RECORDS)
    monkeypatch.setattr(accounts, "ORDERS_KEPT", ORDERS)
    monkeypatch.setattr(bills, "BILLS_KEPT", BILLS)
    monkeypatch.setattr(markets, "TRADES_KEPT", TRADES)
    monkeypatch.setattr(candles, "KEPT_MINUTES", MINUTES)


def day(bench: Any) -> None:
    """A day of the other participants and of a user who trades with them, in steps of the exchange's clock."""
    exchange = bench.exchange
    for number in range(ACTIONS_A_DAY):
        exchange.clock.skew_ms += DAY_MS // ACTIONS_A_DAY
        exchange.background_market.act(LEVELS)
        exchange.timetable.run_due()
        if number % 20 == 0:
            bench.place(px="99000" if number % 40 else "101000", ordType="ioc", sz="0.001")
        for _, run in drained(bench.timers):
            run()


def drained(timers: list[Any]) -> list[Any]:
    due = timers[:]
    timers.clear()
    return due


def kept() -> Counter[type]:
    gc.collect()
    return Counter(type(one) for one in gc.get_objects() if type(one) in (Order, Fill, Trade, Candle, AlgoOrder))


def test_days_of_market_keep_no_more_objects_than_the_limits_allow(small: None, new_bench: Any) -> None:
    before = kept()
    bench = new_bench(ledger_limit=LEDGER)
    exchange = bench.exchange
    exchange.background_market.open(LEVELS)
    for _ in range(DAYS):
        day(bench)
        bench.pushes[UID_1].clear()
        found = kept() - before
        books = len(exchange.markets)
        others = 3  # accounts of other participants
        live = sum(len(one.live) for one in exchange.everyone())
        quoted = books * 4 * LEVELS  # the quotes that the background market looks after, ended or not
        fills = others * BACKGROUND + 2 * RECORDS + BILLS
        assert found[Fill] <= fills
        assert found[Order] <= live + quoted + fills + 2 * (others * BACKGROUND + 2 * ORDERS)
        assert found[Trade] <= books * TRADES
        assert found[Candle] <= (2 * books + len(exchange.history._index)) * MINUTES
        assert exchange.ledger.in_memory == LEDGER < exchange.ledger.count
    assert exchange.accounts[UID_1].fills and exchange.everyone()[-2].fills


def test_a_user_is_served_two_hours_of_cancelled_orders(new_bench: Any) -> None:
    bench = new_bench()
    account = bench.exchange.accounts[UID_1]
    for _ in range(30):
        bench.run("cancel-order", {"instIdCode": 10_001, "ordId": bench.place()["ordId"]})
        bench.exchange.clock.skew_ms += 610_000
    assert len(account.unfilled) == len(account.orders) == 12  # one each 610 seconds
    assert finished_orders.UNFILLED_CANCELED_KEPT_MS == 2 * 3_600_000
