"""The demo's processes: each has its own log, is watched, and is ended by its own id."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gateway.sim.hosting.tied_process import tied

# Time from SIGTERM to SIGKILL.
STOP_S = 3.0
TAIL_LINES = 25
POLL_S = 0.01


class ProcessFailedError(Exception):
    """A process ended or was too slow; the message has its last lines."""


class StoppedError(Exception):
    """The demo was asked to stop by the signal `signum`."""

    def __init__(self, signum: int) -> None:
        super().__init__(f"stopped by {signal.Signals(signum).name}")
        self.signum = signum


class DemoProcess:
    """One child process. With `shown` its output goes to this terminal, else to a log file in `directory`."""

    def __init__(
        self, name: str, arguments: Sequence[str], directory: Path, environ: Mapping[str, str], shown: bool = False
    ) -> None:
        self.name = name
        self._log = directory / f"{name}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                tied([sys.executable, *arguments]),  # a demo that is killed leaves none of them
                stdin=subprocess.DEVNULL,
                stdout=None if shown else log,
                stderr=subprocess.STDOUT if not shown else log,
                cwd=directory,
                env={**os.environ, **environ},
                start_new_session=True,  # Ctrl-C is for the demo, which ends the others in order
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ended(self) -> int | None:
        """Return its exit status, None while it runs."""
        return self._process.poll()

    def tail(self) -> str:
        """Return the last lines of its log, indented."""
        lines = self._log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        return "\n".join(f"    {line}" for line in lines) or "    (nothing)"

    def stop(self) -> None:
        """End it, gently first. Its own children, if any, end with it; no other process is touched."""
        if self.ended() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)  # it has its own session
            self._process.wait()


class Processes:
    """All children of the demo; they end in the reverse order of their start when the block ends, in any way.

    SIGINT and SIGTERM are noted, and raise `StoppedError` from the methods that wait: never between the start
    of a process and its registration here.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._running: list[DemoProcess] = []
        self._stopped_by: int | None = None
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, self._on_signal)

    def _on_signal(self, signum: int, _: object) -> None:
        self._stopped_by = signum

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._running):
            process.stop()

    def start(
        self, name: str, arguments: Sequence[str], environ: Mapping[str, str] | None = None, shown: bool = False
    ) -> DemoProcess:
        """Start `python <arguments>` with additional environment variables."""
        process = DemoProcess(name, arguments, self._directory, environ or {}, shown)
        self._running.append(process)
        return process

    def wait_for_file(self, path: Path, process: DemoProcess, timeout_s: float) -> str:
        """Return the text of `path` once `process` has made it; raises `ProcessFailedError` and `StoppedError`."""
        self._wait(path.exists, process, timeout_s)
        return path.read_text()

    def wait_for_end(self, process: DemoProcess, timeout_s: float) -> None:
        """Return when `process` has ended well; raises `ProcessFailedError` and `StoppedError`."""
        self._wait(lambda: process.ended() is not None, process, timeout_s)
        self.check()

    def check(self) -> None:
        """Raise `StoppedError` after a signal, `ProcessFailedError` where a process has ended with an error."""
        if self._stopped_by is not None:
            raise StoppedError(self._stopped_by)
        for process in self._running:
            status = process.ended()
            if status:
                raise self._failure(process, f"ended with status {status}")

    def _wait(self, condition: Callable[[], bool], process: DemoProcess, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            self.check()
            if time.monotonic() > deadline:
                raise self._failure(process, f"was not done after {timeout_s} s")
            time.sleep(POLL_S)

    def _failure(self, culprit: DemoProcess, problem: str) -> ProcessFailedError:
        others = [f"The last lines of {one.name}:\n{one.tail()}" for one in self._running if one is not culprit]
        failure = f"{culprit.name} (process {culprit.pid}) {problem}; its last lines were:\n{culprit.tail()}"
        return ProcessFailedError("\n".join([failure, *others]))
