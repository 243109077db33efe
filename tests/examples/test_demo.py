"""The demo, as `make demo` runs it: it works, it names failures, and it leaves no process behind."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.sim.hosting.tied_process import tied

DEMO = Path(__file__).parents[2] / "examples" / "demo.py"
TIMEOUT_S = 90

pytest.importorskip("gateway._fast.order_pipeline", reason="the compiled part is not built")


def pids_of(output: str) -> list[int]:
    return [int(pid) for pid in re.findall(r"process (\d+)", output)]


def assert_ended(pids: list[int]) -> None:
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_demo() -> None:
    done = subprocess.run(
        [sys.executable, str(DEMO)], capture_output=True, text=True, timeout=TIMEOUT_S, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\x1b" not in done.stdout
    for event in ("> order", "> amend", "> cancel", "> batch-orders", "< ack", "< live", "< fill", "< filled"):
        assert event in done.stdout
    summary = done.stdout.partition("\nSummary\n")[2]
    orders = re.search(r"orders +(\d+): (\d+) canceled, (\d+) filled", summary)
    rows = re.search(r"acks +(\d+) rows: (\d+) accepted, (\d+) rejected", summary)
    fills = re.search(r"fills +(\d+): (\d+) as maker, (\d+) as taker", summary)
    rejects = re.search(r"rejects +(\d+), of which (\d+) were expected", summary)
    assert orders and rows and fills and rejects, summary
    assert int(orders[1]) == int(orders[2]) + int(orders[3])
    assert int(rows[1]) == int(rows[2]) + int(rows[3])
    assert int(fills[2]) > 0
    assert int(fills[3]) > 0
    assert rejects[1] == rejects[2] >= "2"
    stages = re.findall(r"^  (\S.*?) {2,}(\d+) +(\d+) +(\d+) +(\d+)$", summary, re.MULTILINE)
    assert len(stages) == 6
    for _, *values in stages:
        assert values == sorted(values, key=int)
    assert summary.count("  ok ") == 10
    assert "FAILED" not in summary
    assert_ended(pids_of(done.stdout))


def test_demo_shows_why_a_process_failed() -> None:
    environ = {**os.environ, "OKX_GATEWAY__REQUESTS__MAX_WAIT_MS": "-1"}
    done = subprocess.run(
        [sys.executable, str(DEMO)], capture_output=True, text=True, timeout=TIMEOUT_S, check=False, env=environ
    )
    assert done.returncode == 1
    assert re.search(r"gateway \(process \d+\) ended with status \d+; its last lines were", done.stdout)
    assert "max_wait_ms" in done.stdout.lower()
    assert_ended(pids_of(done.stdout))


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_demo_interrupted(signum: signal.Signals) -> None:
    with subprocess.Popen(tied([sys.executable, str(DEMO)]), stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        output = ""
        while "> order" not in output:
            line = demo.stdout.readline()
            assert line, output
            output += line
        demo.send_signal(signum)
        output += demo.stdout.read()
        assert demo.wait(TIMEOUT_S) == 128 + signum
    assert f"stopped by {signum.name}" in output
    assert len(pids_of(output)) == 3
    assert_ended(pids_of(output))
