"""How many order ops per second the simulated exchange serves on one core, without a background market.

    python -m benchmarks.simulator [--ops N]

Two accounts, each on one pipelined WebSocket connection that is subscribed to its orders, limiter off. `cancel` places
and cancels far from the market; `fills` lets a swap order of one account rest and one of the other take it, so that
every second op is a trade with positions, margins and pushes on both sides. The number is ops per second of the
exchange's own processor time (user and system), so that the client's share and other load on the machine do not count;
the wall clock's is beside it. It leaves out REST, TLS and the ledger file.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.exchange.running import running

KEYS = {"sim-api-key-0001": "SIMULATED-SECRET-0001", "sim-api-key-0002": "SIMULATED-SECRET-0002"}
SWAP = 10_459
WINDOW = 200  # ops in flight per connection
START_TIMEOUT_S = 30
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass
class Connection:
    """Counts its acks; nothing else is read."""

    ws: aiohttp.ClientWebSocketResponse
    acked: int = 0
    refused: int = 0

    async def send(self, number: int, op: str, **row: str | int) -> None:
        await self.ws.send_str(json.dumps({"id": str(number), "op": op, "args": [{"instIdCode": SWAP, **row}]}))

    async def drain(self, until: int) -> None:
        while self.acked < until:
            text = (await self.ws.receive()).data
            if '"op":' in text:
                self.acked += 1
                self.refused += '"code":"0"' not in text


def processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


async def connect(session: aiohttp.ClientSession, url: str, key: str) -> Connection:
    ws = await session.ws_connect(f"{url}/ws/v5/private")
    stamp = str(int(time.time()))
    digest = hmac.new(KEYS[key].encode(), f"{stamp}GET/users/self/verify".encode(), hashlib.sha256).digest()
    login = {"apiKey": key, "passphrase": "simulated", "timestamp": stamp, "sign": base64.b64encode(digest).decode()}
    for op, arg in (("login", login), ("subscribe", {"channel": "orders", "instType": "ANY"})):
        await ws.send_str(json.dumps({"op": op, "args": [arg]}))
        answer = (await ws.receive()).data
        if '"event":"error"' in answer:
            raise RuntimeError(answer)
    return Connection(ws)


async def cancels(maker: Connection, taker: Connection, ops: int) -> None:
    """Half of the ops place, half cancel what was placed."""
    order = {"tdMode": "cross", "side": "buy", "ordType": "post_only", "px": "90000", "sz": "1"}
    for number in range(0, ops, 2):
        await maker.send(number, "order", **order, clOrdId=f"c{number}")
        await maker.send(number + 1, "cancel-order", clOrdId=f"c{number}")
        await maker.drain(number + 2 - WINDOW)
    await maker.drain(ops)


async def fills(maker: Connection, taker: Connection, ops: int) -> None:
    """Rounds of orders that rest and orders that take them; the sides change, so that positions stay small."""
    acked_maker, acked_taker = maker.acked, taker.acked
    for start in range(0, ops // 2, WINDOW):
        side, other = ("sell", "buy") if start // WINDOW % 2 else ("buy", "sell")
        order = {"tdMode": "cross", "ordType": "limit", "px": "100000", "sz": "1"}
        for connection, its_side in ((maker, side), (taker, other)):
            for number in range(start, start + WINDOW):
                await connection.send(number, "order", **order, side=its_side)
            acked = acked_maker if connection is maker else acked_taker
            await connection.drain(acked + start + WINDOW)


@asynccontextmanager
async def accounts(url: str) -> AsyncIterator[tuple[Connection, Connection]]:
    async with aiohttp.ClientSession() as session:
        first, second = [await connect(session, url, key) for key in KEYS]
        yield first, second


async def measure(scenario: Callable[[Connection, Connection, int], object], url: str, pid: int, ops: int) -> str:
    async with accounts(url) as (maker, taker):
        processor, wall = processor_s(pid), time.perf_counter()
        await scenario(maker, taker, ops)  # type: ignore[misc]
        processor, wall = processor_s(pid) - processor, time.perf_counter() - wall
        if maker.refused or taker.refused:
            raise RuntimeError(f"{maker.refused + taker.refused} ops were refused")
    return f"{ops / processor:9,.0f} ops per processor second {ops / wall:9,.0f} per second of wall clock"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulator", description=__doc__.splitlines()[0])
    parser.add_argument("--ops", type=int, default=20_000, help="ops per scenario (default: %(default)s)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        command = [sys.executable, "-m", "gateway.sim", "--market-rate", "0", "--limiter-window", "off"]
        with running([*command, "--ready-file", ready]) as process:
            deadline = time.monotonic() + START_TIMEOUT_S
            while not ready.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    print("the simulator did not start", file=sys.stderr)
                    return 1
                time.sleep(0.05)
            url = json.loads(ready.read_text())["ws"]
            for scenario in (cancels, fills):
                print(f"{scenario.__name__:8}", asyncio.run(measure(scenario, url, process.pid, options.ops)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
