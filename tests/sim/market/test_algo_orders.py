"""The algo orders of one account: names, endings, and how many are kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.market import algo_orders
from gateway.sim.market.algo_legs import STOP_LOSS, TAKE_PROFIT, Attached, Leg
from gateway.sim.market.algo_orders import CANCELED, AlgoOrder, AlgoOrders
from gateway.sim.market.listing import default_instruments
from gateway.sim.market.orders import Order

BTC_USDT = default_instruments(1_700_000_000_000)[0]
ACCOUNT: Any = None  # nothing here looks at accounts


def algo(algo_id: str, name: str = "") -> AlgoOrder:
    return AlgoOrder(
        algo_id, ACCOUNT, BTC_USDT, "conditional", "sell", "cash", Decimal(1), 0, algo_cl_ord_id=name,
        legs=[Leg(STOP_LOSS, False, Decimal(95))],
    )  # fmt: skip


def test_legs_by_kind() -> None:
    one = algo("1")
    assert (one.tp, one.sl) == (None, one.legs[0])
    assert one.leg(TAKE_PROFIT) is None


def test_the_id_wins_over_the_name_and_the_latest_of_a_name_is_found() -> None:
    algos = AlgoOrders()
    first, second = algo("1", "a"), algo("2", "a")
    algos.add(first)
    algos.add(second)
    assert algos.find("", "a") is second
    assert algos.find("1", "a") is first
    assert algos.find("3", "a") is None


def test_a_name_is_free_again_after_the_end() -> None:
    algos, one = AlgoOrders(), algo("1", "a")
    algos.add(one)
    assert algos.is_taken("a", ())
    one.state = CANCELED
    algos.finish(one)
    assert not algos.is_taken("a", ())
    assert algos.find("1", "") is one and not algos.live


def test_items_attached_to_live_orders_take_names_too() -> None:
    order = Order("9", ACCOUNT, BTC_USDT, "buy", "limit", "cash", Decimal(1), Decimal(1), 0)
    order.attached = [Attached("a", None, None, None)]
    assert AlgoOrders().is_taken("a", [order])
    assert not AlgoOrders().is_taken("b", [order])


def test_the_oldest_endings_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(algo_orders, "FINISHED_LIMIT", 2)
    algos = AlgoOrders()
    for number in range(3):
        one = algo(str(number), f"a{number}")
        algos.add(one)
        algos.finish(one)
    assert algos.find("0", "") is None and algos.find("", "a0") is None
    assert [one.algo_id for one in algos.finished] == ["1", "2"]
