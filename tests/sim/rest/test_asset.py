"""The funding account over REST, and public data in the forms that clients ask for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

pytestmark = pytest.mark.asyncio


async def get(world: Any, target: str, key: str | None = "sim-api-key-0001") -> Any:
    _, answer = await world.rest.call("GET", f"/api/v5/{target}", key=key)
    return answer


async def test_currencies(world: Any) -> None:
    everything = (await get(world, "asset/currencies"))["data"]
    assert {"BTC", "ETH", "USDT"} <= {one["ccy"] for one in everything}
    (one,) = (await get(world, "asset/currencies?ccy=BTC"))["data"]
    assert (one["ccy"], one["canWd"], one["mainNet"], one["needTag"]) == ("BTC", False, True, False)


async def test_the_funding_account_is_empty(world: Any) -> None:
    assert (await get(world, "asset/balances"))["data"] == []
    expected = [{"availBal": "0", "bal": "0", "ccy": "BTC", "frozenBal": "0"}]
    assert (await get(world, "asset/balances?ccy=BTC"))["data"] == expected
    assert (await get(world, "asset/deposit-history"))["data"] == []
    assert (await get(world, "asset/withdrawal-history"))["data"] == []
    assert (await get(world, "asset/balances?ccy=" + ",".join(["BTC"] * 21)))["code"] == "51000"


async def test_valuation(world: Any) -> None:
    """10,000,000 USDT and USDC, 1,000 BTC at 100,000, 10,000 ETH at 4,000."""
    (one,) = (await get(world, "asset/asset-valuation?ccy=USDT"))["data"]
    assert Decimal(one["totalBal"]) == 160_000_000 and one["details"]["trading"] == one["totalBal"]


async def test_no_valuation_in_an_unknown_currency(world: Any) -> None:
    assert (await get(world, "asset/asset-valuation?ccy=XYZ"))["code"] == "51000"


@pytest.mark.parametrize("query", ["instId=BTC-USDT-SWAP", "instType=ANY&instId=BTC-USDT-SWAP", "instType=SWAP"])
async def test_mark_price_without_inst_type(world: Any, query: str) -> None:
    """ccxt leaves instType out, nautilus_trader says ANY."""
    rows = (await get(world, f"public/mark-price?{query}", key=None))["data"]
    found = [one for one in rows if one["instId"] == "BTC-USDT-SWAP"]
    assert [(one["instType"], one["markPx"]) for one in found] == [("SWAP", "100000")]


async def test_mark_price_needs_something(world: Any) -> None:
    assert (await get(world, "public/mark-price", key=None))["code"] == "50014"


async def test_full_book(world: Any) -> None:
    world.sim.command("quote", inst_id="BTC-USDT", side="buy", px="99000", sz="0.3")
    (book,) = (await get(world, "market/books-full?instId=BTC-USDT&sz=5000", key=None))["data"]
    assert book["bids"] == [["99000", "0.3", "1"]] and set(book) == {"asks", "bids", "ts"}
    assert (await get(world, "market/books-full?instId=BTC-USDT&sz=5001", key=None))["code"] == "51000"


async def test_trades_history_in_pages(world: Any) -> None:
    for px in ("99000", "99001", "99002"):
        world.sim.command("quote", inst_id="BTC-USDT", side="sell", px=px, sz="0.1")
        world.sim.command("trade", inst_id="BTC-USDT", side="buy", px=px, sz="0.1")
    target = "market/history-trades?instId=BTC-USDT"
    newest = (await get(world, f"{target}&limit=2", key=None))["data"]
    assert [one["px"] for one in newest] == ["99002", "99001"]
    older = (await get(world, f"{target}&after={newest[-1]['tradeId']}", key=None))["data"]
    assert [one["px"] for one in older] == ["99000"]
    assert (await get(world, f"{target}&type=3", key=None))["code"] == "51000"
