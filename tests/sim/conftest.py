"""A client of the simulated exchange on its wire, and the exchange alone without any socket."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from gateway.sim import SimConfig, SimulatedExchange
from gateway.sim.base.auth import Identity
from gateway.sim.base.codes import Refusal
from gateway.sim.base.configuration import default_accounts
from gateway.sim.channels.channels import CHANNELS, Subscription
from gateway.sim.control.control import Control
from gateway.sim.exchange.exchange import Exchange
from gateway.sim.rest.calls import Call, Reply
from gateway.sim.trading.order_entry import TRADE_OPS, Request

UID_1, UID_2 = "1000000000000001", "1000000000000002"
SECRETS = {
    "sim-api-key-0001": "SIMULATED-SECRET-0001",
    "sim-read-only": "SIMULATED-SECRET-0001",
    "sim-api-key-0002": "SIMULATED-SECRET-0002",
}
SPOT, ETH_SPOT, SWAP, INVERSE, OPTION = 10_001, 10_002, 10_459, 10_458, 320_001
PATIENCE_S = 15


def signed(secret: str, message: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest()).decode()


class Client:
    """One WebSocket connection; keeps every frame that it was sent, in order."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.frames: list[Any] = []
        self._news = asyncio.Condition()
        self._ids = itertools.count(1)
        self.closed = False
        self.reader = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        async for message in self.ws:
            text = message.data
            async with self._news:
                self.frames.append(text if text == "pong" else json.loads(text))
                self._news.notify_all()
        async with self._news:
            self.closed = True
            self._news.notify_all()

    async def wait(self, wanted: Callable[[], Any]) -> Any:
        """Until `wanted` gives something true."""

        async def waiting() -> Any:
            async with self._news:
                await self._news.wait_for(wanted)
            return wanted()

        return await asyncio.wait_for(waiting(), PATIENCE_S)

    async def until(self, wanted: Callable[[Any], bool], count: int = 1) -> Any:
        """The `count`-th frame that is wanted."""
        found = await self.wait(lambda: (hits := [one for one in self.frames if wanted(one)])[count - 1 :] and hits)
        return found[count - 1]

    async def wait_closed(self) -> int | None:
        await self.wait(lambda: self.closed)
        return self.ws.close_code

    async def text(self, text: str) -> None:
        await self.ws.send_str(text)

    async def send(self, **members: Any) -> None:
        await self.ws.send_str(json.dumps(members))

    async def login(self, key: str = "sim-api-key-0001", **changes: Any) -> Any:
        stamp = str(int(time.time()))
        arg = {
            "apiKey": key,
            "passphrase": "simulated",
            "timestamp": stamp,
            "sign": signed(SECRETS.get(key, ""), f"{stamp}GET/users/self/verify"),
            **changes,
        }
        before = len(self.frames)
        await self.send(op="login", args=[arg])
        await self.wait(lambda: len(self.frames) > before)
        return self.frames[before]

    async def subscribe(self, *args: dict[str, Any]) -> None:
        request_id = self.next_id()
        await self.send(id=request_id, op="subscribe", args=list(args))
        await self.until(lambda one: is_event(one, "subscribe") and one.get("id") == request_id, len(args))

    def next_id(self) -> str:
        return f"t{next(self._ids)}"

    async def op(self, op: str, *args: dict[str, Any], **members: Any) -> Any:
        """Send a trade op and wait for its ack."""
        request_id = self.next_id()
        await self.send(id=request_id, op=op, args=list(args), **members)
        return await self.until(lambda one: isinstance(one, dict) and one.get("id") == request_id and "op" in one)

    def rows(self, channel: str = "orders") -> list[dict[str, Any]]:
        """All pushed rows of a channel."""
        return [
            row
            for one in self.frames
            if isinstance(one, dict) and "data" in one and one.get("arg", {}).get("channel") == channel
            for row in one["data"]
        ]

    async def pushed(self, count: int, channel: str = "orders") -> list[dict[str, Any]]:
        return await self.wait(lambda: (rows := self.rows(channel))[count - 1 :] and rows)


