"""python-okx, unmodified but for its URLs, runs a whole session over WebSocket and REST."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from okx.Account import AccountAPI
from okx.Funding import FundingAPI
from okx.MarketData import MarketAPI
from okx.PublicData import PublicAPI
from okx.Status import StatusAPI
from okx.Trade import TradeAPI
from okx.websocket.WsPrivateAsync import WsPrivateAsync
from okx.websocket.WsPublicAsync import WsPublicAsync

pytestmark = pytest.mark.asyncio

KEY, SECRET, PASSPHRASE = "sim-api-key-0001", "SIMULATED-SECRET-0001", "simulated"
SPOT, SWAP = 10_001, 10_459
SPOT_BUY = {"instIdCode": SPOT, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "0.5"}
PATIENCE_S = 10


class Inbox:
    """The callback of python-okx."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self._news = asyncio.Event()

    def __call__(self, message: str) -> None:
        self.frames.append(json.loads(message))
        self._news.set()

    async def until(self, wanted: Any) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for frame in self.frames:
                    if wanted(frame):
                        return frame
                self._news.clear()
                await self._news.wait()

    async def ack(self, request_id: str) -> dict[str, Any]:
        return await self.until(lambda one: one.get("id") == request_id and "op" in one)

    async def state(self, cl_ord_id: str, state: str) -> dict[str, Any]:
        def wanted(row: dict[str, Any]) -> bool:
            return bool(row.get("clOrdId") == cl_ord_id and row.get("state") == state)

        return await self.row("orders", wanted)

    async def row(self, channel: str, wanted: Any) -> dict[str, Any]:
        """The first row pushed on a channel that is wanted."""

        def found(frame: dict[str, Any]) -> list[dict[str, Any]]:
            rows = frame.get("data", []) if frame.get("arg", {}).get("channel") == channel else []
            return [one for one in rows if wanted(one)]

        return found(await self.until(found))[0]


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


async def test_web_socket(start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_proxy: None) -> None:
    """Its subscribe logs in and waits 5 s, so all connections do that at once; it only speaks TLS."""
    world = await start(tls_dir=tmp_path / "tls")
    monkeypatch.setenv("SSL_CERT_FILE", str(world.sim.certificate.ca))
    trading, algos, market = Inbox(), Inbox(), Inbox()
    ws = WsPrivateAsync(KEY, PASSPHRASE, SECRET, world.sim.ws_url("private"))
    business = WsPrivateAsync(KEY, PASSPHRASE, SECRET, world.sim.ws_url("business"))
    public = WsPublicAsync(world.sim.ws_url("public"))
    for one in (ws, business, public):
        await one.start()
    channels = [{"channel": "orders", "instType": "ANY"}, {"channel": "account"}, {"channel": "balance_and_position"}]
    await asyncio.gather(
        ws.subscribe([*channels, {"channel": "positions", "instType": "ANY"}], callback=trading),
        business.subscribe([{"channel": "orders-algo", "instType": "ANY"}], callback=algos),
        public.subscribe(
            [{"channel": name, "instId": "BTC-USDT"} for name in ("tickers", "books5", "trades")], callback=market
        ),
    )
    await algos.until(lambda one: one.get("event") == "subscribe")
    await trading.until(lambda one: one.get("event") == "subscribe" and one["arg"]["channel"] == "positions")
    await trade_spot(world, ws, trading, market)
    await batches(ws, trading)
    await trade_swap(world, ws, trading, algos)
    await ws.login()
    assert (await trading.until(lambda one: one.get("event") == "error"))["code"] == "60031"
    for one in (ws, business, public):
        await one.stop()


async def trade_spot(world: Any, ws: Any, trading: Inbox, market: Inbox) -> None:
    await ws.place_order([{**SPOT_BUY, "clOrdId": "a1"}], id="p1")
    assert (await trading.ack("p1"))["data"][0]["sMsg"] == "Order successfully placed."
    await ws.amend_order([{"instIdCode": SPOT, "clOrdId": "a1", "newSz": "1"}], id="m1")
    assert (await trading.ack("m1"))["code"] == "0"
    assert (await market.until(lambda one: one.get("data") and one["data"][0].get("bids")))["arg"][
        "channel"
    ] == "books5"
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.4")
    assert (await trading.state("a1", "partially_filled"))["fillSz"] == "0.4"
    seen = await market.row("trades", lambda one: True)
    assert (seen["px"], seen["sz"], seen["side"]) == ("99000", "0.4", "sell")
    await ws.cancel_order([{"instIdCode": SPOT, "clOrdId": "a1"}], id="c1")
    assert (await trading.state("a1", "canceled"))["accFillSz"] == "0.4"
    await ws.cancel_order([{"instIdCode": SPOT, "clOrdId": "a1"}], id="c2")
    assert (await trading.ack("c2"))["data"][0]["sCode"] == "51400"


