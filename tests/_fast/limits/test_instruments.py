"""The instruments by their names, in a table of fixed size."""

from __future__ import annotations

from typing import Any

import pytest

from gateway._fast.limits.instruments import InstrumentTable


def make_table(capacity: int = 3) -> InstrumentTable:
    return InstrumentTable(capacity, 1, 60, 60, 60, 300, 5, 1000)


def test_the_table_is_full_at_its_capacity_but_renews() -> None:
    table = make_table()
    for number in range(3):
        table.put("SPOT", f"A{number}-USDT", number + 1)
    with pytest.raises(OverflowError, match="A9-USDT"):
        table.put("SPOT", "A9-USDT", 9)
    table.put("SPOT", "A0-USDT", 77)
    assert table.count == 3


@pytest.mark.parametrize("inst_id", ["", "X" * 40])
def test_names_that_do_not_fit(inst_id: str) -> None:
    with pytest.raises(ValueError, match="instId"):
        make_table().put("SPOT", inst_id, 1)


def test_a_renamed_code_is_used_from_then_on(rig: Any) -> None:
    rig.instruments.put("SPOT", "BTC-USDT", 55555)
    rig.send(rig.order("o1"))
    assert rig.frames[0]["args"][0]["instIdCode"] == 55555


def test_spot_and_margin_share_their_budget(rig: Any) -> None:
    """OKX limits by user and instrument, and both are the same instId."""
    assert rig.instruments.keys_of("ETH-USDT") is rig.instruments.keys_of("ETH-USDT")
    singles, batches, algos = rig.instruments.keys_of("ETH-USDT")
    assert len({*singles, *batches, *algos}) == 9


def test_an_instrument_without_a_code_after_a_reload_refuses_new_orders(rig: Any) -> None:
    rig.instruments.put("SPOT", "BTC-USDT", None)
    rig.send(rig.order("o1"))
    assert rig.reply["reason"] == "instrument_has_no_code"
