"""Public rows of one instrument, by hand."""

from __future__ import annotations

from decimal import Decimal

from gateway.sim.base.switches import Switches
from gateway.sim.market.listing import default_instruments
from gateway.sim.market.markets import Market
from gateway.sim.rows.market import funding_rate_row, open_interest_row

LISTED = {one.inst_id: one for one in default_instruments(1_700_000_000_000)}
MIDNIGHT_MS = 1_700_006_400_000  # 2023-11-15 00:00 UTC
HOUR_MS = 3_600_000


def market(inst_id: str, mark_px: str) -> Market:
    one = Market(LISTED[inst_id], Switches())
    one.commanded_mark_px, one.reference_px = Decimal(mark_px), Decimal(100_000)
    return one


def test_funding_is_due_at_the_next_of_three_times_a_day() -> None:
    row = funding_rate_row(
        market("BTC-USDT-SWAP", "100100"), Decimal("0.0001"), Decimal("-0.0002"), MIDNIGHT_MS + HOUR_MS
    )
    times = [int(row[name]) - MIDNIGHT_MS for name in ("prevFundingTime", "fundingTime", "nextFundingTime")]
    assert times == [0, 8 * HOUR_MS, 16 * HOUR_MS]
    assert (row["fundingRate"], row["settFundingRate"], row["premium"]) == ("0.0001", "-0.0002", "0.001")


def test_at_the_time_of_a_payment_the_next_one_is_due() -> None:
    row = funding_rate_row(market("BTC-USDT-SWAP", "100000"), Decimal(0), Decimal(0), MIDNIGHT_MS)
    assert int(row["fundingTime"]) == MIDNIGHT_MS + 8 * HOUR_MS


def test_open_interest_in_contracts_coin_and_dollars() -> None:
    linear = open_interest_row(market("BTC-USDT-SWAP", "100000"), Decimal(7), 5)
    assert (linear["oi"], linear["oiCcy"], linear["oiUsd"]) == ("7", "0.07", "7000")
    inverse = open_interest_row(market("BTC-USD-SWAP", "100000"), Decimal(7), 5)
    assert (inverse["oi"], inverse["oiCcy"], inverse["oiUsd"]) == ("7", "0.007", "700")
