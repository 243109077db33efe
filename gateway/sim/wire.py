"""How the frames of one connection reach the socket: at once and whole, or cut as a fault commands."""

from __future__ import annotations

import asyncio

from gateway.sim.faults import Faults
from gateway.sim.frames import text_frames

BUFFER_LIMIT_BYTES = 16 << 20  # a client that leaves this much unread is too slow (close code 4005)


class Wire:
    """Writes whole frames to the transport, so that frames of the library (pong, close) may stand between them."""

    def __init__(self, transport: asyncio.Transport, faults: Faults, window_bits: int) -> None:
        self._transport = transport
        self._faults = faults
        self._window_bits = window_bits
        self._slow = bytearray()
        self._slow_task: asyncio.Task[None] | None = None

    def is_full(self) -> bool:
        return self._transport.get_write_buffer_size() + len(self._slow) > BUFFER_LIMIT_BYTES

    def send_text(self, payload: bytes) -> None:
        if self._transport.is_closing():
            return
        frames = text_frames(payload, window_bits=self._window_bits, fragments=self._faults.fragments)
        data = frames[0] if len(frames) == 1 else b"".join(frames)
        if self._slow_task is not None or self._faults.one_byte_segments:
            self._slow += data
            if self._slow_task is None:
                self._slow_task = asyncio.get_running_loop().create_task(self._trickle())
        else:
            self._transport.write(data)

    async def _trickle(self) -> None:
        """Byte by byte, each in its own turn of the loop, so that each becomes a segment of its own."""
        while self._slow and not self._transport.is_closing():
            self._transport.write(bytes(self._slow[:1]))
            del self._slow[:1]
            await asyncio.sleep(0)
        self._slow_task = None

    def stop(self) -> None:
        if self._slow_task is not None:
            self._slow_task.cancel()
            self._slow_task = None

    def abort(self) -> None:
        self._transport.abort()
