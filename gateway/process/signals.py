"""Work that the order path asks for and does not do itself: queued by it, done by a task of `Housekeeping`.

The order path returns at once, and knows nothing of those who do the work: they are made after it.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple


class LogInAgain(NamedTuple):
    """OKX refuses the session: `why`."""

    why: str


class ResyncClock(NamedTuple):
    """OKX finds a timestamp expired."""


class ReadInstruments(NamedTuple):
    """OKX calls an instrument's data outdated."""


class AskOrder(NamedTuple):
    """OKX calls an order gone that is open here."""

    ord_id: str
    cl_ord_id: str


class AskFills(NamedTuple):
    """A state was published with more filled than the published fills are."""

    ord_id: str


Signal = LogInAgain | ResyncClock | ReadInstruments | AskOrder | AskFills


class Signals:
    """One per gateway. Each method queues one signal; `next` waits for the oldest."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Signal] = asyncio.Queue()

    def log_in_again(self, why: str) -> None:
        self._queue.put_nowait(LogInAgain(why))

    def resync_clock(self) -> None:
        self._queue.put_nowait(ResyncClock())

    def read_instruments(self) -> None:
        self._queue.put_nowait(ReadInstruments())

    def ask_order(self, ord_id: str, cl_ord_id: str) -> None:
        self._queue.put_nowait(AskOrder(ord_id, cl_ord_id))

    def ask_fills(self, ord_id: bytes) -> None:
        self._queue.put_nowait(AskFills(ord_id.decode("ascii", "replace")))

    async def next(self) -> Signal:
        return await self._queue.get()
