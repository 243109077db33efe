"""ccxt and ccxt.pro, unmodified but for their URLs, run a whole session over REST and WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import ccxt.pro
import pytest
import pytest_asyncio
from ccxt.base.errors import (
    AccountNotEnabled,
    AuthenticationError,
    BadSymbol,
    ExchangeError,
    InsufficientFunds,
    InvalidOrder,
    OrderNotFound,
    RateLimitExceeded,
)

pytestmark = pytest.mark.asyncio

KEY, SECRET, PASSPHRASE = "sim-api-key-0001", "SIMULATED-SECRET-0001", "simulated"
SPOT, SWAP = "BTC/USDT", "BTC/USDT:USDT"
SWAP_CODE = 10_459
UID_1 = "1000000000000001"
PATIENCE_S = 10


def connected(world: Any, **credentials: str) -> Any:
    exchange = ccxt.pro.okx({"apiKey": KEY, "secret": SECRET, "password": PASSPHRASE, **credentials})
    exchange.urls["api"] = {"rest": world.sim.rest_url, "ws": world.sim.ws_url("").rstrip("/")}
    exchange.enableRateLimit = False
    return exchange


@pytest_asyncio.fixture
async def exchange(world: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    client = connected(world)
    await client.load_markets()
    yield client
    await client.close()


async def soon(awaited: Any) -> Any:
    return await asyncio.wait_for(awaited, PATIENCE_S)


async def watching(world: Any, method: Any, *args: Any, **params: Any) -> Any:
    """A running `watch...`, once the simulator has its subscription."""
    before = sum(len(one.subscriptions) for one in world.sim.sessions)
    task = asyncio.ensure_future(method(*args, **params))
    await world.eventually(lambda: sum(len(one.subscriptions) for one in world.sim.sessions) > before)
    return task


# --- reading -----------------------------------------------------------------------------------------------------


async def test_market_data(world: Any, exchange: Any) -> None:
    world.sim.command("quote", inst_id="BTC-USDT", side="buy", px="99000", sz="0.5")
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.1")
    swap = exchange.market(SWAP)
    assert (swap["contractSize"], swap["linear"], swap["precision"]["price"]) == (0.01, True, 0.1)
    assert swap["info"]["instIdCode"] in (SWAP_CODE, str(SWAP_CODE))
    assert exchange.market("BTC/USD:BTC")["inverse"] is True
    assert {"BTC", "USDT"} <= set(await exchange.fetch_currencies())
    assert (await exchange.fetch_ticker(SPOT))["last"] == 99000
    assert set(await exchange.fetch_tickers([SPOT, "ETH/USDT"])) == {SPOT, "ETH/USDT"}
    assert (await exchange.fetch_order_book(SPOT))["bids"] == [[99000, 0.4, 0]]
    assert [one["amount"] for one in await exchange.fetch_trades(SPOT)] == [0.1]
    assert (await exchange.fetch_ohlcv(SPOT))[-1][4:] == [99000, 0.1]
    assert (await exchange.fetch_mark_price(SWAP))["markPrice"] == 100000
    assert (await exchange.fetch_funding_rate(SWAP))["symbol"] == SWAP
    assert (await exchange.fetch_status())["status"] == "ok"


async def test_account(exchange: Any) -> None:
    assert (await exchange.fetch_balance())["USDT"] == {"free": 1e7, "used": 0, "total": 1e7}
    assert (await exchange.fetch_balance({"type": "funding"}))["total"] == {}
    assert [one["id"] for one in await exchange.fetch_accounts()] == [UID_1]
    assert (await exchange.fetch_position_mode(SWAP))["hedged"] is False
    await exchange.set_position_mode(True)
    assert (await exchange.fetch_position_mode(SWAP))["hedged"] is True
    await exchange.set_position_mode(False)
    await exchange.set_leverage(7, SWAP, {"mgnMode": "cross"})
    lever = await exchange.fetch_leverage(SWAP, {"marginMode": "cross"})
    assert (lever["longLeverage"], lever["shortLeverage"]) == (7, 7)
    assert (await exchange.fetch_trading_fee(SPOT))["taker"] == 0.001


# --- orders over REST --------------------------------------------------------------------------------------------


async def test_an_order_from_placing_to_its_fills(world: Any, exchange: Any) -> None:
    placed = await exchange.create_order(SPOT, "limit", "buy", 0.5, 98000, {"clOrdId": "c1"})
    assert [one["id"] for one in await exchange.fetch_open_orders(SPOT)] == [placed["id"]]
    edited = await exchange.edit_order(placed["id"], SPOT, "limit", "buy", 0.6, 99000)
    assert edited["id"] == placed["id"]
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.2")
    seen = await exchange.fetch_order(placed["id"], SPOT)
    assert (seen["status"], seen["filled"], seen["remaining"], seen["clientOrderId"]) == ("open", 0.2, 0.4, "c1")
    (mine,) = await exchange.fetch_my_trades(SPOT)
    assert (mine["order"], mine["amount"], mine["price"], mine["takerOrMaker"]) == (placed["id"], 0.2, 99000, "maker")
    assert [one["id"] for one in await exchange.fetch_order_trades(placed["id"], SPOT)] == [mine["id"]]
    assert (await exchange.cancel_order(placed["id"], SPOT))["id"] == placed["id"]
    assert (await exchange.fetch_order(placed["id"], SPOT))["status"] == "canceled"
    assert [one["id"] for one in await exchange.fetch_canceled_orders(SPOT)] == [placed["id"]]
    assert (await exchange.fetch_balance())["BTC"]["total"] == 1000.19984  # 0.2 less 0.08 % maker fee


async def test_order_types(world: Any, exchange: Any) -> None:
    """Each with its result against an offer of 1 at 100000."""

    async def ends(kind: str, price: float | None, **params: Any) -> tuple[str, float]:
        placed = await exchange.create_order(SPOT, kind, "buy", 0.1, price, params)
        order = await exchange.fetch_order(placed["id"], SPOT)
        return order["status"], order["filled"]

    world.sim.command("quote", inst_id="BTC-USDT", side="sell", px="100000", sz="1")
    assert await ends("market", None) == ("closed", 0.1)
    assert await ends("limit", 100000) == ("closed", 0.1)
    assert await ends("limit", 100000, postOnly=True) == ("canceled", 0)
    assert await ends("limit", 99000, timeInForce="PO") == ("open", 0)
    assert await ends("limit", 99000, timeInForce="IOC") == ("canceled", 0)
    assert await ends("limit", 100000, timeInForce="FOK") == ("closed", 0.1)
    assert await ends("ioc", 100000) == ("closed", 0.1)
    bought = await exchange.create_market_buy_order_with_cost(SPOT, 1000)
    assert (await exchange.fetch_order(bought["id"], SPOT))["filled"] == 0.01


async def test_many_orders_at_once(exchange: Any) -> None:
    row = {"type": "limit", "side": "buy", "price": 90000}
    placed = await exchange.create_orders(
        [
            {**row, "symbol": SPOT, "amount": 0.1},
            {**row, "symbol": SPOT, "amount": 0.2},
            {**row, "symbol": SWAP, "amount": 1},
        ]
    )
    ids = [one["id"] for one in placed]
    assert {one["id"] for one in await exchange.fetch_open_orders()} == set(ids)
    assert {one["id"] for one in await exchange.cancel_orders(ids[:2], SPOT)} == set(ids[:2])
    await exchange.cancel_orders_for_symbols([{"id": ids[2], "symbol": SWAP}])
    assert await exchange.fetch_open_orders() == []
    await exchange.create_order(SPOT, "limit", "buy", 0.1, 90000)
    assert (await exchange.cancel_all_orders_after(10_000))["code"] == "0"


async def test_positions(world: Any, exchange: Any) -> None:
    world.sim.command("quote", inst_id="BTC-USDT-SWAP", side="sell", px="100100", sz="5")
    await exchange.create_order(SWAP, "market", "buy", 5)
    (position,) = await exchange.fetch_positions([SWAP])
    assert (position["contracts"], position["side"], position["entryPrice"]) == (5, "long", 100100)
    assert position["marginMode"] == "cross"
    world.sim.command("quote", inst_id="BTC-USDT-SWAP", side="buy", px="99900", sz="5")
    await exchange.create_order(SWAP, "market", "sell", 2, None, {"reduceOnly": True})
    assert (await exchange.fetch_position(SWAP))["contracts"] == 3
    await exchange.close_position(SWAP, params={"marginMode": "cross"})
    assert await exchange.fetch_positions() == []
    with pytest.raises(ExchangeError):
        await exchange.create_order(SWAP, "market", "sell", 1, None, {"reduceOnly": True})


async def test_stops(world: Any, exchange: Any) -> None:
    trigger = {"trigger": True}
    stop = await exchange.create_order(SPOT, "limit", "sell", 0.1, 94900, {"stopLossPrice": 95000})
    buy = await exchange.create_order(SWAP, "limit", "buy", 1, 96000, {"triggerPrice": 95500})
    listed = await exchange.fetch_open_orders(SPOT, params={"ordType": "conditional"})
    assert [(one["id"], one["stopLossPrice"]) for one in listed] == [(stop["id"], 95000)]
    assert (await exchange.fetch_order(buy["id"], SWAP, trigger))["triggerPrice"] == 95500
    await exchange.cancel_order(stop["id"], SPOT, trigger)
    assert await exchange.fetch_open_orders(SPOT, params={"ordType": "conditional"}) == []
    both = {"stopLoss": {"triggerPrice": 95000}, "takeProfit": {"triggerPrice": 110000}}
    entry = await exchange.create_order(SWAP, "limit", "buy", 1, 99000, both)
    assert (await exchange.fetch_order(entry["id"], SWAP))["stopLossPrice"] == 95000
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="sell", px="99000", sz="1")
    (oco,) = await exchange.fetch_open_orders(SWAP, params={"ordType": "oco"})
    assert (oco["stopLossPrice"], oco["takeProfitPrice"], oco["side"]) == (95000, 110000, "sell")


# --- errors ------------------------------------------------------------------------------------------------------


async def test_its_own_errors(exchange: Any) -> None:
    limit = (SPOT, "limit", "buy")
    option = next(one["symbol"] for one in exchange.markets.values() if one["option"])
    await exchange.create_order(*limit, 0.1, 90000, {"clOrdId": "twice"})
    for error, wrong in (
        (InsufficientFunds, exchange.create_order(*limit, 150, 99000)),
        (InsufficientFunds, exchange.create_order_ws(*limit, 150, 99000)),
        (InvalidOrder, exchange.create_order(*limit, 0.1, 90000, {"clOrdId": "twice"})),
        (InvalidOrder, exchange.create_order(*limit, 0.1, 150000)),
        (InvalidOrder, exchange.create_order(*limit, 0.000001, 99000)),
        (AccountNotEnabled, exchange.create_order("BTC/USD:BTC", "limit", "buy", 1, 99000, {"tdMode": "cash"})),
        (OrderNotFound, exchange.cancel_order("1", SPOT)),
        (OrderNotFound, exchange.cancel_order_ws("1", SPOT)),
        (OrderNotFound, exchange.edit_order("1", SPOT, "limit", "buy", 0.1, 90000)),
        (OrderNotFound, exchange.fetch_order("1", SPOT)),
        (BadSymbol, exchange.public_get_market_ticker({"instId": "NO-SUCH"})),
        (ExchangeError, exchange.cancel_all_orders_ws(option)),
    ):
        with pytest.raises(error):
            await soon(wrong)


async def test_rate_limit(exchange: Any) -> None:
    asked = [exchange.fetch_time() for _ in range(15)]  # 10 in 2 s
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(one) for one in answers} == {int, RateLimitExceeded}


@pytest.mark.parametrize("change", [{"secret": "other"}, {"password": "other"}])
async def test_wrong_credentials(world: Any, change: dict[str, str]) -> None:
    wrong_key = connected(world, **change)
    try:
        with pytest.raises(AuthenticationError):
            await wrong_key.fetch_balance()
        with pytest.raises(AuthenticationError):
            await soon(wrong_key.authenticate())
    finally:
        await wrong_key.close()


async def test_a_read_only_key_may_not_trade(world: Any) -> None:
    reader = connected(world, apiKey="sim-read-only")
    try:
        assert (await reader.fetch_balance())["USDT"]["total"] == 1e7
        with pytest.raises(ExchangeError, match="50120"):
            await reader.create_order(SPOT, "limit", "buy", 0.1, 99000)
    finally:
        await reader.close()


# --- WebSocket ---------------------------------------------------------------------------------------------------


async def test_orders_over_web_socket(world: Any, exchange: Any) -> None:
    orders = await watching(world, exchange.watch_orders)
    placed = await exchange.create_order_ws(SPOT, "limit", "buy", 0.5, 98000)
    (seen,) = await soon(orders)
    assert (seen["id"], seen["status"], seen["symbol"]) == (placed["id"], "open", SPOT)
    orders = asyncio.ensure_future(exchange.watch_orders())
    await exchange.edit_order_ws(placed["id"], SPOT, "limit", "buy", 0.5, 99000)
    assert (await soon(orders))[-1]["price"] == 99000
    trades = asyncio.ensure_future(exchange.watch_my_trades())
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.2")
    assert (await soon(trades))[-1]["amount"] == 0.2
    orders = asyncio.ensure_future(exchange.watch_orders())
    assert (await exchange.cancel_order_ws(placed["id"], SPOT))["id"] == placed["id"]
    assert (await soon(orders))[-1]["status"] == "canceled"
    ids = [(await exchange.create_order_ws(SPOT, "limit", "buy", 0.1, 90000))["id"] for _ in range(2)]
    assert {one["id"] for one in await exchange.cancel_orders_ws(ids, SPOT)} == set(ids)


async def test_money_over_web_socket(world: Any, exchange: Any) -> None:
    balance = await soon(exchange.watch_balance())
    assert balance["BTC"]["total"] == 1000
    assert await soon(exchange.watch_positions([SWAP])) == []
    await exchange.create_order_ws(SWAP, "limit", "buy", 2, 99000, {"tdMode": "cross"})
    positions = asyncio.ensure_future(exchange.watch_positions([SWAP]))
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="sell", px="99000", sz="2")
    assert [(one["contracts"], one["side"]) for one in await soon(positions)] == [(2, "long")]
    stops = await watching(world, exchange.watch_orders, SWAP, params={"trigger": True})
    placed = await exchange.create_order(SWAP, "limit", "sell", 2, 94900, {"stopLossPrice": 95000, "reduceOnly": True})
    assert (await soon(stops))[-1]["id"] == placed["id"]


async def test_market_data_over_web_socket(world: Any, exchange: Any) -> None:
    world.sim.command("quote", inst_id="BTC-USDT", side="buy", px="99000", sz="1")
    assert (await soon(exchange.watch_order_book(SPOT)))["bids"] == [[99000, 1]]
    assert (await soon(exchange.watch_order_book("ETH/USDT", 5)))["bids"] == []
    assert (await soon(exchange.watch_ticker(SPOT)))["bid"] == 99000
    assert (await soon(exchange.watch_mark_price(SWAP)))["markPrice"] == 100000
    assert (await soon(exchange.watch_funding_rate(SWAP)))["symbol"] == SWAP
    trades = await watching(world, exchange.watch_trades, SPOT)
    candles = await watching(world, exchange.watch_ohlcv, SPOT)
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.3")
    assert (await soon(trades))[-1]["amount"] == 0.3
    assert (await soon(candles))[-1][0] > 0
    book = await soon(exchange.watch_order_book(SPOT))
    assert book["bids"] == [[99000, 0.7]]
    await soon(exchange.un_watch_ticker(SPOT))
