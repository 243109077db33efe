"""The pump reads at its start, when the socket is readable, when it is woken, and again where one turn left something."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

from gateway.ipc.request_pump import RequestPump


class Reader:
    """A reader that has something left after each of the next `left` turns."""

    def __init__(self) -> None:
        self.turns, self.left = 0, 0

    def on_readable(self) -> bool:
        self.turns += 1
        self.left -= 1
        return self.left >= 0


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_so():
            await asyncio.sleep(0)


def run(scenario: Callable[[RequestPump, Reader, asyncio.Event, int], Any]) -> None:
    async def main() -> None:
        read_fd, write_fd = os.pipe()
        reader, woken = Reader(), asyncio.Event()
        pump = RequestPump(read_fd, reader, woken)  # type: ignore[arg-type]
        pump.start()
        try:
            await scenario(pump, reader, woken, write_fd)
        finally:
            pump.stop()
            os.close(read_fd)
            os.close(write_fd)

    asyncio.run(main())


def test_it_reads_at_its_start_and_when_something_is_there() -> None:
    async def scenario(pump: RequestPump, reader: Reader, woken: asyncio.Event, write_fd: int) -> None:
        assert reader.turns == 1
        os.write(write_fd, b"!")
        await until(lambda: reader.turns > 1)

    run(scenario)


def test_it_reads_once_for_each_time_that_it_is_woken() -> None:
    async def scenario(pump: RequestPump, reader: Reader, woken: asyncio.Event, write_fd: int) -> None:
        for turns in (2, 3):
            woken.set()
            await until(lambda turns=turns: reader.turns == turns)  # type: ignore[misc]
            assert not woken.is_set()

    run(scenario)


def test_what_one_turn_leaves_is_read_in_the_next() -> None:
    async def scenario(pump: RequestPump, reader: Reader, woken: asyncio.Event, write_fd: int) -> None:
        reader.left = 3
        woken.set()
        await until(lambda: reader.turns == 5)
        assert reader.left == -1

    run(scenario)


def test_a_stopped_pump_reads_nothing() -> None:
    async def scenario(pump: RequestPump, reader: Reader, woken: asyncio.Event, write_fd: int) -> None:
        pump.stop()
        woken.set()
        os.write(write_fd, b"!")
        for _ in range(5):
            await asyncio.sleep(0)
        assert reader.turns == 1

    run(scenario)
