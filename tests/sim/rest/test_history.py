"""Public data of the past: funding, deliveries, liquidations, candlesticks. Numbers by hand."""

from __future__ import annotations

import json
from typing import Any

from gateway.sim.channels.channels import CHANNELS, Subscription
from gateway.sim.rest import history as rest_history

UID_1 = "1000000000000001"
OPTION = 320_001
PERIOD_MS, MINUTE_MS = 8 * 3_600_000, 60_000


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


def test_funding_times_that_the_clock_jumps_over_are_all_listed(bench: Any) -> None:
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


def test_liquidations_are_published_and_kept(bench: Any) -> None:
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
