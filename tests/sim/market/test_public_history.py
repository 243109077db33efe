"""Candlesticks of mark and index prices, by hand (OKX docs, "Get mark price candlesticks")."""

from __future__ import annotations

from decimal import Decimal

from gateway.sim.base.switches import Switches
from gateway.sim.market.listing import default_instruments
from gateway.sim.market.markets import Market
from gateway.sim.market.public_history import PublicHistory

MIDNIGHT_MS = 1_700_006_400_000  # 2023-11-15 00:00 UTC


def test_a_query_sees_the_price_of_the_moment_and_those_noted_before() -> None:
    market = Market(default_instruments(MIDNIGHT_MS)[0], Switches())
    index = [Decimal(200)]
    market.commanded_mark_px = Decimal(100)
    history = PublicHistory({"BTC-USDT": market}, {"BTC-USDT"}, lambda name: index[0], MIDNIGHT_MS)
    for mark_px, index_px in ((120, 210), (90, 190)):
        market.commanded_mark_px, index[0] = Decimal(mark_px), Decimal(index_px)
        history.note_prices(MIDNIGHT_MS + 1)
    market.commanded_mark_px, index[0] = Decimal(110), Decimal(205)
    now_ms = MIDNIGHT_MS + 2
    assert history.mark_candles("BTC-USDT", "1m", now_ms) == [[str(MIDNIGHT_MS), "100", "120", "90", "110", "0"]]
    assert history.index_candles("BTC-USDT", "1m", now_ms) == [[str(MIDNIGHT_MS), "200", "210", "190", "205", "0"]]
