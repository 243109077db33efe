"""Trade requests: acks, pushes, money set aside, batches, expiry."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.sim.base.configuration import AccountSpec, Switches
from gateway.sim.base.configuration import default_accounts as defaults

SPOT, SWAP = 10_001, 10_459
UID_1, UID_2 = "1000000000000001", "1000000000000002"


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


def test_a_batch_under_portfolio_margin_is_all_or_nothing(new_bench: Any) -> None:
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
