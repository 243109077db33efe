"""The background market: the same seed gives the same actions, the books stay sane, users get fills."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

UID_1 = "1000000000000001"


def play(bench: Any, actions: int) -> list[tuple[str, str, Decimal, Decimal]]:
    background_market = bench.exchange.background_market
    background_market.open(5)
    for _ in range(actions):
        background_market.act(5)
    return [
        (inst_id, trade.side, trade.px, trade.sz)
        for inst_id, market in bench.exchange.markets.items()
        for trade in market.trades
    ]


def test_the_seed_decides(new_bench: Any) -> None:
    first, second, third = (play(new_bench(market_seed=seed), 400) for seed in (1, 1, 2))
    assert first == second != third
    assert len(first) > 50


def test_books_stay_sane_and_bounded(bench: Any) -> None:
    play(bench, 3_000)
    for market in bench.exchange.markets.values():
        assert not market.book.is_crossed()
        if market.instrument.state != "live":
            assert not market.book.bids.prices and not market.book.asks.prices
            continue
        assert market.book.bids.best_px is not None and market.book.asks.best_px is not None
        assert len(market.book.bids.prices) + len(market.book.asks.prices) <= 20


def test_resting_orders_of_users_are_filled_in_parts(bench: Any) -> None:
    bench.exchange.background_market.open(5)
    bench.place(px="100000", sz="0.2")
    for _ in range(3_000):
        bench.exchange.background_market.act(5)
        if bench.states()[-1] == "filled":
            break
    states = bench.states()
    assert states[0] == "live" and states[-1] == "filled"
    assert "partially_filled" in states


def test_a_suspended_instrument_is_left_alone(bench: Any) -> None:
    bench.exchange.instruments.by_inst_id["BTC-USDT"].state = "suspend"
    assert all(trade[0] != "BTC-USDT" for trade in play(bench, 300))


@pytest.mark.asyncio
async def test_a_market_at_a_rate(start: Any) -> None:
    world = await start(market_rate=50)
    client = await world.connect("public")
    await client.subscribe({"channel": "trades", "instId": "BTC-USDT"}, {"channel": "bbo-tbt", "instId": "BTC-USDT"})
    assert len(await client.pushed(2, "trades")) >= 2
    assert len(await client.pushed(2, "bbo-tbt")) >= 2
