"""The band of limit prices, by OKX's formula and numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import Switches
from gateway.sim.market.price_limits import okx_limits

UID_1 = "1000000000000001"
SWAP, FUTURES = 10_459, 310_001


@pytest.mark.parametrize(
    ("premiums", "highest", "lowest"),
    [
        ([], "101", "99"),  # 1 % around 100
        (["0.5", "1.5"], "102", "100"),  # 101 + 1; min(100, 99 + 1)
        (["5"], "102", "100"),  # capped at 2 %; the index itself may always be sold at
        (["-1"], "100", "98"),
        (["-9"], "100", "98"),
    ],
)
def test_the_band_follows_the_premium_between_index_and_cap(premiums: list[str], highest: str, lowest: str) -> None:
    limits = okx_limits(Decimal(100), [Decimal(one) for one in premiums], Decimal("0.01"), Decimal("0.02"))
    assert limits == (Decimal(highest), Decimal(lowest))


def test_orders_are_held_to_it(new_bench: Any) -> None:
    bench = new_bench(switches=Switches(price_band="okx"))
    order = {"tdMode": "cross", "sz": "1"}
    # Index 100,000; the swap's floatPxLmtPct 0.005 and no premium: 100,500 and 99,500.
    assert bench.place(instIdCode=SWAP, px="100500.1", **order)["sCode"] == "51006"
    assert bench.place(instIdCode=SWAP, px="100500", **order)["sCode"] == "0"
    assert bench.place(instIdCode=SWAP, px="100600", pxAmendType="1", **order)["sCode"] == "0"
    assert bench.pushes[UID_1][-1]["px"] == "100500"
    assert bench.place(instIdCode=SWAP, px="99499.9", side="sell", **order)["sCode"] == "51006"
    # The future's premium of 500 is part of its band: 100,000 x 1.03 + 500 and 100,000 x 0.97 + 500.
    for side, px in (("buy", "100400"), ("sell", "100600")):
        bench.exchange.background_market.quote(
            bench.exchange.instruments.by_inst_id_code[FUTURES].inst_id, side, Decimal(px), Decimal(1)
        )
    market = bench.exchange.markets[bench.exchange.instruments.by_inst_id_code[FUTURES].inst_id]
    market.note_premium()
    assert (market.max_buy_px(), market.min_sell_px()) == (103_500, 97_500)
    row = market.instrument.row()
    assert (row["initPxLmtPct"], row["floatPxLmtPct"], row["maxPxLmtPct"]) == ("0.05", "0.03", "0.15")
    bench.exchange.switches.price_band = "wide"
    assert bench.place(instIdCode=SWAP, px="119000", **order)["sCode"] == "0"


def test_options_have_no_percentages(new_bench: Any) -> None:
    row = new_bench().exchange.instruments.by_inst_id_code[320_001].row()
    assert (row["initPxLmtPct"], row["floatPxLmtPct"], row["maxPxLmtPct"]) == ("", "", "")
