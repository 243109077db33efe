"""Each verb of the control table, seen on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sim.base.configuration import Switches
from gateway.sim.control.control import VERBS, ControlError

pytestmark = pytest.mark.asyncio

SPOT = 10_001
UID_1 = "1000000000000001"
ORDER = {"instIdCode": SPOT, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "0.5"}


def kinds(client: Any) -> list[str]:
    """What came after the subscription: acks and pushes in order."""
    return ["ack" if "op" in one else "push" for one in client.frames if isinstance(one, dict) and "event" not in one]


async def send_order(client: Any, name: str, **change: Any) -> None:
    await client.send(id=name, op="order", args=[{**ORDER, **change}])


async def pong(client: Any) -> None:
    """After this everything that was sent before has been handled."""
    count = client.frames.count("pong") + 1
    await client.text("ping")
    await client.until(lambda one: one == "pong", count)


async def test_a_deleted_key(world: Any) -> None:
    client = await world.trader()
    world.sim.command("delete_key", key="sim-api-key-0001")
    assert await client.wait_closed() == 4007
    again = await world.connect()
    assert (await again.login())["code"] == "60032"


async def test_push_before_ack_by_probability_is_the_seeds_decision(start: Any) -> None:
    seen = []
    for _ in range(2):
        world = await start(seed=7, switches=Switches(push_first_probability=0.5))
        client = await world.trader()
        for number in range(20):
            await send_order(client, str(number), sz="0.001")
        await client.pushed(20)
        await pong(client)
        seen.append(kinds(client))
    assert seen[0] == seen[1]
    assert seen[0].count("push") == 20 and "push,ack,push,ack" in ",".join(seen[0])


async def test_orders_of_the_other_participants(world: Any) -> None:
    client = await world.trader()
    await client.op("order", ORDER)
    done = world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.2")
    assert (done["state"], done["accFillSz"]) == ("filled", "0.2")
    assert [one["state"] for one in await client.pushed(2)] == ["live", "partially_filled"]
    rest = world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="9")
    assert (rest["state"], rest["accFillSz"]) == ("canceled", "0.3")
    world.sim.command("quote", inst_id="BTC-USDT", side="sell", px="100000", sz="1")
    assert world.sim.command("withdraw", inst_id="BTC-USDT") == 1
    assert world.sim.exchange.markets["BTC-USDT"].book.asks.best_px is None


async def test_system_cancel_relist_and_price_band(world: Any) -> None:
    client = await world.trader()
    ack = await client.op("order", ORDER)
    world.sim.command("cancel", uid=UID_1, ord_id=ack["data"][0]["ordId"], cancel_source="3")
    assert (await client.pushed(2))[1]["cancelSource"] == "3"
    world.sim.command("relist", inst_id="BTC-USDT", inst_id_code=77)
    assert (await client.op("order", ORDER))["data"][0]["sCode"] == "51001"
    assert (await client.op("order", {**ORDER, "instIdCode": 77}))["code"] == "0"
    world.sim.command("reference_price", inst_id="BTC-USDT", px="50000")
    assert (await client.op("order", {**ORDER, "instIdCode": 77}))["data"][0]["sCode"] == "51006"


async def test_commands_and_views_over_http(world: Any) -> None:
    client = await world.trader()
    await client.op("order", {**ORDER, "clOrdId": "a1"})

    async def get(target: str) -> Any:
        async with world.session.get(f"{world.sim.control_url}/{target}") as answer:
            return answer.status, await answer.json()

    async def post(verb: str, body: Any) -> Any:
        async with world.session.post(f"{world.sim.control_url}/{verb}", json=body) as answer:
            return answer.status, await answer.json()

    trade = {"inst_id": "BTC-USDT", "side": "sell", "px": "99000", "sz": "0.1"}
    status, answer = await post("trade", trade)
    assert (status, answer["result"]["state"]) == (200, "filled")
    await post("switch", {"name": "limiter_window", "value": "fixed"})
    assert world.sim.exchange.switches.limiter_window == "fixed"
    assert (await get("ledger?type=fill"))[1][-1]["uid"] == UID_1
    request = (await get("ledger?type=request"))[1][0]
    assert (request["op"], request["args"][0]["clOrdId"], request["rows"][0]["sCode"]) == ("order", "a1", "0")
    assert (await get("limits"))[1][0]["sliding"] == 1
    assert (await get("orders?live=1"))[1][0]["state"] == "partially_filled"
    assert (await get("accounts"))[1][0]["cash"]["BTC"] == "1000.09992"
    assert (await get("sessions"))[1][0]["subscriptions"] == [{"channel": "orders", "instType": "ANY"}]
    assert set((await get("verbs"))[1]) == set(VERBS)
    assert (await get("faults"))[1] == [] and (await get("switches"))[1]["limiter_form"] == "frame"
    for verb, body in [
        ("nothing", {}),
        ("drop", {"who": 1}),
        ("trade", {**trade, "px": "x"}),
        ("trade", {**trade, "px": "99000.05"}),
        ("trade", {**trade, "inst_id": "NO-SUCH"}),
        ("trade", {**trade, "side": "hold"}),
        ("switch", {"name": "nothing", "value": 1}),
        ("switch", {"name": "limiter_window", "value": 1}),
        ("cancel", {"uid": UID_1, "ord_id": "1"}),
        ("cancel", {"uid": "1", "ord_id": "1"}),
        ("delete_key", {"key": "nobody"}),
        ("swallow_acks", {"count": "1"}),
        ("drop", []),
    ]:
        status, answer = await post(verb, body)
        assert status == 400 and answer["error"], verb
    assert (await get("nothing"))[0] == 400


async def test_unknown_commands_are_errors_in_process_too(world: Any) -> None:
    with pytest.raises(ControlError, match="unknown verb"):
        world.sim.command("nothing")


async def test_account_settings_by_command(world: Any) -> None:
    account = {"uid": UID_1}
    world.sim.command("leverage", **account, inst_id="BTC-USDT-SWAP", mgn_mode="cross", lever="5")
    (row,) = await world.rest.get("/api/v5/account/leverage-info?instId=BTC-USDT-SWAP&mgnMode=cross")
    assert row["lever"] == "5"
    world.sim.command("position_mode", **account, pos_mode="long_short_mode")
    assert (await world.rest.get("/api/v5/account/config"))[0]["posMode"] == "long_short_mode"


async def test_views_come_in_pages(world: Any) -> None:
    client = await world.trader()
    for number in range(5):
        await client.op("order", {**ORDER, "clOrdId": f"a{number}"})

    async def names(**query: object) -> list[str]:
        async with world.session.get(f"{world.sim.control_url}/orders", params=query) as answer:
            return [one["clOrdId"] for one in await answer.json()]

    assert await names(limit=2) == ["a0", "a1"]
    assert await names(offset=3, limit=2) == ["a3", "a4"]
    assert await names(offset=5) == []
    for query in ({"limit": "x"}, {"offset": "-1"}, {"since": "1.5"}):
        async with world.session.get(f"{world.sim.control_url}/ledger", params=query) as answer:
            assert answer.status == 400
            assert "must be an integer" in (await answer.json())["error"]


@pytest.mark.parametrize(
    ("state", "login", "request_code", "status"),
    [("frozen", "50100", "50100", 400), ("expired", "60032", "50119", 401)],
)
async def test_a_frozen_and_an_expired_key(world: Any, state: str, login: str, request_code: str, status: int) -> None:
    client = await world.trader()
    world.sim.command("key_state", key="sim-api-key-0001", state=state)
    assert await client.wait_closed() == 4007
    assert (await (await world.connect()).login())["code"] == login
    refused, body = await world.rest.call("GET", "/api/v5/account/balance")
    assert (refused, body["code"]) == (status, request_code) and body["msg"]
    world.sim.command("key_state", key="sim-api-key-0001", state="active")
    assert (await world.rest.call("GET", "/api/v5/account/balance"))[0] == 200
    with pytest.raises(ControlError, match="frozen"):
        world.sim.command("key_state", key="sim-api-key-0001", state="gone")


KEY = "sim-api-key-0001"


@pytest.mark.parametrize(
    ("verb", "params", "problem"),
    [
        ("key_permissions", {"key": "nobody", "permissions": ["trade"]}, "no such key: nobody"),
        ("key_permissions", {"key": KEY, "permissions": ["fly"]}, "permissions must be a list of"),
        ("key_permissions", {"key": KEY, "permissions": "trade"}, "permissions must be a list of texts"),
        ("bind_ips", {"key": KEY, "ips": "127.0.0.1"}, "ips must be a list of texts"),
        ("fee_tier", {"uid": UID_1, "level": "VIP10"}, "no such fee tier: 'VIP10'"),
        ("fee_tier", {"uid": UID_1, "rates": {"SPOT": ["0.1"]}}, "rates must be an object"),
        ("fee_tier", {"uid": UID_1, "rates": {"SHARES": ["0.1", "0.1"]}}, "rates must be an object"),
        ("fee_tier", {"uid": UID_1, "rates": {"SPOT": ["2", "0.1"]}}, "a rate is a decimal as text"),
    ],
)
async def test_commands_that_make_no_sense(world: Any, verb: str, params: dict[str, Any], problem: str) -> None:
    with pytest.raises(ControlError, match=problem):
        world.sim.command(verb, **params)
