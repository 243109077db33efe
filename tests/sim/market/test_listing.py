"""The instruments at start: expiries, names, codes."""

from __future__ import annotations

from datetime import date

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


def test_codes_are_unique_integers() -> None:
    codes = [one.inst_id_code for one in LIST]
    assert len(set(codes)) == len(codes) and all(isinstance(one, int) for one in codes)
