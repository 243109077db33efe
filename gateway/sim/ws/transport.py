"""Writes the frames of one connection to its socket: complete and at once, cut, byte by byte, or not at all."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass

from gateway.sim.ws.frames import PING, frame, text_frames

BUFFER_LIMIT_BYTES = 16 << 20  # a client that leaves this much unread is too slow (close code 4005)
SLOW_BUFFER_BYTES = 2_304  # the least receive buffer that Linux grants (socket(7), SO_RCVBUF)


@dataclass(frozen=True, slots=True)
class Cut:
    """The form of a message on the wire: number of frames, pings between them, byte by byte, and its last byte."""

    fragments: int = 1
    pings: bool = False
    one_byte: bool = False
    end_after: int | None = None


UNCUT = Cut()


class FrameTransport:
    """Writes complete frames, so that frames of the library (pong, close) can stand between them."""

    def __init__(self, transport: asyncio.Transport, window_bits: int) -> None:
        self._transport = transport
        self._window_bits = window_bits
        self._slow = bytearray()
        self._slow_task: asyncio.Task[None] | None = None
        self._reading_task: asyncio.Task[None] | None = None
        self._buffer_bytes = 0  # the original size of the receive buffer, while it is made small
        self.is_mute = False

    def is_full(self) -> bool:
        return self._transport.get_write_buffer_size() + len(self._slow) > BUFFER_LIMIT_BYTES

    @property
    def is_gone(self) -> bool:
        return self.is_mute or self._transport.is_closing()

    def send_text(self, payload: bytes, cut: Cut = UNCUT) -> None:
        if self.is_gone:
            return
        if cut is UNCUT and not self._window_bits and self._slow_task is None:
            self._transport.write(frame(payload))
            return
        frames = text_frames(payload, window_bits=self._window_bits, fragments=cut.fragments)
        if cut.pings:
            frames = [part for one in frames for part in (one, frame(b"", opcode=PING))][:-1]
        data = frames[0] if len(frames) == 1 else b"".join(frames)
        if self._slow_task is not None or cut.one_byte:
            self._slow += data
            if self._slow_task is None:
                self._slow_task = asyncio.get_running_loop().create_task(self._trickle())
        elif cut.end_after is not None:
            self._transport.write(data[: cut.end_after])
            self.finish()
        else:
            self._transport.write(data)

    async def _trickle(self) -> None:
        """Byte by byte, each in its own turn of the loop, so that each becomes a segment of its own."""
        while self._slow and not self._transport.is_closing():
            self._transport.write(bytes(self._slow[:1]))
            del self._slow[:1]
            await asyncio.sleep(0)
        self._slow_task = None

    # --- the TCP connection ------------------------------------------------------------------------------------

    def stop(self) -> None:
        for task in (self._slow_task, self._reading_task):
            if task is not None:
                task.cancel()
        self._slow_task = self._reading_task = None

    def abort(self) -> None:
        """Close at once; unsent bytes are lost."""
        self._transport.abort()

    def finish(self) -> None:
        """Send the bytes already written, then end the connection without a close frame."""
        self._transport.close()

    def mute(self) -> None:
        """Half open: read nothing and write nothing any more, and send no FIN."""
        self.stop()
        self.is_mute = True
        self._transport.pause_reading()

    def read_slowly(self, pause_ms: int, every_ms: int) -> None:
        """Read nothing for `pause_ms` (0: for ever), or, if `every_ms` is given, one small piece in that time; both
        0: read normally again."""
        if self._reading_task is not None:
            self._reading_task.cancel()
        self._reading_task = None
        if not pause_ms and not every_ms:
            self._read_fast()
            return
        self._transport.pause_reading()
        self._reading_task = asyncio.get_running_loop().create_task(self._read_again(pause_ms, every_ms))

    async def _read_again(self, pause_ms: int, every_ms: int) -> None:
        if every_ms:
            self._set_buffer(SLOW_BUFFER_BYTES)
        loop = asyncio.get_running_loop()
        end = loop.time() + pause_ms / 1000 if pause_ms else float("inf")
        while (now := loop.time()) < end and not self._transport.is_closing():
            await asyncio.sleep(min(every_ms / 1000 if every_ms else end - now, end - now, 3600))
            if every_ms:
                self._transport.resume_reading()
                await asyncio.sleep(0)
                self._transport.pause_reading()
        self._reading_task = None
        self._read_fast()

    def _read_fast(self) -> None:
        if self._buffer_bytes:
            self._set_buffer(self._buffer_bytes)
            self._buffer_bytes = 0
        self._transport.resume_reading()

    def _set_buffer(self, size: int) -> None:
        handle = self._transport.get_extra_info("socket")
        # Linux doubles the value that is set and returns the double (socket(7), SO_RCVBUF).
        self._buffer_bytes = self._buffer_bytes or handle.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
