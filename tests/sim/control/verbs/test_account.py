"""The fees and limits of an account change while its clients are connected."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sim.control.params import ControlError

pytestmark = pytest.mark.asyncio

UID_1 = "1000000000000001"
BUY = {"instIdCode": 10_001, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "100000", "sz": "1"}


async def test_a_fee_tier_and_its_rates(world: Any) -> None:
    client = await world.trader()
    assert (await world.rest.get("/api/v5/account/config"))[0]["level"] == "Lv1"
    world.sim.command("fee_tier", uid=UID_1, level="VIP5", rates={"SPOT": ["0.0001", "-0.0003"]})
    assert (await world.rest.get("/api/v5/account/config"))[0]["level"] == "VIP5"
    await client.op("order", BUY)
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="100000", sz="1")
    maker = (await client.pushed(2))[1]
    assert (maker["execType"], maker["fillFee"], maker["rebate"], maker["fee"]) == ("M", "0.0001", "0.0001", "0")
    world.sim.command("quote", inst_id="BTC-USDT", side="sell", px="100000", sz="1")
    await client.op("order", BUY)
    taker = (await client.pushed(4))[3]
    assert (taker["execType"], taker["fillFee"]) == ("T", "-0.0003")
    assert [one["fee"] for one in world.sim.ledger.fills if one["uid"] == UID_1] == ["0.0001", "-0.0003"]


async def test_the_fill_ratio_is_shown_from_vip5_on(start: Any) -> None:
    world = await start(rest_limits=False)
    world.sim.command("sub_account_limit", uid=UID_1, limit=2000, fill_ratio="6.5", main_fill_ratio="3")
    names = ("fillRatio", "mainFillRatio", "accRateLimit", "nextAccRateLimit")
    seen = []
    for level in ("VIP4", "VIP5"):
        world.sim.command("fee_tier", uid=UID_1, level=level)
        (row,) = await world.rest.get("/api/v5/trade/account-rate-limit")
        seen.append([row[name] for name in names])
    assert seen == [["", "", "2000", ""], ["6.5", "3", "2000", "2000"]]


async def test_an_algo_order_fails_on_command(world: Any) -> None:
    business = await world.connect("business")
    await business.login()
    await business.subscribe({"channel": "orders-algo", "instType": "ANY"})
    stop = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "sell", "ordType": "conditional", "sz": "1"}
    status, answer = await world.rest.call(
        "POST", "/api/v5/trade/order-algo", {**stop, "slTriggerPx": "90000", "slOrdPx": "-1"}
    )
    algo_id = answer["data"][0]["algoId"]
    for wrong in ({"algo_id": "7"}, {"algo_id": algo_id, "code": 51008}):
        with pytest.raises(ControlError):
            world.sim.command("fail_algo", uid=UID_1, **wrong)
    world.sim.command("fail_algo", uid=UID_1, algo_id=algo_id, code="51006")
    rows = await business.pushed(2, "orders-algo")
    assert (status, [(one["algoId"], one["state"], one["failCode"]) for one in rows]) == (
        200, [(algo_id, "live", ""), (algo_id, "order_failed", "51006")]
    )  # fmt: skip
    (row,) = await world.rest.get("/api/v5/trade/orders-algo-history?ordType=conditional&state=order_failed")
    assert (row["algoId"], row["failCode"], row["ordId"]) == (algo_id, "51006", "")
