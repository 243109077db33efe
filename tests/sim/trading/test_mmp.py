"""Market maker protection and mass-cancel (OKX docs, "Set MMP", "Mass cancel order")."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import AccountSpec
from gateway.sim.base.configuration import default_accounts as defaults
from gateway.sim.rest import algo as rest_algo

OPTION, SWAP = 320_001, 10_459
UID_1, UID_2 = "1000000000000001", "1000000000000002"
QUOTE = {"instIdCode": OPTION, "tdMode": "cross", "ordType": "mmp", "sz": "10"}
LIMITS = {"instFamily": "BTC-USD", "timeInterval": "5000", "frozenInterval": "2000", "qtyLimit": "6"}


@pytest.fixture
def makers(new_bench: Any) -> Any:
    specs = (AccountSpec(one.uid, one.api_keys, acct_lv="4", mm_permission=True) for one in defaults())
    return new_bench(accounts=tuple(specs))


def quote(bench: Any, *prices: str) -> None:
    for px in prices:
        assert bench.place(**QUOTE, px=px)["sCode"] == "0"


def take(bench: Any, sz: str, px: str = "0.05") -> None:
    """The second account sells into the first one's quotes."""
    bench.place(UID_2, instIdCode=OPTION, tdMode="cross", side="sell", ordType="ioc", px=px, sz=sz)


@pytest.mark.parametrize(
    ("spec", "change", "code"),
    [
        ({"acct_lv": "2", "mm_permission": True}, {}, "51036"),
        ({"acct_lv": "4"}, {}, "51035"),
        ({"acct_lv": "4", "mm_permission": True}, {"instIdCode": SWAP}, "51036"),
        ({"acct_lv": "4", "mm_permission": True}, {"tdMode": "isolated"}, "51042"),
        ({"acct_lv": "4", "mm_permission": True}, {}, "0"),
        ({"acct_lv": "4", "mm_permission": True}, {"ordType": "mmp_and_post_only"}, "0"),
        ({"acct_lv": "4", "mm_permission": True}, {"attachAlgoOrds": [{"tpTriggerPx": "1", "tpOrdPx": "-1"}]}, "51044"),
    ],
)
def test_conditions_for_placing_them(new_bench: Any, spec: dict[str, Any], change: dict[str, Any], code: str) -> None:
    bench = new_bench(accounts=tuple(AccountSpec(one.uid, one.api_keys, **spec) for one in defaults()))
    assert bench.place(**{**QUOTE, "px": "0.05", **change})["sCode"] == code


def test_too_much_too_fast_cancels_all_and_freezes(makers: Any) -> None:
    assert makers.rest(rest_algo.set_mmp, LIMITS)["data"] == [LIMITS]
    quote(makers, "0.05", "0.0499", "0.0498")
    limit = makers.place(**{**QUOTE, "ordType": "limit", "px": "0.0497"})["ordId"]
    take(makers, "5")
    assert makers.states() == ["live"] * 4 + ["partially_filled"]
    take(makers, "1")
    ended = [(one["state"], one["cancelSource"]) for one in makers.pushes[UID_1][6:]]
    assert ended == [("mmp_canceled", "39")] * 3
    assert list(makers.exchange.accounts[UID_1].live) == [limit]
    assert makers.place(**QUOTE, px="0.05")["sCode"] == "51034"
    (row,) = makers.rest(rest_algo.mmp_config)["data"]
    assert row["mmpFrozen"] is True and int(row["mmpFrozenUntil"]) > 0
    assert makers.rest(rest_algo.reset_mmp, {"instType": "OPTION", "instFamily": "BTC-USD"})["data"] == [
        {"result": True}
    ]
    assert makers.place(**QUOTE, px="0.05")["sCode"] == "0"


def test_a_freeze_ends_by_itself_and_old_fills_do_not_count(makers: Any) -> None:
    makers.rest(rest_algo.set_mmp, LIMITS)
    quote(makers, "0.05", "0.0499")
    take(makers, "5")
    makers.exchange.clock.skew_ms += 5_000
    take(makers, "5")
    assert "mmp_canceled" not in makers.states()
    take(makers, "1", "0.0499")
    assert makers.states()[-1] == "mmp_canceled"
    makers.exchange.clock.skew_ms += 2_000
    assert makers.place(**QUOTE, px="0.05")["sCode"] == "0"


