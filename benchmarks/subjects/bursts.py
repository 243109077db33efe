"""The child's side of `benchmarks.measurement.subject`: its columns once, then the samples of each burst.

The pauses are the same pseudo-random series as in native/bursts.c.
"""

from __future__ import annotations

import asyncio
import sys
from array import array
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, TypeAlias

from benchmarks.measurement.subject import Burst

Samples: TypeAlias = "array[int]"
"""One burst's rows of nanoseconds, all columns of the first round trip, then all of the second, and so on."""


def parse_burst(line: str) -> Burst:
    """A line as `Burst.command` makes it."""
    count, gap_min_us, gap_max_us = map(int, line.split())
    return Burst(count, gap_min_us, gap_max_us)


class Pauses:
    """The seconds to sleep before each request; one series per process."""

    MODULUS: Final = 1 << 32

    def __init__(self) -> None:
        self._state = 1

    def of(self, burst: Burst) -> Iterator[float]:
        """`burst.count` pauses, all 0 for a burst without gaps."""
        for _ in range(burst.count):
            if burst.gap_max_us == 0:
                yield 0.0
                continue
            self._state = (self._state * 1664525 + 1013904223) % self.MODULUS
            span_us = burst.gap_max_us - burst.gap_min_us + 1
            yield (burst.gap_min_us + (self._state >> 8) % span_us) / 1e6


def announce(columns: Sequence[str]) -> None:
    """Says that the program is connected, and what its samples are."""
    print(",".join(columns), flush=True)


def write_samples(samples: Samples) -> None:
    """Sends one burst's samples to the parent."""
    sys.stdout.buffer.write(samples.tobytes())
    sys.stdout.buffer.flush()


async def serve(columns: Sequence[str], run_burst: Callable[[Burst], Awaitable[Samples]]) -> None:
    """Answers bursts until the input ends; between them the event loop goes on serving the connection."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    announce(columns)
    while line := await reader.readline():
        write_samples(await run_burst(parse_burst(line.decode())))
