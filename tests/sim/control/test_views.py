"""The views of a simulator without sockets."""

from __future__ import annotations

from typing import Any

from gateway.sim.control.control import Control

UID_1 = "1000000000000001"


def view(bench: Any, name: str, **query: str) -> Any:
    return Control(bench.exchange, list).view(name, query)


def test_orders_of_one_account_and_live_ones(bench: Any) -> None:
    bench.place(clOrdId="a1")
    bench.place(clOrdId="a2", ordType="ioc", px="90000")
    assert [one["clOrdId"] for one in view(bench, "orders", uid=UID_1)] == ["a1", "a2"]
    assert [(one["uid"], one["clOrdId"]) for one in view(bench, "orders", live="1")] == [(UID_1, "a1")]
    assert view(bench, "orders", uid="7") == []


def test_accounts_show_cash_frozen_money_and_positions(modest_bench: Any) -> None:
    modest_bench.place(px="99000", sz="0.05")
    modest_bench.match(10_459, "100000", "2")
    first = view(modest_bench, "accounts")[0]
    assert (first["uid"], first["frozen"]["USDT"]) == (UID_1, "4950")  # 0.05 x 99000
    assert first["margin"]["USDT"] == "200"  # 2 x 0.01 x 100000 at leverage 10
    assert first["positions"] == {"BTC-USDT-SWAP/cross/net": "2"}


def test_the_house_account_took_the_fees(modest_bench: Any) -> None:
    modest_bench.match(10_459, "100000", "2")
    assert view(modest_bench, "house")["fees"] == {"USDT": "1.4"}  # 0.02 % and 0.05 % of 2000


def test_the_ledger_by_type(bench: Any) -> None:
    bench.place(clOrdId="a1")
    assert [one["type"] for one in view(bench, "ledger", type="order")] == ["order"]
