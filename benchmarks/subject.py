"""One measured program: a child process that answers each burst it is asked for with its samples."""

from __future__ import annotations

import subprocess
from array import array
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

SAMPLE_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Burst:
    """`count` round trips, one after the other, each after a pause between the two bounds (0 to 0: none)."""

    count: int
    gap_min_us: int = 0
    gap_max_us: int = 0

    def command(self) -> bytes:
        """The line that asks a subject for it."""
        return f"{self.count} {self.gap_min_us} {self.gap_max_us}\n".encode()


class SubjectFailed(Exception):
    """A measured program ended or said something that is not a sample."""


class Subject:
    """Starts `command`; `run` gives one list of nanoseconds per column."""

    def __init__(self, name: str, command: Sequence[str | Path]) -> None:
        self.name = name
        self._process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests = self._process.stdin
        self._samples = self._process.stdout
        # The first line comes when the program has connected.
        self.columns = tuple(self._samples.readline().decode().strip().split(","))
        if self.columns == ("",):
            raise SubjectFailed(f"{name} ended before it was ready, with status {self._process.wait()}")

    def run(self, burst: Burst) -> dict[str, list[int]]:
        """One burst; blocks until all its samples are there."""
        wanted = burst.count * len(self.columns) * SAMPLE_BYTES
        with suppress(BrokenPipeError):  # the read below says so
            self._requests.write(burst.command())
            self._requests.flush()
        content = self._samples.read(wanted)
        if len(content) != wanted:
            raise SubjectFailed(f"{self.name} ended in a burst, with status {self._process.wait()}")
        samples = array("q", content)
        return {column: samples[at :: len(self.columns)].tolist() for at, column in enumerate(self.columns)}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The end of its input ends the program."""
        with suppress(BrokenPipeError):
            self._requests.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._samples.close()
