"""Leverage: changes and refusals, over REST and on command."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

UID_1 = "1000000000000001"
SWAP = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "buy", "ordType": "limit", "px": "90000", "sz": "10"}
pytestmark = pytest.mark.asyncio


async def post(world: Any, path: str, **body: Any) -> Any:
    _, answer = await world.rest.call("POST", f"/api/v5/account/{path}", body)
    return answer


async def placed(world: Any, **change: Any) -> Any:
    _, answer = await world.rest.call("POST", "/api/v5/trade/order", {**SWAP, **change})
    assert answer["code"] == "0", answer
    return answer["data"][0]["ordId"]


async def test_leverage_moves_the_margin_of_positions_and_orders(world: Any) -> None:
    (before,) = await world.rest.get("/api/v5/account/leverage-info?instId=BTC-USDT-SWAP&mgnMode=cross")
    assert (before["lever"], before["posSide"]) == ("10", "net")
    await placed(world, px="100000")
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="sell", px="100000", sz="5")
    account = world.sim.accounts[UID_1]
    # Half of 10,000 USDT is a position, half an order that takes the taker's fee too.
    assert (account.margin["USDT"], account.frozen["USDT"]) == (500, Decimal("502.5"))
    answer = await post(world, "set-leverage", instId="BTC-USDT-SWAP", mgnMode="cross", lever="5")
    wanted = {"lever": "5", "mgnMode": "cross", "instId": "BTC-USDT-SWAP", "posSide": "net"}
    assert answer["data"][0].items() >= wanted.items()
    assert (account.margin["USDT"], account.frozen["USDT"]) == (1_000, Decimal("1002.5"))
    (row,) = await world.rest.get("/api/v5/account/positions")
    assert (row["lever"], row["imr"]) == ("5", "1000")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"lever": "101"}, "59102"),
        ({"lever": "0.5"}, "59105"),
        ({"lever": "x"}, "51000"),
        ({"lever": ""}, "50014"),
        ({"mgnMode": "cash"}, "51000"),
        ({"posSide": "long"}, "51000"),
        ({"instId": "NO-SUCH"}, "51001"),
        ({"instId": "SHIB-USDT"}, "51010"),
    ],
)
async def test_leverage_refusals(world: Any, body: dict[str, str], code: str) -> None:
    asked = {"instId": "BTC-USDT-SWAP", "mgnMode": "cross", "lever": "5", **body}
    assert (await post(world, "set-leverage", **asked))["code"] == code


async def test_leverage_with_pending_orders_or_without_funds(world: Any) -> None:
    await placed(world, tdMode="isolated", sz="1")
    asked = {"instId": "BTC-USDT-SWAP", "lever": "20"}
    assert (await post(world, "set-leverage", mgnMode="isolated", **asked))["code"] == "59101"
    assert (await post(world, "set-leverage", mgnMode="cross", **asked))["code"] == "0"
    await placed(world, instId="BTC-USDT", ccy="USDT", sz="1")
    assert (await post(world, "set-leverage", mgnMode="cross", instId="BTC-USDT", lever="5"))["code"] == "59107"
    await placed(world, sz="2000", px="90000")
    world.sim.accounts[UID_1].cash["USDT"] = Decimal(200_000)
    poorer = await post(world, "set-leverage", mgnMode="cross", instId="BTC-USDT-SWAP", lever="1")
    assert poorer["code"] == "59109"
    assert world.sim.accounts[UID_1].frozen["USDT"] > 0


async def test_long_and_short_have_their_own_isolated_leverage(start: Any) -> None:
    world = await start()
    await post(world, "set-position-mode", posMode="long_short_mode")
    answer = await post(world, "set-leverage", instId="BTC-USDT-SWAP", mgnMode="isolated", posSide="short", lever="3")
    assert [(one["posSide"], one["lever"]) for one in answer["data"]] == [("short", "3")]
    rows = await world.rest.get("/api/v5/account/leverage-info?instId=BTC-USDT-SWAP&mgnMode=isolated")
    assert [(one["posSide"], one["lever"]) for one in rows] == [("long", "10"), ("short", "3")]
