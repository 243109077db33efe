"""Verbs on the market: results and refusals."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from gateway.sim.control.params import ControlError
from gateway.sim.rest import history, public

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


CHINESE = "\u5e01\u5b89\u4eba\u751f-USDT"  # OKX has listed such names


@pytest.mark.asyncio
async def test_an_instrument_whose_name_is_not_ascii_trades(world: Any) -> None:
    public, client = await world.connect("public"), await world.trader()
    await public.subscribe({"channel": "instruments", "instType": "SPOT"})
    world.sim.command("list_instrument", inst_id=CHINESE, inst_id_code=77, like="DOGE-USDT")
    pushed = await public.until(lambda one: one.get("data", [{}])[0].get("instId") == CHINESE)
    assert [(one["instIdCode"], one["baseCcy"]) for one in pushed["data"]] == [(77, CHINESE[:4])]
    query = f"instId={quote(CHINESE)}"
    (row,) = await world.rest.get(f"/api/v5/public/instruments?instType=SPOT&{query}")
    px = (await world.rest.get(f"/api/v5/market/ticker?{query}"))[0]["last"]
    order = {"instIdCode": 77, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": px, "sz": "10"}
    assert row["state"] == "live" and (await client.op("order", order))["code"] == "0"
    world.sim.command("trade", inst_id=CHINESE, side="sell", px=px, sz="10")
    rows = await client.pushed(2)
    assert [(one["instId"], one["state"], one["feeCcy"]) for one in rows] == [
        (CHINESE, "live", CHINESE[:4]), (CHINESE, "filled", CHINESE[:4])
    ]  # fmt: skip
    assert (await world.rest.get(f"/api/v5/trade/fills?{query}"))[0]["instId"] == CHINESE


def test_a_swap_is_listed_by_its_own_names(bench: Any) -> None:
    row = bench.command("list_instrument", inst_id="XYZ-USDT-SWAP", inst_id_code=78, like="BTC-USDT-SWAP")
    assert (row["uly"], row["ctValCcy"], row["settleCcy"]) == ("XYZ-USDT", "XYZ", "USDT")
    assert bench.place(instIdCode=78, tdMode="cross", px="100000", sz="1")["sCode"] == "0"
    assert bench.rest(history.index_candles, instId="XYZ-USDT")["code"] == "0"
    row = bench.command("list_instrument", inst_id="XYZ-USD-SWAP", inst_id_code=79, like="BTC-USD-SWAP")
    assert (row["uly"], row["ctValCcy"], row["settleCcy"]) == ("XYZ-USD", "USD", "XYZ")


def test_a_row_is_listed_with_any_members(bench: Any) -> None:
    def listed(inst_type: str) -> dict[str, Any]:
        return dict(bench.rest(public.instruments, instType=inst_type, instId="BTC-USDT")["data"][0])

    own = listed("SPOT")
    changed = {"instIdCode": None, "state": "some_new_state", "lotSz": 7, "someNewField": [1]}
    bench.command("instrument_row", inst_id="BTC-USDT", fields=changed)
    assert listed("SPOT") == {**own, **changed} and listed("MARGIN")["instIdCode"] is None
    assert bench.place()["sCode"] == "0"  # it trades on
    bench.command("instrument_row", inst_id="BTC-USDT")
    assert listed("SPOT") == own


@pytest.mark.parametrize(
    ("verb", "params", "problem"),
    [
        ("trade", {**ORDER, "side": "hold"}, "side must be buy or sell"),
        ("trade", {**ORDER, "inst_id": "NO-SUCH"}, "no such instrument: NO-SUCH"),
        ("quote", {**ORDER, "px": "0"}, "px must be a positive decimal"),
        ("quote", {**ORDER, "sz": "0.000000001"}, "^51121 "),
        ("reference_price", {"inst_id": "BTC-USDT", "px": "x"}, "px must be a positive decimal"),
        ("list_instrument", {"inst_id": "BTC-USDT", "inst_id_code": 5}, "listed already"),
        ("list_instrument", {"inst_id": "A-USDT", "inst_id_code": 10_001}, "listed already"),
        ("list_instrument", {"inst_id": "A-USDT-SWAP", "inst_id_code": 5}, "must be a name like BTC-USDT"),
        ("list_instrument", {"inst_id": "A-", "inst_id_code": 5}, "must be a name like BTC-USDT"),
        ("list_instrument", {"inst_id": "A-USDT", "inst_id_code": 5, "like": "X"}, "a pair or a swap"),
        ("instrument_row", {"inst_id": "BTC-USDT", "fields": []}, "fields must be an object"),
        ("relist", {"inst_id": "BTC-USDT", "inst_id_code": "7"}, "inst_id_code must be an integer"),
    ],
)
def test_commands_that_are_refused(bench: Any, verb: str, params: dict[str, Any], problem: str) -> None:
    with pytest.raises(ControlError, match=problem):
        bench.command(verb, **params)
