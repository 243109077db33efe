"""Refusals of new orders, each with its code (OKX docs, "Place order", "Error Code")."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import AccountSpec, Switches
from gateway.sim.base.configuration import default_accounts as defaults

SPOT, SWAP, OPTION = 10_001, 10_459, 320_001
UID_1, UID_2 = "1000000000000001", "1000000000000002"


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"instIdCode": None}, "50014", "Parameter instIdCode can not be empty."),
        ({"instIdCode": None, "instId": "BTC-USDT"}, "50014", "Parameter instIdCode can not be empty."),
        ({"instIdCode": 1}, "51001", "Instrument ID, Instrument ID code, or Spread ID doesn't exist."),
        ({"instIdCode": "10001"}, "51000", "Parameter instIdCode error"),
        ({"instIdCode": True}, "51000", "Parameter instIdCode error"),
        ({"tdMode": None}, "50014", "Parameter tdMode can not be empty."),
        ({"side": ""}, "50014", "Parameter side can not be empty."),
        ({"ordType": None}, "50014", "Parameter ordType can not be empty."),
        ({"sz": None}, "50014", "Parameter sz can not be empty."),
        ({"px": ""}, "50014", "Parameter px can not be empty."),
        ({"sz": 1}, "51000", "Parameter sz error"),
        ({"sz": "x"}, "51000", "Parameter sz error"),
        ({"sz": "0"}, "51000", "Parameter sz error"),
        ({"sz": "-1"}, "51000", "Parameter sz error"),
        ({"px": "1e5"}, "51000", "Parameter px error"),
        ({"px": "0"}, "51000", "Parameter px error"),
        ({"side": "hold"}, "51000", "Parameter side error"),
        ({"ordType": "conditional"}, "51000", "Parameter ordType error"),
        ({"ordType": "oco"}, "51000", "Parameter ordType error"),
        ({"ordType": "optimal_limit_ioc"}, "51000", "Parameter ordType error"),
        ({"reduceOnly": 1}, "51000", "Parameter reduceOnly error"),
        ({"clOrdId": "a-b"}, "51000", "Parameter clOrdId error"),
        ({"clOrdId": "a" * 33}, "51000", "Parameter clOrdId error"),
        ({"tag": "a" * 17}, "51000", "Parameter tag error"),
        ({"stpMode": "cancel_all"}, "51000", "Parameter stpMode error"),
        ({"tradeQuoteCcy": "EUR"}, "51000", "Parameter tradeQuoteCcy error"),
        ({"stpMode": "cancel_both", "ordType": "fok"}, "54036", ""),
        ({"instIdCode": 10_009, "tdMode": "cross"}, "51010", "You can't complete this request under your current"),
        ({"tdMode": "free"}, "51000", "Parameter tdMode error"),
        ({"posSide": "long"}, "51000", "Parameter posSide error"),
        ({"px": "99000.05"}, "51150", "The precision of the number of trades or the price exceeds the limit."),
        ({"px": "9" * 33}, "51514", ""),
        ({"px": "120000.1"}, "51006", "price limit (max buy price: 120000, min sell price: 80000)"),
        ({"side": "sell", "px": "79999.9"}, "51006", ""),
        ({"sz": "0.000000001"}, "51121", "Order quantity must be a multiple of the lot size."),
        ({"sz": "0.000009"}, "51020", "Your order should meet or exceed the minimum order amount."),
        ({"sz": "99999999999"}, "51005", ""),
        ({"sz": "300"}, "51005", ""),
        ({"sz": "102"}, "51008", "Order failed. Insufficient USDT balance in account."),
        ({"side": "sell", "sz": "100", "px": "100000", "instIdCode": 10_002}, "51008", "Insufficient ETH balance"),
        ({"instIdCode": SWAP, "tdMode": "cash"}, "51010", ""),
        ({"instIdCode": SWAP, "tdMode": "cross", "posSide": "long", "sz": "1"}, "51000", "Parameter posSide error"),
        ({"instIdCode": SWAP, "tdMode": "cross", "sz": "0.005"}, "51121", ""),
        ({"instIdCode": SWAP, "tdMode": "cross", "sz": "100000001"}, "51101", ""),
        ({"instIdCode": SWAP, "tdMode": "cross", "ordType": "market", "sz": "30000.01"}, "51202", ""),
        ({"instIdCode": SWAP, "tdMode": "cross", "sz": "1", "reduceOnly": True}, "51169", ""),
        ({"instIdCode": OPTION, "tdMode": "cross", "ordType": "market", "sz": "1"}, "51066", ""),
    ],
)  # fmt: skip
def test_refusals(new_bench: Any, change: dict[str, Any], code: str, text: str) -> None:
    bench = new_bench(accounts=small_accounts())
    row = bench.place(clOrdId=change.pop("clOrdId", "c1"), **change)
    assert (row["sCode"], row["ordId"]) == (code, ""), row
    assert text in row["sMsg"] and row["sMsg"]
    assert row["subCode"] == ("1000" if code == "51008" else "")
    assert bench.pushes[UID_1] == []
    assert not bench.exchange.accounts[UID_1].live


def small_accounts(**options: Any) -> tuple[AccountSpec, ...]:
    balances = {"USDT": Decimal(10_000_000), "ETH": Decimal(1)}
    return tuple(AccountSpec(one.uid, one.api_keys, balances=balances, **options) for one in defaults())


def test_the_missing_code_can_be_another(new_bench: Any) -> None:
    bench = new_bench(switches=Switches(missing_inst_id_code="51000"))
    assert bench.place(instIdCode=None)["sMsg"] == "Parameter instIdCode error"


def test_a_client_id_is_unique_among_live_orders_only(bench: Any) -> None:
    first = bench.place(clOrdId="a1")
    assert bench.place(clOrdId="a1")["sCode"] == "51016"
    assert bench.place(UID_2, clOrdId="a1")["sCode"] == "0"
    bench.run("cancel-order", {"instIdCode": SPOT, "ordId": first["ordId"]})
    assert bench.place(clOrdId="a1")["sCode"] == "0"


@pytest.mark.parametrize(
    ("state", "ord_type", "code"),
    [
        ("live", "limit", "0"),
        ("preopen", "limit", "51021"),
        ("suspend", "limit", "51022"),
        ("post_only", "limit", "51022"),
        ("post_only", "post_only", "0"),
    ],
)
def test_the_instrument_state_decides(bench: Any, state: str, ord_type: str, code: str) -> None:
    bench.exchange.instruments.by_inst_id["BTC-USDT"].state = state
    assert bench.place(ordType=ord_type)["sCode"] == code


@pytest.mark.parametrize(
    ("acct_lv", "inst", "td_mode", "code"),
    [
        ("1", SPOT, "cash", "0"),
        ("1", SWAP, "cross", "51010"),
        ("2", SPOT, "cash", "0"),
        ("2", SWAP, "cross", "0"),
        ("2", SWAP, "isolated", "0"),
        ("3", SPOT, "cross", "0"),
        ("3", SPOT, "cash", "51010"),
        ("4", SWAP, "cross", "0"),
        ("4", SPOT, "isolated", "51010"),
    ],
)
def test_the_account_mode_decides(new_bench: Any, acct_lv: str, inst: int, td_mode: str, code: str) -> None:
    bench = new_bench(accounts=small_accounts(acct_lv=acct_lv))
    assert bench.place(instIdCode=inst, tdMode=td_mode, sz="1")["sCode"] == code


def test_long_short_mode_needs_a_side_and_closes_by_nature(new_bench: Any) -> None:
    bench = new_bench(accounts=small_accounts(pos_mode="long_short_mode"))
    swap = {"instIdCode": SWAP, "tdMode": "cross", "sz": "1", "px": "100000"}
    assert bench.place(**swap)["sCode"] == "51000"
    assert bench.place(**swap, posSide="net")["sCode"] == "51000"
    assert bench.place(**swap, posSide="long", side="sell")["sCode"] == "51169"
    assert bench.place(**swap, posSide="long")["sCode"] == "0"
    assert bench.place(UID_2, **swap, posSide="short", side="sell")["sCode"] == "0"
    assert bench.states() == ["live", "filled"]
    account = bench.exchange.accounts[UID_1]
    assert account.positions["BTC-USDT-SWAP", "cross", "long"].pos == 1
    assert bench.exchange.accounts[UID_2].positions["BTC-USDT-SWAP", "cross", "short"].pos == -1
    assert bench.place(**{**swap, "sz": "2"}, posSide="long", side="sell")["sCode"] == "51112"
    close = {**swap, "posSide": "long", "side": "sell", "px": "110000"}
    assert bench.place(**{**close, "sz": "0.6"}, clOrdId="c1")["sCode"] == "0"
    assert bench.place(**{**close, "sz": "0.5"})["sCode"] == "51112"  # 0.4 are left
    named = {"instIdCode": SWAP, "clOrdId": "c1"}
    assert bench.run("amend-order", {**named, "newSz": "1.1"}).rows[0]["sCode"] == "51112"
    assert bench.run("amend-order", {**named, "newSz": "1"}).rows[0]["sCode"] == "0"
    assert account.available_pos(account.positions["BTC-USDT-SWAP", "cross", "long"]) == 0


def test_too_many_live_orders(bench: Any) -> None:
    for _ in range(500):
        assert bench.place(px="90000", sz="0.00001")["sCode"] == "0"
    assert bench.place(px="90000", sz="0.00001")["sCode"] == "51174"
    assert bench.place(px="3900", sz="0.001", instIdCode=10_002)["sCode"] == "0"


# --- the rest ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ordType": "op_fok"}, "51000"),
        ({"ordType": "elp"}, "51000"),
        ({"ordType": "rpi"}, "54042"),
        ({"ordType": "mmp"}, "51036"),
        ({"isElpTakerAccess": "yes"}, "51000"),
        ({"rpiTakerAccess": True, "ordType": "ioc"}, "0"),
        ({"quickMgnType": "manual", "stpId": "7", "speedBump": "1"}, "0"),
        ({"tpTriggerPx": "110000"}, "54070"),
        ({"banAmend": "yes"}, "51000"),
        ({"clOrdId": 5}, "51000"),
        ({"tdMode": "spot_isolated"}, "51074"),
    ],
)
def test_other_parameters(bench: Any, change: dict[str, Any], code: str) -> None:
    assert bench.place(**change)["sCode"] == code


@pytest.mark.parametrize(("acct_lv", "td_mode", "code"), [("1", "cash", "51139"), ("3", "cross", "51133")])
def test_spot_orders_that_reduce_only(new_bench: Any, acct_lv: str, td_mode: str, code: str) -> None:
    bench = new_bench(accounts=tuple(AccountSpec(one.uid, one.api_keys, acct_lv=acct_lv) for one in defaults()))
    assert bench.place(tdMode=td_mode, side="sell", reduceOnly=True)["sCode"] == code


def test_the_account_decides_about_self_trades_where_the_order_does_not(new_bench: Any) -> None:
    spec = [AccountSpec(one.uid, one.api_keys, acct_stp_mode="cancel_both") for one in defaults()]
    bench = new_bench(accounts=tuple(spec))
    bench.place(side="sell", px="100000")
    bench.place(px="100000")
    assert [one["cancelSource"] for one in bench.pushes[UID_1] if one["state"] == "canceled"] == ["32", "32"]
    assert {one["stpMode"] for one in bench.pushes[UID_1]} == {"cancel_both"}
    assert bench.place(ordType="fok")["sCode"] == "54036"
