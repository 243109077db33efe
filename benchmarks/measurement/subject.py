"""One measured program: a child process that answers each burst it is asked for with its samples."""

from __future__ import annotations

import select
import subprocess
from array import array
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Final, Self

from gateway.sim.hosting.tied_process import tied

SAMPLE_BYTES: Final = 8
# Beyond the pauses of a burst: the slowest, a strategy that waits for a gateway under valgrind, takes a minute.
TIMEOUT_S: Final = 150.0
STOP_TIMEOUT_S: Final = 5


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
    """Starts `command`; `run` gives one list of nanoseconds per column. No answer in `timeout_s` is a failure."""

    def __init__(self, name: str, command: Sequence[str | Path], timeout_s: float = TIMEOUT_S) -> None:
        self.name = name
        self._timeout_s = timeout_s
        self._process = subprocess.Popen(
            tied(list(map(str, command))), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests = self._process.stdin
        self._samples = self._process.stdout
        try:
            self.columns = self._read_columns()
        except SubjectFailed:
            self._end()
            raise

    def _read_columns(self) -> tuple[str, ...]:
        """The first line, which comes when the program has connected."""
        line = b""
        deadline = monotonic() + self._timeout_s
        while not line.endswith(b"\n"):
            line += self._read(1, deadline)
        return tuple(line.decode().strip().split(","))

    def run(self, burst: Burst) -> dict[str, list[int]]:
        """One burst; blocks until all its samples are there."""
        with suppress(BrokenPipeError):  # the read below says so
            self._requests.write(burst.command())
        deadline = monotonic() + self._timeout_s + burst.count * burst.gap_max_us / 1e6
        content = b""
        while wanted := burst.count * len(self.columns) * SAMPLE_BYTES - len(content):
            content += self._read(wanted, deadline)
        samples = array("q", content)
        return {column: samples[at :: len(self.columns)].tolist() for at, column in enumerate(self.columns)}

    def _read(self, at_most: int, deadline: float) -> bytes:
        """What is there, at least one byte."""
        ready, _, _ = select.select([self._samples], [], [], max(0.0, deadline - monotonic()))
        if not ready:
            raise SubjectFailed(f"{self.name} has not answered in time")
        content = self._samples.read(at_most)
        if not content:
            raise SubjectFailed(f"{self.name} ended early, with status {self._process.wait()}")
        return content

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        """The end of its input ends the program."""
        self._requests.close()
        try:
            self._process.wait(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._samples.close()
