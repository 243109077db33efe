"""Parameters that not every order has: option prices, slippage, bands, budgets, RPI (OKX docs, "Place order")."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import AccountSpec, Switches
from gateway.sim.base.configuration import default_accounts as defaults
from gateway.sim.market.instruments import Instrument
from gateway.sim.market.option_prices import px_of_volatility

SPOT, SWAP, OPTION = 10_001, 10_459, 320_001
UID_1, UID_2 = "1000000000000001", "1000000000000002"
OPTION_ORDER = {"instIdCode": OPTION, "tdMode": "cross", "px": None, "sz": "1"}


# --- options: one price of three kinds ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "51175"),
        ({"px": "0.05", "pxUsd": "5000"}, "51176"),
        ({"pxUsd": "5000", "pxVol": "0.5"}, "51176"),
        ({"pxUsd": "5000", "ordType": "post_only"}, "51181"),
        ({"pxVol": "0.5", "ordType": "ioc"}, "51181"),
        ({"pxUsd": "x"}, "51000"),
        ({"pxUsd": "0"}, "51000"),
        ({"pxVol": "11"}, "51180"),
        ({"pxVol": 1}, "51000"),
        ({"px": "99000", "pxUsd": "1", "instIdCode": SPOT, "tdMode": "cash"}, "51537"),
        ({"px": "99000", "pxVol": "1", "instIdCode": SWAP}, "51537"),
    ],
)
def test_which_price(bench: Any, change: dict[str, Any], code: str) -> None:
    row = bench.place(**{**OPTION_ORDER, **change})
    assert row["sCode"] == code, row
    assert row["sMsg"]


def test_a_price_in_usd_becomes_coin(bench: Any) -> None:
    assert bench.place(**OPTION_ORDER, pxUsd="5012", clOrdId="o1")["sCode"] == "0"
    (push,) = bench.pushes[UID_1]
    # 5012 USD at an index of 100000 are 0.05012 BTC; ticks of 0.0001, a remainder below half goes down
    assert (push["px"], push["pxUsd"], push["pxVol"], push["pxType"]) == ("0.0501", "5012", "", "pxUsd")
    amend = {"instIdCode": OPTION, "clOrdId": "o1"}
    assert bench.run("amend-order", {**amend, "newPxUsd": "6000"}).code == "0"
    assert (bench.pushes[UID_1][-1]["px"], bench.pushes[UID_1][-1]["pxUsd"]) == ("0.06", "6000")
    codes = [
        bench.run("amend-order", {**amend, **change}).rows[0]["sCode"]
        for change in ({"newPx": "0.05"}, {"newPxVol": "0.5"}, {"newSz": "2"}, {"newPxUsd": "1", "newPx": "1"})
    ]
    assert codes == ["51177", "51177", "51536", "51176"]


def test_a_volatility_becomes_coin(bench: Any) -> None:
    assert bench.place(**OPTION_ORDER, pxVol="0.5")["sCode"] == "0"
    (push,) = bench.pushes[UID_1]
    assert (push["pxVol"], push["pxUsd"], push["pxType"]) == ("0.5", "", "pxVol")
    assert Decimal("0.01") < Decimal(push["px"]) < Decimal("0.5")


def option(kind: str, stk: str, years: int) -> Instrument:
    numbers = [Decimal(1)] * 6
    exp_time = str(years * 365 * 86_400_000)
    return Instrument("BTC-USD-X", 1, "OPTION", *numbers, opt_type=kind, stk=stk, exp_time=exp_time)


@pytest.mark.parametrize(
    ("kind", "stk", "expected"),
    [
        # Black's formula on a forward of 100, one year, 20 % and no interest, per textbook tables: 7.9656 at the money;
        # in coin that is a hundredth. Put and call differ by (F - K) / F.
        ("C", "100", "0.079656"),
        ("P", "100", "0.079656"),
        ("C", "90", "0.135891"),
        ("P", "90", "0.035891"),
    ],
)
def test_blacks_formula(kind: str, stk: str, expected: str) -> None:
    px = px_of_volatility(option(kind, stk, 1), Decimal("0.2"), Decimal(100), 0)
    assert abs(px - Decimal(expected)) < Decimal("0.00001")


# --- bands and slippage --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "px", "amend_type", "expected"),
    [
        ("buy", "120000.1", "0", "51006"),
        ("buy", "120000.1", "1", "120000"),
        ("sell", "79999.9", "1", "80000"),
        ("buy", "99000", "1", "99000"),
        ("buy", "99000", "2", "51000"),
    ],
)
def test_a_price_may_be_moved_into_the_band(bench: Any, side: str, px: str, amend_type: str, expected: str) -> None:
    row = bench.place(side=side, px=px, sz="0.01", pxAmendType=amend_type)
    if row["sCode"] == "0":
        assert bench.pushes[UID_1][0]["px"] == expected
    else:
        assert row["sCode"] == expected


def test_an_amend_may_be_moved_into_the_band(bench: Any) -> None:
    bench.place(clOrdId="a1")
    row = {"instIdCode": SPOT, "clOrdId": "a1", "newPx": "130000"}
    assert bench.run("amend-order", row).rows[0]["sCode"] == "51006"
    assert bench.run("amend-order", {**row, "pxAmendType": "1"}).rows[0]["sCode"] == "0"
    assert bench.pushes[UID_1][-1]["px"] == "120000"


@pytest.mark.parametrize(
    ("side", "tgt", "slippage", "code"),
    [
        ("buy", "base_ccy", "0.0501", "54084"),
        ("buy", "base_ccy", "x", "54084"),
        ("buy", "base_ccy", "0.01234", "54085"),
        ("buy", "base_ccy", "0.0123", "0"),
        ("sell", "quote_ccy", "0.06", "54084"),
        ("buy", "quote_ccy", "9", "0"),  # counted in what is paid: the parameter does not apply
        ("sell", "base_ccy", "9", "0"),
    ],
)
def test_slippage_of_spot_market_orders(bench: Any, side: str, tgt: str, slippage: str, code: str) -> None:
    sz = "100" if tgt == "quote_ccy" else "0.01"
    row = bench.place(side=side, ordType="market", px=None, sz=sz, tgtCcy=tgt, slippagePct=slippage)
    assert row["sCode"] == code


def test_slippage_limits_how_far_it_takes(bench: Any) -> None:
    for px in ("100000", "101000", "101000.1"):
        bench.place(UID_2, side="sell", px=px, sz="0.1")
    bench.place(ordType="market", px=None, sz="0.3", tgtCcy="base_ccy", slippagePct="0.01")
    last = bench.pushes[UID_1][-1]
    assert (last["state"], last["accFillSz"], last["cancelSource"]) == ("canceled", "0.2", "27")


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


def test_a_client_id_is_unique_inside_a_request(bench: Any) -> None:
    bench.place(UID_2, side="sell", px="99000", sz="1")
    row = {"instIdCode": SPOT, "tdMode": "cash", "side": "buy", "ordType": "ioc", "px": "99000", "sz": "0.1"}
    rows = bench.run("batch-orders", {**row, "clOrdId": "a1"}, {**row, "clOrdId": "a1"}).rows
    assert [one["sCode"] for one in rows] == ["0", "51016"]
    assert bench.place(clOrdId="a1", ordType="ioc")["sCode"] == "0"  # free again: the first has ended


def test_orders_that_take_elp_have_a_limit_of_their_own(new_bench: Any) -> None:
    bench = new_bench(switches=Switches(limiter_form="frame"))
    row = {
        "instIdCode": SPOT, "tdMode": "cash", "side": "buy", "ordType": "ioc", "px": "99000", "sz": "0.1",
        "isElpTakerAccess": True,
    }  # fmt: skip
    codes = []
    for _ in range(3):
        bench.now_ns -= 3_000_000_000  # all at one time
        codes.append(bench.run("batch-orders", *[row] * 20).code)
    assert codes == ["0", "0", "50011"]


def test_a_batch_under_portfolio_margin_is_taken_whole_or_not_at_all(new_bench: Any) -> None:
    bench = new_bench(accounts=tuple(AccountSpec(one.uid, one.api_keys, acct_lv="4") for one in defaults()))
    row = {"instIdCode": SWAP, "tdMode": "cross", "side": "buy", "ordType": "limit", "px": "100000", "sz": "1"}
    result = bench.run("batch-orders", row, {**row, "sz": "x"}, row)
    assert (result.code, [one["sCode"] for one in result.rows]) == ("1", ["54004", "51000", "54004"])
    assert bench.pushes[UID_1] == []
    bench.exchange.accounts[UID_1].cash.clear()
    bench.exchange.accounts[UID_1].cash["USDT"] = Decimal(1_500)  # enough for ten contracts, not for twice ten
    result = bench.run("batch-orders", {**row, "sz": "10"}, {**row, "sz": "10"})
    assert [one["sCode"] for one in result.rows] == ["54004", "51008"]
    assert bench.run("batch-orders", row, row).code == "0"
    assert len(bench.exchange.accounts[UID_1].live) == 2


# --- amends under way ----------------------------------------------------------------------------------------------


def test_a_fourth_amend_under_way_is_refused(new_bench: Any) -> None:
    bench = new_bench(switches=Switches(amend_delay_ms=500))
    bench.place(clOrdId="a1")
    amends = [
        bench.run("amend-order", {"instIdCode": SPOT, "clOrdId": "a1", "newSz": f"0.{n}", "reqId": f"r{n}"}).rows[0]
        for n in range(1, 5)
    ]
    assert [one["sCode"] for one in amends] == ["0", "0", "0", "51513"]
    assert bench.states() == ["live"]
    assert [seconds for seconds, _ in bench.timers[-3:]] == [0.5] * 3
    for _, late in bench.timers[-3:]:
        late()
    assert [(one["reqId"], one["sz"], one["amendResult"]) for one in bench.pushes[UID_1][1:]] == [
        ("r1", "0.1", "0"), ("r2", "0.2", "0"), ("r3", "0.3", "0"),
    ]  # fmt: skip
    assert bench.run("amend-order", {"instIdCode": SPOT, "clOrdId": "a1", "newSz": "0.4"}).rows[0]["sCode"] == "0"


@pytest.mark.parametrize(("cxl", "state", "result"), [(False, "live", "-1"), (True, "canceled", "1")])
def test_what_was_acked_may_still_fail(new_bench: Any, cxl: bool, state: str, result: str) -> None:
    bench = new_bench(switches=Switches(amend_delay_ms=500))
    bench.place(clOrdId="a1")
    row = {"instIdCode": SPOT, "clOrdId": "a1", "newSz": "50", "cxlOnFail": cxl, "reqId": "r1"}
    assert bench.run("amend-order", row).rows[0]["sCode"] == "0"
    bench.exchange.accounts[UID_1].cash["USDT"] = Decimal(50_000)
    bench.timers[-1][1]()
    push = bench.pushes[UID_1][-1]
    assert (push["state"], push["amendResult"], push["code"], push["reqId"]) == (state, result, "51502", "r1")


def test_an_amend_of_an_order_that_ended_meanwhile_says_nothing(new_bench: Any) -> None:
    bench = new_bench(switches=Switches(amend_delay_ms=500))
    bench.place(clOrdId="a1")
    bench.run("amend-order", {"instIdCode": SPOT, "clOrdId": "a1", "newSz": "1"})
    bench.run("cancel-order", {"instIdCode": SPOT, "clOrdId": "a1"})
    bench.timers[-1][1]()
    assert bench.states() == ["live", "canceled"]


@pytest.mark.parametrize(
    ("change", "code"), [({"newPxUsd": "1"}, "51537"), ({"newPxVol": "1"}, "51537"), ({}, "51500")]
)
def test_amends_that_are_refused(bench: Any, change: dict[str, str], code: str) -> None:
    bench.place(clOrdId="a1")
    assert bench.run("amend-order", {"instIdCode": SPOT, "clOrdId": "a1", **change}).rows[0]["sCode"] == code


def test_amending_a_closing_order_without_its_position(bench: Any) -> None:
    bench.hold("2")
    swap = {"instIdCode": SWAP, "tdMode": "cross", "side": "sell", "px": "110000", "sz": "1"}
    bench.place(**swap, reduceOnly=True, clOrdId="r1")
    amend = {"instIdCode": SWAP, "clOrdId": "r1"}
    assert bench.run("amend-order", {**amend, "newSz": "3"}).rows[0]["sCode"] == "51112"
    assert bench.run("amend-order", {**amend, "newSz": "2"}).rows[0]["sCode"] == "0"
