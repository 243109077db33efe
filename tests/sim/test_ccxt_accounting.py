"""What ccxt's users ask beside their orders: accounting, history, loans, prices, in ccxt's unified answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import ccxt.pro
import pytest
import pytest_asyncio
from ccxt.base.errors import AccountNotEnabled, BadSymbol, InsufficientFunds

pytestmark = pytest.mark.asyncio

SPOT, SWAP = "BTC/USDT", "BTC/USDT:USDT"
UID_1 = "1000000000000001"


@pytest_asyncio.fixture
async def exchange(start: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """Logged in, with a deep book and a position of 0.1 BTC bought at 100,000."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    world = await start(rest_limits=False)
    world.sim.command("quote", inst_id="BTC-USDT-SWAP", side="sell", px="100000", sz="1000")
    client = ccxt.pro.okx({"apiKey": "sim-api-key-0001", "secret": "SIMULATED-SECRET-0001", "password": "simulated"})
    client.urls["api"] = {"rest": world.sim.rest_url, "ws": world.sim.ws_url("").rstrip("/")}
    client.enableRateLimit = False
    client.sim = world.sim
    await client.load_markets()
    await client.create_order(SWAP, "market", "buy", 10)
    yield client
    await client.close()


async def test_the_ledger_adds_up(exchange: Any) -> None:
    exchange.sim.command("pay_funding", inst_id="BTC-USDT-SWAP", rate="0.0002")
    entries = await exchange.fetch_ledger("USDT", params={"type": "swap"})
    # A fee of 0.05 % of 10,000; funding of 0.02 %.
    assert [(one["type"], one["amount"], one["direction"]) for one in entries] == [
        ("trade", -5, "out"),
        ("fee", -2, "out"),
    ]
    assert [one["after"] for one in entries] == [9_999_995, 9_999_993]
    balance = await exchange.fetch_balance()
    assert balance["USDT"]["total"] == entries[-1]["after"]
    (paid,) = await exchange.fetch_funding_history(SWAP)
    assert (paid["amount"], paid["symbol"]) == (-2, SWAP)
    (rate,) = await exchange.fetch_funding_rate_history(SWAP)
    assert rate["fundingRate"] == 0.0002


async def test_transfers(exchange: Any) -> None:
    done = await exchange.transfer("USDT", 1000, "trading", "funding")
    found = await exchange.fetch_transfer(done["id"])
    shown = [found[name] for name in ("amount", "currency", "fromAccount", "toAccount", "status")]
    assert shown == [1000, "USDT", "trading", "funding", "ok"]
    (listed,) = await exchange.fetch_transfers("USDT")
    assert (listed["amount"], listed["fromAccount"], listed["toAccount"]) == (1000, "trading", "funding")
    funding = await exchange.fetch_balance({"type": "funding"})
    assert funding["USDT"]["free"] == 1000
    with pytest.raises(InsufficientFunds):
        await exchange.transfer("USDT", 1001, "funding", "trading")
    address = await exchange.fetch_deposit_address("BTC")
    assert address["address"].startswith("simulated-")


async def test_positions_that_were(exchange: Any) -> None:
    exchange.sim.command("withdraw", inst_id="BTC-USDT-SWAP")
    exchange.sim.command("quote", inst_id="BTC-USDT-SWAP", side="buy", px="101000", sz="1000")
    await exchange.close_position(SWAP, None, {"marginMode": "cross"})
    (closed,) = await exchange.fetch_positions_history([SWAP])
    # 0.1 BTC gained 100, less fees of 5 and 5.05.
    shown = closed["symbol"], closed["info"]["direction"], closed["entryPrice"], closed["realizedPnl"]
    assert shown == (SWAP, "long", 100_000, 89.95)
    assert closed["info"]["closeAvgPx"] == "101000"


async def test_prices_that_were(exchange: Any) -> None:
    exchange.sim.command("mark_price", inst_id="BTC-USDT-SWAP", px="100300")
    exchange.sim.command("reference_price", inst_id="BTC-USDT-SWAP", px="100100")
    marks = await exchange.fetch_mark_ohlcv(SWAP, "1m")
    assert marks[-1][4] == 100_300 and marks[-1][5] in (None, 0, 1)
    assert (await exchange.fetch_index_ohlcv(SWAP, "1m"))[-1][4] == 100_000


async def test_loans(exchange: Any) -> None:
    rates = await exchange.fetch_cross_borrow_rates()
    assert rates["BTC"]["rate"] == 0.00001
    exchange.sim.command("quote", inst_id="BTC-USDT", side="sell", px="100000", sz="1")
    await exchange.create_order(SPOT, "limit", "buy", 0.5, 100_000, {"tdMode": "cross", "ccy": "USDT"})
    exchange.sim.command("accrue_interest", uid=UID_1, hours=1)
    (interest,) = await exchange.fetch_borrow_interest("USDT")
    assert (interest["interest"], interest["amountBorrowed"], interest["symbol"]) == (0.5, 50_000, SPOT)


async def test_margin_tiers_and_deliveries(exchange: Any) -> None:
    (tier,) = await exchange.fetch_market_leverage_tiers(SWAP)
    assert (tier["tier"], tier["maxLeverage"], tier["maintenanceMarginRate"]) == (1, 100, 0.004)
    future = next(one for one in exchange.markets if one.startswith("BTC/USDT:USDT-"))
    exchange.sim.command("deliver", inst_id=exchange.market(future)["id"], px="100900")
    (settled,) = await exchange.fetch_settlement_history(future)
    assert (settled["symbol"], settled["price"]) == (future, 100_900)


async def test_errors_are_typed(exchange: Any) -> None:
    with pytest.raises(AccountNotEnabled):
        await exchange.private_get_account_risk_state()
    with pytest.raises(AccountNotEnabled):
        await exchange.private_post_trade_order_precheck({"instId": "BTC-USDT-SWAP", "sz": "1"})
    with pytest.raises(BadSymbol):
        await exchange.public_get_public_estimated_price({"instId": "NO-SUCH"})
