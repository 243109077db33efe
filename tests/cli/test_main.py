"""The command line from outside: its output, and the exit status."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import gateway
from gateway.cli.main import main
from gateway.sim.hosting.tied_process import tied

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {"OKX_API_KEY": "sim-api-key-0001", "OKX_SECRET_KEY": "SIMULATED-SECRET-0001", "OKX_PASSPHRASE": "simulated"}
CONFIG = '[account]\nname = "sim"\nenvironment = "simulator"\n\n[sockets]\ndir = "{directory}/sockets"\n'


def run(*arguments: str, package_in: Path = ROOT, **environ: str) -> subprocess.CompletedProcess[str]:
    """`okx-gateway ARGUMENTS` in a separate process, with only the given OKX settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OKX_")}
    return subprocess.run(
        [sys.executable, "-P", "-m", "gateway", *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=30,
        env={**clean, "PYTHONPATH": str(package_in), **environ},
    )


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.toml"
    path.write_text(CONFIG.format(directory=tmp_path))
    return path


@pytest.fixture
def uncompiled(tmp_path: Path) -> Path:
    """A source tree without compiled modules."""
    ignored = shutil.ignore_patterns("*.so", "*.c", "__pycache__")
    shutil.copytree(ROOT / "gateway", tmp_path / "tree" / "gateway", ignore=ignored)
    return tmp_path / "tree"


# ---------------------------------------------------------------- usage


def test_version() -> None:
    completed = run("--version")
    assert (completed.returncode, completed.stdout, completed.stderr) == (0, f"okx-gateway {gateway.__version__}\n", "")


def test_help_names_every_command() -> None:
    completed = run("--help")
    assert completed.returncode == 0
    for command in ("run", "check", "journal", "explain", "sim"):
        assert f"\n    {command} " in completed.stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["trade"], "invalid choice: 'trade'"),
        (["run", "--config"], "argument --config: expected one argument"),
        (["run", "--api-key", "k"], "unrecognized arguments: --api-key k"),
        (["run", "--online"], "unrecognized arguments: --online"),
        (["check", "gateway.toml"], "unrecognized arguments: gateway.toml"),
        (["sim", "--port", "many"], "argument --port: invalid int value: 'many'"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_names_the_fault(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out) == (2, "")
    assert printed.err.startswith("usage: okx-gateway")
    assert complaint in printed.err


def test_the_simulator_names_its_wrong_option() -> None:
    completed = run("sim", "--balance", "USDT=much")
    assert (completed.returncode, completed.stdout) == (2, "")
    assert completed.stderr == "error: --balance USDT=much: expected CCY=AMOUNT\n"


# ---------------------------------------------------------------- configuration


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_missing_configuration(command: str, tmp_path: Path) -> None:
    completed = run(command, "--config", str(tmp_path / "none.toml"), **SECRETS)
    assert completed.returncode == (2 if command == "run" else 1)
    assert str(tmp_path / "none.toml") in completed.stdout + completed.stderr
    assert "Traceback" not in completed.stderr


def test_run_names_each_wrong_key_and_ends_with_2(config: Path) -> None:
    config.write_text(config.read_text() + '\n[requests]\nmax_wait_ms = "long"\nmax_weight_ms = 1\n')
    completed = run("run", "--config", str(config), **SECRETS)
    assert (completed.returncode, completed.stdout) == (2, "")
    assert completed.stderr.startswith("okx-gateway: ")
    for key in ("max_wait_ms", "max_weight_ms"):
        assert key in completed.stderr


def test_run_without_credentials_names_their_sources(config: Path) -> None:
    completed = run("run", "--config", str(config))
    assert (completed.returncode, completed.stdout) == (2, "")
    assert "OKX_API_KEY" in completed.stderr


def test_check_of_a_good_configuration(config: Path) -> None:
    completed = run("check", "--config", str(config), **SECRETS)
    assert (completed.returncode, completed.stderr) == (0, "")
    assert "FAIL" not in completed.stdout
    assert "compiled part" in completed.stdout
    assert "SIMULATED-SECRET-0001" not in completed.stdout


# ---------------------------------------------------------------- without the compiled part


def test_run_refuses_to_start_without_its_compiled_part(uncompiled: Path, config: Path) -> None:
    """No slower substitute takes over, and no socket is created."""
    completed = run("run", "--config", str(config), package_in=uncompiled, **SECRETS)
    assert (completed.returncode, completed.stdout) == (1, "")
    first, second = completed.stderr.splitlines()
    assert first.startswith("okx-gateway: the compiled part cannot be loaded: ")
    assert "gateway._fast" in first
    assert second == "Install a wheel for this Python, or build in the source tree: make build"
    assert not (config.parent / "sockets").exists()


def test_check_reports_a_missing_compiled_part(uncompiled: Path, config: Path) -> None:
    completed = run("check", "--config", str(config), package_in=uncompiled, **SECRETS)
    assert completed.returncode == 1
    failed = [line for line in completed.stdout.splitlines() if line.startswith("FAIL")]
    assert len(failed) == 1
    assert "the compiled part (gateway._fast) is missing" in failed[0]
    assert "make build" in completed.stdout


def test_version_needs_no_compiled_part(uncompiled: Path) -> None:
    assert run("--version", package_in=uncompiled).stdout == f"okx-gateway {gateway.__version__}\n"


def test_the_simulator_needs_no_compiled_part(uncompiled: Path) -> None:
    """It shares nothing with the gateway. SIGTERM ends it cleanly."""
    environ = {**os.environ, "PYTHONPATH": str(uncompiled), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-P", "-m", "gateway", "sim", "--port", "0", "--market-rate", "0"]
    with subprocess.Popen(
        tied(command), env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as simulator:
        assert simulator.stdout is not None
        assert simulator.stderr is not None
        first = simulator.stdout.readline()
        simulator.send_signal(signal.SIGTERM)
        assert (simulator.wait(10), simulator.stderr.read()) == (0, "")
    assert "127.0.0.1" in first
