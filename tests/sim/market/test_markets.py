"""The trading state of one instrument, by numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.switches import Switches
from gateway.sim.market.listing import default_instruments
from gateway.sim.market.markets import Market
from gateway.sim.market.orders import Order

LISTED = {one.inst_id: one for one in default_instruments(1_700_000_000_000)}
ACCOUNT: Any = None  # the book does not look at accounts


@pytest.fixture
def market() -> Market:
    return Market(LISTED["BTC-USDT"], Switches())


def rest(market: Market, side: str, px: str) -> None:
    order = Order(side, ACCOUNT, market.instrument, side, "limit", "cash", Decimal(1), Decimal(px), 0)
    market.book.own_side(side).add(order)


def test_the_mark_price_is_the_middle_of_the_book_unless_it_is_commanded(market: Market) -> None:
    assert market.mark_px == market.last_px
    rest(market, "buy", "99000")
    assert market.mark_px == market.last_px
    rest(market, "sell", "99100")
    assert market.mark_px == 99050
    market.commanded_mark_px = Decimal(98000)
    assert market.mark_px == 98000


def test_the_price_of_a_dated_contract_s_index_is_that_of_its_underlying(market: Market) -> None:
    future = Market(next(one for one in LISTED.values() if one.inst_type == "FUTURES"), Switches(), market)
    market.reference_px = Decimal(97000)
    assert future.index_px == 97000


def test_prices_by_type(market: Market) -> None:
    market.record(Decimal(99500), Decimal(1), "buy", 0)
    market.reference_px, market.commanded_mark_px = Decimal(99600), Decimal(99700)
    assert [market.px(one) for one in ("last", "index", "mark")] == [99500, 99600, 99700]


def test_a_market_order_in_spot_stops_at_five_percent_from_the_best_price(market: Market) -> None:
    rest(market, "buy", "99000")
    rest(market, "sell", "100000")
    assert market.market_limit_px("buy") == 105000
    assert market.market_limit_px("sell") == 94050


def test_a_trade_counts_in_the_statistics_of_the_day(market: Market) -> None:
    opened = market.last_px
    first = market.record(Decimal(101000), Decimal("0.5"), "buy", 1)
    second = market.record(Decimal(99000), Decimal(2), "sell", 2)
    assert int(second.trade_id) == int(first.trade_id) + 1
    row = market.ticker_row(3)
    assert (row["last"], row["lastSz"], row["high24h"], row["low24h"]) == ("99000", "2", "101000", "99000")
    assert (row["vol24h"], row["volCcy24h"]) == ("2.5", "248500")  # 0.5 x 101000 + 2 x 99000
    assert Decimal(row["open24h"]) == opened
