"""Bills: each movement of cash by its cause, amounts worked out by hand, sums against the ledger and the balance."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import default_accounts
from gateway.sim.rest.bills import bills

UID_1, UID_2 = "1000000000000001", "1000000000000002"


SPOT, SWAP, INVERSE, OPTION = 10_001, 10_459, 10_458, 320_001


WEALTH = {"USDT": Decimal(10_000), "BTC": Decimal(1)}


# The members of the documented answer (OKX docs, "Get bills details (last 3 months)").
KEYS = (
    "bal balChg billId ccy clOrdId earnAmt earnApr execType fee fillFwdPx fillIdxPx fillMarkPx fillMarkVol fillPxUsd "
    "fillPxVol fillTime from instId instType interest mgnMode notes ordId pnl posBal posBalChg px subType sz tag to "
    "tradeId ts type"
)


@pytest.fixture
def bench(new_bench: Any) -> Any:
    return new_bench(accounts=tuple(replace(one, balances=WEALTH) for one in default_accounts()))


def rows(bench: Any, **params: str) -> list[dict[str, Any]]:
    """Oldest first."""
    answer = bench.rest(bills, **params)
    assert answer["code"] == "0", answer
    return answer["data"][::-1]


def members(row: dict[str, Any], *names: str) -> tuple[str, ...]:
    return tuple(row[name] for name in names)


def lend(bench: Any, sz: str) -> None:
    """The first account, in multi-currency mode, buys at 100,000."""
    bench.exchange.background_market.quote("BTC-USDT", "sell", Decimal(100_000), Decimal(1))
    placed = bench.place(instIdCode=SPOT, tdMode="cross", px="100000", sz=sz)
    assert placed["sCode"] == "0", placed


def test_a_spot_trade_has_a_bill_in_each_currency(bench: Any) -> None:
    bench.match(SPOT, "90000", "0.1", "cash")
    got, paid = rows(bench)
    assert sorted(got) == KEYS.split()
    wanted = "type", "subType", "ccy", "balChg", "bal", "sz", "fee", "pnl", "px", "execType", "mgnMode", "instType"
    # 0.1 BTC less a taker fee of 0.1 % for 9,000 USDT: BTC is bought, USDT is sold.
    assert members(got, *wanted) == (
        "2",
        "1",
        "BTC",
        "0.0999",
        "1.0999",
        "0.1",
        "-0.0001",
        "0",
        "90000",
        "T",
        "cash",
        "SPOT",
    )
    assert members(paid, *wanted)[:7] == ("2", "2", "USDT", "-9000", "1000", "9000", "0")
    (fill,) = [one for one in bench.exchange.ledger.fills if one["uid"] == UID_1]
    assert members(got, "billId", "tradeId", "ordId") == (fill["bill_id"], fill["trade_id"], fill["ord_id"])
    assert members(paid, "tradeId", "ordId") == (fill["trade_id"], fill["ord_id"]) and paid["billId"] > got["billId"]


def test_a_contract_trade_is_billed_with_profit_and_fee(bench: Any) -> None:
    bench.match(SWAP, "100000", "10")
    for uid, side in ((UID_2, "buy"), (UID_1, "sell")):
        bench.place(uid, instIdCode=SWAP, tdMode="cross", side=side, px="101000", sz="10")
    opened, closed = rows(bench, instType="SWAP")
    assert members(opened, "type", "subType", "ccy", "balChg", "sz", "fee") == ("2", "1", "USDT", "-5", "10", "-5")
    # 0.1 BTC gains 100; the fee is 0.05 % of 10,100.
    assert members(closed, "subType", "pnl", "fee", "balChg", "bal") == ("2", "100", "-5.05", "94.95", "10089.95")


def test_funding_has_its_own_bills(bench: Any) -> None:
    bench.match(SWAP, "100000", "20")
    for rate in ("0.0003", "-0.0001"):
        bench.command("pay_funding", inst_id="BTC-USDT-SWAP", rate=rate)
    paid, received = rows(bench, type="8")
    wanted = "subType", "balChg", "pnl", "sz", "px", "instId", "ordId"
    assert members(paid, *wanted) == ("173", "-6", "-6", "20", "100000", "BTC-USDT-SWAP", "")
    assert members(received, *wanted)[:3] == ("174", "2", "2")


def test_interest_that_falls_due_is_billed_beside_the_trade(bench: Any) -> None:
    bench.exchange.background_market.quote("BTC-USDT", "sell", Decimal(100_000), Decimal(1))
    bench.place(instIdCode=SPOT, tdMode="cross", ccy="USDT", px="100000", sz="0.5")
    bench.command("accrue_interest", uid=UID_1, hours=10)
    bench.exchange.background_market.quote("BTC-USDT", "buy", Decimal(100_000), Decimal(1))
    bench.place(instIdCode=SPOT, tdMode="cross", ccy="USDT", side="sell", px="100000", sz="0.2")
    trade, interest = rows(bench)[-2:]
    assert members(trade, "type", "balChg", "fee", "instType", "sz") == ("2", "-20", "-20", "MARGIN", "20000")
    assert members(interest, "type", "subType", "balChg", "interest") == ("7", "9", "-2", "-2")


def test_interest_on_borrowed_cash_is_billed(bench: Any) -> None:
    bench.command("account_mode", uid=UID_1, acct_lv="3", auto_loan=True)
    lend(bench, "0.11")  # 11,000 of 10,000 USDT
    bench.command("accrue_interest", uid=UID_1, hours=3)
    (interest,) = rows(bench, type="7")
    # 1,000 x 0.00001 x 3
    assert members(interest, "subType", "ccy", "balChg", "bal", "instId") == ("9", "USDT", "-0.03", "-1000.03", "")


def test_delivery_and_exercise_are_billed(bench: Any) -> None:
    future = next(one for one in bench.exchange.markets if one.startswith("BTC-USDT-2"))
    bench.match(310_001, "100500", "10")
    bench.match(OPTION, "0.05", "10")
    bench.command("deliver", inst_id=future, px="101000")
    option = bench.exchange.instruments.by_inst_id_code[OPTION].inst_id
    bench.command("deliver", inst_id=option, px="125000")
    delivered, exercised = rows(bench, type="3")
    # 0.1 BTC from 100,500 to 101,000; 0.1 BTC of a call at 100,000 is worth a fifth at 125,000.
    assert members(delivered, "subType", "ccy", "balChg", "pnl", "px", "sz") == (
        "112",
        "USDT",
        "50",
        "50",
        "101000",
        "10",
    )
    assert members(exercised, "subType", "ccy", "balChg", "px") == ("170", "BTC", "0.02", "0.2")


def test_an_option_out_of_the_money_expires_for_nothing(bench: Any) -> None:
    bench.match(OPTION, "0.05", "10")
    option = bench.exchange.instruments.by_inst_id_code[OPTION].inst_id
    bench.command("deliver", inst_id=option, px="90000")
    (expired,) = rows(bench, type="3")
    assert members(expired, "subType", "balChg", "sz") == ("172", "0", "10")


@pytest.mark.parametrize(
    ("verb", "pos_mode", "sz", "type_", "sub_type"),
    [
        ("liquidate", "net_mode", "10", "5", "107"),
        ("liquidate", "net_mode", "4", "5", "103"),
        ("liquidate", "long_short_mode", "10", "5", "104"),
        ("liquidate", "long_short_mode", "4", "5", "100"),
        ("adl", "net_mode", "10", "9", "128"),
        ("adl", "long_short_mode", "4", "9", "125"),
    ],
)
def test_forced_trades_have_bills_of_their_own_types(
    bench: Any, verb: str, pos_mode: str, sz: str, type_: str, sub_type: str
) -> None:
    bench.command("position_mode", uid=UID_1, pos_mode=pos_mode)
    pos_side = {"posSide": "long"} if pos_mode == "long_short_mode" else {}
    bench.place(UID_2, instIdCode=SWAP, tdMode="cross", side="sell", px="100000", sz="10")
    bench.place(instIdCode=SWAP, tdMode="cross", px="100000", sz="10", **pos_side)
    bench.command(verb, uid=UID_1, inst_id="BTC-USDT-SWAP", sz=sz)
    taken = rows(bench)[-1]
    assert members(taken, "type", "subType", "sz") == (type_, sub_type, sz)
    assert taken["ordId"] and taken["tradeId"].startswith("-")
    assert Decimal(taken["balChg"]) == Decimal(taken["pnl"]) + Decimal(taken["fee"])


@pytest.mark.parametrize("mode", ["cross", "isolated"])
def test_payments_of_the_insurance_fund_have_their_own_bills(bench: Any, mode: str) -> None:
    bench.match(SWAP, "100000", "90", mode)  # 9,000 USDT of margin
    bench.command("mark_price", inst_id="BTC-USDT-SWAP", px="80000")
    bench.exchange.flush()
    taken, covered = rows(bench)[-2:]
    assert members(taken, "type", "subType") == ("5", "107")
    assert members(covered, "type", "subType", "instId") == ("5", "110", "BTC-USDT-SWAP")
    paid = -bench.exchange.house_account.balance("insurance", "USDT")
    assert paid > 0 and Decimal(covered["balChg"]) == paid
    assert Decimal(taken["balChg"]) == Decimal(taken["pnl"]) + Decimal(taken["fee"])


def test_forced_repayment_is_billed(bench: Any) -> None:
    bench.command("account_mode", uid=UID_1, acct_lv="3", auto_loan=True)
    lend(bench, "0.1")
    account = bench.exchange.accounts[UID_1]
    account.credit("USDT", Decimal(-200_000), 0)  # far more than 1.1 BTC is worth
    account.bill_book.charged("USDT", 0)
    bench.exchange.flush()
    sold, bought, covered = rows(bench)[-3:]
    assert [members(one, "type", "subType", "ccy") for one in (sold, bought)] == [
        ("4", "115", "BTC"),
        ("4", "114", "USDT"),
    ]
    assert members(sold, "bal") == ("0",)
    assert members(covered, "type", "subType", "ccy", "bal") == ("5", "110", "USDT", "0")


def test_the_bills_of_a_busy_day_add_up_to_the_balance(bench: Any) -> None:
    """Every bill starts where the one before it ended, the last one ends at the balance, and each trade's bills say
    what the ledger's fill says."""
    bench.match(SPOT, "90000", "0.01", "cash")
    bench.match(INVERSE, "100000", "30")
    bench.match(SWAP, "100000", "20", "isolated")
    bench.match(OPTION, "0.05", "5")
    bench.command("pay_funding", inst_id="BTC-USD-SWAP", rate="0.00013")
    bench.touch("97000")
    for uid, side in ((UID_2, "buy"), (UID_1, "sell")):
        bench.place(uid, instIdCode=SWAP, tdMode="isolated", side=side, px="97000", sz="7")
        bench.place(uid, instIdCode=SPOT, tdMode="cash", side=side, px="90000", sz="0.003")
    bench.command("liquidate", uid=UID_1, inst_id="BTC-USD-SWAP")
    bench.command("deliver", inst_id=bench.exchange.instruments.by_inst_id_code[OPTION].inst_id, px="111111")
    balances = dict(WEALTH)
    fees: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows(bench):
        ccy = row["ccy"]
        balances[ccy] += Decimal(row["balChg"])
        assert balances[ccy] == Decimal(row["bal"]), row
        if row["tradeId"]:
            fees[row["tradeId"], row["instId"]] += Decimal(row["fee"])
    assert balances == {ccy: bench.cash(ccy) for ccy in balances}
    fills = [one for one in bench.exchange.ledger.fills if one["uid"] == UID_1]
    assert fees == {(one["trade_id"], one["inst_id"]): Decimal(one["fee"]) for one in fills} and len(fills) == 7
