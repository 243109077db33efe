"""Sizes and currencies of an order (OKX docs, "Order channel": avgPx, feeCcy, rebateCcy)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.market.listing import default_instruments
from gateway.sim.market.orders import CANCELED, FILLED, LIVE, MMP_CANCELED, PARTIALLY_FILLED, Order

LISTED = {one.inst_id: one for one in default_instruments(1_700_000_000_000)}
ACCOUNT: Any = None  # nothing here looks at accounts


def order(inst_id: str, side: str = "buy", ccy: str = "") -> Order:
    instrument = LISTED[inst_id]
    td_mode = "cash" if instrument.is_spot else "cross"
    return Order("1", ACCOUNT, instrument, side, "limit", td_mode, Decimal(3), Decimal(100), 0, ccy=ccy)


def test_open_size_and_average_price() -> None:
    one = order("BTC-USDT")
    assert (one.left_sz, one.avg_px) == (3, 0)
    one.acc_fill_sz, one.fill_px_sz = Decimal(2), Decimal(1 * 100 + 1 * 103)
    assert (one.left_sz, one.avg_px) == (1, Decimal("101.5"))


@pytest.mark.parametrize(
    ("state", "live"),
    [(LIVE, True), (PARTIALLY_FILLED, True), (FILLED, False), (CANCELED, False), (MMP_CANCELED, False)],
)
def test_which_states_are_live(state: str, live: bool) -> None:
    one = order("BTC-USDT")
    one.state = state
    assert one.is_live is live


@pytest.mark.parametrize(
    ("inst_id", "side", "fee_ccy", "rebate_ccy"),
    [
        ("BTC-USDT", "buy", "BTC", "USDT"),
        ("BTC-USDT", "sell", "USDT", "BTC"),
        ("BTC-USDT-SWAP", "buy", "USDT", "USDT"),
        ("BTC-USD-SWAP", "sell", "BTC", "BTC"),
    ],
)
def test_fees_are_charged_in_the_currency_received(inst_id: str, side: str, fee_ccy: str, rebate_ccy: str) -> None:
    one = order(inst_id, side)
    assert (one.fee_ccy, one.rebate_ccy) == (fee_ccy, rebate_ccy)
