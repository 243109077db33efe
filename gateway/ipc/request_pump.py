"""The orders socket in the event loop: read when something arrives, and when a send can have hidden that."""

from __future__ import annotations

import asyncio

from gateway._fast.sockets.request_reader import RequestReader


class RequestPump:
    """One per gateway. `start`, then `stop`. `fd` is the socket's ZMQ_FD; `RequestSocket` sets `woken` after a send."""

    def __init__(self, fd: int, reader: RequestReader, woken: asyncio.Event) -> None:
        self._fd = fd
        self._reader = reader
        self._woken = woken
        self._loop = asyncio.get_running_loop()
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._loop.add_reader(self._fd, self._read)
        self._watching = self._loop.create_task(self._watch())
        self._read()

    def stop(self) -> None:
        self._loop.remove_reader(self._fd)
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            self._read()

    def _read(self) -> None:
        """One turn. The rest is read in the next turn, behind OKX's frames."""
        if self._reader.on_readable():
            self._loop.call_soon(self._read)
