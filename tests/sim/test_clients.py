"""Unmodified client libraries run a whole session; nothing of them is changed but their URLs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import ccxt.pro
import pytest
from ccxt.base.errors import AuthenticationError, ExchangeError, InsufficientFunds, OrderNotFound
from okx.Account import AccountAPI
from okx.PublicData import PublicAPI
from okx.Trade import TradeAPI
from okx.websocket.WsPrivateAsync import WsPrivateAsync

pytestmark = pytest.mark.asyncio

KEY, SECRET, PASSPHRASE = "sim-api-key-0001", "SIMULATED-SECRET-0001", "simulated"
SPOT, SWAP = 10_001, 10_459
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
        def wanted(frame: dict[str, Any]) -> bool:
            row = frame.get("data", [{}])[0] if "arg" in frame else {}
            return bool(row.get("clOrdId") == cl_ord_id and row.get("state") == state)

        return (await self.until(wanted))["data"][0]  # type: ignore[no-any-return]


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


async def test_python_okx(start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_proxy: None) -> None:
    world = await start(tls_dir=tmp_path / "tls")
    monkeypatch.setenv("SSL_CERT_FILE", str(world.sim.certificate.ca))  # it only speaks TLS
    inbox = Inbox()
    ws = WsPrivateAsync(KEY, PASSPHRASE, SECRET, world.sim.ws_url("private"))
    await ws.start()
    await ws.subscribe([{"channel": "orders", "instType": "ANY"}], callback=inbox)  # logs in and waits 5 s
    await inbox.until(lambda one: one.get("event") == "subscribe")
    order = {"instIdCode": SPOT, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "0.5"}
    await ws.place_order([{**order, "clOrdId": "a1"}], id="p1")
    assert (await inbox.ack("p1"))["data"][0]["sMsg"] == "Order successfully placed."
    await ws.amend_order([{"instIdCode": SPOT, "clOrdId": "a1", "newSz": "1"}], id="m1")
    assert (await inbox.ack("m1"))["code"] == "0"
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.4")
    assert (await inbox.state("a1", "partially_filled"))["fillSz"] == "0.4"
    await ws.cancel_order([{"instIdCode": SPOT, "clOrdId": "a1"}], id="c1")
    assert (await inbox.state("a1", "canceled"))["accFillSz"] == "0.4"
    await ws.batch_orders([{**order, "clOrdId": "a2"}, {**order, "sz": "0"}], id="b1")
    assert [one["sCode"] for one in (await inbox.ack("b1"))["data"]] == ["0", "51000"]
    await asyncio.to_thread(python_okx_rest, world.sim.rest_url)
    await ws.login()
    assert (await inbox.until(lambda one: one.get("event") == "error"))["code"] == "60031"
    await ws.stop()


def python_okx_rest(url: str) -> None:
    trade = TradeAPI(KEY, SECRET, PASSPHRASE, flag="0", domain=url)
    public = PublicAPI(flag="0", domain=url)
    assert "BTC-USDT-SWAP" in [one["instId"] for one in public.get_instruments("SWAP")["data"]]
    account = AccountAPI(KEY, SECRET, PASSPHRASE, flag="0", domain=url)
    assert account.get_account_config()["data"][0]["acctLv"] == "2"
    assert account.get_account_balance("USDT")["data"][0]["details"][0]["ccy"] == "USDT"
    assert [one["clOrdId"] for one in trade.get_order_list(instType="SPOT")["data"]] == ["a2"]
    assert trade.get_order("BTC-USDT", clOrdId="a1")["data"][0]["state"] == "canceled"
    assert trade.get_fills()["data"][0]["fillSz"] == "0.4"
    placed = trade.place_order("BTC-USDT", "cash", "buy", "limit", "0.1", px="98000")["data"][0]
    assert placed["sCode"] == "0"
    assert trade.amend_order("BTC-USDT", ordId=placed["ordId"], newPx="97000")["code"] == "0"
    assert trade.cancel_order("BTC-USDT", ordId=placed["ordId"])["code"] == "0"
    failed = trade.place_order("BTC-USDT", "cash", "buy", "limit", "500", px="1000")
    assert (failed["code"], failed["data"][0]["sCode"]) == ("0", "0")
    poor = trade.place_order("BTC-USDT", "cash", "buy", "limit", "100", px="98000")
    assert (poor["code"], poor["data"][0]["sCode"]) == ("1", "51008")
    wrong = TradeAPI(KEY, "other", PASSPHRASE, flag="0", domain=url)
    assert wrong.get_order_list()["code"] == "50113"


async def test_ccxt_pro(world: Any, no_proxy: None) -> None:
    exchange = ccxt.pro.okx({"apiKey": KEY, "secret": SECRET, "password": PASSPHRASE})
    exchange.urls["api"] = {"rest": world.sim.rest_url, "ws": world.sim.ws_url("").rstrip("/")}
    try:
        await ccxt_session(world, exchange)
    finally:
        await exchange.close()
    stranger = ccxt.pro.okx({"apiKey": KEY, "secret": "other", "password": PASSPHRASE})
    stranger.urls["api"] = exchange.urls["api"]
    try:
        with pytest.raises(AuthenticationError):
            await stranger.fetch_balance()
    finally:
        await stranger.close()


async def ccxt_session(world: Any, exchange: Any) -> None:
    await exchange.load_markets()
    assert exchange.market("BTC/USDT:USDT")["info"]["instIdCode"] in (SWAP, str(SWAP))
    watching = asyncio.ensure_future(exchange.watch_orders())
    await world.eventually(lambda: any(one.subscriptions for one in world.sim.sessions))
    placed = await exchange.create_order_ws("BTC/USDT", "limit", "buy", 0.5, 99000)
    assert placed["id"] in world.sim.accounts["1000000000000001"].live
    (seen,) = await asyncio.wait_for(watching, PATIENCE_S)
    assert (seen["id"], seen["status"], seen["symbol"]) == (placed["id"], "open", "BTC/USDT")
    assert [one["id"] for one in await exchange.fetch_open_orders("BTC/USDT")] == [placed["id"]]
    watching = asyncio.ensure_future(exchange.watch_orders())
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.2")
    assert (await asyncio.wait_for(watching, PATIENCE_S))[-1]["filled"] == 0.2
    (mine,) = await exchange.fetch_my_trades("BTC/USDT")
    assert (mine["order"], mine["amount"], mine["takerOrMaker"]) == (placed["id"], 0.2, "maker")
    edited = await exchange.edit_order(placed["id"], "BTC/USDT", "limit", "buy", 0.4, 98000)
    assert edited["id"] == placed["id"]
    canceled = await exchange.cancel_order(placed["id"], "BTC/USDT")
    assert canceled["id"] == placed["id"]
    assert (await exchange.fetch_order(placed["id"], "BTC/USDT"))["status"] == "canceled"
    with pytest.raises(InsufficientFunds):
        await exchange.create_order("BTC/USDT", "limit", "buy", 150, 99000)
    with pytest.raises(InsufficientFunds):
        await exchange.create_order_ws("BTC/USDT", "limit", "buy", 150, 99000)
    with pytest.raises(OrderNotFound):
        await exchange.cancel_order("1", "BTC/USDT")
    swap = await exchange.create_order_ws("BTC/USDT:USDT", "limit", "buy", 2, 99000, {"tdMode": "cross"})
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="sell", px="99000", sz="2")
    (position,) = await exchange.fetch_positions(["BTC/USDT:USDT"])
    assert (position["contracts"], position["side"]) == (2, "long")
    assert (await exchange.fetch_order(swap["id"], "BTC/USDT:USDT"))["status"] == "closed"
    assert (await exchange.fetch_balance())["BTC"]["total"] == 1000.19984
    with pytest.raises(ExchangeError):
        await exchange.create_order("BTC/USDT", "limit", "buy", 0.1, 150000)
    world.sim.command("quote", inst_id="BTC-USDT", side="buy", px="99999", sz="1")
    book = await asyncio.wait_for(exchange.watch_order_book("BTC/USDT"), PATIENCE_S)
    assert book["bids"][0][0] == 99999
