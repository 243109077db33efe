"""Public data of the past and worked out: funding, deliveries, liquidations, prices, units. Numbers by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.channels.channels import CHANNELS, Subscription
from gateway.sim.rest import contracts as rest_contracts
from gateway.sim.rest import history as rest_history

UID_1, UID_2 = "1000000000000001", "1000000000000002"
SWAP, OPTION = 10_459, 320_001
PERIOD_MS, HOUR_MS, MINUTE_MS = 8 * 3_600_000, 3_600_000, 60_000


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


def at_minute(bench: Any, ahead: int = 0) -> int:
    """Put the exchange's clock to the start of a minute, `ahead` minutes on, and a few seconds into it."""
    clock = bench.exchange.clock
    start = (clock.now_ms() // MINUTE_MS + 1 + ahead) * MINUTE_MS
    clock.skew_ms += start + 3000 - clock.now_ms()
    return int(start)


def test_funding_that_was_paid(bench: Any) -> None:
    asked = {"instId": "BTC-USDT-SWAP"}
    assert bench.rest(rest_history.funding_rates, **asked)["data"] == []
    bench.command("pay_funding", inst_id="BTC-USDT-SWAP", rate="0.0003")
    clock = bench.exchange.clock
    due = (clock.now_ms() // PERIOD_MS + 1) * PERIOD_MS
    clock.skew_ms += due + 5000 - clock.now_ms()
    bench.exchange.timetable.run_due()
    newest, oldest = bench.rest(rest_history.funding_rates, **asked)["data"]
    assert newest == {
        "formulaType": "noRate", "fundingRate": "0.0001", "fundingTime": str(due), "instId": "BTC-USDT-SWAP",
        "instType": "SWAP", "method": "current_period", "realizedRate": "0.0001",
    }  # fmt: skip
    assert oldest["realizedRate"] == "0.0003"
    assert bench.rest(rest_history.funding_rates, **asked, after=str(due))["data"] == [oldest]
    assert bench.rest(rest_history.funding_rates, instId="BTC-USDT")["code"] == "51001"
    assert bench.rest(rest_history.funding_rates)["code"] == "50014"


def test_funding_times_that_were_jumped_over_are_all_told(bench: Any) -> None:
    clock = bench.exchange.clock
    due = (clock.now_ms() // PERIOD_MS + 1) * PERIOD_MS
    clock.skew_ms += due + 2 * PERIOD_MS + 5000 - clock.now_ms()
    bench.exchange.timetable.run_due()
    rows = bench.rest(rest_history.funding_rates, instId="BTC-USDT-SWAP")["data"]
    assert [one["fundingTime"] for one in rows] == [str(due + n * PERIOD_MS) for n in (2, 1, 0)]


def test_deliveries_and_exercises(bench: Any) -> None:
    future = bench.exchange.instruments.by_inst_id_code[310_001].inst_id
    calls = [bench.exchange.instruments.by_inst_id_code[code].inst_id for code in (OPTION, OPTION + 1)]
    bench.command("deliver", inst_id=future, px="101000")
    for one in calls:  # the call and the put at 100,000
        bench.command("deliver", inst_id=one, px="101000")
    (row,) = bench.rest(rest_history.deliveries, instType="FUTURES", instFamily="BTC-USDT")["data"]
    assert row["details"] == [{"insId": future, "px": "101000", "type": "delivery"}] and int(row["ts"])
    rows = bench.rest(rest_history.deliveries, instType="OPTION", uly="BTC-USD")["data"]
    published = {one["insId"]: one["type"] for row in rows for one in row["details"]}
    assert published == {calls[0]: "exercised", calls[1]: "expired_otm"}
    assert bench.rest(rest_history.deliveries, instType="FUTURES")["code"] == "50014"
    assert bench.rest(rest_history.deliveries, instType="SWAP", uly="BTC-USD")["code"] == "51000"


def test_liquidations_are_told_and_kept(bench: Any) -> None:
    published = listen(bench, "liquidation-orders", instType="SWAP")
    others = listen(bench, "liquidation-orders", instType="FUTURES")
    bench.hold("10")
    bench.command("adl", uid=UID_1, inst_id="BTC-USDT-SWAP", sz="3")  # no liquidation
    bench.command("liquidate", uid=UID_1, inst_id="BTC-USDT-SWAP", sz="2")
    (push,) = published
    assert list(push) == ["details", "instFamily", "instId", "instType", "uly"] and others == []
    (detail,) = push["details"]
    # Taken at the mark price less 0.4 %.
    assert {**detail, "ts": ""} == {
        "bkLoss": "0", "bkPx": "99600", "ccy": "", "posSide": "long", "side": "sell", "sz": "2", "ts": ""
    }  # fmt: skip
    (row,) = bench.rest(rest_history.liquidations, instType="SWAP", state="filled")["data"]
    assert row["details"] == [detail] and row["totalLoss"] == "0"
    assert bench.rest(rest_history.liquidations, instType="SWAP", state="unfilled")["data"] == []
    assert bench.rest(rest_history.liquidations, instType="SPOT")["code"] == "51000"


def test_candlesticks_of_the_mark_price(bench: Any) -> None:
    start = at_minute(bench)
    published = listen(bench, "mark-price-candle1m", instId="BTC-USDT-SWAP")
    for px in ("100500", "99000", "100100"):
        bench.command("mark_price", inst_id="BTC-USDT-SWAP", px=px)
        bench.exchange.history.note_prices(bench.exchange.clock.now_ms())
    look(bench)
    look(bench)
    assert published == [
        [str(start), "100000", "100000", "100000", "100000", "0"],
        [str(start), "100000", "100500", "99000", "100100", "0"],
    ]
    later = at_minute(bench, ahead=1)
    rows = bench.rest(rest_history.mark_candles, instId="BTC-USDT-SWAP")["data"]
    flat = ["100100"] * 4
    assert rows[:3] == [
        [str(later), *flat, "0"],
        [str(later - MINUTE_MS), *flat, "1"],
        [str(start), "100000", "100500", "99000", "100100", "1"],
    ]
    # A lone `before` gives the newest (OKX docs, "Get mark price candlesticks").
    assert (
        bench.rest(rest_history.mark_candles, instId="BTC-USDT-SWAP", before=str(start - 1), limit="1")["data"]
        == rows[:1]
    )
    assert bench.rest(rest_history.mark_candles, instId="BTC-USDT-SWAP", bar="7m")["code"] == "51000"
    assert bench.rest(rest_history.mark_candles, instId="NO-SUCH")["code"] == "51001"


def test_candlesticks_of_an_index(bench: Any) -> None:
    start = at_minute(bench)
    published = listen(bench, "index-candle1m", instId="BTC-USDT")
    bench.command("reference_price", inst_id="BTC-USDT", px="98000")
    look(bench)
    assert published[-1] == [str(start), "100000", "100000", "98000", "98000", "0"]
    assert bench.rest(rest_history.index_candles, instId="BTC-USDT")["data"][0] == published[-1]
    assert bench.rest(rest_history.index_candles, instId="BTC-USDT-SWAP")["code"] == "51001"


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
