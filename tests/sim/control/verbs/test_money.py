"""Verbs on money: results and refusals. The amounts are tested at `exchange`."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sim.control.params import ControlError

UID_1, UID_2 = "1000000000000001", "1000000000000002"
SWAP = "BTC-USDT-SWAP"


def test_funding_returns_the_number_of_positions(bench: Any) -> None:
    assert bench.command("pay_funding", inst_id=SWAP) == 0
    bench.hold("2")
    assert bench.command("pay_funding", inst_id=SWAP, rate="-0.0001") == 2


def test_modes_and_leverage_return_the_new_value(bench: Any) -> None:
    assert bench.command("position_mode", uid=UID_1, pos_mode="long_short_mode") == "long_short_mode"
    assert bench.command("leverage", uid=UID_1, inst_id=SWAP, lever="20") == "20"
    assert bench.command("account_mode", uid=UID_2, acct_lv="3", auto_loan=True) == "3"
    assert bench.exchange.accounts[UID_2].auto_loan


def test_a_liquidation_in_part_and_in_full(bench: Any) -> None:
    bench.hold("4")
    assert bench.command("liquidate", uid=UID_1, inst_id=SWAP, sz="1")["category"] == "partial_liquidation"
    assert bench.command("liquidate", uid=UID_1, inst_id=SWAP)["category"] == "full_liquidation"
    assert bench.command("adl", uid=UID_2, inst_id=SWAP, sz="1")["category"] == "adl"


@pytest.mark.parametrize(
    ("verb", "params", "problem"),
    [
        ("pay_funding", {"inst_id": "BTC-USDT"}, "is not of type SWAP"),
        ("pay_funding", {"inst_id": SWAP, "rate": "1"}, "rate must be a decimal below 1"),
        ("accrue_interest", {"uid": "7"}, "no such account: 7"),
        ("accrue_interest", {"uid": UID_1, "hours": "1"}, "hours must be an integer"),
        ("deliver", {"inst_id": SWAP}, "is not of type FUTURES or OPTION"),
        ("liquidate", {"uid": UID_1, "inst_id": SWAP}, "0 positions match"),
        ("leverage", {"uid": UID_1, "inst_id": SWAP, "mgn_mode": "cash", "lever": "2"}, "mgn_mode must be"),
        ("leverage", {"uid": UID_1, "inst_id": SWAP, "lever": "1000"}, "^59102 "),
        ("account_mode", {"uid": UID_1, "acct_lv": "5"}, "^51000 "),
    ],
)
def test_commands_that_are_refused(bench: Any, verb: str, params: dict[str, Any], problem: str) -> None:
    with pytest.raises(ControlError, match=problem):
        bench.command(verb, **params)


def test_a_contract_expires_once(bench: Any) -> None:
    future = next(one.inst_id for one in bench.exchange.instruments if one.inst_type == "FUTURES")
    assert bench.command("deliver", inst_id=future, px="101000") == "101000"
    with pytest.raises(ControlError, match="has expired already"):
        bench.command("deliver", inst_id=future)


def test_no_more_than_the_position_is_taken(bench: Any) -> None:
    bench.hold("4")
    for sz in ("5", "0.001"):
        with pytest.raises(ControlError, match="whole lots and at most 4"):
            bench.command("adl", uid=UID_1, inst_id=SWAP, sz=sz)
