"""Public data that is worked out: delivery prices, units, the insurance fund, tiers. Numbers by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.channels.channels import CHANNELS, Subscription
from gateway.sim.rest import contracts as rest_contracts

HOUR_MS = 3_600_000


def listen(bench: Any, channel: str, **arg: str) -> list[Any]:
    into: list[Any] = []
    subscription = Subscription(
        CHANNELS[channel], {"channel": channel, **arg}, "", lambda payload: into.extend(json.loads(payload)["data"])
    )
    bench.exchange.market_channels.subscribe(subscription)
    bench.exchange.market_channels.snapshot(subscription)
    return into


def look(bench: Any) -> None:
    """The second in which slow channels look at their data."""
    bench.exchange.market_channels._regular()


def test_the_price_at_expiry_is_estimated_in_the_last_hour(bench: Any) -> None:
    future = bench.exchange.instruments.by_inst_id_code[310_001]
    published = listen(bench, "estimated-price", instType="FUTURES", instId=future.inst_id)
    asked = {"instId": future.inst_id}
    assert bench.rest(rest_contracts.estimated_price, **asked)["data"] == published == []
    clock = bench.exchange.clock
    clock.skew_ms += int(future.exp_time) - HOUR_MS + 5000 - clock.now_ms()
    look(bench)
    bench.command("reference_price", inst_id="BTC-USDT", px="98000")
    look(bench)
    look(bench)
    assert [(one["instId"], one["instType"], one["settlePx"]) for one in published] == [
        (future.inst_id, "FUTURES", "100000"),
        (future.inst_id, "FUTURES", "98000"),
    ]
    (row,) = bench.rest(rest_contracts.estimated_price, **asked)["data"]
    assert " ".join(row) == "instId instType settlePx ts" and row["settlePx"] == "98000"


@pytest.mark.parametrize(
    ("params", "sz"),
    [
        # The documented example, at 100 USD a contract: 0.888 x 35,000 / 100 = 310.8.
        ({"instId": "BTC-USD-SWAP", "px": "35000", "sz": "0.888"}, "311"),
        ({"instId": "BTC-USD-SWAP", "px": "35000", "sz": "0.888", "opType": "open"}, "310"),
        ({"instId": "BTC-USD-SWAP", "px": "40000", "sz": "10", "type": "2"}, "0.025"),
        ({"instId": "BTC-USDT-SWAP", "sz": "0.1234"}, "12.34"),
        ({"instId": "BTC-USDT-SWAP", "sz": "12.34", "type": "2"}, "0.1234"),
        ({"instId": "BTC-USDT-SWAP", "px": "50000", "sz": "1234", "unit": "usds", "opType": "open"}, "2.46"),
        ({"instId": "BTC-USDT-SWAP", "px": "50000", "sz": "2", "unit": "usds", "type": "2"}, "1000"),
    ],
)
def test_units_are_converted(bench: Any, params: dict[str, str], sz: str) -> None:
    (row,) = bench.rest(rest_contracts.convert, **params)["data"]
    assert row["sz"] == sz and list(row) == ["instId", "px", "sz", "type", "unit"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"instId": ""}, "50014"),
        ({"instId": "NO-SUCH"}, "51001"),
        ({"instId": "BTC-USDT"}, "51000"),
        ({"sz": "one"}, "51000"),
        ({"px": ""}, "50014"),
        ({"px": "0"}, "51000"),
        ({"type": "3"}, "51000"),
        ({"unit": "btc"}, "51000"),
        ({"opType": "hold"}, "51000"),
    ],
)
def test_units_that_are_refused(bench: Any, changes: dict[str, str], code: str) -> None:
    params = {"instId": "BTC-USD-SWAP", "px": "35000", "sz": "1", **changes}
    assert bench.rest(rest_contracts.convert, **params)["code"] == code


def test_the_insurance_fund_is_the_house_s(bench: Any) -> None:
    asked = {"instType": "SWAP", "instFamily": "BTC-USDT"}
    (row,) = bench.rest(rest_contracts.insurance_fund, **asked)["data"]
    assert row == {"details": [], "instFamily": "BTC-USDT", "instType": "SWAP", "total": "0"}
    bench.exchange.house_account.take("insurance", "USDT", Decimal(-250))
    (row,) = bench.rest(rest_contracts.insurance_fund, **asked)["data"]
    (detail,) = row["details"]
    assert (row["total"], detail["balance"], detail["ccy"], detail["type"]) == (
        "-250",
        "-250",
        "USDT",
        "bankruptcy_loss",
    )
    assert bench.rest(rest_contracts.insurance_fund, instType="SWAP")["code"] == "50014"
    assert bench.rest(rest_contracts.insurance_fund, instType="SPOT")["code"] == "51000"


def test_margin_tiers(bench: Any) -> None:
    (swap,) = bench.rest(rest_contracts.position_tiers, instType="SWAP", tdMode="cross", instFamily="BTC-USDT")["data"]
    assert " ".join(swap) == (
        "baseMaxLoan imr instFamily instId maxLever maxSz minSz mmr optMgnFactor quoteMaxLoan tier uly"
    )
    assert [swap[name] for name in ("instId", "tier", "imr", "mmr", "maxLever", "minSz")] == [
        "BTC-USDT-SWAP", "1", "0.01", "0.004", "100", "0"
    ]  # fmt: skip
    asked = {"instType": "MARGIN", "tdMode": "isolated", "instId": "BTC-USDT,ETH-USDT"}
    pairs = bench.rest(rest_contracts.position_tiers, **asked)["data"]
    assert [(one["instId"], one["mmr"], one["maxLever"]) for one in pairs] == [
        ("BTC-USDT", "0.03", "10"),
        ("ETH-USDT", "0.03", "10"),
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"instFamily": ""}, "50014"),
        ({"tdMode": ""}, "50014"),
        ({"tdMode": "cash"}, "51000"),
        ({"instType": "SPOT"}, "51000"),
        ({"instFamily": "NO-SUCH"}, "51001"),
        ({"instFamily": "A-B,C-D,E-F,G-H,I-J,K-L"}, "51000"),
        ({"instType": "MARGIN", "instFamily": ""}, "50015"),
    ],
)
def test_margin_tiers_that_are_refused(bench: Any, changes: dict[str, str], code: str) -> None:
    params = {"instType": "SWAP", "tdMode": "cross", "instFamily": "BTC-USDT", **changes}
    assert bench.rest(rest_contracts.position_tiers, **params)["code"] == code