async def batches(ws: Any, trading: Inbox) -> None:
    """One row of two is ill-formed: code 2."""
    await ws.batch_orders([{**SPOT_BUY, "clOrdId": "a2"}, {**SPOT_BUY, "sz": "0"}], id="b1")
    ack = await trading.ack("b1")
    assert (ack["code"], [one["sCode"] for one in ack["data"]]) == ("2", ["0", "51000"])
    await ws.batch_amend_orders([{"instIdCode": SPOT, "clOrdId": "a2", "newPx": "98000"}], id="b2")
    assert (await trading.ack("b2"))["code"] == "0"
    await ws.batch_cancel_orders([{"instIdCode": SPOT, "clOrdId": name} for name in ("a2", "no")], id="b3")
    assert [one["sCode"] for one in (await trading.ack("b3"))["data"]] == ["0", "51400"]


async def trade_swap(world: Any, ws: Any, trading: Inbox, algos: Inbox) -> None:
    order = {"instIdCode": SWAP, "tdMode": "cross", "side": "buy", "ordType": "limit", "px": "99000", "sz": "3"}
    await ws.place_order([{**order, "clOrdId": "s1"}], id="s1")
    await trading.ack("s1")
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="sell", px="99000", sz="3")
    assert (await trading.state("s1", "filled"))["avgPx"] == "99000"
    assert (await trading.row("positions", lambda one: one["pos"] == "3"))["avgPx"] == "99000"
    trade = TradeAPI(KEY, SECRET, PASSPHRASE, flag="0", domain=world.sim.rest_url)
    placed = await asyncio.to_thread(
        trade.place_algo_order, instId="BTC-USDT-SWAP", tdMode="cross", side="sell", ordType="conditional", sz="3",
        slTriggerPx="95000", slOrdPx="-1", reduceOnly="true",
    )  # fmt: skip
    algo_id = placed["data"][0]["algoId"]
    pushed = await algos.row("orders-algo", lambda one: one["algoId"] == algo_id)
    assert (pushed["state"], pushed["slTriggerPx"]) == ("live", "95000")


async def test_rest(world: Any, no_proxy: None) -> None:
    await asyncio.to_thread(market_session, world)
    await asyncio.to_thread(trading_session, world)
    await asyncio.to_thread(algo_session, world)
    await asyncio.to_thread(swap_session, world)


def market_session(world: Any) -> None:
    url = world.sim.rest_url
    public, market = PublicAPI(flag="0", domain=url), MarketAPI(flag="0", domain=url)
    assert {one["instIdCode"] for one in public.get_instruments("SPOT", instId="BTC-USDT")["data"]} == {SPOT}
    assert public.get_instruments("SPOT", instId="NO-SUCH")["code"] == "51001"
    assert int(public.get_system_time()["data"][0]["ts"]) > 0
    assert public.get_mark_price("SWAP", instId="BTC-USDT-SWAP")["data"][0]["markPx"] == "100000"
    assert public.get_funding_rate("BTC-USDT-SWAP")["data"][0]["instId"] == "BTC-USDT-SWAP"
    assert public.get_open_interest("SWAP", instId="BTC-USDT-SWAP")["data"][0]["oi"] == "0"
    assert public.get_price_limit("BTC-USDT-SWAP")["data"][0]["enabled"] is True
    assert market.get_ticker("BTC-USDT")["data"][0]["instId"] == "BTC-USDT"
    assert {one["instId"] for one in market.get_tickers("SPOT")["data"]} >= {"BTC-USDT", "ETH-USDT"}
    assert market.get_orderbook("BTC-USDT", sz="5")["data"][0]["bids"] == []
    assert len(market.get_candlesticks("BTC-USDT", bar="1m")["data"][0]) == 9
    assert market.get_index_tickers(instId="BTC-USDT")["data"][0]["idxPx"] == "100000"
    assert StatusAPI(flag="0", domain=url).status()["data"] == []


