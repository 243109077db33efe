"""Values and prices of instruments, and the list."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.sim.market.instruments import InstrumentList
from gateway.sim.market.listing import default_instruments

NOW_MS = 1_700_000_000_000  # 2023-11-14


LIST = InstrumentList(default_instruments(NOW_MS))


@pytest.mark.parametrize(
    ("inst_id", "sz", "px", "value"),
    [
        ("BTC-USDT", "0.5", "100000", "50000"),
        ("BTC-USDT-SWAP", "3", "100000", "3000"),
        ("BTC-USD-SWAP", "3", "100000", "0.003"),
        ("BTC-USD-231229-100000-C", "2", "0.05", "0.001"),
    ],
)
def test_the_value_of_a_size(inst_id: str, sz: str, px: str, value: str) -> None:
    assert LIST.by_inst_id[inst_id].value(Decimal(sz), Decimal(px)) == Decimal(value)


@pytest.mark.parametrize(
    ("px", "rounded"),
    [("0.05", "0.05"), ("0.05006", "0.0501"), ("0.05005", "0.05"), ("0.05004", "0.05"), ("0.00001", "0.0001")],
)
def test_option_prices_are_rounded(px: str, rounded: str) -> None:
    assert LIST.by_inst_id["BTC-USD-231229-100000-C"].rounded_option_px(Decimal(px)) == Decimal(rounded)


def test_relisting_forgets_the_old_code() -> None:
    own = InstrumentList(default_instruments(NOW_MS))
    own.relist("BTC-USDT", 77)
    assert own.by_inst_id_code[77].inst_id == "BTC-USDT"
    assert 10_001 not in own.by_inst_id_code
