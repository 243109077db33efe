"""Builds the C programs of this folder with the machine's compiler, and finds the libzmq that pyzmq brought along."""

from __future__ import annotations

import fcntl
import shlex
import subprocess
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import zmq

NATIVE_DIR: Final = Path(__file__).parent
BUILD_DIR: Final = Path(__file__).parents[2] / "build" / "benchmarks"

CFLAGS: Final = ("-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror")

ACKER: Final = "acker okx_answers order_pushes session text websocket accept_key json_cursor"
# Each program with the translation units that make it.
PROGRAMS: Final = {
    "acker": tuple(f"acker/{unit}" for unit in ACKER.split()),
    "ipc_floor": ("ipc_floor", "bursts", "zmq_calls"),
    "strategy": ("strategy", "bursts", "zmq_calls"),
    "keep_awake": ("keep_awake",),
}


def compiler() -> str:
    """The C compiler that this Python's extensions are built with, without its flags."""
    return shlex.split(sysconfig.get_config_var("CC") or "gcc")[0]


def build(program: str) -> Path:
    """Compiles `program` where a source is newer than it, once for all who ask at a time, and returns its path."""
    sources = [NATIVE_DIR / f"{unit}.c" for unit in PROGRAMS[program]]
    target = BUILD_DIR / program
    BUILD_DIR.mkdir(parents=True, exist_ok=True)
    with (BUILD_DIR / f"{program}.lock").open("w") as lock, TemporaryDirectory(dir=BUILD_DIR) as directory:
        fcntl.flock(lock, fcntl.LOCK_EX)
        newest_ns = max(path.stat().st_mtime_ns for path in NATIVE_DIR.rglob("*.[ch]"))
        if not target.exists() or target.stat().st_mtime_ns <= newest_ns:
            unfinished = Path(directory, program)
            subprocess.run([compiler(), *CFLAGS, "-o", unfinished, *sources, "-ldl"], check=True)
            unfinished.replace(target)
    return target


def libzmq_path() -> str:
    """The shared object that `import zmq` has mapped into this process."""
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        path = line.rpartition(" ")[2]
        if Path(path).name.startswith("libzmq") and ".cpython-" not in path:  # not an extension module of that name
            return path
    raise RuntimeError(f"pyzmq {zmq.__version__} has no libzmq among the mapped files: is it linked statically?")
