"""Messages of ours by kind, from a session of a user who does everything, and their comparison with recorded ones.

Paths are written like `data[].details[].ccy`.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

UID_1 = "1000000000000001"

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
