"""The exchange as one object: its accounts, prices and ordinals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def test_users_and_the_other_participants_have_accounts(bench: Any) -> None:
    exchange = bench.exchange
    assert list(exchange.accounts) == ["1000000000000001", "1000000000000002"]
    others = [one.uid for one in exchange.everyone() if one.uid not in exchange.accounts]
    assert others == ["background-quoter", "background-taker", "background-liquidator"]
    assert all(exchange.all_accounts[uid].unlimited for uid in others)


def test_the_price_of_a_currency_in_dollars(bench: Any) -> None:
    bench.touch("98000", "BTC-USDT")
    assert [bench.exchange.usd_px(ccy) for ccy in ("USDT", "BTC", "NONE")] == [1, 98000, 0]


def test_an_order_meets_the_other_side_of_the_book(bench: Any) -> None:
    instrument = bench.exchange.instruments.by_inst_id["BTC-USDT"]
    assert bench.exchange.best_px(instrument, "buy") is None
    bench.command("quote", inst_id="BTC-USDT", side="sell", px="100100", sz="1")
    assert bench.exchange.best_px(instrument, "buy") == Decimal(100100)


def test_ordinals_count_by_account_and_scope(bench: Any) -> None:
    count = bench.exchange.next_ordinal
    assert [count("u1", "private"), count("u1", "private"), count("u2", "private"), count("u1", "rest")] == [1, 2, 1, 1]
