"""Positions by numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.sim.accounts.positions import Position
from gateway.sim.market.instruments import Instrument, InstrumentList
from gateway.sim.market.listing import default_instruments

LIST = InstrumentList(default_instruments(1_700_000_000_000))


def position(inst_id: str) -> Position:
    instrument: Instrument = LIST.by_inst_id[inst_id]
    return Position(instrument, "cross", "net", instrument.settle_ccy, "1", Decimal(10), 0, 0)


def test_a_linear_long_is_opened_added_to_and_closed() -> None:
    long = position("BTC-USDT-SWAP")  # one contract is 0.01 BTC
    assert long.apply("buy", Decimal(10), Decimal(100_000)) == 0
    assert long.apply("buy", Decimal(10), Decimal(110_000)) == 0
    assert (long.pos, long.cost, long.avg_px, long.margin) == (20, 21_000, 105_000, 2_100)
    assert long.upl(Decimal(106_000)) == 200
    assert long.apply("sell", Decimal(5), Decimal(107_000)) == 100
    assert (long.pos, long.cost) == (15, 15_750)
    assert long.apply("sell", Decimal(15), Decimal(104_000)) == -150
    assert (long.pos, long.cost) == (0, 0)


def test_a_fill_may_turn_the_position_round() -> None:
    turned = position("BTC-USDT-SWAP")
    turned.apply("sell", Decimal(10), Decimal(100_000))
    assert turned.apply("buy", Decimal(15), Decimal(99_000)) == 100
    assert (turned.pos, turned.cost, turned.avg_px) == (5, 4_950, 99_000)


@pytest.mark.parametrize(("side", "pnl"), [("buy", "0.0002"), ("sell", "-0.0002")])
def test_inverse_profit_is_in_coin(side: str, pnl: str) -> None:
    one = position("BTC-USD-SWAP")  # one contract is 100 USD
    one.apply(side, Decimal(1), Decimal(100_000))  # 0.001 BTC
    other = "sell" if side == "buy" else "buy"
    assert one.avg_px == 100_000
    assert one.upl(Decimal(125_000)) == Decimal(pnl)  # 0.0008 BTC
    assert one.apply(other, Decimal(1), Decimal(125_000)) == Decimal(pnl)


def test_the_remainder_of_a_cut_quotient_stays_in_the_cost() -> None:
    one = position("BTC-USD-SWAP")
    one.apply("buy", Decimal(3), Decimal("99999.9"))
    for _ in range(3):
        one.apply("sell", Decimal(1), Decimal("99999.9"))
    assert (one.pos, one.cost) == (0, 0)