def is_event(frame: Any, event: str) -> bool:
    return isinstance(frame, dict) and frame.get("event") == event


class Rest:
    """A signing REST client."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def call(
        self, method: str, target: str, body: Any = None, key: str | None = "sim-api-key-0001", **headers: str
    ) -> tuple[int, Any]:
        """Status and decoded body."""
        status, answer = await self.text(method, target, body, key, **headers)
        return status, json.loads(answer or "null")

    async def text(
        self, method: str, target: str, body: Any = None, key: str | None = "sim-api-key-0001", **headers: str
    ) -> tuple[int, str]:
        """Status and body as it came."""
        text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        now = time.time_ns() // 1_000_000
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 1000)) + f".{now % 1000:03}Z"
        sent = {"Content-Type": "application/json"}
        if key is not None:
            sent |= {
                "OK-ACCESS-KEY": key,
                "OK-ACCESS-PASSPHRASE": "simulated",
                "OK-ACCESS-TIMESTAMP": stamp,
                "OK-ACCESS-SIGN": signed(SECRETS.get(key, ""), f"{stamp}{method}{target}{text}"),
            }
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.request(method, self._url + target, data=text or None, headers=sent) as answer:
            return answer.status, await answer.text()

    async def get(self, target: str, **headers: str) -> Any:
        status, answer = await self.call("GET", target, **headers)
        assert (status, answer["code"]) == (200, "0"), answer
        return answer["data"]


class World:
    """A running simulator and clients to it."""

    def __init__(self, sim: SimulatedExchange, session: aiohttp.ClientSession, stack: AsyncExitStack) -> None:
        self.sim = sim
        self.session = session
        self.rest = Rest(session, sim.rest_url)
        self._stack = stack

    async def connect(self, path: str = "private", **options: Any) -> Client:
        client = Client(await self.session.ws_connect(self.sim.ws_url(path), autoping=True, **options))
        self._stack.push_async_callback(client.ws.close)
        return client

    async def eventually(self, wanted: Callable[[], Any]) -> None:
        """For clients that do not say when they are ready: until the exchange sees it."""
        async with asyncio.timeout(PATIENCE_S):
            while not wanted():
                await asyncio.sleep(0.001)

    async def trader(self, key: str = "sim-api-key-0001", *args: dict[str, Any]) -> Client:
        """Logged in and subscribed, by default to all orders."""
        client = await self.connect()
        assert (await client.login(key))["code"] == "0"
        await client.subscribe(*(args or ({"channel": "orders", "instType": "ANY"},)))
        return client


Start = Callable[..., Any]


@pytest_asyncio.fixture
async def start() -> AsyncIterator[Start]:
    """Start a simulator with any configuration."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())

        async def starting(**options: Any) -> World:
            sim = await stack.enter_async_context(SimulatedExchange(SimConfig(**options)))
            return World(sim, session, stack)

        yield starting


@pytest_asyncio.fixture
async def world(start: Start) -> World:
    return await start()


