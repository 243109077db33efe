"""Every key of recorded answers is in ours, with the same JSON type; what is left out on purpose stands here."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.sim.configuration import default_accounts

pytestmark = pytest.mark.asyncio

# Recorded answers lie beside the repository where they may not be copied into it.
SAMPLES = Path(os.environ.get("OKX_SAMPLES", Path(__file__).parents[3] / "shared" / "okx-samples"))
UID_1 = "1000000000000001"
# Keys of samples that belong to another kind of message.
ABSENT = {"nautilus_ws_orders.json": {"cancelSourceReason"}}  # a REST field in a hand-made push
SPOT_ORDER = {"instIdCode": 10_001, "tdMode": "cash", "side": "sell", "ordType": "limit", "px": "100000", "sz": "0.1"}
SWAP_ORDER = {"instIdCode": 10_459, "tdMode": "cross", "side": "buy", "ordType": "limit", "px": "100000", "sz": "1"}


def sample(name: str) -> Any:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return json.loads(path.read_text())


def check(name: str, ours: Any, theirs: Any, where: str = "") -> None:
    """Keys and types, in lists by their first items."""
    if isinstance(theirs, dict):
        assert isinstance(ours, dict), where
        for key, value in theirs.items():
            if key not in ABSENT.get(name, set()):
                assert key in ours, f"{where}.{key}"
                check(name, ours[key], value, f"{where}.{key}")
    elif isinstance(theirs, list):
        assert isinstance(ours, list), where
        if theirs and ours:
            check(name, ours[0], theirs[0], f"{where}[]")
    else:
        assert type(ours) is type(theirs), f"{where}: {ours!r} is not like {theirs!r}"


async def filled(world: Any) -> Any:
    """A client with a filled spot order, a swap position and a live order."""
    client = await world.trader(
        "sim-api-key-0001",
        {"channel": "orders", "instType": "ANY"},
        {"channel": "account"},
        {"channel": "positions", "instType": "ANY"},
        {"channel": "balance_and_position"},
    )
    await client.op("order", SPOT_ORDER)
    await client.op("order", SWAP_ORDER)
    world.sim.command("trade", inst_id="BTC-USDT", side="buy", px="100000", sz="0.1")
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="sell", px="100000", sz="1")
    await client.pushed(4)
    await client.op("order", SWAP_ORDER)
    await client.until(lambda one: one.get("eventType") == "event_update" and one["arg"]["channel"] == "positions")
    return client


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("jkorf_rest_account_config.json", "account/config"),
        ("jkorf_rest_account_balance.json", "account/balance"),
        ("nautilus_http_get_account_balance.json", "account/balance"),
        ("nautilus_http_get_positions.json", "account/positions"),
        ("jkorf_rest_account_rate_limit.json", "trade/account-rate-limit"),
        ("jkorf_rest_orders_pending.json", "trade/orders-pending"),
        ("nautilus_http_get_orders_pending.json", "trade/orders-pending"),
        ("jkorf_rest_orders_history.json", "trade/orders-history?instType=SPOT"),
        ("nautilus_http_get_orders_history.json", "trade/orders-history?instType=SPOT"),
        ("jkorf_rest_fills.json", "trade/fills"),
        ("nautilus_http_get_instruments_spot.json", "account/instruments?instType=SPOT"),
        ("nautilus_http_get_instruments_swap.json", "account/instruments?instType=SWAP"),
        ("nautilus_http_get_instruments_futures.json", "account/instruments?instType=FUTURES"),
        ("nautilus_http_get_instruments_option.json", "account/instruments?instType=OPTION&instFamily=BTC-USD"),
    ],
)
async def test_rest_reads(world: Any, name: str, target: str) -> None:
    theirs = sample(name)
    await filled(world)
    _, ours = await world.rest.call("GET", f"/api/v5/{target}")
    assert ours["data"]
    check(name, ours, theirs)


async def test_positions_row_has_the_push_time_only_in_the_channel(world: Any) -> None:
    theirs = sample("jkorf_rest_account_positions.json")
    await filled(world)
    _, ours = await world.rest.call("GET", "/api/v5/account/positions")
    del theirs["data"][0]["pTime"]
    check("jkorf_rest_account_positions.json", ours, theirs)


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("jkorf_ws_orders_push.json", "orders"),
        ("nautilus_ws_orders.json", "orders"),
        ("jkorf_ws_account_push.json", "account"),
        ("nautilus_ws_account.json", "account"),
        ("jkorf_ws_positions_push.json", "positions"),
        ("jkorf_ws_balance_and_position_push.json", "balance_and_position"),
    ],
)
async def test_pushes(world: Any, name: str, channel: str) -> None:
    theirs = sample(name)
    client = await filled(world)
    last = [one for one in client.frames if "data" in one and one.get("arg", {}).get("channel") == channel][-1]
    theirs["arg"] = {key: value for key, value in theirs["arg"].items() if key in ("channel", "uid")}
    check(name, last, theirs)


@pytest.mark.parametrize(
    ("name", "path", "body"),
    [
        ("jkorf_rest_place_order.json", "order", {"clOrdId": "a1"}),
        ("jkorf_rest_amend_order.json", "amend-order", {"newSz": "0.2", "clOrdId": "a0"}),
        ("jkorf_rest_cancel_order.json", "cancel-order", {"clOrdId": "a0"}),
        ("jkorf_rest_cancel_all_after.json", "cancel-all-after", {"timeOut": "60"}),
    ],
)
async def test_rest_posts(world: Any, name: str, path: str, body: dict[str, Any]) -> None:
    theirs = sample(name)
    order = {key: value for key, value in SPOT_ORDER.items() if key != "instIdCode"} | {"instId": "BTC-USDT"}
    await world.rest.call("POST", "/api/v5/trade/order", {**order, "clOrdId": "a0"})
    _, ours = await world.rest.call("POST", f"/api/v5/trade/{path}", {**order, **body})
    assert ours["code"] == "0"
    check(name, ours, theirs)


async def test_failed_acks_are_those_that_were_recorded(start: Any) -> None:
    theirs = sample("tiago_ws_op_failure_acks.json")
    world = await start(accounts=tuple(replace(one, acct_lv="1") for one in default_accounts()))
    client = await world.trader()
    poor = {**SPOT_ORDER, "side": "buy", "sz": "150"}
    wrong_mode = {**SPOT_ORDER, "tdMode": "cross"}
    recorded_id = theirs[3]["data"][0]["ordId"]
    ours = [
        await client.op("order", poor),
        await client.op("order", wrong_mode),
        await client.op("order", poor),
        await client.op("cancel-order", {"instIdCode": 10_001, "ordId": recorded_id}),
    ]
    for mine, recorded in zip(ours, theirs, strict=True):
        check("", mine, recorded)
        assert list(mine) == list(recorded)
        row, seen = mine["data"][0], recorded["data"][0]
        assert list(row)[: len(seen)] == list(seen)
        assert (mine["code"], row["sCode"], row["sMsg"]) == (recorded["code"], seen["sCode"], seen["sMsg"])
