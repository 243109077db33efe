"""Processes are watched, and always end with the demo."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_processes import Processes, ProcessFailedError, StoppedError

SLEEPER = ["-c", "import signal; print('up', flush=True); signal.pause()"]
DEAF = [
    "-c",
    "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[1], 'w'); signal.pause()",
]


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    before = {signum: signal.getsignal(signum) for signum in (signal.SIGINT, signal.SIGTERM)}
    yield
    for signum, handler in before.items():
        signal.signal(signum, handler)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_all_end_with_the_block(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        pids = [processes.start(f"p{number}", SLEEPER).pid for number in range(3)]
        assert all(map(is_running, pids))
    assert not any(map(is_running, pids))


def test_all_end_after_a_failure(tmp_path: Path) -> None:
    pids = []
    with pytest.raises(RuntimeError), Processes(tmp_path) as processes:
        pids.append(processes.start("p", SLEEPER).pid)
        raise RuntimeError
    assert not is_running(pids[0])


def test_one_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo_processes.STOP_S", 0.05)
    with Processes(tmp_path) as processes:
        process = processes.start("deaf", [*DEAF, str(tmp_path / "ready")])
        processes.wait_for_file(tmp_path / "ready", process, 10)
    assert not is_running(process.pid)
    assert process.ended() == -signal.SIGKILL


def test_file_and_end_are_waited_for(tmp_path: Path) -> None:
    code = "import os, sys; open(sys.argv[1], 'w').write(os.environ['WORD'])"
    with Processes(tmp_path) as processes:
        process = processes.start("writer", ["-c", code, str(tmp_path / "word")], {"WORD": "here"})
        processes.wait_for_end(process, 10)
        assert processes.wait_for_file(tmp_path / "word", process, 10) == "here"


def test_failure_shows_the_last_lines_of_all(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        processes.start("other", ["-c", "print('all well')"])
        broken = processes.start("broken", ["-c", "import sys; print('some words'); sys.exit('the reason')"])
        with pytest.raises(ProcessFailedError) as caught:
            processes.wait_for_file(tmp_path / "never", broken, 10)
    text = str(caught.value)
    assert f"broken (process {broken.pid}) ended with status 1" in text
    assert "    some words" in text
    assert "    the reason" in text
    assert "The last lines of other" in text


def test_one_that_is_never_done(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        process = processes.start("p", SLEEPER)
        with pytest.raises(ProcessFailedError, match=r"was not done after 0\.01 s"):
            processes.wait_for_end(process, 0.01)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_signals_stop_at_the_next_wait(tmp_path: Path, signum: signal.Signals) -> None:
    with Processes(tmp_path) as processes:
        process = processes.start("p", SLEEPER)
        os.kill(os.getpid(), signum)
        with pytest.raises(StoppedError, match=signum.name) as caught:
            processes.wait_for_end(process, 10)
        assert caught.value.signum == signum
    assert not is_running(process.pid)