class Bench:
    """The exchange without sockets: two accounts, their order pushes, timers that a test runs by hand."""

    def __init__(self, **options: Any) -> None:
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.exchange = Exchange(SimConfig(**options), lambda seconds, call: self.timers.append((seconds, call)))
        self.pushes: dict[str, list[dict[str, Any]]] = {UID_1: [], UID_2: []}
        for uid in self.pushes:
            self.listen(uid, "orders", instType="ANY")
        self.now_ns = 1_700_000_000_000_000_000

    def listen(self, uid: str, channel: str, **arg: str) -> list[dict[str, Any]]:
        into = self.pushes[uid] if channel == "orders" else []

        def push(payload: bytes) -> None:
            into.extend(json.loads(payload)["data"])

        subscription = Subscription(CHANNELS[channel], {"channel": channel, **arg}, uid, push)
        self.exchange.publisher.subscribe(subscription)
        return into

    def run(self, op: str, *rows: dict[str, Any], uid: str = UID_1, ws: bool = True, exp_time: str = "") -> Any:
        """A trade op; every call comes three seconds after the one before, so limits never bind by accident."""
        self.now_ns += 3_000_000_000
        account = self.exchange.accounts[uid]
        request = Request(TRADE_OPS[op], account, True, list(rows), exp_time, ws, self.now_ns)
        result = self.exchange.order_entry.run(request)
        self.exchange.flush()
        return result

    def place(self, uid: str = UID_1, **row: Any) -> dict[str, Any]:
        """Place one order and return its ack row."""
        base = {"instIdCode": SPOT, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "0.5"}
        merged = {name: value for name, value in {**base, **row}.items() if value is not None}
        return self.run("order", merged, uid=uid).rows[0]

    def rest(self, handler: Callable[[Call], Reply], body: Any = None, **params: str) -> Any:
        """One REST call of the first account, past authentication, three seconds after the one before."""
        self.now_ns += 3_000_000_000
        key = self.exchange.config.accounts[0].api_keys[0]
        try:
            answer = handler(Call(self.exchange, Identity(UID_1, key), params, body, self.now_ns))
        except Refusal as refusal:
            return {"code": refusal.code, "msg": refusal.msg, "data": []}
        finally:
            self.exchange.flush()
        return json.loads(answer.body)

    def command(self, verb: str, /, **params: Any) -> Any:
        """Run one verb of the control table."""
        return Control(self.exchange, list).command(verb, **params)

    def match(self, code: int, px: str, sz: str, mode: str = "cross", **row: Any) -> None:
        """The first account buys from the second; no other participant interferes."""
        for uid, side in ((UID_2, "sell"), (UID_1, "buy")):
            placed = self.place(uid, instIdCode=code, side=side, px=px, sz=sz, **{"tdMode": mode, **row})
            assert placed["sCode"] == "0", placed

    def touch(self, px: str, inst_id: str = "BTC-USDT-SWAP") -> None:
        """Two other participants trade at a price and leave nothing in the book."""
        self.exchange.background_market.quote(inst_id, "sell", Decimal(px), Decimal(1))
        self.exchange.background_market.trade(inst_id, "buy", Decimal(px), Decimal(1))
        self.exchange.flush()

    def hold(self, sz: str = "1", side: str = "buy") -> None:
        """The first account gets a position at 100000, out of one order of the second."""
        swap = {"instIdCode": SWAP, "tdMode": "cross", "px": "100000", "sz": sz}
        self.place(UID_2, **swap, side="sell" if side == "buy" else "buy")
        self.place(**swap, side=side)
        self.pushes[UID_1].clear()

    def liquidity(self, *levels: tuple[str, str]) -> None:
        """Large orders of the second account, by side and price."""
        for side, px in levels:
            self.place(UID_2, instIdCode=SWAP, tdMode="cross", side=side, px=px, sz="100")

    def states(self, uid: str = UID_1) -> list[str]:
        return [one["state"] for one in self.pushes[uid]]

    def cash(self, ccy: str, uid: str = UID_1) -> Decimal:
        return self.exchange.accounts[uid].cash[ccy]

    def available(self, ccy: str, uid: str = UID_1) -> Decimal:
        return self.exchange.accounts[uid].available(ccy)


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def modest_bench() -> Bench:
    """Ten thousand dollars each and one coin, at leverage 10."""
    wealth = {"USDT": Decimal(10_000), "BTC": Decimal(1)}
    return Bench(accounts=tuple(replace(one, balances=wealth) for one in default_accounts()))


@pytest.fixture
def new_bench() -> Callable[..., Bench]:
    return Bench
