"""Order precheck: the effect of an order, without placing it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import default_accounts
from gateway.sim.control.control import Control
from gateway.sim.rest.precheck import precheck

UID_1 = "1000000000000001"
ORDER = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "buy", "ordType": "limit", "px": "100000", "sz": "10"}


@pytest.fixture
def pooled(new_bench: Any) -> Any:
    """Multi-currency mode with ten thousand dollars."""
    wealth = {"USDT": Decimal(10_000)}
    bench = new_bench(accounts=tuple(replace(one, balances=wealth) for one in default_accounts()))
    Control(bench.exchange, list).command("account_mode", uid=UID_1, acct_lv="3")
    return bench


def test_the_needs_of_an_order(pooled: Any) -> None:
    (row,) = pooled.rest(precheck, ORDER)["data"]
    assert " ".join(row) == (
        "adjEq adjEqChg availBal availBalChg imr imrChg liab liabChg liabChgCcy liqPx liqPxDiff liqPxDiffRatio mgnRatio "
        "mgnRatioChg mmr mmrChg posBal posBalChg type"
    )
    # 10,000 USDT at leverage 10 and 0.05 % fee; maintenance 0.4 % and the fee of a liquidation.
    assert (row["imr"], row["imrChg"], row["adjEqChg"], row["mmr"], row["mmrChg"]) == ("0", "1005", "-5", "0", "45")
    account = pooled.exchange.accounts[UID_1]
    assert not account.live and not account.orders and account.frozen["USDT"] == 0


def test_an_order_that_closes_gives_maintenance_margin_back(pooled: Any) -> None:
    pooled.hold("10")
    before = pooled.exchange.accounts[UID_1].positions
    (row,) = pooled.rest(precheck, {**ORDER, "side": "sell", "sz": "4"})["data"]
    assert (row["imrChg"], row["mmr"], row["mmrChg"], row["adjEqChg"]) == ("0", "45", "-18", "-2")
    assert Decimal(row["mgnRatioChg"]) > 0
    (held,) = before.values()
    assert held.pos == 10 and held.closed.sz == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sz": "100"}, "51008"),
        ({"sz": "0.001"}, "51121"),
        ({"instId": "NO-SUCH"}, "51001"),
        ({"instId": ""}, "50014"),
    ],
)
def test_refused_as_the_order_would_be(pooled: Any, changes: dict[str, str], code: str) -> None:
    assert pooled.rest(precheck, {**ORDER, **changes})["code"] == code


def test_not_for_single_currency_accounts(bench: Any) -> None:
    assert bench.rest(precheck, ORDER)["code"] == "51010"
