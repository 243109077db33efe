"""Floor: one OKX order and its ack over picows alone, on uvloop, with no gateway and no IPC.

    python -m benchmarks.subjects.picows_direct WS_URL

The clock runs from the call of `send` until picows hands the frame of the ack over.
"""

from __future__ import annotations

import asyncio
import sys
from array import array
from collections.abc import Iterator
from time import perf_counter_ns, time_ns

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from benchmarks.exchange.order_rows import compact, okx_row
from benchmarks.measurement.subject import Burst
from benchmarks.subjects.bursts import Pauses, Samples, serve


class OrderEntry(WSListener):
    """Sends the next order from the callback that took the ack of the one before."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._all_pauses = Pauses()
        self._order_number = 0
        self._sent_ns = 0
        self._id_member = b""
        self._pauses: Iterator[float] = iter(())
        self._samples: Samples = array("q")
        self._done: asyncio.Future[None] = self._loop.create_future()
        self._transport: WSTransport

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Keeps the transport to send on."""
        self._transport = transport

    async def run_burst(self, burst: Burst) -> Samples:
        """The round trips of one burst."""
        self._pauses = self._all_pauses.of(burst)
        self._samples = array("q")
        self._done = self._loop.create_future()
        self._next()
        await self._done
        return self._samples

    def _next(self) -> None:
        pause = next(self._pauses, None)
        if pause is None:
            self._done.set_result(None)
        elif pause:
            self._loop.call_later(pause, self._place)
        else:
            self._place()

    def _place(self) -> None:
        self._order_number += 1
        request_id = f"b{self._order_number}"
        exp_time = str(time_ns() // 1_000_000 + 5_000)
        request = {
            "id": request_id,
            "op": "order",
            "expTime": exp_time,
            "args": [okx_row(f"9000{self._order_number:016}")],
        }
        self._id_member = f'"id":"{request_id}"'.encode()
        payload = compact(request)
        self._sent_ns = perf_counter_ns()
        self._transport.send(WSMsgType.TEXT, payload)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Takes an ack."""
        received_ns = perf_counter_ns()
        ack = frame.get_payload_as_bytes()
        if self._id_member not in ack or b'"sCode":"0"' not in ack:
            self._done.set_exception(RuntimeError(f"not the ack of an accepted order: {ack!r}"))
            return
        self._samples.append(received_ns - self._sent_ns)
        self._next()


async def main(url: str) -> None:
    """Connects and serves bursts."""
    transport, listener = await ws_connect(OrderEntry, url)
    assert isinstance(listener, OrderEntry)
    await serve(["round_trip"], listener.run_burst)
    transport.disconnect()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
