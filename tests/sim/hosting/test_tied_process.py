"""A process that ends with the one that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.sim.hosting.tied_process import STARTER_GONE, tied
from tests.e2e.processes import wait_until

PATIENCE_S = 60.0
# A test run that has started a simulator, in short: it prints the simulator's process id and waits for ever.
RUNNER = """
import signal, sys
from pathlib import Path
from tests.e2e.processes import Exchange
exchange = Exchange(Path(sys.argv[1]))
print(exchange.pid, flush=True)
signal.pause()
"""
ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux's")


def runs(pid: int) -> bool:
    """Whether it runs; a process that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_killed_test_run_leaves_no_simulator(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", RUNNER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE) as runner:
        assert runner.stdout is not None
        simulator = int(runner.stdout.readline())
        assert runs(simulator)
        runner.send_signal(signal.SIGKILL)
        assert runner.wait(PATIENCE_S) == -signal.SIGKILL
    wait_until(lambda: not runs(simulator), "the simulator ends")


def test_the_command_gets_arguments_environment_and_input() -> None:
    program = "import os, sys; print(os.getpid(), sys.argv[1:], os.environ['WORD'], sys.stdin.read())"
    command = tied([sys.executable, "-c", program, "a b", ""])
    with subprocess.Popen(
        command, env={**os.environ, "WORD": "x"}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        printed, _ = child.communicate("y", PATIENCE_S)
        assert (child.returncode, printed) == (0, f"{child.pid} ['a b', ''] x y\n")


def test_a_parent_that_has_ended_before_starts_nothing(tmp_path: Path) -> None:
    file = tmp_path / "ran"
    command = tied(["touch", str(file)])
    command[command.index(str(os.getpid()))] = "1"
    assert subprocess.run(command, check=False, timeout=PATIENCE_S).returncode == STARTER_GONE
    assert not file.exists()


def test_the_status_of_the_command_is_the_status() -> None:
    assert subprocess.run(tied(["sh", "-c", "exit 7"]), check=False, timeout=PATIENCE_S).returncode == 7
