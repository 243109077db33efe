"""Delivery and exercise by numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

UID_1, UID_2 = "1000000000000001", "1000000000000002"
OPTION = 320_001


@pytest.fixture
def bench(modest_bench: Any) -> Any:
    return modest_bench


def dated(bench: Any, start: str) -> str:
    return next(one for one in bench.exchange.markets if one.startswith(start) and one != "BTC-USDT-SWAP")


def test_a_future_is_delivered_at_the_price_of_its_underlying(bench: Any) -> None:
    inst_id = dated(bench, "BTC-USDT-")
    bench.match(310_001, "100000", "10")  # 0.1 BTC
    bench.place(UID_1, instIdCode=310_001, tdMode="cross", px="90000", sz="1")
    cash = bench.cash("USDT"), bench.cash("USDT", UID_2)
    published = bench.listen(UID_2, "balance_and_position")
    assert bench.command("deliver", inst_id=inst_id, px="103000") == "103000"
    assert (bench.cash("USDT"), bench.cash("USDT", UID_2)) == (cash[0] + 300, cash[1] - 300)
    assert not bench.exchange.accounts[UID_1].positions
    assert (bench.pushes[UID_1][-1]["state"], bench.pushes[UID_1][-1]["cancelSource"]) == ("canceled", "7")
    assert [one["eventType"] for one in published] == ["delivered"]
    assert bench.place(instIdCode=310_001, tdMode="cross", px="90000", sz="1")["sCode"] == "51027"
    assert inst_id not in [one.inst_id for one in bench.exchange.instruments.select("FUTURES")]


@pytest.mark.parametrize(("px", "paid"), [("125000", "0.02"), ("90000", "0")])
def test_an_option_is_exercised_at_its_intrinsic_value(bench: Any, px: str, paid: str) -> None:
    inst_id = next(one for one in bench.exchange.markets if one.endswith("-100000-C"))
    bench.match(OPTION, "0.05", "10")  # face 10 x 0.01 BTC
    cash = bench.cash("BTC"), bench.cash("BTC", UID_2)
    bench.command("deliver", inst_id=inst_id, px=px)
    # (125,000 - 100,000) / 125,000 x 0.1
    assert bench.cash("BTC") - cash[0] == Decimal(paid) == cash[1] - bench.cash("BTC", UID_2)
