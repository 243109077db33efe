from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.market.book import Book, resting_px
from gateway.sim.market.listing import default_instruments
from gateway.sim.market.orders import Order

BTC_USDT = default_instruments(1_700_000_000_000)[0]


def order(ord_id: str, side: str, px: str | None, sz: str) -> Order:
    account: Any = None  # the book does not look at accounts
    price = None if px is None else Decimal(px)
    return Order(ord_id, account, BTC_USDT, side, "limit", "cash", Decimal(sz), price, 0)


def test_price_goes_before_time() -> None:
    book = Book()
    for one in (order("1", "buy", "99", "1"), order("2", "buy", "100", "1"), order("3", "buy", "100.0", "2")):
        book.bids.add(one)
    first = book.bids.first()
    assert first is not None and first.ord_id == "2"
    assert book.bids.depth(5) == [(Decimal(100), Decimal(3), 2), (Decimal(99), Decimal(1), 1)]
    book.bids.remove(first)
    first = book.bids.first()
    assert first is not None and first.ord_id == "3"


def test_asks_are_best_when_low() -> None:
    book = Book()
    high, low = order("1", "sell", "102", "1"), order("2", "sell", "101", "1")
    book.asks.add(high)
    book.asks.add(low)
    assert book.asks.best_px == 101
    book.asks.reduce(low, Decimal("0.4"))
    assert book.asks.depth(1) == [(Decimal(101), Decimal("0.6"), 1)]


def test_reach_and_crossing() -> None:
    book = Book()
    book.asks.add(order("1", "sell", "101", "1"))
    assert book.would_cross("buy", Decimal(101)) and not book.would_cross("buy", Decimal("100.9"))
    assert not book.would_cross("sell", Decimal(1)) and not book.is_crossed()
    book.bids.add(order("2", "buy", "101", "1"))
    assert book.is_crossed()


def test_only_priced_orders_rest() -> None:
    with pytest.raises(ValueError, match="no price"):
        resting_px(order("1", "buy", None, "1"))
