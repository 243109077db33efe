from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from gateway.sim.market.instruments import InstrumentList
from gateway.sim.market.listing import default_instruments, quarterly_expiry

NOW_MS = 1_700_000_000_000  # 2023-11-14
LIST = InstrumentList(default_instruments(NOW_MS))


@pytest.mark.parametrize(
    ("now_ms", "expiry"),
    [
        (NOW_MS, date(2023, 12, 29)),
        (1_703_376_000_000, date(2024, 3, 29)),  # 2023-12-24: the December one is too near
        (1_711_411_200_000, date(2024, 6, 28)),  # 2024-03-26
    ],
)
def test_dated_contracts_expire_on_the_last_friday_of_a_quarter(now_ms: int, expiry: date) -> None:
    assert quarterly_expiry(now_ms) == expiry


def test_dated_names_and_times() -> None:
    future = LIST.by_inst_id["BTC-USD-231229"]
    assert (future.exp_time, future.ct_type, future.settle_ccy) == ("1703836800000", "inverse", "BTC")
    option = LIST.by_inst_id["BTC-USD-231229-100000-C"]
    assert (option.stk, option.opt_type, option.limit_key) == ("100000", "C", "BTC-USD")


@pytest.mark.parametrize(
    ("inst_id", "sz", "px", "value"),
    [
        ("BTC-USDT", "0.5", "100000", "50000"),
        ("BTC-USDT-SWAP", "3", "100000", "3000"),
        ("BTC-USD-SWAP", "3", "100000", "0.003"),
        ("BTC-USD-231229-100000-C", "2", "0.05", "0.001"),
    ],
)
def test_what_a_size_is_worth(inst_id: str, sz: str, px: str, value: str) -> None:
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


def test_codes_are_unique_integers() -> None:
    codes = [one.inst_id_code for one in LIST]
    assert len(set(codes)) == len(codes) and all(isinstance(one, int) for one in codes)
