"""Prices of algo orders in requests, each refusal with its code (OKX docs, "Place algo order", "Error Code")."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.codes import Refusal
from gateway.sim.market.algo_legs import STOP_LOSS, TAKE_PROFIT, Leg
from gateway.sim.market.listing import default_instruments
from gateway.sim.trading.leg_validation import amended_leg, param, parse_leg, parse_trail

LISTED = {one.inst_id: one for one in default_instruments(1_700_000_000_000)}
SWAP, SPOT = LISTED["BTC-USDT-SWAP"], LISTED["BTC-USDT"]
SL = {"slTriggerPx": "95000", "slOrdPx": "-1"}


def refusal(call: Any, *args: Any) -> str:
    with pytest.raises(Refusal) as refused:
        call(*args)
    return refused.value.code


def test_the_names_of_an_amend() -> None:
    assert (param("", "tpOrdPx"), param("new", "tpOrdPx")) == ("tpOrdPx", "newTpOrdPx")


@pytest.mark.parametrize(
    ("kind", "side", "rises"),
    [(TAKE_PROFIT, "sell", True), (TAKE_PROFIT, "buy", False), (STOP_LOSS, "sell", False), (STOP_LOSS, "buy", True)],
)
def test_the_direction_follows_from_kind_and_side(kind: str, side: str, rises: bool) -> None:
    leg = parse_leg({f"{kind}TriggerPx": "95000", f"{kind}OrdPx": "94000"}, kind, SWAP, side)
    assert leg == Leg(kind, rises, Decimal(95000), "last", Decimal(94000))


def test_a_market_order_has_no_price_and_an_empty_row_no_leg() -> None:
    leg = parse_leg(SL, STOP_LOSS, SWAP, "sell")
    assert leg is not None and leg.ord_px is None
    assert parse_leg({}, STOP_LOSS, SWAP, "sell") is None


def test_a_limit_take_profit_needs_no_trigger() -> None:
    leg = parse_leg({"tpOrdKind": "limit", "tpOrdPx": "105000"}, TAKE_PROFIT, SWAP, "sell")
    assert leg is not None and leg.limit and leg.ord_px == 105000


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"slOrdPx": ""}, "50014"),
        ({"slTriggerRatio": "0.1"}, "50024"),
        ({"slTriggerPx": "95000.05"}, "51150"),
        ({"slTriggerPx": "0"}, "51000"),
        ({"slTriggerPx": "abc"}, "51000"),
        ({"slTriggerPxType": "mid"}, "51000"),
        ({"slOrdKind": "other"}, "51000"),
    ],
)
def test_refused_legs(change: dict[str, str], code: str) -> None:
    assert refusal(parse_leg, {**SL, **change}, STOP_LOSS, SWAP, "sell") == code


def test_spot_only_looks_at_the_last_price() -> None:
    assert refusal(parse_leg, {**SL, "slTriggerPxType": "mark"}, STOP_LOSS, SPOT, "sell") == "51415"
    assert refusal(parse_leg, {"tpOrdKind": "limit", "tpOrdPx": "1"}, TAKE_PROFIT, SPOT, "sell") == "51094"


@pytest.mark.parametrize(
    ("kind", "side", "ratio", "good"),
    [  # the side is that of the closing order: a sale closes a purchase
        (TAKE_PROFIT, "sell", "0.1", True),
        (TAKE_PROFIT, "sell", "1.5", True),
        (TAKE_PROFIT, "sell", "-0.1", False),
        (TAKE_PROFIT, "buy", "-0.1", True),
        (TAKE_PROFIT, "buy", "-1", False),
        (TAKE_PROFIT, "buy", "0.1", False),
        (STOP_LOSS, "sell", "0.1", True),
        (STOP_LOSS, "sell", "1", False),
        (STOP_LOSS, "buy", "1.5", True),
        (STOP_LOSS, "buy", "0.00001", False),
    ],
)
def test_ratios(kind: str, side: str, ratio: str, good: bool) -> None:
    row = {f"{kind}TriggerRatio": ratio, f"{kind}OrdPx": "-1"}
    if good:
        leg = parse_leg(row, kind, SWAP, side)
        assert leg is not None and leg.ratio == Decimal(ratio)
    else:
        assert refusal(parse_leg, row, kind, SWAP, side) == "54078"


def test_an_amend_keeps_the_other_parameters_and_deletes_with_zero() -> None:
    before = Leg(STOP_LOSS, False, Decimal(95000), "mark", Decimal(94000))
    assert amended_leg(before, {}, STOP_LOSS, SWAP, "sell") is before
    assert amended_leg(before, {"newSlTriggerPx": "96000"}, STOP_LOSS, SWAP, "sell") == Leg(
        STOP_LOSS, False, Decimal(96000), "mark", Decimal(94000)
    )
    assert amended_leg(before, {"newSlOrdPx": "0"}, STOP_LOSS, SWAP, "sell") is None
    assert before.trigger_px == 95000


def test_a_new_leg_needs_both_prices() -> None:
    assert refusal(amended_leg, None, {"newSlTriggerPx": "95000"}, STOP_LOSS, SWAP, "sell") == "50014"
    assert refusal(amended_leg, None, {"newSlOrdPx": "-1"}, STOP_LOSS, SWAP, "sell") == "50014"


def test_trailing_distances() -> None:
    assert parse_trail({}, SWAP) is None
    by_ratio = parse_trail({"callbackRatio": "0.05", "activePx": "110000"}, SWAP)
    by_spread = parse_trail({"callbackSpread": "500"}, SWAP)
    assert by_ratio is not None and (by_ratio.ratio, by_ratio.active_px) == (Decimal("0.05"), 110000)
    assert by_spread is not None and (by_spread.spread, by_spread.active_px) == (500, None)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"callbackRatio": "0.05", "callbackSpread": "500"}, "50024"),
        ({"callbackRatio": "0"}, "51257"),
        ({"callbackRatio": "1.1"}, "51257"),
        ({"callbackRatio": "x"}, "51000"),
        ({"callbackSpread": "0.05"}, "51150"),
    ],
)
def test_refused_trailing_distances(row: dict[str, str], code: str) -> None:
    assert refusal(parse_trail, row, SWAP) == code