def trading_session(world: Any) -> None:
    url = world.sim.rest_url
    trade = TradeAPI(KEY, SECRET, PASSPHRASE, flag="0", domain=url)
    account = AccountAPI(KEY, SECRET, PASSPHRASE, flag="0", domain=url)
    assert account.get_account_config()["data"][0]["acctLv"] == "2"
    assert account.get_account_balance("USDT")["data"][0]["details"][0]["cashBal"] == "10000000"
    assert {one["instId"] for one in account.get_instruments("SWAP")["data"]} >= {"BTC-USDT-SWAP"}
    assert account.get_fee_rates("SPOT", instId="BTC-USDT")["data"][0]["taker"].startswith("-")
    assert account.get_max_avail_size("BTC-USDT", "cash")["data"][0]["availSell"] == "1000"
    assert FundingAPI(KEY, SECRET, PASSPHRASE, flag="0", domain=url).get_balances()["data"] == []
    first = placed(trade.place_order("BTC-USDT", "cash", "buy", "limit", "0.1", px="98000", clOrdId="r1"))
    again = trade.place_order("BTC-USDT", "cash", "buy", "limit", "0.1", px="98000", clOrdId="r1")
    assert (again["code"], again["data"][0]["sCode"]) == ("1", "51016")
    assert trade.amend_order("BTC-USDT", ordId=first, newPx="99000", reqId="q1")["data"][0]["reqId"] == "q1"
    assert [one["px"] for one in trade.get_order_list(instType="SPOT")["data"]] == ["99000"]
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.04")
    assert trade.get_order("BTC-USDT", clOrdId="r1")["data"][0]["state"] == "partially_filled"
    assert trade.cancel_order("BTC-USDT", ordId=first)["code"] == "0"
    assert trade.cancel_order("BTC-USDT", ordId=first)["data"][0]["sCode"] == "51400"
    (fill,) = trade.get_fills(ordId=first)["data"]
    assert (fill["fillSz"], fill["fillPx"], fill["execType"]) == ("0.04", "99000", "M")
    row = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "sz": "0.1"}
    many = trade.place_multiple_orders([{**row, "px": "98000"}, {**row, "px": "97000"}, {**row, "px": "0"}])
    assert (many["code"], [one["sCode"] for one in many["data"]]) == ("2", ["0", "0", "51000"])
    names = [{"instId": "BTC-USDT", "ordId": one["ordId"]} for one in many["data"][:2]]
    assert trade.amend_multiple_orders([{**one, "newSz": "0.2"} for one in names])["code"] == "0"
    assert trade.cancel_multiple_orders(names)["code"] == "0"
    history = trade.get_orders_history("SPOT")["data"]
    assert [one["state"] for one in history] == ["canceled"] * 3 and history[-1]["ordId"] == first
    assert trade.get_orders_history_archive("SPOT")["code"] == "0"
    assert [one["ordId"] for one in trade.get_fills_history("SPOT")["data"]] == [first]
    poor = trade.place_order("BTC-USDT", "cash", "buy", "limit", "150", px="98000")
    assert (poor["code"], poor["data"][0]["sCode"], poor["msg"]) == ("1", "51008", "All operations failed")
    assert trade.get_order("BTC-USDT", ordId="1")["code"] == "51603"
    wrong = TradeAPI(KEY, "other", PASSPHRASE, flag="0", domain=url)
    assert wrong.get_order_list()["code"] == "50113"
    reader = TradeAPI("sim-read-only", SECRET, PASSPHRASE, flag="0", domain=url)
    assert reader.place_order("BTC-USDT", "cash", "buy", "limit", "0.1", px="98000")["code"] == "50120"


def placed(answer: dict[str, Any]) -> str:
    assert (answer["code"], answer["data"][0]["sCode"]) == ("0", "0"), answer
    return str(answer["data"][0]["ordId"])


def algo_session(world: Any) -> None:
    trade = TradeAPI(KEY, SECRET, PASSPHRASE, flag="0", domain=world.sim.rest_url)
    one = trade.place_algo_order(
        instId="BTC-USDT", tdMode="cash", side="sell", ordType="conditional", sz="0.1", slTriggerPx="95000",
        slOrdPx="-1", algoClOrdId="stop1",
    )  # fmt: skip
    algo_id = one["data"][0]["algoId"]
    assert trade.amend_algo_order(instId="BTC-USDT", algoId=algo_id, newSlTriggerPx="94000")["code"] == "0"
    assert trade.get_algo_order_details(algoClOrdId="stop1")["data"][0]["slTriggerPx"] == "94000"
    assert [row["algoId"] for row in trade.order_algos_list(ordType="conditional")["data"]] == [algo_id]
    assert trade.cancel_algo_order([{"instId": "BTC-USDT", "algoId": algo_id}])["code"] == "0"
    assert trade.order_algos_history("conditional", state="canceled")["data"][0]["algoId"] == algo_id


def swap_session(world: Any) -> None:
    url = world.sim.rest_url
    trade = TradeAPI(KEY, SECRET, PASSPHRASE, flag="0", domain=url)
    account = AccountAPI(KEY, SECRET, PASSPHRASE, flag="0", domain=url)
    assert account.set_leverage(lever="5", mgnMode="cross", instId="BTC-USDT-SWAP")["data"][0]["lever"] == "5"
    assert account.get_leverage(mgnMode="cross", instId="BTC-USDT-SWAP")["data"][0]["lever"] == "5"
    assert account.set_position_mode("net_mode")["code"] == "0"
    world.sim.command("quote", inst_id="BTC-USDT-SWAP", side="sell", px="100100", sz="2")
    bought = placed(trade.place_order("BTC-USDT-SWAP", "cross", "buy", "market", "2"))
    assert trade.get_order("BTC-USDT-SWAP", ordId=bought)["data"][0]["avgPx"] == "100100"
    (position,) = account.get_positions("SWAP")["data"]
    assert (position["pos"], position["lever"], position["mgnMode"]) == ("2", "5", "cross")
    world.sim.command("quote", inst_id="BTC-USDT-SWAP", side="buy", px="99900", sz="2")
    assert trade.close_positions("BTC-USDT-SWAP", "cross")["data"][0]["instId"] == "BTC-USDT-SWAP"
    assert account.get_positions("SWAP")["data"] == []
