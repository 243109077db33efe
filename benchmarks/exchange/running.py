"""Starts the far end (ackers and REST stub) and the gateway under test, and ends them again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.exchange.order_rows import API_KEY, INST_ID, INST_ID_CODE, PASSPHRASE, SECRET_KEY
from benchmarks.native import programs
from gateway.sim.hosting.tied_process import tied

REPOSITORY: Final = Path(__file__).parents[2]
# Under valgrind an orderly end takes some fifty times as long as without.
STOP_TIMEOUT_S: Final = 60

# The gateway takes such variables over its file; they are left to it, and recorded.
ENVIRONMENT_PREFIX: Final = "OKX_GATEWAY__"

# OKX's own limits would end a saturated burst after 60 orders: in the benchmark all are as high as the gateway takes.
LIMIT_PER_2S: Final = 1_000_000
LIMIT_KEYS: Final = (
    "place_per_2s",
    "cancel_per_2s",
    "amend_per_2s",
    "batch_rows_per_2s",
    "mass_cancel_per_2s",
    "sub_account_per_2s",
)
# After so long without an order the acker fills what it has acked: between bursts, never within one.
SETTLE_MS: Final = 100


@contextmanager
def running(
    command: Sequence[str | Path], *, stdout: int = subprocess.PIPE, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A child process, ended by SIGTERM."""
    process = subprocess.Popen(
        tied(list(map(str, command))),
        stdout=stdout,
        cwd=REPOSITORY,
        env={**os.environ, **environment} if environment else None,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _port_of(process: subprocess.Popen[bytes]) -> int:
    assert process.stdout is not None
    word, _, port = process.stdout.readline().decode().strip().partition(" ")
    if word != "listening":
        raise RuntimeError(f"{process.args!r} did not start")
    return int(port)


@contextmanager
def acker(*options: str) -> Iterator[str]:
    """The compiled acker; gives the base of its WebSocket addresses."""
    with running([programs.build("acker"), *options]) as process:
        yield f"ws://127.0.0.1:{_port_of(process)}/ws/v5"


@contextmanager
def rest_stub() -> Iterator[str]:
    """The REST stub; gives its address."""
    with running([sys.executable, "-m", "benchmarks.exchange.rest_stub"]) as process:
        yield f"http://127.0.0.1:{_port_of(process)}"


def filling_acker_options() -> tuple[str, ...]:
    """Each order of the benchmark's instrument gets its `filled` push once the burst is over."""
    instrument = f"{INST_ID_CODE}:{INST_ID}:SWAP"
    return ("--push", "filled", "--settle-ms", str(SETTLE_MS), "--instrument", instrument)


def gateway_config(socket_dir: Path, rest_url: str, ws_base: str) -> str:
    """The gateway's TOML file: custom addresses, limits out of the way, the rest as by default."""
    lines = [
        "[account]",
        'environment = "custom"',
        f'rest_url = "{rest_url}"',
        *(f'ws_{path}_url = "{ws_base}/{path}"' for path in ("private", "public", "business")),
        "[sockets]",
        f'dir = "{socket_dir}"',
        "[limits]",
        *(f"{key} = {LIMIT_PER_2S}" for key in LIMIT_KEYS),
        "[log]",
        'level = "WARNING"',
    ]
    return "\n".join(lines) + "\n"


@contextmanager
def gateway(directory: Path, under: Sequence[str] = ()) -> Iterator[Path]:
    """The whole chain behind a strategy; gives the gateway's socket directory. `under`: a command that runs it."""
    socket_dir = directory / "sockets"
    config = directory / "gateway.toml"
    secrets = {"OKX_API_KEY": API_KEY, "OKX_SECRET_KEY": SECRET_KEY, "OKX_PASSPHRASE": PASSPHRASE}
    with rest_stub() as rest_url, acker(*filling_acker_options()) as ws_base:
        config.write_text(gateway_config(socket_dir, rest_url, ws_base), encoding="utf-8")
        command = [*under, sys.executable, "-m", "gateway", "run", "--config", str(config)]
        with running(command, stdout=subprocess.DEVNULL, environment=secrets):
            yield socket_dir
