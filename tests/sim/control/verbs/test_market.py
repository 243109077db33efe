"""Verbs on the market: results and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sim.control.params import ControlError

ORDER = {"inst_id": "BTC-USDT", "side": "buy", "px": "99000", "sz": "1"}


def test_a_quote_rests_and_a_trade_takes_it(bench: Any) -> None:
    assert bench.command("quote", **ORDER)["state"] == "live"
    done = bench.command("trade", **{**ORDER, "side": "sell", "sz": "3"})
    assert (done["state"], done["accFillSz"], done["avgPx"]) == ("canceled", "1", "99000")


def test_withdraw_cancels_the_orders_of_one_instrument(bench: Any) -> None:
    bench.command("quote", **ORDER)
    bench.command("quote", **{**ORDER, "px": "98000"})
    bench.command("quote", inst_id="ETH-USDT", side="buy", px="3900", sz="1")
    assert bench.command("withdraw", inst_id="BTC-USDT") == 2
    assert bench.exchange.markets["ETH-USDT"].book.bids.best_px == 3900


def test_a_mark_price_is_held_until_it_is_let_go(bench: Any) -> None:
    market = bench.exchange.markets["BTC-USDT-SWAP"]
    before = market.mark_px
    assert bench.command("mark_price", inst_id="BTC-USDT-SWAP", px="90000") == "90000"
    assert market.mark_px == 90000
    bench.command("mark_price", inst_id="BTC-USDT-SWAP", px="")
    assert market.mark_px == before


def test_a_suspended_instrument_takes_no_orders(bench: Any) -> None:
    bench.command("instrument_state", inst_id="BTC-USDT", state="suspend")
    assert bench.place()["sCode"] == "51022"
    bench.command("instrument_state", inst_id="BTC-USDT", state="live")
    assert bench.place()["sCode"] == "0"


@pytest.mark.parametrize(
    ("verb", "params", "problem"),
    [
        ("trade", {**ORDER, "side": "hold"}, "side must be buy or sell"),
        ("trade", {**ORDER, "inst_id": "NO-SUCH"}, "no such instrument: NO-SUCH"),
        ("quote", {**ORDER, "px": "0"}, "px must be a positive decimal"),
        ("quote", {**ORDER, "sz": "0.000000001"}, "^51121 "),
        ("reference_price", {"inst_id": "BTC-USDT", "px": "x"}, "px must be a positive decimal"),
        ("relist", {"inst_id": "BTC-USDT", "inst_id_code": "7"}, "inst_id_code must be an integer"),
    ],
)
def test_commands_that_are_refused(bench: Any, verb: str, params: dict[str, Any], problem: str) -> None:
    with pytest.raises(ControlError, match=problem):
        bench.command(verb, **params)