def test_without_a_frozen_interval_only_a_reset_helps(makers: Any) -> None:
    makers.rest(rest_algo.set_mmp, {**LIMITS, "frozenInterval": "0"})
    quote(makers, "0.05")
    take(makers, "6")
    makers.exchange.clock.skew_ms += 10_000_000
    assert makers.place(**QUOTE, px="0.05")["sCode"] == "51034"
    assert makers.rest(rest_algo.mmp_config, instFamily="BTC-USD")["data"][0]["mmpFrozenUntil"] == ""
    makers.rest(rest_algo.reset_mmp, {"instFamily": "BTC-USD"})
    assert makers.place(**QUOTE, px="0.05")["sCode"] == "0"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"instFamily": ""}, "50014"),
        ({"timeInterval": ""}, "50014"),
        ({"frozenInterval": "x"}, "51000"),
        ({"qtyLimit": ""}, "50014"),
        ({"qtyLimit": "0"}, "51000"),
        ({"qtyLimit": 5}, "51000"),
    ],
)
def test_configurations_that_are_refused(makers: Any, change: dict[str, Any], code: str) -> None:
    assert makers.rest(rest_algo.set_mmp, {**LIMITS, **change})["code"] == code


def test_it_needs_the_permission(bench: Any) -> None:
    assert bench.rest(rest_algo.set_mmp, LIMITS)["code"] == "51035"
    assert bench.rest(rest_algo.reset_mmp, {"instFamily": "BTC-USD"})["code"] == "59509"
    assert bench.rest(rest_algo.mmp_config)["data"] == []


def mass_cancel(bench: Any, **arg: Any) -> Any:
    bench.now_ns += 3_000_000_000
    account = bench.exchange.accounts[UID_1]
    result = bench.exchange.order_entry.mass_cancel(account, True, arg, bench.now_ns)
    bench.exchange.flush()
    return result


def test_mass_cancel_takes_the_mmp_orders_and_locks(makers: Any) -> None:
    quote(makers, "0.05", "0.0499")
    kept = makers.place(**{**QUOTE, "ordType": "limit", "px": "0.0497"})["ordId"]
    result = mass_cancel(makers, instType="OPTION", instFamily="BTC-USD", lockInterval="1000")
    assert (result.code, result.msg, result.rows) == ("0", "", [{"result": True}])
    assert [(one["state"], one["cancelSource"]) for one in makers.pushes[UID_1][3:]] == [("canceled", "38")] * 2
    assert list(makers.exchange.accounts[UID_1].live) == [kept]
    assert makers.place(**QUOTE, px="0.05")["sCode"] == "54008"
    makers.exchange.clock.skew_ms += 1_000
    assert makers.place(**QUOTE, px="0.05")["sCode"] == "0"


@pytest.mark.parametrize(
    ("arg", "code"),
    [
        ({"instFamily": "BTC-USD"}, "51000"),
        ({"instType": "SWAP", "instFamily": "BTC-USD"}, "51000"),
        ({"instType": "OPTION"}, "50014"),
        ({"instType": "OPTION", "instFamily": "BTC-USD", "lockInterval": "10001"}, "54009"),
        ({"instType": "OPTION", "instFamily": "BTC-USD", "lockInterval": 5}, "51000"),
    ],
)
def test_mass_cancels_that_are_refused(makers: Any, arg: dict[str, Any], code: str) -> None:
    assert mass_cancel(makers, **arg).code == code


def test_mmp_orders_do_not_count_against_the_sub_account(makers: Any) -> None:
    makers.exchange.limits.set_sub_account_limit(UID_1, 1)
    rows = [{**QUOTE, "px": "0.05", "side": "buy"}] * 3
    assert makers.run("batch-orders", *rows).code == "0"
    assert Decimal(len(makers.exchange.accounts[UID_1].live)) == 3


def test_a_fill_or_kill_order_gets_the_depth_that_it_was_promised(makers: Any) -> None:
    makers.rest(rest_algo.set_mmp, LIMITS)
    quote(makers, "0.05", "0.0499", "0.0498")
    row = makers.place(UID_2, instIdCode=OPTION, tdMode="cross", side="sell", ordType="fok", px="0.0499", sz="20")
    assert row["sCode"] == "0"
    assert makers.states(UID_2)[-1] == "filled"
    assert (makers.states()[-1], makers.pushes[UID_1][-1]["px"]) == ("mmp_canceled", "0.0498")


@pytest.mark.asyncio
async def test_the_permission_can_be_commanded(world: Any) -> None:
    world.sim.command("account_mode", uid=UID_1, acct_lv="4")
    client = await world.trader()
    order = {**QUOTE, "side": "buy", "px": "0.05"}
    assert (await client.op("order", order))["data"][0]["sCode"] == "51035"
    world.sim.command("mm_permission", uid=UID_1)
    assert (await client.op("order", order))["data"][0]["sCode"] == "0"
    ack = await client.op("mass-cancel", {"instType": "OPTION", "instFamily": "BTC-USD"})
    assert (ack["code"], ack["data"], set(ack)) == ("0", [{"result": True}], {"id", "op", "code", "msg", "data"})
    assert (await client.pushed(2))[1]["cancelSource"] == "38"
