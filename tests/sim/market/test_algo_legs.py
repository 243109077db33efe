"""Legs and trailing prices of algo orders, by hand (OKX docs, "Place algo order", "Place order", attachAlgoOrds)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.sim.market.algo_legs import STOP_LOSS, TAKE_PROFIT, Attached, Leg, Trail


@pytest.mark.parametrize(
    ("rises", "px", "hit"), [(True, "99", False), (True, "100", True), (False, "101", False), (False, "100", True)]
)
def test_a_leg_fires_at_its_price_and_beyond(rises: bool, px: str, hit: bool) -> None:
    assert Leg(TAKE_PROFIT, rises, Decimal(100)).is_hit(Decimal(px)) is hit


@pytest.mark.parametrize(
    ("kind", "ratio", "buys", "trigger_px"),
    [
        (TAKE_PROFIT, "0.1", True, "110"),
        (STOP_LOSS, "0.1", True, "90"),
        (TAKE_PROFIT, "-0.1", False, "90"),
        (STOP_LOSS, "0.1", False, "110"),
        (TAKE_PROFIT, "0.1234", True, "112.3"),  # 112.34, down to the tick of 0.1
    ],
)
def test_a_ratio_becomes_a_price_at_entry(kind: str, ratio: str, buys: bool, trigger_px: str) -> None:
    leg = Leg(kind, True, Decimal(0), ratio=Decimal(ratio)).at_entry(Decimal(100), buys, Decimal("0.1"))
    assert (leg.trigger_px, leg.ratio) == (Decimal(trigger_px), None)


def test_a_price_stays_at_entry() -> None:
    assert Leg(STOP_LOSS, False, Decimal(95)).at_entry(Decimal(100), True, Decimal("0.1")).trigger_px == 95


def test_a_trailing_sale_follows_the_price_up_and_fires_on_the_way_back() -> None:
    trail = Trail(ratio=Decimal("0.05"), spread=None, active_px=Decimal(110))
    fired = [trail.follow(Decimal(px), sells=True) for px in (100, 109, 110, 120, 115, 114)]
    assert fired == [False, False, False, False, False, True]  # 120 less 5 % is 114


def test_a_trailing_purchase_follows_the_price_down() -> None:
    trail = Trail(ratio=None, spread=Decimal(3), active_px=None)
    assert [trail.follow(Decimal(px), sells=False) for px in (100, 90, 92, 93)] == [False, False, False, True]


def test_an_attached_item_lists_the_legs_that_it_has() -> None:
    leg = Leg(STOP_LOSS, False, Decimal(95))
    assert Attached("a1", None, leg, None).legs == [leg]
