"""Every key of every recorded message is in ours, with the same JSON type; deliberate omissions are listed here.

The recordings lie beside the repository and may not be copied into it.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.sim.base.configuration import default_accounts
from tests.sim.shapes import Session, differences, shape

SAMPLES = Path(os.environ.get("OKX_SAMPLES", Path(__file__).parents[3] / "shared" / "okx-samples"))
# Which messages of ours a recording is compared with: the names under which `Session` keeps them.
KINDS = {
    "jkorf_rest_account_balance": "account/balance",
    "jkorf_rest_account_config": "account/config",
    "jkorf_rest_account_positions": "account/positions",
    "jkorf_rest_account_rate_limit": "trade/account-rate-limit",
    "jkorf_rest_amend_multiple_orders": "trade/amend-batch-orders",
    "jkorf_rest_amend_order": "trade/amend-order",
    "jkorf_rest_cancel_all_after": "trade/cancel-all-after",
    "jkorf_rest_cancel_multiple_orders": "trade/cancel-batch-orders",
    "jkorf_rest_cancel_order": "trade/cancel-order",
    "jkorf_rest_close_position": "trade/close-position",
    "jkorf_rest_fills": "trade/fills",
    "jkorf_rest_order_details": "trade/order?",
    "jkorf_rest_orders_history": "trade/orders-history",
    "jkorf_rest_orders_pending": "trade/orders-pending",
    "jkorf_rest_place_multiple_orders": "trade/batch-orders",
    "jkorf_rest_place_order": "trade/order",
    "jkorf_ws_account_push": "account",
    "jkorf_ws_balance_and_position_push": "balance_and_position",
    "jkorf_ws_fills_push": "fills",
    "jkorf_ws_liquidation_warning_push": "liquidation-warning",
    "jkorf_ws_orders_algo_push": "orders-algo",
    "jkorf_ws_orders_push": "orders",
    "jkorf_ws_positions_push": "positions",
    "nautilus_http_get_account_balance": "account/balance",
    "nautilus_http_get_instruments_futures": "FUTURES",
    "nautilus_http_get_instruments_option": "OPTION",
    "nautilus_http_get_instruments_spot": "SPOT",
    "nautilus_http_get_instruments_swap": "SWAP",
    "nautilus_http_get_orders_algo_pending": "trade/orders-algo-pending",
    "nautilus_http_get_orders_history": "trade/orders-history",
    "nautilus_http_get_orders_pending": "trade/orders-pending",
    "nautilus_http_get_orders_pending_with_attached_tp_sl": "trade/orders-pending",
    "nautilus_http_get_positions": "account/positions",
    "nautilus_http_place_algo_order_rejected": "trade/order-algo, refused",
    "nautilus_http_place_algo_order_response": "trade/order-algo",
    "nautilus_http_place_order_response": "trade/order, rows",
    "nautilus_http_transaction_detail": "trade/fills, rows",
    "nautilus_http_transaction_detail_empty_fee": "trade/fills, rows",
    "nautilus_ws_account": "account",
    "nautilus_ws_account_empty": "account",
    "nautilus_ws_instruments": "instruments",
    "nautilus_ws_orders": "orders",
    "nautilus_ws_orders_adl": "orders",
    "nautilus_ws_orders_algo": "orders-algo",
    "nautilus_ws_orders_fok": "orders",
    "nautilus_ws_orders_ioc": "orders",
    "nautilus_ws_orders_liquidation": "orders",
    "nautilus_ws_orders_optimal_limit_ioc": "orders",
    "nautilus_ws_orders_option": "orders",
    "nautilus_ws_orders_trigger": "orders",
}
FAILED_ACKS = "tiago_ws_op_failure_acks"  # compared one by one, with their texts and the order of their keys
# Recordings of messages that are not served at all.
NOT_SERVED = {"nautilus_ws_sprd_orders": "spread trading has its own engine at OKX and no order of it reaches the book"}

NO_REST_FIELD = "OKX's push has no such key; the recordings are hand-made from REST rows"
OTHER_REST_NAME = "the answers of REST recorded in 2024 and 2026 call it maxSpotInUse"
NO_PUSH_TIME = "the time of a push is a key of the channel; REST rows do not have it"
# Keys that are deliberately absent, by recording and path, each with its reason.
ABSENT: dict[str, dict[str, str]] = {
    **{
        f"nautilus_ws_orders{name}": {"data[].cancelSourceReason": NO_REST_FIELD}
        for name in ("", "_adl", "_fok", "_ioc", "_liquidation", "_optimal_limit_ioc", "_option", "_trigger")
    },
    "jkorf_rest_account_positions": {"data[].pTime": NO_PUSH_TIME},
    "jkorf_rest_account_balance": {"data[].details[].maxSpotInUseAmt": OTHER_REST_NAME},
    "nautilus_http_get_account_balance": {"data[].details[].maxSpotInUseAmt": OTHER_REST_NAME},
}


@pytest.mark.asyncio
async def test_every_recorded_key_is_in_ours(world: Any) -> None:
    if not SAMPLES.is_dir():
        pytest.skip(f"{SAMPLES} is not here")
    messages = await Session(world).run()
    recordings = {path.stem: json.loads(path.read_text()) for path in SAMPLES.glob("*.json")}
    assert set(recordings) == set(KINDS) | set(NOT_SERVED) | {FAILED_ACKS}
    missing, stale = {}, {}
    for name, kind in KINDS.items():
        ours = messages[kind]
        found = differences(shape(recordings[name]), ours) if ours else {f"no {kind} was seen"}
        expected = set(ABSENT.get(name, {}))
        if found - expected:
            missing[name] = sorted(found - expected)
        if expected - found:
            stale[name] = sorted(expected - found)
    assert (missing, stale) == ({}, {}), json.dumps({"missing": missing, "stale": stale}, indent=1)


@pytest.mark.asyncio
async def test_failed_acks_are_those_that_were_recorded(start: Any) -> None:
    path = SAMPLES / f"{FAILED_ACKS}.json"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    theirs = json.loads(path.read_text())
    world = await start(accounts=tuple(replace(one, acct_lv="1") for one in default_accounts()))
    client = await world.trader()
    order = {"instIdCode": 10_001, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "100000", "sz": "150"}
    ours = [
        await client.op("order", order),
        await client.op("order", {**order, "side": "sell", "sz": "0.1", "tdMode": "cross"}),
        await client.op("order", order),
        await client.op("cancel-order", {"instIdCode": 10_001, "ordId": theirs[3]["data"][0]["ordId"]}),
    ]
    for mine, recorded in zip(ours, theirs, strict=True):
        assert differences(shape(recorded), [mine]) == set()
        assert list(mine) == list(recorded)
        row, seen = mine["data"][0], recorded["data"][0]
        assert list(row)[: len(seen)] == list(seen)
        assert (mine["code"], row["sCode"], row["sMsg"]) == (recorded["code"], seen["sCode"], seen["sMsg"])


def test_the_list_of_absences_is_of_recordings() -> None:
    assert set(ABSENT) <= set(KINDS) and not set(NOT_SERVED) & set(KINDS)
    assert all(reason for reasons in (NOT_SERVED, *ABSENT.values()) for reason in reasons.values())


@pytest.mark.parametrize(
    ("theirs", "ours", "found"),
    [
        ({"a": "1"}, [{"a": "2", "b": 1}], set()),
        ({"a": "1"}, [{"a": 1}], {"a"}),
        ({"a": 1}, [{"a": 1.5}], set()),
        ({"a": True}, [{"a": 1}], {"a"}),
        ({"a": [{"b": ""}, {"c": ""}]}, [{"a": [{"b": "", "c": ""}]}], set()),
        ({"a": [{"b": ""}, {"c": ""}]}, [{"a": [{"b": ""}, {"b": "", "c": ""}]}], {"a[].c"}),
        ({"a": [{"b": ""}]}, [{"a": []}], {"a[]"}),
        ({"a": [{"b": ""}]}, [{"a": []}, {"a": [{"b": ""}]}], set()),
        ({"a": []}, [{"a": []}], set()),
        ({"a": {"b": {"c": ""}}}, [{"a": {"b": {}}}], {"a.b.c"}),
        ([{"a": ""}], [[{"a": ""}]], set()),
        ({"a": ["x"]}, [{"a": [1]}], {"a[]"}),
    ],
)
def test_the_comparison_itself(theirs: Any, ours: list[Any], found: set[str]) -> None:
    assert differences(shape(theirs), ours) == found
