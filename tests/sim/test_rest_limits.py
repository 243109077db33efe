"""The limit of each endpoint, as OKX's docs give it: the request beyond is answered 429 and 50011, and forgotten."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.asyncio

# Requests and seconds, from the endpoints' pages.
LIMITS = {
    "public/time": (10, 2),
    "public/instruments?instType=SPOT": (20, 2),
    "public/price-limit?instId=BTC-USDT": (20, 2),
    "public/mark-price?instType=SWAP": (10, 2),
    "public/funding-rate?instId=BTC-USDT-SWAP": (10, 2),
    "public/open-interest?instType=SWAP": (20, 2),
    "market/ticker?instId=BTC-USDT": (20, 2),
    "market/tickers?instType=SPOT": (20, 2),
    "market/books?instId=BTC-USDT": (40, 2),
    "market/candles?instId=BTC-USDT": (40, 2),
    "market/trades?instId=BTC-USDT": (100, 2),
    "system/status": (1, 5),
    "account/instruments?instType=SPOT": (20, 2),
    "account/config": (5, 2),
    "account/balance": (10, 2),
    "account/positions": (10, 2),
    "account/trade-fee?instType=SPOT": (5, 2),
    "account/max-size?instId=BTC-USDT&tdMode=cash": (20, 2),
    "account/max-avail-size?instId=BTC-USDT&tdMode=cash": (20, 2),
    "trade/account-rate-limit": (1, 1),
    "trade/orders-pending": (60, 2),
    "trade/orders-history?instType=SPOT": (40, 2),
    "trade/orders-history-archive?instType=SPOT": (20, 2),
    "trade/fills": (60, 2),
    "trade/fills-history?instType=SPOT": (10, 2),
    "public/funding-rate-history?instId=BTC-USDT-SWAP": (10, 2),
    "public/convert-contract-coin?instId=BTC-USDT-SWAP&sz=1": (10, 2),
    "public/position-tiers?instType=SWAP&tdMode=cross&instFamily=BTC-USDT": (10, 2),
    "market/mark-price-candles?instId=BTC-USDT-SWAP&limit=1": (20, 2),
    "market/index-candles?instId=BTC-USDT&limit=1": (20, 2),
    "account/bills": (5, 1),
    "account/bills-archive": (5, 2),
    "account/positions-history": (10, 2),
    "account/account-position-risk": (10, 2),
    "account/interest-accrued": (5, 2),
    "account/interest-rate": (5, 2),
    "account/max-loan?instId=BTC-USDT&mgnMode=cross": (20, 2),
    "account/max-withdrawal": (20, 2),
    "asset/transfer-state?transId=1": (10, 1),
    "asset/bills": (6, 1),
}
REFUSED = (429, {"msg": "Too Many Requests", "code": "50011"})


class Hand:
    """Requests come when it says."""

    def __init__(self, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_ns = 10**18
        monkeypatch.setattr(world.sim.exchange.clock, "arrival_ns", lambda: self.now_ns)


@pytest.mark.parametrize("target", LIMITS)
async def test_limit(world: Any, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    hand = Hand(world, monkeypatch)
    count, window_s = LIMITS[target]
    answers = [await world.rest.call("GET", f"/api/v5/{target}") for _ in range(count + 1)]
    assert [status for status, _ in answers] == [200] * count + [429]
    assert answers[-1] == REFUSED
    hand.now_ns += window_s * 1_000_000_000 - 1
    assert (await world.rest.call("GET", f"/api/v5/{target}"))[0] == 429
    hand.now_ns += 1
    assert (await world.rest.call("GET", f"/api/v5/{target}"))[0] == 200


async def test_private_endpoints_count_by_user_and_some_by_instrument(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Hand(world, monkeypatch)
    for _ in range(5):
        await world.rest.get("/api/v5/account/config")
    assert (await world.rest.call("GET", "/api/v5/account/config")) == REFUSED
    # another key of the same user shares its budget, another user does not
    assert (await world.rest.call("GET", "/api/v5/account/config", key="sim-read-only"))[0] == 429
    assert (await world.rest.call("GET", "/api/v5/account/config", key="sim-api-key-0002"))[0] == 200
    for _ in range(60):
        await world.rest.call("GET", "/api/v5/trade/order?instId=BTC-USDT&ordId=1")
    assert (await world.rest.call("GET", "/api/v5/trade/order?instId=BTC-USDT&ordId=1")) == REFUSED
    assert (await world.rest.call("GET", "/api/v5/trade/order?instId=ETH-USDT&ordId=1"))[1]["code"] == "51603"


async def test_transfers_count_by_currency(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Hand(world, monkeypatch)
    body = {"ccy": "USDT", "amt": "1", "from": "18", "to": "6"}
    codes = [(await world.rest.call("POST", "/api/v5/asset/transfer", body))[1]["code"] for _ in range(3)]
    assert codes == ["0", "0", "50011"]
    assert (await world.rest.call("POST", "/api/v5/asset/transfer", {**body, "ccy": "BTC"}))[1]["code"] == "0"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
async def test_other_methods(world: Any, method: str) -> None:
    status, answer = await world.rest.call(method, "/api/v5/account/balance", {})
    assert (status, answer) == (405, {"msg": "Invalid request method.", "code": "50115"})
