"""Every key of every recorded message is in ours, with the same JSON type; deliberate omissions are listed here.

The recordings lie beside the repository and may not be copied into it. Paths are written like `data[].details[].ccy`.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.sim.base.configuration import default_accounts

SAMPLES = Path(os.environ.get("OKX_SAMPLES", Path(__file__).parents[3] / "shared" / "okx-samples"))
UID_1 = "1000000000000001"

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
NO_PUSH_TIME = "the time of a push is a key of the channel; REST rows do not have it"
# Keys that are deliberately absent, by recording and path, each with its reason.
ABSENT: dict[str, dict[str, str]] = {
    **{
        f"nautilus_ws_orders{name}": {"data[].cancelSourceReason": NO_REST_FIELD}
        for name in ("", "_adl", "_fok", "_ioc", "_liquidation", "_optimal_limit_ioc", "_option", "_trigger")
    },
    "jkorf_rest_account_positions": {"data[].pTime": NO_PUSH_TIME},
}

Shape = dict[str, dict[str, set[str]]]  # members by the path of an object or array


def shape(value: Any) -> Shape:
    """The members of every object and array, with their JSON types."""
    found: Shape = defaultdict(lambda: defaultdict(set))

    def walk(one: Any, path: str) -> None:
        for key, member in _members(one):
            found[path][key].add(_kind(member))
            walk(member, f"{path}{key}")

    walk(value, "")
    return found


def differences(theirs: Shape, ours: list[Any]) -> set[str]:
    """Paths that ours lack, or have with another type, in any message; arrays that never have an item lack it."""
    seen: set[str] = set()
    wrong: set[str] = set()

    def walk(one: Any, path: str) -> None:
        seen.add(path)
        members = dict(_members(one)) if isinstance(one, dict) else None
        for key, kinds in theirs.get(path, {}).items():
            if members is not None and (key not in members or _kind(members[key]) not in kinds):
                wrong.add(_named(f"{path}{key}"))
        for key, member in _members(one):
            if isinstance(one, list) and theirs.get(path) and _kind(member) not in theirs[path]["[]"]:
                wrong.add(_named(f"{path}[]"))
            walk(member, f"{path}{key}")

    for message in ours:
        walk(message, "")
    return wrong | {_named(f"{path}[]") for path in theirs if "[]" in theirs[path] and f"{path}[]" not in seen}


def _members(one: Any) -> list[tuple[str, Any]]:
    if isinstance(one, dict):
        return [(f".{key}", member) for key, member in one.items()]
    return [("[]", member) for member in one] if isinstance(one, list) else []


def _kind(value: Any) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def _named(path: str) -> str:
    return path.removeprefix(".")


class Session:
    """One session of a user who does everything; keeps the messages by kind."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.messages: dict[str, list[Any]] = defaultdict(list)

    async def get(self, kind: str, query: str = "") -> None:
        status, answer = await self.world.rest.call("GET", f"/api/v5/{kind.removesuffix('?')}{query}")
        assert (status, answer["code"]) == (200, "0"), (kind, answer)
        self.messages[kind].append(answer)

    async def post(self, path: str, body: Any, code: str = "0", kind: str = "") -> Any:
        status, answer = await self.world.rest.call("POST", f"/api/v5/{path}", body)
        assert (status, answer["code"]) == (200, code), (path, answer)
        self.messages[kind or path].append(answer)
        return answer["data"]

    def trade(self, inst_id: str, side: str, px: str, sz: str) -> None:
        self.world.sim.command("trade", inst_id=inst_id, side=side, px=px, sz=sz)

    async def run(self) -> dict[str, list[Any]]:
        world = self.world
        world.sim.command("fee_tier", uid=UID_1, level="VIP4")
        client = await world.trader(
            "sim-api-key-0001",
            {"channel": "orders", "instType": "ANY"},
            {"channel": "fills"},
            {"channel": "account"},
            {"channel": "positions", "instType": "ANY"},
            {"channel": "balance_and_position"},
            {"channel": "liquidation-warning", "instType": "ANY"},
        )
        business = await world.connect("business")
        assert (await business.login())["code"] == "0"
        await business.subscribe({"channel": "orders-algo", "instType": "ANY"})
        public = await world.connect("public")
        await public.subscribe({"channel": "instruments", "instType": "SWAP"})
        await self._orders()
        await self._algo_orders()
        await client.subscribe({"channel": "positions", "instType": "SWAP"})  # a snapshot with the algo order in it
        await self._reads()
        await self.post("trade/close-position", {"instId": "BTC-USDT-SWAP", "mgnMode": "cross"})
        account = world.sim.accounts[UID_1]
        world.sim.exchange.publisher.liquidation_warned(account, next(iter(account.positions.values())), Decimal(3))
        world.sim.exchange.flush()
        await client.until(lambda one: one.get("eventType") == "event_update" and one["arg"]["channel"] == "positions")
        for frame in (*client.frames, *public.frames, *business.frames):
            if isinstance(frame, dict) and "data" in frame and "arg" in frame:
                self.messages[frame["arg"]["channel"]].append(frame)
        return self.messages

    async def _orders(self) -> None:
        spot = {"instId": "BTC-USDT", "tdMode": "cash", "side": "sell", "ordType": "limit", "px": "100000", "sz": "0.1"}
        swap = {
            "instId": "BTC-USDT-SWAP",
            "tdMode": "cross",
            "side": "buy",
            "ordType": "limit",
            "px": "100000",
            "sz": "1",
        }
        option = next(one for one in self.world.sim.exchange.instruments if one.inst_type == "OPTION").inst_id
        await self.post("trade/order", spot)
        await self.post("trade/order", swap)
        self.trade("BTC-USDT", "buy", "100000", "0.1")
        self.trade("BTC-USDT-SWAP", "sell", "100000", "1")
        for ord_type in ("fok", "ioc", "optimal_limit_ioc"):
            await self.post("trade/order", {**swap, "ordType": ord_type})
        await self.post("trade/order", {**swap, "instId": option, "px": "0.05"})
        placed = await self.post("trade/batch-orders", [spot, swap])
        named = [
            {"instId": row["instId"], "ordId": one["ordId"]} for row, one in zip((spot, swap), placed, strict=True)
        ]
        await self.post("trade/amend-order", {**named[0], "newSz": "0.2", "reqId": "r1"})
        await self.post("trade/amend-batch-orders", [{**one, "newSz": "3"} for one in named])
        await self.post("trade/cancel-order", named[0])
        await self.post("trade/cancel-batch-orders", named[1:])
        await self.post("trade/order", spot)
        await self.post("trade/cancel-all-after", {"timeOut": "60"})
        self.messages["trade/order, rows"] += [row for one in self.messages["trade/order"] for row in one["data"]]
        await self.get("trade/order?", f"?instId=BTC-USDT&ordId={placed[0]['ordId']}")

    async def _algo_orders(self) -> None:
        stop = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "sell", "reduceOnly": True}
        stop |= {"ordType": "conditional", "slTriggerPx": "95000", "slOrdPx": "-1"}
        await self.post("trade/order-algo", {**stop, "closeFraction": "1"})
        await self.post("trade/order-algo", {**stop, "sz": "x"}, code="1", kind="trade/order-algo, refused")
        trigger = {"ordType": "trigger", "sz": "1", "triggerPx": "90000", "orderPx": "-1"}
        await self.post("trade/order-algo", {**stop, **trigger, "slTriggerPx": "", "slOrdPx": ""})
        await self.get("trade/orders-algo-pending", "?ordType=trigger")
        entry = {
            "instId": "ETH-USDT-SWAP",
            "tdMode": "cross",
            "side": "buy",
            "ordType": "limit",
            "px": "3900",
            "sz": "1",
        }
        attached = {"tpTriggerPx": "5000", "tpOrdPx": "-1", "slTriggerPx": "3000", "slOrdPx": "-1"}
        await self.post("trade/order", {**entry, "attachAlgoOrds": [attached]})

    async def _reads(self) -> None:
        for kind in ("account/config", "account/balance", "account/positions", "trade/account-rate-limit"):
            await self.get(kind)
        await self.get("trade/orders-pending")
        await self.get("trade/orders-history", "?instType=SWAP")
        await self.get("trade/fills")
        self.messages["trade/fills, rows"] += [row for one in self.messages["trade/fills"] for row in one["data"]]
        for inst_type, more in (("SPOT", ""), ("SWAP", ""), ("FUTURES", ""), ("OPTION", "&instFamily=BTC-USD")):
            for side in ("account", "public"):
                _, answer = await self.world.rest.call("GET", f"/api/v5/{side}/instruments?instType={inst_type}{more}")
                self.messages[inst_type].append(answer)


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
