"""Algo order rows (OKX docs, "Algo orders channel", "Place order", attachAlgoOrds)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.sim.market.algo_legs import STOP_LOSS, TAKE_PROFIT, Attached, Leg, Trail
from gateway.sim.market.algo_orders import AlgoOrder
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.listing import default_instruments
from gateway.sim.rows.algo import attached_row, close_order_row, rest_row

SWAP = next(one for one in default_instruments(1_700_000_000_000) if one.inst_id == "BTC-USDT-SWAP")
SL = Leg(STOP_LOSS, False, Decimal(95000), "mark")


class Account:
    """As much of an account as a row needs."""

    uid = "1"

    def lever_of(self, instrument: Instrument, mgn_mode: str, pos_side: str) -> Decimal:
        return Decimal(20)


@pytest.fixture
def algo() -> AlgoOrder:
    return AlgoOrder("7", Account(), SWAP, "conditional", "sell", "cross", Decimal(2), 5, legs=[SL])


def test_a_stop_loss_at_the_market(algo: AlgoOrder) -> None:
    row = rest_row(algo)
    assert (row["slTriggerPx"], row["slTriggerPxType"], row["slOrdPx"]) == ("95000", "mark", "-1")
    assert (row["tpTriggerPx"], row["tpTriggerPxType"], row["tpOrdPx"]) == ("", "", "")
    assert (row["sz"], row["closeFraction"], row["lever"], row["triggerTime"]) == ("2", "", "20", "")


def test_a_whole_position_has_no_size(algo: AlgoOrder) -> None:
    algo.sz = None
    assert (rest_row(algo)["sz"], rest_row(algo)["closeFraction"]) == ("", "1")
    assert close_order_row(algo) == {
        "algoId": "7",
        "slTriggerPx": "95000",
        "slTriggerPxType": "mark",
        "tpTriggerPx": "",
        "tpTriggerPxType": "",
        "closeFraction": "1",
    }


def test_a_trailing_stop_shows_its_trigger_once_it_is_active(algo: AlgoOrder) -> None:
    algo.ord_type, algo.legs, algo.trail = "move_order_stop", [], Trail(Decimal("0.05"), None, Decimal(110000))
    row = rest_row(algo)
    assert (row["callbackRatio"], row["callbackSpread"], row["activePx"]) == ("0.05", "", "110000")
    assert row["moveTriggerPx"] == ""
    algo.trail.follow(Decimal(120000), sells=True)
    assert rest_row(algo)["moveTriggerPx"] == "114000"


def test_an_attached_limit_take_profit_and_a_ratio() -> None:
    limit = Leg(TAKE_PROFIT, True, Decimal(0), ord_px=Decimal(105000), limit=True)
    stop = Leg(STOP_LOSS, False, Decimal(0), ratio=Decimal("0.1"))
    row = attached_row(Attached("a1", limit, stop, None, sz=Decimal(1), at_cost=True, attach_algo_id="9"))
    assert (row["attachAlgoClOrdId"], row["attachAlgoId"], row["sz"], row["amendPxOnTriggerType"]) == (
        "a1", "9", "1", "1",
    )  # fmt: skip
    assert (row["tpOrdKind"], row["tpOrdPx"], row["tpTriggerPx"], row["tpTriggerPxType"]) == (
        "limit", "105000", "", "",
    )  # fmt: skip
    assert (row["slTriggerRatio"], row["slTriggerPx"], row["slOrdPx"]) == ("0.1", "", "-1")
