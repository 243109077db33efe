"""In-process client: ccxt pro's `create_order_ws`, on uvloop, its own rate limiter off.

    python -m benchmarks.subjects.ccxt_pro WS_URL

The clock runs from the call until the awaited call returns the order.
"""

from __future__ import annotations

import asyncio
import sys
from array import array
from time import perf_counter_ns

import ccxt.pro  # type: ignore[import-untyped]
import uvloop

from benchmarks.exchange.order_rows import API_KEY, ORD_TYPE, PASSPHRASE, PX, SECRET_KEY, SIDE, SZ, TD_MODE
from benchmarks.exchange.rest_rows import instruments
from benchmarks.measurement.subject import Burst
from benchmarks.subjects.bursts import Pauses, Samples, serve

SYMBOL = "BTC/USDT:USDT"


class Okx(ccxt.pro.okx):  # type: ignore[misc]
    """As it is, but a request id is never used twice.

    ccxt makes it of the millisecond and four random digits. Two requests of one millisecond with the same digits (at
    this rate one pair in a few thousand orders) count as one subscription: the second is never sent and waits forever.
    """

    def __init__(self, config: dict[str, object]) -> None:
        super().__init__(config)
        self._used_ids: set[str] = set()

    def request_id(self) -> str:
        """A new one."""
        while (request_id := super().request_id()) in self._used_ids:
            pass
        self._used_ids.add(request_id)
        return str(request_id)


class Client:
    """One order at a time through the unified call."""

    def __init__(self, url: str) -> None:
        secrets = {"apiKey": API_KEY, "secret": SECRET_KEY, "password": PASSPHRASE}
        self._exchange = Okx({**secrets, "enableRateLimit": False})
        # It adds "/private" itself.
        self._exchange.urls["api"]["ws"] = url.removesuffix("/private")
        self._exchange.set_markets(self._exchange.parse_markets(instruments("SWAP")))
        self._pauses = Pauses()

    async def place(self) -> int:
        """One order; returns the nanoseconds it took."""
        sent_ns = perf_counter_ns()
        order = await self._exchange.create_order_ws(
            SYMBOL, ORD_TYPE, SIDE, float(SZ), float(PX), {"op": "order", "tdMode": TD_MODE}
        )
        took_ns = perf_counter_ns() - sent_ns
        if not order["id"]:
            raise RuntimeError(f"not an accepted order: {order}")
        return took_ns

    async def run_burst(self, burst: Burst) -> Samples:
        """The round trips of one burst."""
        samples = array("q")
        for pause in self._pauses.of(burst):
            if pause:
                await asyncio.sleep(pause)
            samples.append(await self.place())
        return samples

    async def stop(self) -> None:
        """Closes the connection."""
        await self._exchange.close()


async def main(url: str) -> None:
    """Connects, logs in with a first order, and serves bursts."""
    client = Client(url)
    try:
        await client.place()
        await serve(["round_trip"], client.run_burst)
    finally:
        await client.stop()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
