"""python-okx and ccxt, unmodified but for their URLs, place, list, amend and cancel algo orders."""

from __future__ import annotations

import asyncio
from typing import Any

import ccxt
import pytest
from okx.Trade import TradeAPI

pytestmark = pytest.mark.asyncio

KEY, SECRET, PASSPHRASE = "sim-api-key-0001", "SIMULATED-SECRET-0001", "simulated"
STOP = {
    "instId": "BTC-USDT-SWAP",
    "tdMode": "cross",
    "side": "sell",
    "sz": "1",
    "slTriggerPx": "95000",
    "slOrdPx": "-1",
}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


async def test_python_okx(world: Any) -> None:
    def session() -> None:
        trade = TradeAPI(KEY, SECRET, PASSPHRASE, flag="0", domain=world.sim.rest_url)
        placed = trade.place_algo_order(**STOP, ordType="conditional")
        algo_id = placed["data"][0]["algoId"]
        refused = trade.place_algo_order(**{**STOP, "slTriggerPx": "105000"}, ordType="conditional")
        assert (refused["code"], refused["data"][0]["sCode"]) == ("1", "51280")
        assert [one["algoId"] for one in trade.order_algos_list(ordType="conditional")["data"]] == [algo_id]
        assert trade.amend_algo_order(instId=STOP["instId"], algoId=algo_id, newSz="2")["code"] == "0"
        assert trade.get_algo_order_details(algoId=algo_id)["data"][0]["sz"] == "2"
        assert trade.cancel_algo_order([{"instId": STOP["instId"], "algoId": algo_id}])["code"] == "0"
        (gone,) = trade.order_algos_history(ordType="conditional", state="canceled")["data"]
        assert gone["algoId"] == algo_id
        entry = {"side": "buy", "ordType": "limit", "px": "90000", "sz": "1"}
        attached = [{"tpTriggerPx": "110000", "tpOrdPx": "-1"}]
        order = trade.place_order(instId=STOP["instId"], tdMode="cross", **entry, attachAlgoOrds=attached)
        assert order["code"] == "0"
        assert trade.close_positions(STOP["instId"], "cross")["code"] == "51023"

    await asyncio.to_thread(session)


async def test_ccxt(world: Any) -> None:
    def session() -> None:
        exchange = ccxt.okx({"apiKey": KEY, "secret": SECRET, "password": PASSPHRASE})
        exchange.urls["api"]["rest"] = world.sim.rest_url
        swap, cross = "BTC/USDT:USDT", {"tdMode": "cross"}
        trigger = exchange.create_order(swap, "market", "sell", 1, None, {**cross, "triggerPrice": 90_000})
        stop = exchange.create_order(swap, "market", "sell", 1, None, {**cross, "stopLossPrice": 90_000})
        trailing = exchange.create_order(swap, "market", "sell", 1, None, {**cross, "trailingPercent": "5"})
        listed = exchange.fetch_open_orders(swap, params={"trigger": True, "ordType": "trigger"})
        assert [(one["id"], one["status"]) for one in listed] == [(trigger["id"], "open")]
        seen = exchange.fetch_order(stop["id"], swap, {"trigger": True})
        assert (seen["type"], seen["status"], seen["stopLossPrice"]) == ("conditional", "open", 90_000)
        exchange.cancel_order(trigger["id"], swap, {"trigger": True})
        exchange.cancel_order(trailing["id"], swap, {"trailing": True})
        with pytest.raises(ccxt.OrderNotFound):
            exchange.cancel_order(trigger["id"], swap, {"trigger": True})
        with pytest.raises(ccxt.InvalidOrder):
            exchange.create_order(swap, "market", "sell", 1, None, {**cross, "stopLossPrice": 110_000})
        both = {"stopLoss": {"triggerPrice": 80_000}, "takeProfit": {"triggerPrice": 100_000}}
        entry = exchange.create_order(swap, "limit", "buy", 1, 90_000, {**cross, **both})
        (attached,) = exchange.fetch_order(entry["id"], swap)["info"]["attachAlgoOrds"]
        assert (attached["slTriggerPx"], attached["tpTriggerPx"]) == ("80000", "100000")

    await asyncio.to_thread(session)
