"""Public channels without sockets: pushes, repetitions, and no push without a change.

Field sets are those of the push examples in OKX's docs.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.codes import Refusal
from gateway.sim.channels.channels import CHANNELS, Subscription, check_full_books, checked_channel

UID_1, UID_2 = "1000000000000001", "1000000000000002"

FIELDS = {
    (
        "tickers",
        "BTC-USDT",
    ): "instType instId last lastSz askPx askSz bidPx bidSz open24h high24h low24h sodUtc0 sodUtc8 volCcy24h vol24h ts",
    ("mark-price", "BTC-USDT-SWAP"): "instType instId markPx ts",
    ("price-limit", "BTC-USDT-SWAP"): "instId buyLmt sellLmt ts enabled",
    ("open-interest", "BTC-USDT-SWAP"): "instId instType oi oiCcy oiUsd ts",
    (
        "funding-rate",
        "BTC-USD-SWAP",
    ): "formulaType fundingRate fundingTime impactValue instId instType interestRate method "
    "maxFundingRate minFundingRate nextFundingRate nextFundingTime premium settFundingRate settState ts",
    ("index-tickers", "BTC-USD"): "instId idxPx high24h low24h open24h sodUtc0 sodUtc8 ts",
    (
        "opt-summary",
        "BTC-USD",
    ): "instType instId uly delta gamma vega theta lever markVol bidVol askVol realVol deltaBS "
    "gammaBS thetaBS vegaBS ts fwdPx volLv",
    ("bbo-tbt", "BTC-USDT"): "asks bids ts seqId",
    ("books5", "BTC-USDT"): "asks bids instId ts seqId",
    ("books", "BTC-USDT"): "asks bids ts checksum prevSeqId seqId",
    ("books-l2-tbt", "BTC-USDT"): "asks bids ts checksum prevSeqId seqId",
    ("books50-l2-tbt", "BTC-USDT"): "asks bids ts checksum prevSeqId seqId",
}


class Listener:
    """A subscription of a public channel on a bench, with all that it was pushed."""

    def __init__(self, bench: Any, channel: str, name: str) -> None:
        self.frames: list[Any] = []
        needs = CHANNELS[channel].needs
        arg = {"channel": channel, "instFamily" if needs == "instFamily" else "instId": name}
        self.channels = bench.exchange.market_channels
        subscription = Subscription(CHANNELS[channel], arg, "", lambda payload: self.frames.append(json.loads(payload)))
        self.channels.subscribe(subscription)
        self.channels.snapshot(subscription)

    def take(self) -> list[Any]:
        taken, self.frames = self.frames, []
        return taken


def run_timers(bench: Any) -> None:
    due, bench.timers = bench.timers, []
    for _, call in due:
        call()


def tick(bench: Any, seconds: int) -> None:
    """Only the one-second look of the public channels."""
    for _ in range(seconds):
        bench.exchange.market_channels.start_regular()
        run_timers(bench)
        bench.timers.clear()


@pytest.mark.parametrize(("channel", "name"), FIELDS)
def test_snapshots_have_the_documented_fields(bench: Any, channel: str, name: str) -> None:
    (frame,) = Listener(bench, channel, name).take()
    assert set(FIELDS[channel, name].split()) <= set(frame["data"][0])
    assert frame.get("action") == ("snapshot" if channel.startswith("books") and channel != "books5" else None)


def test_unchanged_data_is_not_published_again(bench: Any) -> None:
    quotes = bench.exchange.background_market
    best, books = Listener(bench, "bbo-tbt", "BTC-USDT"), Listener(bench, "books", "BTC-USDT")
    best.take(), books.take()
    first = bench.exchange.background_market.quote("BTC-USDT", "buy", *_decimals("99000", "1"))
    run_timers(bench)
    assert len(best.take()) == 1 and len(books.take()) == 1
    quotes.quote("BTC-USDT", "buy", *_decimals("98000", "1"))
    run_timers(bench)
    assert best.take() == [] and len(books.take()) == 1
    # A price that returns within one window is no change.
    again = quotes.quote("BTC-USDT", "buy", *_decimals("98500", "1"))
    bench.exchange.engine.cancel(again, "1")
    run_timers(bench)
    assert best.take() == [] and books.take() == []
    bench.exchange.engine.cancel(first, "1")
    run_timers(bench)
    assert best.take()[0]["data"][0]["bids"] == [["98000", "1", "0", "1"]]


def test_books_chain_and_say_that_they_live(bench: Any) -> None:
    books = Listener(bench, "books", "BTC-USDT")
    (snapshot,) = books.take()
    assert (snapshot["data"][0]["prevSeqId"], snapshot["data"][0]["checksum"]) == (-1, 0)
    bench.exchange.background_market.quote("BTC-USDT", "buy", *_decimals("99000", "1"))
    run_timers(bench)
    (update,) = books.take()
    row = update["data"][0]
    assert (update["action"], row["prevSeqId"]) == ("update", snapshot["data"][0]["seqId"])
    assert (row["bids"], row["asks"]) == ([["99000", "1", "0", "1"]], [])
    tick(bench, 59)
    assert books.take() == []
    tick(bench, 1)
    (alive,) = books.take()
    same = alive["data"][0]
    assert (alive["action"], same["bids"], same["asks"]) == ("update", [], [])
    assert same["seqId"] == same["prevSeqId"] == row["seqId"]


def test_slow_data_is_published_when_it_changes(bench: Any) -> None:
    limits, interest = (
        Listener(bench, "price-limit", "BTC-USDT-SWAP"),
        Listener(bench, "open-interest", "BTC-USDT-SWAP"),
    )
    funding = Listener(bench, "funding-rate", "BTC-USDT-SWAP")
    limits.take(), interest.take(), funding.take()
    tick(bench, 2)
    assert limits.take() == [] and interest.take() == []
    bench.exchange.background_market.quote("BTC-USDT-SWAP", "sell", *_decimals("100000", "5"))
    bench.exchange.background_market.trade("BTC-USDT-SWAP", "buy", *_decimals("100000", "3"))
    tick(bench, 1)
    (frame,) = interest.take()
    # three contracts of 0.01 BTC
    assert [frame["data"][0][name] for name in ("oi", "oiCcy", "oiUsd")] == ["3", "0.03", "3000"]
    tick(bench, 60)
    assert len(funding.take()) == 1


def test_candles(bench: Any) -> None:
    exchange = bench.exchange
    candle, all_trades = Listener(bench, "candle1m", "BTC-USDT"), Listener(bench, "trades-all", "BTC-USDT")
    counted = Listener(bench, "trades", "BTC-USDT")
    (first,) = candle.take()
    assert first["arg"] == {"channel": "candle1m", "instId": "BTC-USDT"}
    assert first["data"][0][1:8] == ["100000", "100000", "100000", "100000", "0", "0", "0"]
    for px, sz in (("100010", "1"), ("99990", "2"), ("100000", "0.5")):
        exchange.background_market.quote("BTC-USDT", "sell", *_decimals(px, sz))
        exchange.background_market.trade("BTC-USDT", "buy", *_decimals(px, sz))
    run_timers(bench)
    row = candle.take()[-1]["data"][0]
    assert int(row[0]) % 60_000 == 0 and row[8] == "0"
    if row[5] == "3.5":  # unless a minute began between the trades
        # 1 x 100010 + 2 x 99990 + 0.5 x 100000
        assert row[1:8] == ["100010", "100010", "99990", "100000", "3.5", "3.5", "349990"]
    trades = all_trades.take()
    pushed = [set(frame["data"][0]) for frame in counted.take()]
    assert pushed == [{"instId", "tradeId", "px", "sz", "side", "count", "source", "seqId", "ts"}] * 3
    assert len(trades) == 3 and set(trades[0]["data"][0]) == {"instId", "tradeId", "px", "sz", "side", "source", "ts"}


@pytest.mark.parametrize(
    ("arg", "path", "vip", "code"),
    [
        ({"channel": "candle1m", "instId": "BTC-USDT"}, "public", None, "60018"),
        ({"channel": "funding-rate", "instId": "BTC-USDT"}, "public", None, "60018"),
        ({"channel": "open-interest", "instId": "BTC-USDT"}, "public", None, "60018"),
        ({"channel": "index-tickers", "instId": "NO-SUCH"}, "public", None, "60018"),
        ({"channel": "opt-summary"}, "public", None, "60018"),
        ({"channel": "opt-summary", "instFamily": "NO-SUCH"}, "public", None, "60018"),
        ({"channel": "books-l2-tbt", "instId": "BTC-USDT"}, "public", None, "60011"),
        ({"channel": "books-l2-tbt", "instId": "BTC-USDT"}, "public", 3, "64003"),
        ({"channel": "books50-l2-tbt", "instId": "BTC-USDT"}, "public", 4, ""),
        ({"channel": "opt-summary", "uly": "BTC-USD"}, "public", None, "64000"),
        ({"channel": "fills"}, "private", 3, "64003"),
        ({"channel": "fills"}, "private", 4, ""),
        ({"channel": "fills"}, "private", None, "60011"),
    ],
)
def test_terms_of_access(bench: Any, arg: dict[str, str], path: str, vip: int | None, code: str) -> None:
    got = ""
    try:
        checked_channel(arg, path, bench.exchange.instruments, vip)
    except Refusal as refusal:
        got = refusal.code
    assert got == code


def test_one_full_book_per_instrument(bench: Any) -> None:
    arg = {"channel": "books-l2-tbt", "instId": "BTC-USDT"}
    held = [Subscription(CHANNELS["books-l2-tbt"], arg, UID_1, lambda payload: None)]
    other = {"channel": "books", "instId": "BTC-USDT"}
    with pytest.raises(Refusal, match="64004"):
        check_full_books(CHANNELS["books"], other, held)
    check_full_books(CHANNELS["books"], {**other, "instId": "ETH-USDT"}, held)
    check_full_books(CHANNELS["books-l2-tbt"], arg, held)
    check_full_books(CHANNELS["books5"], other, held)


@pytest.mark.parametrize(
    ("channel", "extra", "seconds"),
    [
        ("account", '{"updateInterval": "0"}', 0),
        ("account", '{"updateInterval": "2000"}', 5),
        ("account", "", 5),
        ("positions", '{"updateInterval":"2000"}', 2),
        ("positions", '{"updateInterval":"4000"}', 4),
        ("positions", '{"updateInterval":"1"}', 5),
        ("positions", "{", 5),
        ("orders", '{"updateInterval":"2000"}', 0),
    ],
)
def test_update_interval(channel: str, extra: str, seconds: int) -> None:
    arg = {"channel": channel, "instType": "ANY", "extraParams": extra}
    assert Subscription(CHANNELS[channel], arg, UID_1, lambda payload: None).regular_s == seconds


def _decimals(*texts: str) -> Any:
    return (Decimal(one) for one in texts)
