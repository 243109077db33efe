"""Market orders and the balance (OKX docs, "Place order", banAmend)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

UID_1, UID_2 = "1000000000000001", "1000000000000002"


# --- money -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "held", "filled"),
    [
        ({"side": "buy", "sz": "20000"}, ("USDT", "10000"), "0.1"),
        ({"side": "sell", "sz": "1"}, ("BTC", "0.25"), "0.25"),
        # bought in base currency up to 5 % above the best price: 10500 buy at most a tenth
        ({"side": "buy", "sz": "1", "tgtCcy": "base_ccy"}, ("USDT", "10500"), "0.1"),
    ],
)
def test_a_market_order_is_cut_to_the_balance_unless_that_is_forbidden(
    bench: Any, row: dict[str, str], held: tuple[str, str], filled: str
) -> None:
    other = "sell" if row["side"] == "buy" else "buy"
    bench.place(UID_2, side=other, px="100000", sz="9")
    bench.exchange.accounts[UID_1].cash[held[0]] = Decimal(held[1])
    order = {**row, "ordType": "market", "px": None}
    assert bench.place(**order, banAmend=True)["sCode"] == "51008"
    assert bench.place(**order)["sCode"] == "0"
    assert (bench.pushes[UID_1][-1]["state"], bench.pushes[UID_1][-1]["accFillSz"]) == ("filled", filled)
    bench.exchange.accounts[UID_1].cash[held[0]] = Decimal(0)
    assert bench.place(**order)["sCode"] == "51008"
