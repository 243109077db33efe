"""Account mode and position mode: changes and refusals, over REST and on command."""

from __future__ import annotations

from typing import Any

import pytest

SWAP = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "buy", "ordType": "limit", "px": "90000", "sz": "10"}
pytestmark = pytest.mark.asyncio


async def post(world: Any, path: str, **body: Any) -> Any:
    _, answer = await world.rest.call("POST", f"/api/v5/account/{path}", body)
    return answer


async def placed(world: Any, **change: Any) -> Any:
    _, answer = await world.rest.call("POST", "/api/v5/trade/order", {**SWAP, **change})
    assert answer["code"] == "0", answer
    return answer["data"][0]["ordId"]


async def test_position_mode(world: Any) -> None:
    order = await placed(world)
    assert (await post(world, "set-position-mode", posMode="long_short_mode"))["code"] == "59000"
    await world.rest.call("POST", "/api/v5/trade/cancel-order", {"instId": "BTC-USDT-SWAP", "ordId": order})
    assert (await post(world, "set-position-mode", posMode="both"))["code"] == "51000"
    assert (await post(world, "set-position-mode", posMode="long_short_mode"))["data"] == [
        {"posMode": "long_short_mode"}
    ]
    assert (await world.rest.get("/api/v5/account/config"))[0]["posMode"] == "long_short_mode"
    await placed(world, posSide="long")


async def test_account_level(world: Any) -> None:
    await placed(world)
    assert (await post(world, "set-account-level", acctLv="3"))["code"] == "59000"
    world.sim.command("account_mode", uid="1000000000000002", acct_lv="3", auto_loan=True)
    assert world.sim.accounts["1000000000000002"].is_pooled
    assert (await post(world, "set-auto-loan", autoLoan=True))["code"] == "51010"
