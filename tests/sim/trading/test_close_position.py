"""Closing a position at the market price (OKX docs, "Close positions")."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import AccountSpec
from gateway.sim.base.configuration import default_accounts as defaults
from gateway.sim.rest import algo as rest_algo

SWAP = 10_459
UID_1, UID_2 = "1000000000000001", "1000000000000002"
CLOSE = {"instId": "BTC-USDT-SWAP", "mgnMode": "cross"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"instId": ""}, "50014"),
        ({"instId": "NO-SUCH"}, "51001"),
        ({"mgnMode": ""}, "50014"),
        ({"mgnMode": "cash"}, "51000"),
        ({"mgnMode": "isolated"}, "51023"),
        ({"posSide": "long"}, "51000"),
        ({"instId": "ETH-USDT-SWAP"}, "51023"),
        ({"clOrdId": "a-b"}, "51000"),
        ({"tag": "a" * 17}, "51000"),
        ({"autoCxl": "yes"}, "51000"),
    ],
)
def test_refusals(bench: Any, change: dict[str, Any], code: str) -> None:
    bench.hold()
    assert bench.rest(rest_algo.close_position, {**CLOSE, **change})["code"] == code
    assert bench.pushes[UID_1] == []


@pytest.mark.parametrize(("side", "px"), [("buy", "99000"), ("sell", "101000")])
def test_the_whole_position_goes_at_the_market(bench: Any, side: str, px: str) -> None:
    bench.hold("3", side)
    bench.liquidity((side, px))
    answer = bench.rest(rest_algo.close_position, {**CLOSE, "clOrdId": "c1", "tag": "t1"})
    assert answer["data"] == [{"clOrdId": "c1", "instId": "BTC-USDT-SWAP", "posSide": "net", "tag": "t1"}]
    push = bench.pushes[UID_1][-1]
    assert (push["state"], push["ordType"], push["accFillSz"], push["reduceOnly"]) == ("filled", "market", "3", "true")
    assert (push["clOrdId"], push["tag"], push["avgPx"]) == ("c1", "t1", px)
    assert not bench.exchange.accounts[UID_1].positions


def test_waiting_closing_orders_must_go_first(bench: Any) -> None:
    bench.hold()
    bench.liquidity(("buy", "99000"))
    bench.place(instIdCode=SWAP, tdMode="cross", side="sell", px="110000", sz="1", reduceOnly=True)
    refused = bench.rest(rest_algo.close_position, CLOSE)
    assert (refused["code"], refused["msg"]) == ("51115", "Cancel all pending close-orders before liquidation.")
    assert bench.rest(rest_algo.close_position, {**CLOSE, "autoCxl": True})["code"] == "0"
    published = [(one["state"], one["cancelSource"]) for one in bench.pushes[UID_1]]
    assert published == [("live", ""), ("canceled", "17"), ("live", ""), ("filled", "")]


def test_long_short_mode_names_the_side(new_bench: Any) -> None:
    accounts = tuple(AccountSpec(one.uid, one.api_keys, pos_mode="long_short_mode") for one in defaults())
    bench = new_bench(accounts=accounts)
    swap = {"instIdCode": SWAP, "tdMode": "cross", "px": "100000", "sz": "1"}
    bench.place(**swap, posSide="long")
    bench.place(UID_2, **swap, posSide="short", side="sell")
    bench.place(UID_2, **swap, posSide="long")
    assert bench.rest(rest_algo.close_position, CLOSE)["code"] == "51000"
    assert bench.rest(rest_algo.close_position, {**CLOSE, "posSide": "short"})["code"] == "51023"
    answer = bench.rest(rest_algo.close_position, {**CLOSE, "posSide": "long"})
    assert answer["data"][0]["posSide"] == "long"
    assert not bench.exchange.accounts[UID_1].positions


def test_it_is_not_bound_to_the_largest_market_order(new_bench: Any) -> None:
    rich = {"USDT": Decimal(10) ** 12}
    bench = new_bench(accounts=tuple(AccountSpec(one.uid, one.api_keys, balances=rich) for one in defaults()))
    for _ in range(2):
        bench.hold("20000")
    for _ in range(2):
        bench.place(UID_2, instIdCode=SWAP, tdMode="cross", px="99000", sz="20000")
    assert bench.rest(rest_algo.close_position, CLOSE)["code"] == "0"
    assert not bench.exchange.accounts[UID_1].positions
