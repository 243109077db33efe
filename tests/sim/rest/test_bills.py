"""Pages and filters of bills, and how long they are kept (OKX docs, "Get bills details")."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import default_accounts
from gateway.sim.rest.bills import bills, bills_archive

SPOT, SWAP, INVERSE, OPTION = 10_001, 10_459, 10_458, 320_001


WEALTH = {"USDT": Decimal(10_000), "BTC": Decimal(1)}


@pytest.fixture
def bench(new_bench: Any) -> Any:
    return new_bench(accounts=tuple(replace(one, balances=WEALTH) for one in default_accounts()))


def test_pages_and_filters(bench: Any) -> None:
    for _ in range(3):
        bench.match(SPOT, "90000", "0.01", "cash")
    bench.match(SWAP, "100000", "1")
    newest_first = bench.rest(bills)["data"]
    assert len(newest_first) == 7
    assert bench.rest(bills, limit="3")["data"] == newest_first[:3]
    assert bench.rest(bills, after=newest_first[2]["billId"], limit="2")["data"] == newest_first[3:5]
    assert bench.rest(bills, before=newest_first[4]["billId"])["data"] == newest_first[:4]
    assert bench.rest(bills, ccy="BTC", subType="1")["data"] == [one for one in newest_first if one["ccy"] == "BTC"]
    assert bench.rest(bills, ctType="linear")["data"] == newest_first[:1]
    assert bench.rest(bills, instId="BTC-USDT", mgnMode="cross")["data"] == []
    for name, wrong in (("instType", "COINS"), ("mgnMode", "both"), ("ctType", "round"), ("limit", "101")):
        assert bench.rest(bills, **{name: wrong})["code"] == "51000"


def test_a_week_and_three_months_are_kept(bench: Any) -> None:
    bench.match(SWAP, "100000", "1")
    day_ms = 86_400_000
    for days, week, months in ((6, 1, 1), (8, 0, 1), (91, 0, 0)):
        bench.exchange.clock.skew_ms = days * day_ms
        found = [len(bench.rest(one, type="2")["data"]) for one in (bills, bills_archive)]
        assert found == [week, months]
