"""Candlesticks by hand (OKX docs, "Get candlesticks")."""

from __future__ import annotations

from decimal import Decimal

from gateway.sim.market.candles import Candles, PriceCandles
from gateway.sim.market.listing import default_instruments
from gateway.sim.market.markets import Trade

LISTED = {one.inst_id: one for one in default_instruments(1_700_000_000_000)}
MINUTE_MS = 60_000
MIDNIGHT_MS = 1_700_006_400_000  # 2023-11-15 00:00 UTC


def trade(px: str, sz: str, time_ms: int) -> Trade:
    return Trade("1", Decimal(px), Decimal(sz), "buy", time_ms)


def rows(candles: Candles, bar: str, now_ms: int) -> list[list[str]]:
    return [one.row(candles.length_ms(bar), now_ms) for one in candles.bars(bar, now_ms)]


def test_trades_of_a_minute_and_an_empty_minute() -> None:
    candles = Candles(LISTED["BTC-USDT"], Decimal(100), MIDNIGHT_MS)
    for one in (trade("101", "1", MIDNIGHT_MS + 1), trade("99", "2", MIDNIGHT_MS + 2), trade("100", "1", MIDNIGHT_MS)):
        candles.add(one)
    now_ms = MIDNIGHT_MS + MINUTE_MS
    first, second = rows(candles, "1m", now_ms)
    assert first == [str(MIDNIGHT_MS), "101", "101", "99", "100", "4", "4", "399", "1"]
    assert second == [str(now_ms), "100", "100", "100", "100", "0", "0", "0", "0"]


def test_minutes_are_joined_to_longer_bars() -> None:
    candles = Candles(LISTED["BTC-USDT"], Decimal(100), MIDNIGHT_MS)
    candles.add(trade("101", "1", MIDNIGHT_MS))
    candles.add(trade("98", "1", MIDNIGHT_MS + 2 * MINUTE_MS))
    now_ms = MIDNIGHT_MS + 3 * MINUTE_MS
    first, second = rows(candles, "3m", now_ms)
    assert first == [str(MIDNIGHT_MS), "101", "101", "98", "98", "2", "2", "199", "1"]
    assert second[0] == str(now_ms) and second[-1] == "0"


def test_days_open_at_midnight_of_utc_or_of_hong_kong() -> None:
    candles = Candles(LISTED["BTC-USDT"], Decimal(100), MIDNIGHT_MS)
    (utc,), (hong_kong,) = (candles.bars(bar, MIDNIGHT_MS) for bar in ("1Dutc", "1D"))
    assert utc.ts == MIDNIGHT_MS
    assert hong_kong.ts == MIDNIGHT_MS - 8 * 60 * MINUTE_MS  # 16:00 UTC of the day before


def test_contracts_count_in_contracts_coin_and_quote_currency() -> None:
    candles = Candles(LISTED["BTC-USDT-SWAP"], Decimal(100), MIDNIGHT_MS)
    candles.add(trade("100000", "5", MIDNIGHT_MS))  # one contract is 0.01 BTC
    assert rows(candles, "1m", MIDNIGHT_MS)[0][5:8] == ["5", "0.05", "5000"]


def test_a_price_without_trades_has_no_volume() -> None:
    candles = PriceCandles(Decimal(100), MIDNIGHT_MS)
    candles.note(Decimal(105), MIDNIGHT_MS + 1)
    candles.note(Decimal(103), MIDNIGHT_MS + 2)
    assert candles.rows("1m", MIDNIGHT_MS + 3) == [[str(MIDNIGHT_MS), "100", "105", "100", "103", "0"]]
