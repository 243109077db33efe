"""In-process client: python-okx's `WsPrivateAsync`, on uvloop.

    python -m benchmarks.subjects.python_okx WS_URL

The clock runs from the call of `place_order` until the client's callback has the ack (its text, not yet parsed). The
client's own connect insists on TLS, so its connection factory is replaced by one for plain ws://.
"""

from __future__ import annotations

import asyncio
import json
import sys
from array import array
from time import perf_counter_ns

import uvloop
import websockets
from okx.websocket.WebSocketFactory import WebSocketFactory  # type: ignore[import-untyped]
from okx.websocket.WsPrivateAsync import WsPrivateAsync  # type: ignore[import-untyped]

from benchmarks.exchange.order_rows import API_KEY, PASSPHRASE, SECRET_KEY, okx_row
from benchmarks.measurement.subject import Burst
from benchmarks.subjects.bursts import Pauses, Samples, serve


class PlainFactory(WebSocketFactory):  # type: ignore[misc]
    """As the client's own, without TLS."""

    async def connect(self) -> websockets.ClientConnection:
        """Opens the connection."""
        self.websocket = await websockets.connect(self.url)
        return self.websocket


class Client:
    """One order at a time through the client's public methods."""

    def __init__(self, url: str) -> None:
        self._client = WsPrivateAsync(API_KEY, PASSPHRASE, SECRET_KEY, url)
        self._client.factory = PlainFactory(url)
        self._client.callback = self._take
        self._pauses = Pauses()
        self._order_number = 0
        self._received_ns = 0
        self._answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def _take(self, message: str) -> None:
        self._received_ns = perf_counter_ns()
        self._answer.set_result(message)

    async def _next_answer(self) -> dict[str, object]:
        answer: dict[str, object] = json.loads(await self._answer)
        self._answer = asyncio.get_running_loop().create_future()
        return answer

    async def start(self) -> None:
        """Connects and logs in."""
        await self._client.start()
        await self._client.login()
        answer = await self._next_answer()
        if answer.get("event") != "login" or answer.get("code") != "0":
            raise RuntimeError(f"not a login: {answer}")

    async def run_burst(self, burst: Burst) -> Samples:
        """The round trips of one burst."""
        samples = array("q")
        for pause in self._pauses.of(burst):
            if pause:
                await asyncio.sleep(pause)
            self._order_number += 1
            request_id, rows = f"b{self._order_number}", [okx_row(f"9100{self._order_number:016}")]
            sent_ns = perf_counter_ns()
            await self._client.place_order(rows, id=request_id)
            answer = await self._next_answer()
            if answer.get("id") != request_id or answer.get("code") != "0":
                raise RuntimeError(f"not the ack of an accepted order: {answer}")
            samples.append(self._received_ns - sent_ns)
        return samples

    async def stop(self) -> None:
        """Closes the connection."""
        await self._client.stop()


async def main(url: str) -> None:
    """Connects and serves bursts."""
    client = Client(url)
    await client.start()
    await serve(["round_trip"], client.run_burst)
    await client.stop()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
