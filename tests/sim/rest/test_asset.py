"""The funding account over REST."""

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
