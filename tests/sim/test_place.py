"""Placing: what is refused and with which code, what is set aside, what is pushed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import AccountSpec, Switches
from gateway.sim.base.configuration import default_accounts as defaults

SPOT, SWAP, INVERSE, OPTION = 10_001, 10_459, 10_458, 320_001
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


def test_an_accepted_order_is_acked_pushed_and_holds_its_money(bench: Any) -> None:
    before = bench.available("USDT")
    row = bench.place(clOrdId="a1", tag="t1")
    assert list(row) == ["tag", "ts", "ordId", "clOrdId", "sCode", "sMsg", "subCode"]
    assert (row["tag"], row["clOrdId"], row["sCode"]) == ("t1", "a1", "0")
    assert row["sMsg"] == "Order successfully placed."
    (push,) = bench.pushes[UID_1]
    assert (push["state"], push["ordId"], push["cTime"]) == ("live", row["ordId"], row["ts"])
    assert before - bench.available("USDT") == Decimal("49500")
    bench.run("cancel-order", {"instIdCode": SPOT, "clOrdId": "a1"})
    assert bench.available("USDT") == before


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


def test_derivatives_hold_margin_and_not_the_value(bench: Any) -> None:
    before = bench.available("USDT")
    bench.place(instIdCode=SWAP, tdMode="cross", sz="10", px="100000")
    # 10 contracts x 0.01 BTC x 100000 = 10000; a tenth of it, and the taker's fee of 0.05 %
    assert before - bench.available("USDT") == Decimal("1005")


def test_rest_rows_name_the_instrument_and_answer_in_other_words(bench: Any) -> None:
    row = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "1"}
    assert bench.run("order", row, ws=False).rows[0]["sMsg"] == "Order placed"
    result = bench.run("order", {**row, "instId": "NO-SUCH"}, ws=False)
    assert (result.code, result.msg, result.rows[0]["sCode"]) == ("1", "All operations failed", "51001")
    assert bench.run("order", {**row, "instId": ""}, ws=False).rows[0]["sCode"] == "50014"


def test_a_batch_answers_row_by_row(bench: Any) -> None:
    good = {"instIdCode": SPOT, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "0.1"}
    bad = {**good, "sz": "0"}
    assert bench.run("batch-orders", good, good).code == "0"
    mixed = bench.run("batch-orders", good, bad)
    assert (mixed.code, [row["sCode"] for row in mixed.rows]) == ("2", ["0", "51000"])
    assert bench.run("batch-orders", bad, bad).code == "1"


def test_an_expired_request_is_not_executed(new_bench: Any) -> None:
    good = {"instIdCode": SPOT, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "0.1"}
    bench = new_bench()
    past, future = str(bench.exchange.clock.now_ms() - 1), str(bench.exchange.clock.now_ms() + 60_000)
    result = bench.run("order", good, exp_time=past)
    assert (result.code, result.rows) == ("50036", [])
    for wrong in ("soon", "9" * 5000):
        assert bench.run("order", good, exp_time=wrong).code == "51000"
    assert bench.pushes[UID_1] == []
    assert bench.run("order", good, exp_time=future).code == "0"
    bench = new_bench(switches=Switches(exp_time_form="rows"))
    result = bench.run("batch-orders", good, good, exp_time=past)
    assert (result.code, [row["sCode"] for row in result.rows]) == ("1", ["50036", "50036"])
